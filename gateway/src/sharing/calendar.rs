//! Working days: weekends, public holidays, and the weekend days worked to make up for them.

use std::collections::{BTreeMap, BTreeSet};

use foundation::value::Day;

/// The notices that come with the program: 2004 to 2026.
const CHINA: &str = include_str!("../../calendar/china.csv");

/// What a notice says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// A public holiday (放假), weekend days inside it too.
    Holiday,
    /// A weekend day that is worked (调休上班).
    Workday,
}

/// A notice that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CalendarError {
    /// Line, from 1.
    pub line: usize,
    /// Which rule it breaks.
    pub reason: String,
}

/// A day on which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The last day on which it is in time.
    pub day: Day,
    /// No notice is loaded for a year that was counted through: weekdays count, and a notice may yet move the day.
    pub provisional: bool,
}

/// The calendar of working days. Years without a notice count Monday to Friday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<Day, Exception>,
    years: BTreeSet<i64>,
}

impl Calendar {
    /// The notices that come with the program.
    ///
    /// # Errors
    /// [`CalendarError`] if the file is broken (a test keeps that from happening).
    pub fn built_in() -> Result<Self, CalendarError> {
        let mut calendar = Self { exceptions: BTreeMap::new(), years: BTreeSet::new() };
        calendar.add(CHINA)?;
        Ok(calendar)
    }

    /// Adds notices: CSV `date,kind,name` with kind `holiday` or `workday`; `#` begins a comment. A year named in the
    /// text is taken from it alone: what an earlier notice said of that year no longer holds. Gives the years.
    ///
    /// # Errors
    /// [`CalendarError`] with line and rule; nothing is changed then.
    pub fn add(&mut self, text: &str) -> Result<BTreeSet<i64>, CalendarError> {
        let mut fresh = BTreeMap::new();
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim_end_matches('\r').trim();
            if row.is_empty() || row.starts_with('#') || row == "date,kind,name" {
                continue;
            }
            let broken = |reason: &str| CalendarError { line, reason: reason.to_owned() };
            let mut cells = row.splitn(3, ',').map(str::trim);
            let day = cells.next().and_then(Day::parse).ok_or_else(|| broken("`date` is not a date YYYY-MM-DD"))?;
            let exception = match cells.next() {
                Some("holiday") => Exception::Holiday,
                Some("workday") if is_weekend(day) => Exception::Workday,
                Some("workday") => return Err(broken("a `workday` that is no Saturday or Sunday is one already")),
                _ => return Err(broken("`kind` is neither holiday nor workday")),
            };
            if fresh.insert(day, exception).is_some_and(|other| other != exception) {
                return Err(broken("the day stands twice, as holiday and as workday"));
            }
        }
        // A notice reaches into the last days of the year before; a year counts as loaded from a few days of its own on.
        let mut days_in = BTreeMap::<i64, usize>::new();
        for day in fresh.keys() {
            *days_in.entry(year(*day)).or_default() += 1;
        }
        let years: BTreeSet<i64> =
            days_in.into_iter().filter(|(_, days)| *days >= DAYS_OF_A_YEAR_MIN).map(|(year, _)| year).collect();
        if years.is_empty() {
            let reason = format!("no year has at least {DAYS_OF_A_YEAR_MIN} days: this is not a year's notice");
            return Err(CalendarError { line: 1, reason });
        }
        self.exceptions.retain(|day, _| !years.contains(&year(*day)));
        self.exceptions.extend(fresh);
        self.years.extend(&years);
        Ok(years)
    }

    /// Whether `day` is worked.
    #[must_use]
    pub fn is_working(&self, day: Day) -> bool {
        match self.exceptions.get(&day) {
            Some(Exception::Holiday) => false,
            Some(Exception::Workday) => true,
            None => !is_weekend(day),
        }
    }

    /// Whether a notice is loaded for the year of `day`.
    #[must_use]
    pub fn is_certain(&self, day: Day) -> bool {
        self.years.contains(&year(day))
    }

    /// The last of `working_days` working days after `received`; with `counts_first` the day of receipt is the first, if
    /// it is worked. 0 = the day of receipt itself, or the next worked day.
    ///
    /// Cost: one look-up a day counted.
    #[must_use]
    pub fn due(&self, received: Day, working_days: u32, counts_first: bool) -> Due {
        let mut day = received;
        let mut left = working_days;
        let mut provisional = !self.is_certain(day);
        if counts_first && left > 0 && self.is_working(day) {
            left -= 1;
        }
        while left > 0 || (working_days == 0 && !self.is_working(day)) {
            day = Day(day.0 + 1);
            provisional |= !self.is_certain(day);
            if self.is_working(day) {
                left = left.saturating_sub(1);
                if working_days == 0 {
                    break;
                }
            }
        }
        Due { day, provisional }
    }

    /// Working days after `from`, up to and with `to`; 0 when `to` is not later.
    #[must_use]
    pub fn between(&self, from: Day, to: Day) -> u32 {
        let count = (from.0 + 1..=to.0).filter(|day| self.is_working(Day(*day))).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The last year with a notice.
    #[must_use]
    pub fn last_year(&self) -> Option<i64> {
        self.years.last().copied()
    }
}

/// Fewest days that a year's notice names; every notice since 2004 names more than 20.
const DAYS_OF_A_YEAR_MIN: usize = 10;

/// The year of a day; a day beyond every calendar has none.
fn year(day: Day) -> i64 {
    day.ymd().map_or(i64::MAX, |(year, ..)| year)
}

/// Saturday or Sunday: day 0 (1970-01-01) was a Thursday.
fn is_weekend(day: Day) -> bool {
    (day.0 + 3).rem_euclid(7) >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn days_are_counted_over_holidays_and_worked_weekends() {
        let calendar = Calendar::built_in().expect("sound notices");
        // (received, working days, first day counts, due), checked against the notices of 2025 and 2026 by hand.
        for (received, days, first, due) in [
            // National day and mid-autumn 2025: off 1 to 8 October, worked on 28 September and 11 October.
            ("2025-09-26", 10, false, "2025-10-16"),
            ("2025-09-26", 1, false, "2025-09-28"),
            ("2025-09-26", 10, true, "2025-10-15"),
            ("2025-10-01", 1, false, "2025-10-09"),
            ("2025-10-01", 0, false, "2025-10-09"),
            // Spring festival 2026: off 15 to 23 February, worked on 14 and 28 February.
            ("2026-02-13", 2, false, "2026-02-24"),
            ("2026-02-13", 6, false, "2026-02-28"),
            ("2026-06-08", 0, false, "2026-06-08"),
        ] {
            let got = calendar.due(day(received), days, first);
            assert_eq!((got.day, got.provisional), (day(due), false), "{received} + {days}");
        }
    }

    #[test]
    fn beyond_the_last_notice_a_day_is_provisional_until_the_notice_comes() {
        let mut calendar = Calendar::built_in().expect("sound notices");
        assert_eq!(calendar.last_year(), Some(2026));
        let before = calendar.due(day("2026-12-28"), 10, false);
        assert_eq!(before, Due { day: day("2027-01-11"), provisional: true });
        let mut notice = String::from("date,kind,name\n2027-01-01,holiday,元旦\n2027-01-02,holiday,元旦\n");
        let festival: Vec<String> = (5..=12).map(|d| format!("2027-02-{d:02},holiday,春节\n")).collect();
        notice.push_str(&festival.concat());
        notice.push_str("2027-01-03,workday,元旦\n");
        calendar.add(&notice).expect("a sound notice");
        assert_eq!(calendar.due(day("2026-12-28"), 10, false), Due { day: day("2027-01-11"), provisional: false });
        assert_eq!(calendar.due(day("2026-12-31"), 1, false).day, day("2027-01-03"), "a worked Sunday");
    }

    #[test]
    fn a_broken_notice_names_its_line_and_changes_nothing() {
        let mut calendar = Calendar::built_in().expect("sound notices");
        let before = calendar.clone();
        for (text, line) in [
            ("2027-01-01,holiday,x\n2027-13-01,holiday,x", 2),
            ("2027-01-01,feast,x", 1),
            ("2027-01-01,workday,a Friday", 1),
            ("# only a comment", 1),
        ] {
            assert_eq!(calendar.add(text).expect_err("broken").line, line, "{text}");
        }
        assert_eq!(calendar, before);
    }
}
