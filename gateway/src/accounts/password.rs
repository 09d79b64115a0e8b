//! Passwords: Argon2id (RFC 9106), and what a password has to be (GB/T 22239 8.1.4.1 a).

use std::collections::BTreeSet;
use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::secret::{Secret, random};

/// Fewest and most characters.
pub(super) const CHARS: std::ops::RangeInclusive<usize> = 12..=128;
/// Fewest kinds of characters: small and capital letters, digits, others.
const KINDS_MIN: usize = 3;
/// Fewest different characters.
const DIFFERENT_MIN: usize = 6;
/// Longest run of neighbours (`abcde`, `54321`) or of the same character that is let be.
const RUN_MAX: usize = 4;
/// Words that passwords are guessed by, one a line, small letters.
const COMMON: &str = include_str!("common-passwords.txt");

/// Memory 19 MiB, 2 passes, 1 lane: the least of the OWASP recommendations for Argon2id; some 20 ms here.
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1_024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash to keep (PHC string). Blocking, some 20 ms.
pub(super) fn hash(password: &Secret) -> Option<String> {
    let salt = random(16).ok()?;
    let made = hasher().hash_password_with_salt(password.reveal().as_bytes(), &salt).ok()?;
    Some(made.to_string())
}

/// Whether a password is that of a hash; without one the same work is done and it is not. Blocking, some 20 ms.
pub(super) fn matches(password: &Secret, hash: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = || NOBODY.get_or_init(|| self::hash(&Secret::new("nobody's")).unwrap_or_default()).as_str();
    let Ok(kept) = PasswordHash::new(hash.unwrap_or_else(nobody)) else { return false };
    let same = hasher().verify_password(password.reveal().as_bytes(), &kept).is_ok();
    same && hash.is_some()
}

/// Whether a password is good enough for `name`; `denied` are the words of the installation's own list.
///
/// # Errors
/// The rule that is broken; the password is not repeated.
pub(super) fn is_good(password: &Secret, name: &str, denied: &BTreeSet<String>) -> Result<(), String> {
    let text = password.reveal();
    let count = text.chars().count();
    if !CHARS.contains(&count) {
        return Err(format!("a password has {} to {} characters", CHARS.start(), CHARS.end()));
    }
    let kinds: BTreeSet<u8> = text.chars().map(kind).collect();
    if kinds.len() < KINDS_MIN {
        return Err("a password has three kinds of small letters, capital letters, digits and others".into());
    }
    if text.chars().collect::<BTreeSet<_>>().len() < DIFFERENT_MIN {
        return Err(format!("a password has {DIFFERENT_MIN} different characters"));
    }
    let plain = text.to_lowercase();
    let parts = name.split(['.', '-', '_']).filter(|part| part.len() >= 3);
    if parts.chain([name]).any(|part| plain.contains(part)) {
        return Err("a password does not hold the account's name or a part of it".into());
    }
    if longest_run(&plain) > RUN_MAX {
        return Err(format!("a password has no run of more than {RUN_MAX} neighbours or equals, such as 12345"));
    }
    let stems = stems(&plain);
    let common = |word: &str| word == plain || stems.iter().any(|stem| stem == word);
    if COMMON.lines().any(common) || denied.iter().any(|word| common(word)) {
        return Err("the password is one of those that are guessed first, but for its ending".into());
    }
    Ok(())
}

fn kind(c: char) -> u8 {
    match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 3,
    }
}

/// A password without what people put around a word, with letters for the signs that stand for them; the signs at either
/// end taken for letters, or taken away.
fn stems(plain: &str) -> Vec<String> {
    let letter = |c| match c {
        '@' => 'a',
        '$' => 's',
        '0' => 'o',
        '1' => 'l',
        '3' => 'e',
        other => other,
    };
    let around = |c: char| !c.is_alphabetic();
    let but_signs = |c: char| around(c) && letter(c) == c;
    let starts = [plain.trim_start_matches(around), plain.trim_start_matches(but_signs)];
    let stems = starts.map(|rest| [rest.trim_end_matches(around), rest.trim_end_matches(but_signs)]);
    stems.into_iter().flatten().map(|stem| stem.chars().map(letter).collect()).collect()
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run, mut step) = (1, 1, None);
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    for pair in codes.windows(2) {
        let [a, b] = pair else { continue };
        let now = Some(b - a).filter(|step| (-1..=1).contains(step));
        run = match now {
            None => 1,
            now if now == step => run + 1,
            _ => 2,
        };
        step = now;
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_password_alone() {
        let password = Secret::new("Lotus-pond-1932 清华");
        let kept = hash(&password).expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(matches(&password, Some(&kept)));
        assert!(!matches(&Secret::new("Lotus-pond-1932 清花"), Some(&kept)));
        assert!(!matches(&Secret::new("nobody's"), None), "what nobody has is nobody's");
        assert_ne!(kept, hash(&password).expect("a hash"), "salted");
    }

    #[test]
    fn what_is_guessed_first_is_no_password() {
        let denied = BTreeSet::from(["greatwall".to_owned()]);
        let cases = [
            ("Lotus-pond-1932", None),
            ("荷塘月色-Heta-1927", None),
            ("Short-1", Some("characters")),
            ("alllowercaseletters", Some("three kinds")),
            ("Aa1Aa1Aa1Aa1", Some("different")),
            ("My-zhang-Lotus-9", Some("name")),
            ("Pond-12345-Lotus", Some("run")),
            ("Pond-aaaaa-Lotus", Some("run")),
            ("P@$$w0rd-2026!", Some("guessed")),
            ("Administrator#1", Some("guessed")),
            ("Password-2026!!", Some("guessed")),
            ("$ecurity-Admin", None),
            ("$ecurity$2026", Some("guessed")),
            ("!!0ffice-2027", Some("guessed")),
            ("GreatWall-2026", Some("guessed")),
        ];
        for (text, rule) in cases {
            let said = is_good(&Secret::new(text), "zhang.san", &denied);
            match rule {
                None => assert_eq!(said, Ok(()), "{text}"),
                Some(rule) => assert!(said.as_ref().is_err_and(|why| why.contains(rule)), "{text}: {said:?}"),
            }
        }
    }
}
