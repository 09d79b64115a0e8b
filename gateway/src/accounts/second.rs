//! The second factor: time-based one-time passwords (RFC 6238, SHA-1, 6 digits, 30 s), and recovery codes for a lost device.

use std::io;

use totp_rs::{Builder, Totp};

use super::secret::{Secret, random};

/// Bytes of a seed (RFC 4226 R6: 160 bits).
const SEED_BYTES: usize = 20;
/// Recovery codes given at once.
const RECOVERY_CODES: usize = 10;

/// A fresh seed.
pub(super) fn seed() -> io::Result<Vec<u8>> {
    random(SEED_BYTES)
}

fn totp(seed: &[u8], name: &str, issuer: &str) -> Option<Totp> {
    let issuer = issuer.replace(':', " ");
    Builder::new().with_secret(seed.to_vec()).with_account_name(name).with_issuer(Some(issuer)).build().ok()
}

/// What an authenticator takes the seed in from: base 32, and the address that a QR code shows.
pub(super) fn shown(seed: &[u8], name: &str, issuer: &str) -> Option<(Secret, Secret)> {
    let base32 = totp_rs::Secret::from(seed.to_vec()).to_base32();
    let url = totp(seed, name, issuer)?.to_url().ok()?;
    Some((Secret::new(base32), Secret::new(url)))
}

/// The step that a code belongs to, one before and after the present one included; a code of `last` or before is spent.
pub(super) fn step_of(seed: &[u8], code: &str, now_s: i64, last: u64) -> Option<u64> {
    let now_s = u64::try_from(now_s).ok()?;
    totp(seed, "x", "x")?.check(code, now_s).filter(|step| *step > last)
}

/// Recovery codes of 80 random bits, each good for one sign-in.
pub(super) fn recovery_codes() -> io::Result<Vec<Secret>> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let hex = crate::http::hex(&random(10)?);
            let groups: Vec<&str> = (0..4).filter_map(|at| hex.get(at * 5..at * 5 + 5)).collect();
            Ok(Secret::new(groups.join("-")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = b"12345678901234567890";
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let step = u64::try_from(at).expect("a time") / 30;
            assert_eq!(step_of(seed, code, at, 0), Some(step), "{at}");
            assert_eq!(step_of(seed, code, at + 30, 0), Some(step), "one step late");
            assert_eq!(step_of(seed, code, at + 60, 0), None, "two steps late");
            assert_eq!(step_of(seed, code, at, step), None, "spent");
            assert_eq!(step_of(seed, code, at + 30, step), None, "spent, and late");
        }
        for unsound in ["", "28708", "2870820", "+87082", "28708a", " 287082"] {
            assert_eq!(step_of(seed, unsound, 59, 0), None, "{unsound}");
        }
    }
}
