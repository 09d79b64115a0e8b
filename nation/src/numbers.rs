//! Citizen numbers given out, each once.

use std::collections::HashSet;

use foundation::value::Day;
use foundation::value::citizen_id::check_digit;

use super::NationError;
use super::random::Random;

/// Tries before the numbers of a place and day count as used up.
const TRIES_MAX: u32 = 1_000;

/// A citizen number of 18 characters.
pub(crate) type Number = String;

/// The numbers given out so far.
#[derive(Default)]
pub(crate) struct Numbers(HashSet<u64>);

impl Numbers {
    /// A number nobody has: division, birth date, an order number that is odd for men (GB 11643), the check digit.
    pub(crate) fn give(
        &mut self,
        division: &str,
        birth: Day,
        male: bool,
        random: &mut Random,
    ) -> Result<Number, NationError> {
        let (year, month, day) = birth.ymd().unwrap_or((1970, 1, 1));
        for _ in 0..TRIES_MAX {
            // 996 to 999 are kept for the very old.
            let order = random.below(497) * 2 + u64::from(male);
            let body = format!("{division}{year:04}{month:02}{day:02}{order:03}");
            if self.0.insert(body.parse().unwrap_or(0)) {
                return Ok(format!("{body}{}", check_digit(&body)));
            }
        }
        Err(NationError::NumbersUsedUp { place: division.to_owned() })
    }
}
