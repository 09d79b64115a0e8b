//! Unified social credit codes, GB 32100-2015, and the organisation codes inside them, GB 11714-1997.
//!
//! The two checks use different alphabets: the outer one 31 characters (no I, O, S, V, Z), the inner one all 36. A wrong
//! outer check is a refusal; a wrong inner one only a warning, since a few historic codes do not satisfy it.

use std::fmt;

/// The characters of a credit code; a character's value is its place.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Authorities and their classes, GB 32100-2015 table 1 with amendment 1; `9` is "other" where an authority has it.
const CLASSES: [(char, &str); 12] = [
    ('1', "1239"),
    ('2', "19"),
    ('3', "123459"),
    ('4', "19"),
    ('5', "1239"),
    ('6', "129"),
    ('7', "129"),
    ('8', "19"),
    ('9', "123"),
    ('A', "19"),
    ('N', "1239"),
    ('Y', "1"),
];

/// A unified social credit code whose outer check fits, 18 characters, upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    /// Not 18 characters.
    #[error("a unified social credit code has 18 characters; {0} were given")]
    Length(usize),
    /// A character that credit codes do not use.
    #[error("character {0} of the credit code is not of 0-9, A-Z without I, O, S, V, Z")]
    Character(usize),
    /// The division part is not six digits.
    #[error("characters 3 to 8 of the credit code are not six digits")]
    Division,
    /// The last character is wrong.
    #[error("the check character of the credit code does not fit: {expected} was expected")]
    CheckCharacter {
        /// The character that would fit.
        expected: char,
    },
}

impl CreditCodeError {
    /// Stable rule code.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Length(_) | Self::Character(_) | Self::Division => "credit_code_form",
            Self::CheckCharacter { .. } => "credit_code_check_character",
        }
    }
}

impl CreditCode {
    /// Reads a code; letter case does not matter.
    ///
    /// # Errors
    /// [`CreditCodeError`].
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let length = text.chars().count();
        if length != 18 {
            return Err(CreditCodeError::Length(length));
        }
        let code = text.to_ascii_uppercase();
        if let Some(at) = code.chars().position(|c| !u8::try_from(c).is_ok_and(|b| ALPHABET.contains(&b))) {
            return Err(CreditCodeError::Character(at + 1));
        }
        if !code.bytes().skip(2).take(6).all(|b| b.is_ascii_digit()) {
            return Err(CreditCodeError::Division);
        }
        let expected = check_character(code.get(..17).unwrap_or_default());
        if code.ends_with(expected) { Ok(Self(code)) } else { Err(CreditCodeError::CheckCharacter { expected }) }
    }

    /// The codes that differ from `text`, which is none, by one character, or by two neighbours changed over.
    ///
    /// Cost: about 600 checks of 18 characters. Empty unless `text` has 18 characters.
    #[must_use]
    pub fn repairs(text: &str) -> Vec<Self> {
        let typed: Vec<char> = text.to_ascii_uppercase().chars().collect();
        if typed.len() != 18 || Self::parse(text).is_ok() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut take = |spelled: &[char]| found.extend(Self::parse(&spelled.iter().collect::<String>()));
        for at in 0..typed.len() {
            let mut spelled = typed.clone();
            for byte in ALPHABET {
                if let Some(place) = spelled.get_mut(at) {
                    *place = char::from(*byte);
                }
                take(&spelled);
            }
            if at > 0 {
                let mut spelled = typed.clone();
                spelled.swap(at - 1, at);
                take(&spelled);
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The 18 characters, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
    /// Character 1: the registering authority (1 staffing office, 5 civil affairs, 9 market regulation …).
    #[must_use]
    pub fn authority(&self) -> char {
        self.0.chars().next().unwrap_or('0')
    }
    /// Character 2: the class, which depends on the authority (91 enterprise, 92 individual business, 93 cooperative …).
    #[must_use]
    pub fn class(&self) -> char {
        self.0.chars().nth(1).unwrap_or('0')
    }
    /// Whether the standard, with amendment 1, knows the class under its authority: a quality finding where it does not.
    #[must_use]
    pub fn class_is_known(&self) -> bool {
        CLASSES.iter().any(|(authority, classes)| *authority == self.authority() && classes.contains(self.class()))
    }
    /// Characters 3–8: the registering authority's division, GB/T 2260; `100000` is the state's own register.
    #[must_use]
    pub fn division(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }
    /// Characters 9–17: the organisation code.
    #[must_use]
    pub fn organisation_code(&self) -> &str {
        self.0.get(8..17).unwrap_or_default()
    }
    /// The organisation code's own check character where it does not fit: a quality finding, not a fault.
    #[must_use]
    pub fn inner_check_expected(&self) -> Option<char> {
        organisation_check(self.organisation_code().get(..8).unwrap_or_default())
            .filter(|expected| !self.organisation_code().ends_with(*expected))
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check character over the first 17 characters (GB/T 17710, MOD 31,3).
#[must_use]
pub fn check_character(body: &str) -> char {
    let place = |byte: u8| ALPHABET.iter().position(|a| *a == byte).unwrap_or(0);
    let (sum, _) =
        body.bytes().take(17).fold((0, 1), |(sum, weight), byte| (sum + place(byte) * weight, weight * 3 % 31));
    ALPHABET.get((31 - sum % 31) % 31).map_or('0', |b| char::from(*b))
}

/// The check character over the first 8 characters of an organisation code; letters count A = 10 … Z = 35.
/// `None` where there are not eight digits or letters.
#[must_use]
pub fn organisation_check(body: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    if body.len() != 8 {
        return None;
    }
    let values = body.chars().map(|c| c.to_digit(36)).collect::<Option<Vec<_>>>()?;
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    Some(match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    })
}

/// An organisation code of nine characters, with or without the hyphen before the check character; upper case.
///
/// # Errors
/// The character expected, or `None` where the form is wrong.
pub fn parse_organisation_code(text: &str) -> Result<String, Option<char>> {
    let code = text.replacen('-', "", 1).to_ascii_uppercase();
    let (body, given) = code.get(..8).zip(code.get(8..)).ok_or(None)?;
    let expected = organisation_check(body).ok_or(None)?;
    if given.chars().eq([expected]) { Ok(code) } else { Err(Some(expected)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_codes_pass_both_checks() {
        for code in [
            "91350100M000100Y43",
            "914403001922038216",
            "91330100799655058B",
            "91110000802100433B",
            "11100000000013338W",
            "91440300MA5DLQQW0F",
            "91440300ma5dlqqw0f",
        ] {
            let read = CreditCode::parse(code).expect(code);
            assert_eq!(read.inner_check_expected(), None, "{code}");
        }
        let code = CreditCode::parse("91350100M000100Y43").expect("a code");
        assert_eq!(
            (code.authority(), code.class(), code.division(), code.organisation_code()),
            ('9', '1', "350100", "M000100Y4")
        );
    }

    #[test]
    fn the_standards_misprint_is_refused_with_the_right_character() {
        assert_eq!(CreditCode::parse("91350100M000100Y4Z"), Err(CreditCodeError::Character(18)));
        assert_eq!(CreditCode::parse("91350100M000100Y44"), Err(CreditCodeError::CheckCharacter { expected: '3' }));
        assert_eq!(CreditCode::parse("91350100M000100Y"), Err(CreditCodeError::Length(16)));
        assert_eq!(CreditCode::parse("9135O100M000100Y43"), Err(CreditCodeError::Character(5)));
        assert_eq!(CreditCode::parse("91A50100M000100Y43"), Err(CreditCodeError::Division));
    }

    #[test]
    fn a_wrong_inner_check_is_only_told() {
        let body = "91350100M000100Y5";
        let code = format!("{body}{}", check_character(body));
        assert_eq!(CreditCode::parse(&code).expect("the outer check fits").inner_check_expected(), Some('4'));
    }

    #[test]
    fn organisation_codes_stand_alone_too() {
        for code in ["D2143569X", "M000100Y4", "71526726X", "802100433", "D2143569-X"] {
            assert!(parse_organisation_code(code).is_ok(), "{code}");
        }
        assert_eq!(parse_organisation_code("D21435691"), Err(Some('X')));
        assert_eq!(parse_organisation_code("D2143"), Err(None));
    }

    #[test]
    fn classes_are_those_of_their_authority() {
        let known = |start: &str| {
            let body = format!("{start}100000MA000001X");
            let body = body.get(..17).expect("17 characters");
            CreditCode::parse(&format!("{body}{}", check_character(body))).expect(start).class_is_known()
        };
        for start in ["11", "12", "13", "19", "21", "35", "53", "72", "81", "91", "92", "93", "A1", "N3", "Y1"] {
            assert!(known(start), "{start}");
        }
        for start in ["14", "22", "37", "54", "63", "95", "A2", "N5", "Y2", "B1"] {
            assert!(!known(start), "{start}");
        }
    }

    #[test]
    fn one_wrong_character_is_repaired() {
        let right = "91350100M000100Y43";
        for wrong in [
            "91350100M000100Y44",
            "9135O100M000100Y43",
            "91350100M000010Y43",
            "91530100M000100Y43",
            "91350100m000100y33",
        ] {
            assert!(CreditCode::parse(wrong).is_err(), "{wrong}");
            assert!(CreditCode::repairs(wrong).iter().any(|code| code.as_str() == right), "{wrong}");
        }
        assert!(CreditCode::repairs(right).is_empty() && CreditCode::repairs("91350100").is_empty());
    }
}
