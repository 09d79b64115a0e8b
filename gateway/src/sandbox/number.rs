//! Identity numbers that nobody has: sound in every check digit, of a division that was never issued.
//!
//! `899999`: no province begins with 89, and what synthetic nations use after it is the beginning of a real division,
//! which 9999 is not. So a number of a sandbox is neither anybody's nor that of a demonstration's person.

use foundation::value::credit_code::{check_character, organisation_check};
use foundation::value::{Day, citizen_id};

/// The division of every synthetic number.
pub(super) const DIVISION: &str = "899999";

/// A citizen number (GB 11643) of somebody born on a day; even order numbers are women's.
pub(super) fn citizen(birth: Day, order: usize) -> String {
    let (year, month, day) = birth.ymd().unwrap_or((1980, 1, 1));
    let body = format!("{DIVISION}{year:04}{month:02}{day:02}{:03}", order % 1_000);
    let check = citizen_id::check_digit(&body);
    format!("{body}{check}")
}

/// A credit code (GB 32100) of an enterprise.
pub(super) fn enterprise(number: usize) -> String {
    let inner = format!("MA{:06}", number % 1_000_000);
    let body = format!("91{DIVISION}{inner}{}", organisation_check(&inner).unwrap_or('0'));
    let check = check_character(&body);
    format!("{body}{check}")
}
