//! Bearer tokens: JWTs signed with EdDSA, ES256 or RS256 by a key of the JWKS file.
//!
//! [`Verifier::verify`] is the one door: size, form, key, signature, issuer, audience, time, roles, in that order.
//! A verified token is kept by the SHA-256 of its text for at most 5 minutes and never past its expiry.
//! The claims are described for issuers in `docs/tokens.md`.

mod claims;
mod issue;
mod keys;
mod limiter;
mod verify;

pub use claims::{Role, Roles};
pub use issue::{Bound, Issuer, IssuerError, Subject};
pub use keys::{KeySet, KeysError};
pub(crate) use verify::open;
pub use verify::{TokenError, Verified, Verifier};
