//! Who may do what: Cedar policies (`gateway/policies/*.cedar`), reviewed grants, and the decisions made of them.
//!
//! A [`Snapshot`] is policies + grants of one version; it is swapped as a whole, so that an old decision is never kept
//! under a new version. Default deny; forbid wins. Nothing here knows HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;

mod decision;
mod files;
mod force;
mod grants;
mod rules;
mod subject;
mod terms;
#[cfg(test)]
mod tests;
mod view;

pub use decision::{Ceilings, Decision, Refusal, Sight};
pub use files::{Files, Places, Stamp};
pub use force::{Force, ForceError, KEPT, OnDisk, kept};
pub use grants::{FiledGrant, Grant, Grants, GrantsError};
pub use rules::{Rules, RulesError, Verdict};
pub use subject::{DatasetFacts, Principal};
pub use terms::Terms;

use crate::token::Roles;
use rules::Layer;
use view::View;

/// Views kept at most.
const VIEWS_MAX: u64 = 50_000;

/// Views by layer, roles, department as told, and the dataset's facts.
type Seen = moka::sync::Cache<(Layer, Roles, Box<str>, u64), Arc<View>>;

/// Policies and grants as they stand together; swapped as a whole.
pub struct Snapshot {
    /// Policies.
    pub rules: Arc<Rules>,
    /// Grants of the file.
    pub filed: Grants,
    /// Grants that cases give.
    pub shared: Grants,
    /// Ids of grants that were taken in as cases: the file has no say in them any more.
    pub imported: Arc<BTreeSet<String>>,
    /// Version of the policies. A grant has a revision of its own, so that a change of one disturbs no other.
    pub version: u64,
    /// What these policies have said so far.
    seen: Seen,
}

impl Snapshot {
    /// Binds policies and grants.
    #[must_use]
    pub fn new(rules: Arc<Rules>, filed: Grants, shared: Grants) -> Self {
        let version = rules.digest().first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first));
        Self { rules, filed, shared, imported: Arc::default(), version, seen: Seen::new(VIEWS_MAX) }
    }

    /// The same policies, and what they said, with other grants.
    #[must_use]
    pub fn regranted(&self, shared: Grants) -> Self {
        let (rules, seen) = (Arc::clone(&self.rules), self.seen.clone());
        let (filed, imported) = (self.filed.clone(), Arc::clone(&self.imported));
        Self { rules, filed, shared, imported, version: self.version, seen }
    }

    /// The same where cases alone say whether the grants called `imported` stand.
    #[must_use]
    pub fn taken_in(self, imported: Arc<BTreeSet<String>>) -> Self {
        Self { imported, ..self }
    }

    /// The grant called `id`.
    #[must_use]
    pub fn grant(&self, id: &str) -> Option<&Arc<Grant>> {
        self.shared.get(id).or_else(|| self.filed.get(id).filter(|_| !self.imported.contains(id)))
    }

    /// Every grant.
    pub fn grants(&self) -> impl Iterator<Item = &Arc<Grant>> {
        self.filed.iter().filter(|grant| !self.imported.contains(&grant.id)).chain(self.shared.iter())
    }
}
