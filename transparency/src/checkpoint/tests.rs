use super::Checkpoint;
use crate::naive;
use crate::note::{self, NoteError};
use crate::proof::ProofError;
use crate::signer::Signer;
use crate::suite::Suite;
use crate::{consistency, inclusion, root};

const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

/// Signs any text and opens it as a checkpoint.
fn open(text: &str) -> Result<Checkpoint, NoteError> {
    let signer = Signer::ed25519("example.org/audit", &[3; 32]).unwrap();
    let note = note::sign(text, &[&signer]).unwrap();
    Checkpoint::open(&note, &[signer.verifying_key().clone()])
}

fn checkpoint(suite: Suite, origin: &str, size: u64) -> Checkpoint {
    let stored = naive::store(suite, &naive::leaves(suite, size));
    let root = root(suite, size, naive::read(&stored)).unwrap();
    Checkpoint::new(suite, origin, size, root).unwrap()
}

#[test]
fn a_checkpoint_opens_as_it_was_signed() {
    let signers = [Signer::ed25519("a.example", &[3; 32]).unwrap(), Signer::sm2("b.example", &[3; 32]).unwrap()];
    for suite in [Suite::Sha256, Suite::Sm3] {
        for size in [0, 1, 7] {
            let checkpoint = checkpoint(suite, "国家数据 audit log", size);
            let text = checkpoint.sign(&[&signers[0], &signers[1]]).unwrap();
            for signer in &signers {
                let key = signer.verifying_key().clone();
                assert_eq!(Checkpoint::open(&text, &[key]), Ok(checkpoint.clone()));
            }
        }
    }
}

#[test]
fn the_text_is_that_of_the_format() {
    let text = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
    let checkpoint = open(&text).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!((checkpoint.suite(), checkpoint.text()), (Suite::Sha256, text.clone()));
    let sm3 = open(&format!("{text}hash sm3\n")).unwrap();
    assert_eq!((sm3.suite(), sm3.text()), (Suite::Sm3, format!("{text}hash sm3\n")));
}

#[test]
fn a_text_that_is_no_checkpoint_is_refused_though_signed() {
    let check = |text: &str, line: usize| {
        let refused = open(text).unwrap_err();
        assert!(matches!(refused, NoteError::BadCheckpoint { line: at, .. } if at == line), "{text:?}: {refused}");
    };
    check(&format!("\n5\n{ROOT}\n"), 1);
    for size in ["", "05", "00", "+5", "-1", " 5", "5 ", "0x5", "五", "18446744073709551616"] {
        check(&format!("log\n{size}\n{ROOT}\n"), 2);
    }
    check("log\n", 2);
    check("log\n5\n", 3);
    check("log\n5\nAAAA\n", 3);
    check(&format!("log\n5\n{}\n", ROOT.trim_end_matches('=')), 3);
    // Another text for the same bytes: the last bits are not zero.
    check(&format!("log\n5\n{}\n", ROOT.replace("2I=", "2J=")), 3);
    check(&format!("log\n0\n{ROOT}\n"), 3);
    for extension in ["hash sha256", "hash sm3 ", "Hash sm3", "", "time 5"] {
        check(&format!("log\n5\n{ROOT}\n{extension}\n"), 4);
    }
    check(&format!("log\n5\n{ROOT}\nhash sm3\nhash sm3\n"), 5);
    check(&format!("log\n5\n{ROOT}\nhash sm3\n\n"), 5);
}

#[test]
fn an_origin_is_one_line() {
    for origin in ["", "a\nb", "a\r", "a\0"] {
        assert!(Checkpoint::new(Suite::Sha256, origin, 1, [0; 32]).is_err(), "{origin:?}");
    }
}

#[test]
fn proofs_are_checked_against_the_checkpoint() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let leaves = naive::leaves(suite, 20);
        let stored = naive::store(suite, &leaves);
        let (older, newer) = (checkpoint(suite, "log", 13), checkpoint(suite, "log", 20));
        let path = inclusion(suite, 4, 20, naive::read(&stored)).unwrap();
        assert_eq!(newer.check_inclusion(4, &leaves[4], &path), Ok(()));
        assert!(newer.check_inclusion(5, &leaves[4], &path).is_err());
        assert!(older.check_inclusion(4, &leaves[4], &path).is_err());
        let path = consistency(suite, 13, 20, naive::read(&stored)).unwrap();
        assert_eq!(newer.check_extension(&older, &path), Ok(()));
        assert_eq!(older.check_extension(&newer, &path), Err(ProofError::Shrinks { from: 20, to: 13 }));
    }
}

#[test]
fn checkpoints_of_two_logs_do_not_extend_each_other() {
    let sha = checkpoint(Suite::Sha256, "log", 5);
    let other = checkpoint(Suite::Sha256, "other", 5);
    assert!(matches!(sha.check_extension(&other, &[]), Err(ProofError::OtherLog { .. })));
    let sm3 = checkpoint(Suite::Sm3, "log", 5);
    assert!(matches!(sha.check_extension(&sm3, &[]), Err(ProofError::OtherSuite { .. })));
}
