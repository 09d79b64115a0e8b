//! Exact numbers: what is recomputed elsewhere comes out the same, to the last digit.

use num_rational::Ratio;

/// A fraction of whole numbers.
pub type Exact = Ratio<i128>;

/// Most digits after the point of a number that a person writes.
const PLACES_MAX: u32 = 9;
/// Largest whole part of such a number.
const WHOLE_MAX: i128 = 1_000_000_000_000;

/// Reads a decimal number such as `0.95`, `-3`, `1000`; `None` beyond 9 places or a million millions.
#[must_use]
pub fn decimal(text: &str) -> Option<Exact> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let places = u32::try_from(part.len()).ok().filter(|n| *n <= PLACES_MAX)?;
    if whole.is_empty() || whole.len() > 13 || !numeric(whole) || !numeric(part) || digits.ends_with('.') {
        return None;
    }
    let scale = 10_i128.pow(places);
    let whole: i128 = whole.parse().ok().filter(|n| *n <= WHOLE_MAX)?;
    let part: i128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    Some(Ratio::new(sign * (whole * scale + part), scale))
}

/// `value` times 10 to the `places`, rounded half away from zero; `None` if it is too large.
#[must_use]
pub fn rounded(value: Exact, places: u32) -> Option<i128> {
    let scaled = value.numer().checked_mul(10_i128.checked_pow(places)?)?;
    let (whole, rest) = (scaled / value.denom(), (scaled % value.denom()).unsigned_abs());
    let up = rest.checked_mul(2)? >= value.denom().unsigned_abs();
    Some(if up { whole + scaled.signum() } else { whole })
}

/// `value` as a decimal with four places.
#[must_use]
pub fn shown(value: Exact) -> Option<String> {
    let scaled = rounded(value, 4)?;
    let sign = if scaled < 0 { "-" } else { "" };
    let size = scaled.unsigned_abs();
    Some(format!("{sign}{}.{:04}", size / 10_000, size % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_and_rounded_half_away_from_zero() {
        let read = |text: &str| decimal(text).and_then(shown);
        for (text, told) in [
            ("0.95", Some("0.9500")),
            ("-3", Some("-3.0000")),
            ("0.00005", Some("0.0001")),
            ("-0.00005", Some("-0.0001")),
            ("0.00004", Some("0.0000")),
            ("1000000000000", Some("1000000000000.0000")),
            ("1000000000001", None),
            ("1.", None),
            (".5", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(read(text).as_deref(), told, "{text}");
        }
        assert_eq!(shown(Ratio::new(2, 3)).as_deref(), Some("0.6667"));
    }
}
