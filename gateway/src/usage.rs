//! What was given on the present day: rows by grant, distinct persons by grant and by department.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, PoisonError};

use foundation::value::Day;

/// Counts of one day; begins with what the audit log says of today.
#[derive(Default)]
pub(crate) struct Usage(Mutex<Today>);

#[derive(Default)]
struct Today {
    day: Option<Day>,
    rows: HashMap<String, u64>,
    persons: HashMap<Holder, HashSet<u64>>,
}

/// Whose persons are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A grant, which has one purpose.
    Grant(String),
    /// A department, under whatever right.
    Department(String),
}

/// A holder has no persons left for today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsedUp {
    pub(crate) holder: Holder,
    pub(crate) most: u64,
}

/// A record as it is counted. Nothing leads back to it.
pub(crate) fn person(dataset: &str, id: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((dataset, id))
}

impl Usage {
    /// Counts as found in the log for `today`.
    pub(crate) fn new(today: Day, rows: Vec<(String, u64)>, persons: HashMap<Holder, HashSet<u64>>) -> Self {
        Self(Mutex::new(Today { day: Some(today), rows: rows.into_iter().collect(), persons }))
    }

    fn on<T>(&self, today: Day, then: impl FnOnce(&mut Today) -> T) -> T {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.day != Some(today) {
            *counts = Today { day: Some(today), ..Today::default() };
        }
        then(&mut counts)
    }

    /// Rows given under `grant` on `today` so far.
    pub(crate) fn rows(&self, grant: &str, today: Day) -> u64 {
        self.on(today, |counts| counts.rows.get(grant).copied().unwrap_or(0))
    }

    /// Adds rows given.
    pub(crate) fn add(&self, grant: &str, today: Day, rows: u64) {
        self.on(today, |counts| {
            let held = counts.rows.entry(grant.to_owned()).or_default();
            *held = held.saturating_add(rows);
        });
    }

    /// Counts `persons` for every holder, or for none of them if one would have more than its most. A person counted
    /// before costs nothing.
    pub(crate) fn take(&self, today: Day, holders: &[(Holder, u64)], persons: &HashSet<u64>) -> Result<(), UsedUp> {
        self.on(today, |counts| {
            for (holder, most) in holders {
                let held = counts.persons.get(holder);
                let before = held.map_or(0, HashSet::len);
                let fresh = persons.iter().filter(|one| held.is_none_or(|held| !held.contains(one))).count();
                if fresh > 0 && (before + fresh) as u64 > *most {
                    return Err(UsedUp { holder: holder.clone(), most: *most });
                }
            }
            for (holder, _) in holders {
                counts.persons.entry(holder.clone()).or_default().extend(persons);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_counted_once_and_all_or_none() {
        let usage = Usage::default();
        let (day, next) = (Day(1), Day(2));
        let holders = |most| [(Holder::Grant("G".into()), most), (Holder::Department("D".into()), 10)];
        let persons = |ids: &[&str]| ids.iter().map(|id| person("population/persons", id)).collect::<HashSet<_>>();
        assert!(usage.take(day, &holders(2), &persons(&["a", "b"])).is_ok());
        assert!(usage.take(day, &holders(2), &persons(&["b", "a"])).is_ok(), "known persons are free");
        let used_up = usage.take(day, &holders(2), &persons(&["a", "c"])).expect_err("a third");
        assert_eq!(used_up, UsedUp { holder: Holder::Grant("G".into()), most: 2 });
        assert!(usage.take(day, &[(Holder::Department("D".into()), 3)], &persons(&["d"])).is_ok(), "c was not counted");
        assert!(usage.take(next, &holders(2), &persons(&["c", "d"])).is_ok(), "another day");
    }
}
