use super::{KeyError, VerifyingKey};
use crate::signer::Signer;

fn parse(text: &str) -> Result<VerifyingKey, KeyError> {
    text.parse()
}

#[test]
fn published_keys_keep_their_text() {
    for text in [
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn keys_of_both_algorithms_keep_their_text() {
    for signer in [Signer::ed25519("a.example/log", &[1; 32]), Signer::sm2("国.example/log", &[1; 32])] {
        let key = signer.unwrap().verifying_key().clone();
        assert_eq!(parse(&key.to_string()), Ok(key));
    }
}

#[test]
fn one_secret_under_two_names_has_two_ids() {
    let [a, b] = ["a", "b"].map(|name| Signer::sm2(name, &[1; 32]).unwrap().verifying_key().id());
    assert_ne!(a, b);
}

#[test]
fn altered_keys_are_refused() {
    let refused = |text: &str| parse(text).unwrap_err();
    let differs = refused("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    assert!(matches!(differs, KeyError::IdDiffers { .. }));
    let differs = refused("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    assert!(matches!(differs, KeyError::IdDiffers { .. }));
    let unknown = refused("PeterNeumann+c74f20a3+AhpcAAAA");
    assert!(matches!(unknown, KeyError::UnknownAlgorithm { .. }));
    for text in ["", "name", "name+c74f20a3", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T"] {
        assert!(matches!(refused(text), KeyError::NotAKey { .. }), "{text}");
    }
}

#[test]
fn names_that_a_signature_line_cannot_hold_are_refused() {
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", "a\u{7f}"] {
        assert!(matches!(Signer::ed25519(name, &[1; 32]), Err(KeyError::BadName { .. })), "{name:?}");
    }
}
