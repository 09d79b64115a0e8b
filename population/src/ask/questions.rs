//! Questions about a person that are answered yes or no, beside the comparison of values.

use foundation::service::RecordView;
use foundation::value::{Day, Fields, PartialDate, Value};

use crate::rules::field;

/// Members that hold such a question.
pub const QUESTIONS: [&str; 3] = ["age_at_least", "alive", "registered_in"];

/// 在世, of the list of life statuses.
const LIVING: &str = "1";
/// 未说明.
const NOT_STATED: &str = "9";
const AGE_MAX: u8 = 150;

/// A claim that is true or not of what the register says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// At least so many years old on the valid day; the birthday counts (Civil Code art 17; GB 11643 gives the date).
    AgeAtLeast(u8),
    /// Living, or not.
    Alive(bool),
    /// Registered in this division or in one below it (GB/T 2260: two digits a level).
    RegisteredIn(String),
}

impl Question {
    /// Reads one member.
    pub(super) fn read(member: &str, text: &str) -> Result<Self, String> {
        match member {
            "age_at_least" => match text.parse() {
                Ok(years @ 0..=AGE_MAX) => Ok(Self::AgeAtLeast(years)),
                _ => Err(format!("`age_at_least` is a number of years, 0 to {AGE_MAX}")),
            },
            "alive" => text.parse().map(Self::Alive).map_err(|_| "`alive` is true or false".to_owned()),
            _ if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(Self::RegisteredIn(text.to_owned())),
            _ => Err(format!("`{member}` is the code of a division, 6 digits")),
        }
    }

    /// The field that it is about.
    pub(super) fn field(&self) -> u16 {
        match self {
            Self::AgeAtLeast(_) => field::BIRTH_DATE,
            Self::Alive(_) => field::LIFE_STATUS,
            Self::RegisteredIn(_) => field::DOMICILE_DIVISION,
        }
    }

    /// Whether it is so on `day`; `None` = the register does not say.
    pub(super) fn holds(&self, record: &RecordView, day: Day) -> Option<bool> {
        let of = |fields: &Fields| fields.get(self.field()).cloned();
        match (self, of(&record.fields).or_else(|| of(&record.to_mask))?) {
            (Self::AgeAtLeast(years), Value::Date(born)) => reached(born, *years, day),
            (Self::Alive(claimed), Value::Code(status)) => {
                (status != NOT_STATED).then_some((status == LIVING) == *claimed)
            }
            (Self::RegisteredIn(division), Value::Code(known)) => {
                // 110000 is the province, 110100 the prefecture: what ends in 00 stands for all below.
                let mut prefix = division.as_str();
                while let Some(shorter) = prefix.strip_suffix("00").filter(|shorter| !shorter.is_empty()) {
                    prefix = shorter;
                }
                Some(known.starts_with(prefix))
            }
            _ => None,
        }
    }
}

/// Whether somebody born in the span of `born` is `years` old on `day`; `None` if it depends on the day of birth.
fn reached(born: PartialDate, years: u8, day: Day) -> Option<bool> {
    let span = born.span();
    let old = |born: Day| {
        let (year, month, day_of_month) = born.ymd()?;
        let year = year + i64::from(years);
        // Born on 29 February: the birthday of a common year is 1 March.
        let birthday = Day::from_ymd(year, month, day_of_month).or_else(|| Day::from_ymd(year, 3, 1))?;
        Some(birthday <= day)
    };
    let (first, last) = (old(span.from)?, old(span.to.plus(-1))?);
    (first == last).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let day = |text: &str| Day::parse(text).expect("a day");
        for (born, years, on, expected) in [
            ("2008-11-28", 18, "2026-11-28", Some(true)),
            ("2008-11-29", 18, "2026-11-28", Some(false)),
            ("2008-02-29", 18, "2026-02-28", Some(false)),
            ("2008-02-29", 18, "2026-03-01", Some(true)),
            ("2008-11", 18, "2026-11-28", None),
            ("2008", 18, "2027-01-01", Some(true)),
            ("2008", 18, "2026-01-01", None),
        ] {
            let date = PartialDate::parse(born).expect("a date");
            assert_eq!(reached(date, years, day(on)), expected, "{born} {on}");
        }
    }

    #[test]
    fn questions_that_cannot_be_read_say_why() {
        for (member, text) in
            [("age_at_least", "-1"), ("age_at_least", "151"), ("alive", "yes"), ("registered_in", "11")]
        {
            assert!(Question::read(member, text).expect_err(text).contains(member));
        }
    }
}
