//! What changes while the gateway runs: policies and grants on disk, grants of cases, notices, datasets that are served.

use std::collections::BTreeSet;
use std::sync::Arc;

use foundation::dataset::Dataset;

use super::App;
use crate::accounts::{Intent, Measure};
use crate::ask::Act;
use crate::audit::{AuditError, Draft};
use crate::catalogue::notice::{self, Notices};
use crate::catalogue::{Catalogue, Entry, Serving};
use crate::policy::{Files, Force, ForceError, Grant, Grants, Rules, Snapshot, Stamp};
use crate::sharing::Case;

/// Who the gateway itself is in its log and its register.
const NODE: &str = "natbase";
/// How the log calls that policies came into force.
const IN_FORCE: &str = "policies come into force";

impl App {
    /// Reads key set, policies and grants again if they changed; a broken file keeps the old and is logged. Where policies take
    /// two people what changed is noted, and nothing else: [`Self::adopt_policies`].
    pub fn refresh(&self, seen: &mut Option<Stamp>) {
        self.verifier.refresh();
        let stamp = self.grants_stamp();
        if *seen == stamp {
            return;
        }
        *seen = stamp;
        if self.force.takes_two() {
            self.force.look();
            return;
        }
        let read = self.force.places().read().map_err(ForceError::from);
        match read.and_then(|files| Ok((compiled(&self.force, &files, &self.catalogue)?, files.digest()))) {
            Ok(((rules, filed), digest)) => {
                self.put_in_force(rules, &filed);
                self.force.taken(&digest);
                tracing::info!(version = self.policy_version(), "policies and grants read again");
            }
            Err(error) => tracing::error!(%error, "policies or grants are broken; the old ones stay"),
        }
    }

    /// Puts the policies and grants on disk in force if two people have approved exactly these; the approval is used up. What
    /// cannot be used is reported with its place, and its approval stays.
    pub async fn adopt_policies(&self) {
        if !self.force.takes_two() {
            return;
        }
        let Some((files, digest)) = self.force.look() else { return };
        let (measure, now) = (Measure::ChangePolicies { digest: digest.clone() }, self.clock.now());
        if self.roster.read(|register| register.standing(&measure, now.0).is_none()) {
            return;
        }
        let (rules, filed) = match compiled(&self.force, &files, &self.catalogue) {
            Ok(compiled) => compiled,
            Err(error) => return self.force.refuse(&error.to_string()),
        };
        if let Err(error) = self.force.prepare(&files) {
            tracing::error!(%error, "approved policies are not in force: they cannot be kept");
            return;
        }
        if let Err(error) = self.roster.act(NODE, Intent::Use(measure), now).await {
            tracing::warn!(%error, "approved policies are not in force: the approval is not used");
            return;
        }
        self.put_in_force(rules, &filed);
        if let Err(error) = self.force.settle(&digest) {
            tracing::error!(%error, "the copy of the policies in force is not in its place; the next start looks for it");
        }
        tracing::warn!(digest, version = self.policy_version(), "policies that two people approved are in force");
        if let Err(error) = self.enter_policies(&digest).await {
            tracing::error!(%error, "that policies came into force is not in the audit log");
        }
    }

    /// The digest of what lies on disk, if it is not in force.
    ///
    /// # Errors
    /// Why it cannot be used, with the place.
    pub(crate) fn on_disk(&self) -> Result<Option<String>, String> {
        let files = self.force.places().read().map_err(|error| error.to_string())?;
        let digest = files.digest();
        if digest == self.force.in_force() {
            return Ok(None);
        }
        compiled(&self.force, &files, &self.catalogue).map_err(|error| error.to_string())?;
        Ok(Some(digest))
    }

    fn put_in_force(&self, rules: Rules, filed: &Grants) {
        let rules = Arc::new(rules);
        self.policy.rcu(|old| {
            let fresh = Snapshot::new(Arc::clone(&rules), filed.clone(), old.shared.clone());
            fresh.taken_in(Arc::clone(&old.imported))
        });
    }

    /// Enters into the log that policies came into force: nobody's request, and an entry like one.
    async fn enter_policies(&self, digest: &str) -> Result<(), AuditError> {
        let records = [digest];
        let draft = Draft {
            subject: NODE,
            route: IN_FORCE,
            act: Act::AdministerAccounts as u8,
            status: 200,
            policy_version: self.policy_version(),
            records: &records,
            ..Draft::blank()
        };
        self.audit.enter(self.clock.now(), draft).await.map(|_| ())
    }

    /// Gives the grants of cases that were taken in just now; from then on nothing but the cases says whether they stand.
    pub fn take_in(&self, cases: &[Case]) {
        let held = self.catalogue.held();
        let dataset = |name: &_| held.get(name).map(|f| f.dataset.as_ref());
        let grants: Vec<Grant> = cases.iter().filter_map(|case| case.grant(dataset)?.ok()).collect();
        self.policy.rcu(|old| {
            let mut imported = BTreeSet::clone(&old.imported);
            imported.extend(cases.iter().map(|case| case.id.clone()));
            old.regranted(old.shared.with(grants.clone(), &[])).taken_in(Arc::new(imported))
        });
    }

    /// Gives or takes the grant of a case, as the case now stands. What is asked from then on is judged by it.
    pub fn regrant(&self, case: &Case) {
        let held = self.catalogue.held();
        let grant = case.grant(|name| held.get(name).map(|f| f.dataset.as_ref()));
        let grant = match grant {
            Some(Ok(grant)) => Some(grant),
            Some(Err(reason)) => {
                tracing::warn!(case = case.id, reason, "a grant no longer fits its dataset");
                None
            }
            None => None,
        };
        let held = self.policy.load().shared.get(&case.id).map(|held| held.revision);
        if held == grant.as_ref().map(|fresh| fresh.revision) {
            return;
        }
        self.policy.rcu(|old| {
            let shared = old.shared.with(grant.clone(), std::slice::from_ref(&case.id));
            old.regranted(shared)
        });
    }

    /// Tells on every answer of an entry's dataset what falls away, as the entry now stands.
    pub fn renotice(&self, entry: &Entry) {
        let Some(dataset) = entry.last_announced().and_then(|_| entry.dataset()) else { return };
        let fresh = notice::of(entry).map(|(_, notice)| notice);
        self.notices.rcu(|old| {
            let mut all = Notices::clone(old);
            match fresh {
                Some(notice) => all.insert(dataset.clone(), notice),
                None => all.remove(&dataset),
            };
            all
        });
    }

    /// Takes in what a base database serves from now on for an entry. What is asked from then on is judged by it.
    pub fn serves(&self, entry: &Entry, dataset: &Arc<Dataset>) {
        self.catalogue.take(dataset);
        self.serving.rcu(|old| {
            let mut all = Serving::clone(old);
            all.insert(dataset.name.clone(), entry.id.clone());
            all
        });
        self.policy.rcu(|old| {
            let fresh = Snapshot::new(Arc::clone(&old.rules), old.filed.clone(), old.shared.clone());
            fresh.taken_in(Arc::clone(&old.imported))
        });
    }

    /// When which file of policies and grants was last written.
    #[must_use]
    pub fn grants_stamp(&self) -> Option<Stamp> {
        Some(self.force.places().stamp())
    }
}

/// Files as rules and grants, checked.
pub(super) fn compiled(force: &Force, files: &Files, catalogue: &Catalogue) -> Result<(Rules, Grants), ForceError> {
    let held = catalogue.held();
    let rules = files.rules()?;
    let grants = files.grants(&force.places().grants, |name| held.get(name).map(|f| f.dataset.as_ref()))?;
    Ok((rules, grants))
}
