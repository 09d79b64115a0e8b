//! Numbers of filters: exact while they can be, floating where a division or a power leaves the decimals.

use std::cmp::Ordering;

use crate::filter::computed::Arithmetic;
use crate::value::Decimal;

/// Most decimals of an exact quotient.
const QUOTIENT_SCALE_MAX: u8 = 18;
/// Largest exponent that is multiplied out.
const POWER_MAX: u32 = 64;

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::filter) enum Number {
    /// Exactly this.
    Exact(Decimal),
    /// About this.
    Float(f64),
}

impl Number {
    fn float(self) -> f64 {
        match self {
            Self::Exact(decimal) => decimal.to_f64(),
            Self::Float(float) => float,
        }
    }

    fn finite(float: f64) -> Option<Self> {
        float.is_finite().then_some(Self::Float(float))
    }

    /// The order of both; `None` where one is no number.
    pub(super) fn compared(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => Some(a.cmp(&b)),
            (a, b) => a.float().partial_cmp(&b.float()),
        }
    }

    /// `self op other`; `None` for a division by zero or beyond all bounds.
    pub(in crate::filter) fn joined(self, op: Arithmetic, other: Self) -> Option<Self> {
        if let (Self::Exact(a), Self::Exact(b)) = (self, other)
            && let Some(exact) = exactly(a, op, b)
        {
            return Some(Self::Exact(exact));
        }
        let (a, b) = (self.float(), other.float());
        if b == 0.0 && matches!(op, Arithmetic::Over | Arithmetic::WholeOver | Arithmetic::Modulo) {
            return None;
        }
        Self::finite(match op {
            Arithmetic::Plus => a + b,
            Arithmetic::Minus => a - b,
            Arithmetic::Times => a * b,
            Arithmetic::Over => a / b,
            Arithmetic::WholeOver => (a / b).trunc(),
            Arithmetic::Modulo => a % b,
            Arithmetic::Power => a.powf(b),
        })
    }

    pub(super) fn negated(self) -> Option<Self> {
        Some(match self {
            Self::Exact(decimal) => Self::Exact(Decimal::new(decimal.mantissa().checked_neg()?, decimal.scale())?),
            Self::Float(float) => Self::Float(-float),
        })
    }

    pub(super) fn absolute(self) -> Option<Self> {
        Some(match self {
            Self::Exact(decimal) => Self::Exact(Decimal::new(decimal.mantissa().checked_abs()?, decimal.scale())?),
            Self::Float(float) => Self::Float(float.abs()),
        })
    }

    pub(super) fn floor(self) -> Option<Self> {
        Some(match self {
            Self::Exact(decimal) => {
                let unit = 10_i128.checked_pow(u32::from(decimal.scale()))?;
                Self::Exact(Decimal::new(decimal.mantissa().div_euclid(unit), 0)?)
            }
            Self::Float(float) => Self::Float(float.floor()),
        })
    }

    pub(super) fn rounded(self) -> Option<Self> {
        Some(match self {
            Self::Exact(decimal) => {
                let unit = 10_i128.checked_pow(u32::from(decimal.scale()))?;
                let (whole, rest) = (decimal.mantissa() / unit, decimal.mantissa() % unit);
                let away = if rest.checked_abs()?.checked_mul(2)? >= unit { rest.signum() } else { 0 };
                Self::Exact(Decimal::new(whole.checked_add(away)?, 0)?)
            }
            Self::Float(float) => Self::Float(float.round()),
        })
    }
}

/// The exact result; `None` where there is none that a decimal can hold.
fn exactly(a: Decimal, op: Arithmetic, b: Decimal) -> Option<Decimal> {
    let aligned = || {
        let scale = a.scale().max(b.scale());
        let lifted = |d: Decimal| d.mantissa().checked_mul(10_i128.checked_pow(u32::from(scale - d.scale()))?);
        Some((lifted(a)?, lifted(b)?, scale))
    };
    match op {
        Arithmetic::Plus => {
            let (a, b, scale) = aligned()?;
            Decimal::new(a.checked_add(b)?, scale)
        }
        Arithmetic::Minus => {
            let (a, b, scale) = aligned()?;
            Decimal::new(a.checked_sub(b)?, scale)
        }
        Arithmetic::Times => Decimal::new(a.mantissa().checked_mul(b.mantissa())?, a.scale().checked_add(b.scale())?),
        Arithmetic::Over => {
            let (a, b, _) = aligned()?;
            (0..=QUOTIENT_SCALE_MAX).find_map(|scale| {
                let lifted = a.checked_mul(10_i128.checked_pow(u32::from(scale))?)?;
                if lifted.checked_rem(b)? == 0 { Decimal::new(lifted.checked_div(b)?, scale) } else { None }
            })
        }
        Arithmetic::WholeOver => {
            let (a, b, _) = aligned()?;
            Decimal::new(a.checked_div(b)?, 0)
        }
        Arithmetic::Modulo => {
            let (a, b, scale) = aligned()?;
            Decimal::new(a.checked_rem(b)?, scale)
        }
        Arithmetic::Power => {
            let exponent = u32::try_from(b.normalised().mantissa()).ok().filter(|_| b.normalised().scale() == 0)?;
            let whole = a.normalised();
            if exponent > POWER_MAX || whole.scale() != 0 {
                return None;
            }
            Decimal::new(whole.mantissa().checked_pow(exponent)?, 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Number {
        Number::Exact(text.parse().expect(text))
    }

    #[test]
    fn decimals_stay_exact_while_they_can() {
        for (a, op, b, result) in [
            ("0.1", Arithmetic::Plus, "0.2", Some("0.3")),
            ("1", Arithmetic::Over, "8", Some("0.125")),
            ("7", Arithmetic::WholeOver, "-2", Some("-3")),
            ("7", Arithmetic::Modulo, "4", Some("3")),
            ("-2", Arithmetic::Power, "3", Some("-8")),
            ("2", Arithmetic::Power, "0", Some("1")),
            ("1", Arithmetic::Over, "0", None),
        ] {
            let joined = exact(a).joined(op, exact(b));
            match (joined, result) {
                (Some(joined), Some(result)) => {
                    assert_eq!(joined.compared(exact(result)), Some(Ordering::Equal), "{a} {op:?} {b}");
                }
                (joined, result) => assert_eq!(joined.is_some(), result.is_some(), "{a} {op:?} {b}: {joined:?}"),
            }
        }
        assert!(matches!(exact("1").joined(Arithmetic::Over, exact("3")), Some(Number::Float(_))));
        assert!(exact("10").joined(Arithmetic::Power, exact("400")).is_none());
        assert_eq!(exact("-2.5").floor().and_then(|n| n.compared(exact("-3"))), Some(Ordering::Equal));
        assert_eq!(exact("-2.5").rounded().and_then(|n| n.compared(exact("-3"))), Some(Ordering::Equal));
    }
}
