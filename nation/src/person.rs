//! A person, with where they lived and what became of them.

use foundation::value::Day;

use super::numbers::Number;
use super::places::At;

/// A stay: where somebody was registered from a day on.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) place: At,
    pub(crate) address: String,
    pub(crate) from: Day,
}

/// Somebody, as another row names them.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) number: Number,
    pub(crate) name: String,
}

/// A person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) number: Number,
    pub(crate) name: String,
    /// The name at birth, if it was another.
    pub(crate) former: Option<String>,
    /// Since when the name is this one.
    pub(crate) renamed: Option<Day>,
    pub(crate) surname: String,
    pub(crate) male: bool,
    pub(crate) ethnic_group: &'static str,
    pub(crate) birth: Day,
    pub(crate) birth_place: At,
    /// By day; the last one is today's. Never empty.
    pub(crate) stays: Vec<Stay>,
    pub(crate) death: Option<Day>,
    pub(crate) father: Option<Named>,
    pub(crate) mother: Option<Named>,
    /// Today's spouse, number and name.
    pub(crate) spouse: Option<Named>,
    /// Code of `marital-status`.
    pub(crate) marital_status: &'static str,
    /// Code of `family-relation` in the household; absent for those who died before it was opened.
    pub(crate) relation: &'static str,
    /// Code of `education`.
    pub(crate) education: &'static str,
}

impl Person {
    /// As another row names them.
    pub(crate) fn named(&self) -> Named {
        Named { number: self.number.clone(), name: self.name.clone() }
    }
    /// As a party of another row: JSON with id and name.
    pub(crate) fn party(named: Option<&Named>) -> String {
        named.map_or_else(String::new, |n| format!("{{\"id\":\"{}\",\"name\":\"{}\"}}", n.number, n.name))
    }
    /// The stay of a day; before the first, the first.
    pub(crate) fn stay(&self) -> Option<&Stay> {
        self.stays.last()
    }
}
