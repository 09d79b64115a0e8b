//! Numbers of documents other than the citizen number: passports, permits, military papers, registers.

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// 居民身份证 and the permits built alike.
    CitizenId,
    /// 护照.
    Passport,
    /// 港澳居民来往内地通行证.
    HongKongMacaoPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 统一社会信用代码 (parties that are legal entities).
    CreditCode,
    /// Anything else.
    Other,
}

/// Why a text is no such document's number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Empty, too long or with characters no document uses.
    #[error("a document number has 3 to 40 letters, digits, Chinese characters, hyphens, slashes or brackets")]
    Form,
    /// Not of the kind's form.
    #[error("the number does not have the form of its kind: {0}")]
    Kind(&'static str),
    /// A citizen number that is wrong.
    #[error(transparent)]
    CitizenId(#[from] super::citizen_id::CitizenIdError),
    /// A credit code that is wrong.
    #[error(transparent)]
    CreditCode(#[from] super::credit_code::CreditCodeError),
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::CitizenId, Self::Passport, Self::HongKongMacaoPermit, Self::TaiwanPermit, Self::CreditCode, Self::Other];

    /// Name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CitizenId => "citizen-id",
            Self::Passport => "passport",
            Self::HongKongMacaoPermit => "hong-kong-macao-permit",
            Self::TaiwanPermit => "taiwan-permit",
            Self::CreditCode => "credit-code",
            Self::Other => "other",
        }
    }
    /// Reads a name of the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Reads a number of this kind, normalised: half width, no spaces, upper case.
    ///
    /// # Errors
    /// [`DocumentError`]; it never repeats the number.
    pub fn number(self, text: &str) -> Result<String, DocumentError> {
        let number = normalise(text)?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let after = |letters: &[char]| number.strip_prefix(letters).filter(|rest| digits(rest));
        match self {
            Self::CitizenId => Ok(super::citizen_id::CitizenId::parse(&number)?.into_string()),
            Self::CreditCode => Ok(super::credit_code::CreditCode::parse(&number)?.into_string()),
            Self::Passport
                if !(6..=12).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                Err(DocumentError::Kind("6 to 12 letters and digits"))
            }
            Self::HongKongMacaoPermit if !after(&['H', 'M']).is_some_and(|rest| matches!(rest.len(), 8 | 10)) => {
                Err(DocumentError::Kind("H or M and 8 or 10 digits"))
            }
            Self::TaiwanPermit if !(digits(&number) && matches!(number.len(), 8 | 10)) => {
                Err(DocumentError::Kind("8 or 10 digits"))
            }
            _ => Ok(number),
        }
    }
}

/// A document number of whatever kind: half width, no spaces, upper case.
///
/// # Errors
/// [`DocumentError::Form`].
pub fn normalise(text: &str) -> Result<String, DocumentError> {
    let number: String =
        super::parse::half_width(text).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '(' | ')' | '.');
    let length = number.chars().count();
    if (3..=40).contains(&length) && number.chars().all(fits) { Ok(number) } else { Err(DocumentError::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_normalised_and_checked_by_kind() {
        for (kind, text, number) in [
            (DocumentKind::Passport, "e 12345678", "E12345678"),
            (DocumentKind::HongKongMacaoPermit, "Ｈ12345678", "H12345678"),
            (DocumentKind::TaiwanPermit, "12345678", "12345678"),
            (DocumentKind::CitizenId, "11010519491231002x", "11010519491231002X"),
            (DocumentKind::Other, "军字第1234567号", "军字第1234567号"),
        ] {
            assert_eq!(kind.number(text).as_deref(), Ok(number));
            assert_eq!(DocumentKind::parse(kind.as_str()), Some(kind));
        }
        for (kind, text) in [
            (DocumentKind::Passport, "护照12345678"),
            (DocumentKind::HongKongMacaoPermit, "H1234567"),
            (DocumentKind::TaiwanPermit, "1234567X"),
            (DocumentKind::Other, "a"),
            (DocumentKind::Other, "a\u{0}b"),
        ] {
            assert!(kind.number(text).is_err(), "{text}");
        }
    }
}
