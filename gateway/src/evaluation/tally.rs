//! What the audit log says of a period: answers under grants, and the batches that came in.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use foundation::record::BatchId;
use foundation::value::{Day, Instant};

use super::period::EvaluationPeriod;
use crate::ask::Act;
use crate::audit::{Entry, visit};
use crate::token::{Role, Roles};

/// Days after a period for which its tally is not kept: an entry's place in the log is a little later than its time.
const SETTLED_DAYS: i64 = 1;
/// Most tallies kept.
const KEPT_MAX: usize = 64;

/// Counts of the entries of a period.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers under a grant: department, dataset → how many.
    pub used: BTreeMap<(String, String), u64>,
    /// Batches that an import of the period told of.
    pub batches: BTreeSet<BatchId>,
}

impl Tally {
    /// Counts an entry.
    fn count(&mut self, entry: &Entry) {
        if entry.status != 200 {
            return;
        }
        if entry.act == Act::Import as u8 {
            self.batches.extend(entry.records.first().and_then(|text| crate::http::batch_id(text)));
        }
        // What companies use is no sharing between departments.
        if Roles::from_bits(entry.roles).has(Role::Company) {
            return;
        }
        // A grant that is merely named has no purpose in the entry: that comes from the grant used.
        // Synthetic rows are no use of anybody's data.
        if !entry.grant.is_empty() && !entry.purpose.is_empty() && !crate::sandbox::is_id(&entry.grant) {
            for dataset in entry.dataset.split(',').filter(|name| !name.is_empty() && !name.contains('*')) {
                *self.used.entry((entry.department.clone(), dataset.to_owned())).or_default() += 1;
            }
        }
    }
}

/// Tallies of periods that are over, each read once.
#[derive(Default)]
pub struct Tallies(Mutex<BTreeMap<EvaluationPeriod, Arc<Tally>>>);

impl Tallies {
    /// The tally of a period. Blocking; cost: reads the segments of the log from the newest back to the period's first
    /// day, once for a period that is over.
    ///
    /// # Errors
    /// Of the file system.
    pub fn of(&self, directory: &Path, period: EvaluationPeriod, today: Day) -> io::Result<Arc<Tally>> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&period) {
            return Ok(Arc::clone(known));
        }
        let mut tally = Tally::default();
        visit(directory, midnight(period.from()), midnight(period.to()), &mut |entry| tally.count(entry))?;
        let tally = Arc::new(tally);
        if today > period.to().plus(SETTLED_DAYS) {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            while kept.len() >= KEPT_MAX {
                kept.pop_first();
            }
            kept.insert(period, Arc::clone(&tally));
        }
        Ok(tally)
    }
}

/// The instant at which a day begins in the country.
fn midnight(day: Day) -> Instant {
    Instant(Instant::end_of(day.plus(-1)).0 + 1)
}
