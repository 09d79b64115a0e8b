//! Exact decimal numbers.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use bincode::{Decode, Encode};

/// The largest scale kept.
const SCALE_MAX: u8 = 28;

/// An exact decimal number: `mantissa × 10^-scale`.
///
/// Compared and hashed by value (`1.0 == 1.00`); written with the digits it was read with. A string in JSON.
#[derive(Debug, Clone, Copy, Encode, Decode)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Why a text is no [`Decimal`], or why a sum does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a number in decimal notation.
    #[error("`{0}` is not a decimal number (digits with an optional sign, point and exponent)")]
    NotANumber(String),
    /// More than 38 digits or more than 28 after the point.
    #[error("`{0}` does not fit: at most 38 digits, at most 28 of them after the point")]
    TooLong(String),
}

impl Decimal {
    /// `mantissa × 10^-scale`; `None` when `scale` is above 28.
    #[must_use]
    pub fn new(mantissa: i128, scale: u8) -> Option<Self> {
        (scale <= SCALE_MAX).then_some(Self { mantissa, scale })
    }
    /// The digits without the point.
    #[must_use]
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }
    /// Digits after the point.
    #[must_use]
    pub fn scale(self) -> u8 {
        self.scale
    }
    /// The nearest f64, for the index and for ranking only.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Parsing the text rounds correctly; dividing would round twice.
        self.to_string().parse().unwrap_or(f64::NAN)
    }
    /// The exact sum.
    /// # Errors
    /// [`DecimalError::TooLong`] if it does not fit into 38 digits.
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        let scale = self.scale.max(other.scale);
        self.rescaled(scale)
            .zip(other.rescaled(scale))
            .and_then(|(a, b)| a.checked_add(b))
            .map(|mantissa| Self { mantissa, scale })
            .ok_or_else(|| DecimalError::TooLong(format!("{self} + {other}")))
    }
    fn rescaled(self, scale: u8) -> Option<i128> {
        self.mantissa.checked_mul(10_i128.checked_pow(u32::from(scale.checked_sub(self.scale)?))?)
    }
    /// Without trailing zeros after the point.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self { mantissa: i128::from(whole), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let wrong = || DecimalError::NotANumber(text.to_owned());
        let long = || DecimalError::TooLong(text.to_owned());
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent.parse::<i32>().map_err(|_| wrong())?),
            None => (text, 0),
        };
        let (negative, digits) = match body.as_bytes().first() {
            Some(b'-') => (true, body.get(1..).unwrap_or("")),
            Some(b'+') => (false, body.get(1..).unwrap_or("")),
            _ => (false, body),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return Err(wrong());
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa =
                mantissa.checked_mul(10).and_then(|m| m.checked_add(i128::from(digit - b'0'))).ok_or_else(long)?;
        }
        let mut scale = i32::try_from(fraction.len()).map_err(|_| long())?.checked_sub(exponent).ok_or_else(long)?;
        while scale < 0 {
            mantissa = mantissa.checked_mul(10).ok_or_else(long)?;
            scale += 1;
        }
        while scale > i32::from(SCALE_MAX) && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let scale = u8::try_from(scale).ok().filter(|s| *s <= SCALE_MAX).ok_or_else(long)?;
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let unit = 10_u128.pow(u32::from(self.scale));
        let digits = self.mantissa.unsigned_abs();
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = usize::from(self.scale))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.normalised(), other.normalised());
        let scale = a.scale.max(b.scale);
        match (a.rescaled(scale), b.rescaled(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // One does not fit at the finer scale: it is larger in magnitude than anything that does.
            (None, _) => a.mantissa.cmp(&0),
            (_, None) => 0.cmp(&b.mantissa),
        }
    }
}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl std::hash::Hash for Decimal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let n = self.normalised();
        (n.mantissa, n.scale).hash(state);
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_compares_and_adds_exactly() {
        let d = |t: &str| t.parse::<Decimal>().expect("a decimal");
        assert_eq!(d("19498039388042.6").to_string(), "19498039388042.6");
        assert_eq!(d("1.50"), d("1.5"));
        assert_eq!(d("1.5e3"), d("1500"));
        assert_eq!(d("-0.05").to_string(), "-0.05");
        assert_eq!(d("0.1").checked_add(d("0.2")), Ok(d("0.3")));
        assert!(d("-2") < d("0.0000001"));
        for wrong in ["", "-", "1,5", "0x1", "1e", "１"] {
            assert!(wrong.parse::<Decimal>().is_err(), "{wrong}");
        }
        assert!("1e99999999999".parse::<Decimal>().is_err());
        assert!("1e40".parse::<Decimal>().is_err());
    }
}
