//! What should make somebody look: numbers tried at random, records that nobody has a reason to see.
//!
//! An alarm is an entry of the audit log with a code that begins with `alarm-`, so that it cannot be taken away either.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use foundation::value::Instant;

const MINUTE_US: i64 = 60_000_000;
/// Callers watched at the same time; past it, those whose minute is over are forgotten.
const WATCHED_MAX: usize = 100_000;

/// Why there is an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// More numbers were tried in vain than anybody mistypes.
    Enumeration,
    /// A canary was given.
    Canary,
}

impl Alarm {
    /// The entry's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Enumeration => "alarm-enumeration",
            Self::Canary => "alarm-canary",
        }
    }
}

/// A file of canaries that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum CanariesError {
    /// The file cannot be read.
    #[error("{file}: cannot be read")]
    Unreadable { file: String, source: std::io::Error },
    /// A line is not `database/dataset ID`.
    #[error("{file}, line {line}: not `database/dataset ID`")]
    Broken { file: String, line: usize },
}

/// Watches what is tried and given.
#[derive(Default)]
pub(crate) struct Alarms {
    misses_max: u32,
    canaries: HashSet<String>,
    minutes: Mutex<HashMap<String, Minute>>,
}

#[derive(Debug, Clone, Copy)]
struct Minute {
    began: Instant,
    misses: u32,
}

impl Alarms {
    /// Alarms at `misses_max` a minute, and for the canaries of `file`.
    pub(crate) fn open(misses_max: u32, file: Option<&Path>) -> Result<Self, CanariesError> {
        let canaries = file.map(read).transpose()?.unwrap_or_default();
        Ok(Self { misses_max, canaries, minutes: Mutex::default() })
    }

    /// Whether a caller has used up the misses of this minute.
    pub(crate) fn holds_back(&self, caller: &str, now: Instant) -> bool {
        let minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        minutes.get(caller).is_some_and(|m| m.misses > self.misses_max && now.0 - m.began.0 < MINUTE_US)
    }

    /// Counts what a caller tried in vain; an alarm the first time that it is too much in a minute.
    pub(crate) fn missed(&self, caller: &str, misses: u32, now: Instant) -> Option<Alarm> {
        if misses == 0 || caller.is_empty() {
            return None;
        }
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= WATCHED_MAX {
            minutes.retain(|_, minute| now.0 - minute.began.0 < MINUTE_US);
        }
        let minute = minutes.entry(caller.to_owned()).or_insert(Minute { began: now, misses: 0 });
        if now.0 - minute.began.0 >= MINUTE_US {
            *minute = Minute { began: now, misses: 0 };
        }
        let before = minute.misses;
        minute.misses = before.saturating_add(misses);
        (before <= self.misses_max && minute.misses > self.misses_max).then_some(Alarm::Enumeration)
    }

    /// An alarm if a canary is among the records given.
    pub(crate) fn given<'a>(&self, dataset: &str, records: impl IntoIterator<Item = &'a str>) -> Option<Alarm> {
        if self.canaries.is_empty() {
            return None;
        }
        let ids: Vec<&str> = records.into_iter().collect();
        let among = |name: &str| ids.iter().any(|id| self.canaries.contains(&format!("{name} {id}")));
        // A search over everything names no dataset: ids are unique enough to be looked for under any.
        let anywhere = dataset.contains('*')
            && self.canaries.iter().any(|canary| canary.split_once(' ').is_some_and(|(_, id)| ids.contains(&id)));
        (anywhere || dataset.split(',').any(among)).then_some(Alarm::Canary)
    }
}

fn read(file: &Path) -> Result<HashSet<String>, CanariesError> {
    let name = || file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| CanariesError::Unreadable { file: name(), source })?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(at, line)| {
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some(dataset), Some(id), None) if dataset.contains('/') => Ok(format!("{dataset} {id}")),
                _ => Err(CanariesError::Broken { file: name(), line: at + 1 }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alarm_a_minute_and_nothing_is_answered_until_it_is_over() {
        let alarms = Alarms { misses_max: 10, ..Alarms::default() };
        let at = |second: i64| Instant(second * 1_000_000);
        assert_eq!(alarms.missed("a", 10, at(0)), None);
        assert_eq!(alarms.missed("a", 1, at(1)), Some(Alarm::Enumeration));
        assert_eq!(alarms.missed("a", 1, at(2)), None);
        assert!(alarms.holds_back("a", at(59)) && !alarms.holds_back("a", at(60)) && !alarms.holds_back("b", at(2)));
        assert_eq!(alarms.missed("a", 11, at(61)), Some(Alarm::Enumeration));
    }

    #[test]
    fn canaries_are_known_by_dataset_and_id() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("canaries");
        std::fs::write(&file, "# nobody's\npopulation/persons P1\n").expect("written");
        let alarms = Alarms::open(1, Some(&file)).expect("canaries");
        assert_eq!(alarms.given("population/persons", ["P0", "P1"]), Some(Alarm::Canary));
        assert_eq!(alarms.given("culture/works", ["P1"]), None);
        assert_eq!(alarms.given("*", ["P1"]), Some(Alarm::Canary));
        std::fs::write(&file, "P1\n").expect("written");
        assert!(Alarms::open(1, Some(&file)).map(|_| ()).expect_err("no dataset").to_string().contains("line 1"));
    }
}
