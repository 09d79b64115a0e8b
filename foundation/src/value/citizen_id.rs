//! Citizen numbers, GB 11643-1999: six digits division, eight birth date, three order, one check (ISO 7064 MOD 11-2).
//!
//! The residence permits of Hong Kong, Macao and Taiwan people (81, 82, 83) and the foreigners' card of 2023 (9…) are built
//! alike. Errors never repeat the number.

use std::fmt;

use super::Day;

/// A citizen number whose date and check digit are right, 18 characters, `X` upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId {
    number: String,
    birth: Day,
    upgraded: bool,
}

/// Why a text is no citizen number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    /// Not 18 characters (or 15, before 1999).
    #[error("a citizen number has 18 characters (15 in the form before 1999); {0} were given")]
    Length(usize),
    /// Something else than a digit (or X at the end).
    #[error("character {0} of the citizen number is not a digit (the last may also be X)")]
    Character(usize),
    /// The birth date is no date.
    #[error("characters 7 to 14 of the citizen number are no calendar date")]
    BirthDate,
    /// The check digit is wrong.
    #[error("the check digit of the citizen number does not fit: {expected} was expected")]
    CheckDigit {
        /// The digit that would fit.
        expected: char,
    },
}

/// Sex as the order number says it, GB/T 2261.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// `1`, an odd order number.
    Male,
    /// `2`, an even order number.
    Female,
}

impl Sex {
    /// The code of GB/T 2261.1.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }
}

impl CitizenIdError {
    /// Stable rule code.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Length(_) | Self::Character(_) => "citizen_id_form",
            Self::BirthDate => "citizen_id_birth_date",
            Self::CheckDigit { .. } => "citizen_id_check_digit",
        }
    }
}

impl CitizenId {
    /// Reads a number of 18 characters, or of 15 digits, which is completed with `19` and a check digit.
    ///
    /// The text is taken as it stands but for letter case; spaces and full width are the caller's (`parse.rs`) to remove.
    ///
    /// # Errors
    /// [`CitizenIdError`]; it never holds the number.
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        let length = text.chars().count();
        let upgraded = length == 15;
        if length != 18 && !upgraded {
            return Err(CitizenIdError::Length(length));
        }
        let last = if upgraded { usize::MAX } else { 17 };
        let fits = |(at, c): (usize, char)| c.is_ascii_digit() || at == last && matches!(c, 'X' | 'x');
        if let Some((at, _)) = text.chars().enumerate().find(|pair| !fits(*pair)) {
            return Err(CitizenIdError::Character(at + 1));
        }
        let mut number = text.to_ascii_uppercase();
        if upgraded {
            number.insert_str(6, "19");
        }
        let body = number.get(..17).unwrap_or_default();
        let expected = check_digit(body);
        match number.get(17..).and_then(|rest| rest.chars().next()) {
            None => number.push(expected),
            Some(given) if given == expected => {}
            Some(_) => {
                // The date is looked at first: a mistyped date is the likelier fault and the clearer message.
                birth_of(&number)?;
                return Err(CitizenIdError::CheckDigit { expected });
            }
        }
        let birth = birth_of(&number)?;
        Ok(Self { number, birth, upgraded })
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.number
    }
    /// The 18 characters, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.number
    }
    /// Whether it came in the form of 15 digits.
    #[must_use]
    pub fn upgraded(&self) -> bool {
        self.upgraded
    }
    /// Birth date.
    #[must_use]
    pub fn birth(&self) -> Day {
        self.birth
    }
    /// Sex.
    #[must_use]
    pub fn sex(&self) -> Sex {
        let odd = self.number.as_bytes().get(16).is_some_and(|b| b % 2 == 1);
        if odd { Sex::Male } else { Sex::Female }
    }
    /// The division of first registration, GB/T 2260; `None` on a foreigners' card, whose first digits say something else.
    #[must_use]
    pub fn division(&self) -> Option<&str> {
        self.number.get(..6).filter(|_| !self.number.starts_with('9'))
    }
    /// Whether it is a residence permit of a Hong Kong, Macao or Taiwan person.
    #[must_use]
    pub fn is_residence_permit(&self) -> bool {
        ["81", "82", "83"].iter().any(|p| self.number.starts_with(p))
    }
}

impl fmt::Debug for CitizenId {
    /// Hides the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(…)")
    }
}

/// The check digit over the first 17 digits.
#[must_use]
pub fn check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('0')
}

fn birth_of(number: &str) -> Result<Day, CitizenIdError> {
    let part = |range: std::ops::Range<usize>| number.get(range).and_then(|t| t.parse::<u16>().ok());
    let (year, month, day) = (part(6..10), part(10..12), part(12..14));
    year.zip(month)
        .zip(day)
        .and_then(|((y, m), d)| Day::from_ymd(i64::from(y), u8::try_from(m).ok()?, u8::try_from(d).ok()?))
        .ok_or(CitizenIdError::BirthDate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_numbers_pass() {
        for (number, division, birth, sex) in [
            ("11010519491231002X", "110105", "1949-12-31", Sex::Female),
            ("11010519491231002x", "110105", "1949-12-31", Sex::Female),
            ("440524188001010014", "440524", "1880-01-01", Sex::Male),
            ("34052419800101001X", "340524", "1980-01-01", Sex::Male),
        ] {
            let id = CitizenId::parse(number).expect(number);
            assert_eq!(
                (id.division(), id.birth().to_string().as_str(), id.sex()),
                (Some(division), birth, sex),
                "{number}"
            );
            assert_eq!(id.as_str(), number.to_ascii_uppercase());
        }
    }

    #[test]
    fn fifteen_digits_are_completed() {
        let id = CitizenId::parse("110105491231002").expect("the old form");
        assert_eq!((id.as_str(), id.upgraded()), ("11010519491231002X", true));
    }

    #[test]
    fn faults_are_named_and_the_number_is_not() {
        for (text, error) in [
            ("110105194912310021", CitizenIdError::CheckDigit { expected: 'X' }),
            ("11010519491331002X", CitizenIdError::BirthDate),
            ("1101051949123100", CitizenIdError::Length(16)),
            ("1101051949123100AX", CitizenIdError::Character(17)),
            ("11010549123100X", CitizenIdError::Character(15)),
            ("", CitizenIdError::Length(0)),
        ] {
            assert_eq!(CitizenId::parse(text), Err(error), "{text}");
        }
        let id = CitizenId::parse("11010519491231002X").expect("a number");
        assert_eq!(format!("{id:?}"), "CitizenId(…)");
    }

    #[test]
    fn permits_share_the_form() {
        let permit = format!("810000199001010{}", "01");
        let number = format!("{permit}{}", check_digit(&permit));
        assert!(CitizenId::parse(&number).expect("a permit").is_residence_permit());
        let card = "91115619900101001";
        let number = format!("{card}{}", check_digit(card));
        assert_eq!(CitizenId::parse(&number).expect("a card").division(), None);
    }
}
