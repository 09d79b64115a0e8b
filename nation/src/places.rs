//! Real divisions, in which invented people live.

use super::SYNTHETIC_PROVINCE;
use super::random::Random;

/// A county-level division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Six digits, GB/T 2260.
    pub code: String,
    /// 四川省成都市锦江区.
    pub path: String,
    /// 成都, for names of companies.
    pub city: String,
    /// 四川省.
    pub province: String,
    /// Longitude and latitude of its middle, in 10⁻⁵ degrees.
    pub centre: Option<(i64, i64)>,
}

/// The places, and the code each has in synthetic numbers.
pub(crate) struct Places {
    all: Vec<Place>,
    synthetic: Vec<String>,
}

/// A place, by its number.
pub(crate) type At = usize;

impl Places {
    /// `None` without any place.
    pub(crate) fn new(all: &[Place]) -> Option<Self> {
        if all.is_empty() {
            return None;
        }
        let code = |place: &Place| format!("{SYNTHETIC_PROVINCE}{}", place.code.get(..4).unwrap_or("0000"));
        Some(Self { all: all.to_vec(), synthetic: all.iter().map(code).collect() })
    }

    /// One of them.
    pub(crate) fn one(&self, random: &mut Random) -> At {
        usize::try_from(random.below(self.all.len() as u64)).unwrap_or(0)
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Place] {
        &self.all
    }

    /// The place with a number given by [`Places::one`].
    pub(crate) fn get(&self, at: At) -> &Place {
        // Numbers are given out by this table, which is never empty.
        self.all.get(at).or_else(|| self.all.first()).unwrap_or(&NOWHERE)
    }

    /// The division of a place in synthetic numbers: `89` and its first four digits.
    pub(crate) fn synthetic(&self, at: At) -> &str {
        self.synthetic.get(at).map_or("890000", String::as_str)
    }
}

static NOWHERE: Place =
    Place { code: String::new(), path: String::new(), city: String::new(), province: String::new(), centre: None };
