//! Who may do what: Cedar policies (`gateway/policies/*.cedar`), reviewed grants, and the decisions made of them.
//!
//! A [`Snapshot`] is policies + grants of one version; it is swapped as a whole, so that an old decision is never kept
//! under a new version. Default deny; forbid wins. Nothing here knows HTTP.

mod decision;
mod grants;
mod rules;
mod subject;

pub use decision::{Ceilings, Decision, Refusal};
pub use grants::{Grant, Grants, GrantsError};
pub use rules::{Rules, RulesError, Verdict};
pub use subject::{DatasetFacts, Principal};

/// Policies and grants of one version.
pub struct Snapshot {
    /// Policies.
    pub rules: Rules,
    /// Grants.
    pub grants: Grants,
    /// Digest of both: changes whenever one does.
    pub version: u64,
}

impl Snapshot {
    /// Binds policies and grants.
    #[must_use]
    pub fn new(rules: Rules, grants: Grants) -> Self {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        context.update(rules.digest());
        context.update(grants.digest());
        let digest = context.finish();
        let mut first = [0_u8; 8];
        first.copy_from_slice(digest.as_ref().get(..8).unwrap_or(&[0; 8]));
        Self { rules, grants, version: u64::from_be_bytes(first) }
    }
}
