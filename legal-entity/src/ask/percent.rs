//! Shares of shares, exact: percent of percent, added over all ways.

use foundation::value::Decimal;

/// `a` % of `b` %, in %. `None` if it takes more digits than a decimal holds.
pub(super) fn of(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalised(), b.normalised());
    let mantissa = a.mantissa().checked_mul(b.mantissa())?;
    // Both are in hundredths: two more decimal places divide by 100.
    Decimal::new(mantissa, a.scale().checked_add(b.scale())?.checked_add(2)?).map(Decimal::normalised)
}

/// `a` + `b`, in %.
pub(super) fn sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_add(b).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_a_share_is_exact() {
        let d = |text: &str| text.parse::<Decimal>().expect("a decimal");
        assert_eq!(of(d("51"), d("33.3333")), Some(d("16.999983")));
        assert_eq!(of(d("100"), d("12.5")), Some(d("12.5")));
        assert_eq!(sum(d("0.1"), d("0.2")), Some(d("0.3")));
    }
}
