//! What a permit shows of a record: scopes judged on its fields, fields split into readable and to be masked.

use super::super::{RecordView, Scope};
use crate::dataset::Dataset;
use crate::filter::{self, Truth};
use crate::record::Version;
use crate::value::Fields;

/// The fields a permit shows of one version of a record.
#[derive(Debug, Default, Clone)]
pub(super) struct Sight {
    readable: Vec<u16>,
    masked: Vec<u16>,
}

impl Sight {
    /// What `scopes` show of a record that holds `fields`; `None` = nothing: the record is not there for this permit.
    ///
    /// Readable fields of all scopes that hold the record are joined; a field is masked if no such scope shows it plainly.
    pub(super) fn of(scopes: &[Scope], fields: &Fields) -> Option<Self> {
        let holds =
            |scope: &&Scope| scope.rows.as_ref().is_none_or(|rows| filter::matches(rows, fields) == Truth::True);
        let mut holding = scopes.iter().filter(holds);
        let first = holding.next()?;
        let mut sight = Self { readable: first.readable.clone(), masked: first.masked.clone() };
        for scope in holding {
            sight.join(&scope.readable, &scope.masked);
        }
        let Self { readable, masked } = &mut sight;
        masked.retain(|number| readable.binary_search(number).is_err());
        Some(sight)
    }

    fn join(&mut self, readable: &[u16], masked: &[u16]) {
        for (all, more) in [(&mut self.readable, readable), (&mut self.masked, masked)] {
            all.extend_from_slice(more);
            all.sort_unstable();
            all.dedup();
        }
    }

    /// Joins another sight into this one.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.join(&other.readable, &other.masked);
        let Self { readable, masked } = &mut self;
        masked.retain(|number| readable.binary_search(number).is_err());
        self
    }

    /// Whether a field may be read.
    pub(super) fn reads(&self, number: u16) -> bool {
        self.readable.binary_search(&number).is_ok()
    }

    /// Fields that may be read, and values to be masked; the rest is dropped.
    pub(super) fn split(&self, mut fields: Fields) -> (Fields, Fields) {
        let hidden: Vec<u16> = fields.iter().map(|(n, _)| n).filter(|n| !self.reads(*n)).collect();
        let mut to_mask = Fields::new();
        for number in hidden {
            if let Some(value) = fields.remove(number)
                && self.masked.binary_search(&number).is_ok()
            {
                to_mask.set(number, value);
            }
        }
        (fields, to_mask)
    }

    /// A version as the permit shows it.
    pub(super) fn view(&self, dataset: &Dataset, id: &str, version: &Version, fields: Fields) -> RecordView {
        let (fields, to_mask) = self.split(fields);
        RecordView {
            dataset: dataset.name.clone(),
            dataset_version: dataset.version,
            id: id.to_owned(),
            fields,
            to_mask,
            version: version.number,
            valid: version.valid,
            recorded: version.recorded,
            disputed: version.disputed.iter().copied().filter(|n| self.reads(*n)).collect(),
        }
    }
}
