//! What falls away is told beforehand, on every answer of its dataset: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).

use std::collections::BTreeMap;

use axum::http::HeaderName;
use foundation::dataset::DatasetName;
use foundation::value::{Day, Instant};

use super::entry::{Entry, Version};
use super::step::{State, Verb};

/// Fields of a dataset, or the whole of it, are to fall away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// When the authority approved the change.
    pub since: Instant,
    /// The day from which it holds, once it is announced.
    pub sunset: Option<Day>,
}

/// The notices in force, by dataset.
pub type Notices = BTreeMap<DatasetName, Notice>;

/// The notice that an entry gives, with its dataset.
#[must_use]
pub fn of(entry: &Entry) -> Option<(DatasetName, Notice)> {
    let since = entry.events.iter().rfind(|event| event.verb == Verb::Approve)?.at();
    let named = |version: &Version| version.items.as_ref().and_then(|items| items.dataset.parse().ok());
    if entry.state == State::Approved && !entry.falling_away().is_empty() {
        return Some((named(entry.last_announced()?)?, Notice { since, sunset: None }));
    }
    let (last, before) = entry.versions.split_last()?;
    let before = before.last()?;
    let removed = before.items.as_ref().is_some_and(|items| !items.removed(last.items.as_deref()).is_empty());
    removed.then(|| Some((named(before)?, Notice { since, sunset: Some(last.from) })))?
}

impl Notice {
    /// The headers, until the day has come.
    #[must_use]
    pub fn headers(&self, today: Day) -> Vec<(HeaderName, String)> {
        if self.sunset.is_some_and(|day| day <= today) {
            return Vec::new();
        }
        let mut headers =
            vec![(HeaderName::from_static("deprecation"), format!("@{}", self.since.0.div_euclid(1_000_000)))];
        if let Some(date) = self.sunset.and_then(http_date) {
            headers.push((HeaderName::from_static("sunset"), date));
        }
        headers
    }
}

/// The beginning of a day, as RFC 9110 writes dates.
fn http_date(day: Day) -> Option<String> {
    let start = Instant::end_of(day.plus(-1)).0 + 1;
    let at = jiff::Timestamp::from_microsecond(start).ok()?;
    Some(at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_the_rfcs_write_them_and_end_with_the_day() {
        let day = |text: &str| Day::parse(text).expect("a date");
        let since = Instant::parse("2026-11-23T04:00:00Z").expect("an instant");
        let notice = Notice { since, sunset: Some(day("2027-01-01")) };
        let headers = notice.headers(day("2026-12-31"));
        let text: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(text, ["deprecation: @1795406400", "sunset: Thu, 31 Dec 2026 16:00:00 GMT"]);
        assert!(notice.headers(day("2027-01-01")).is_empty());
        assert_eq!(Notice { sunset: None, ..notice }.headers(day("2027-01-01")).len(), 1);
    }
}
