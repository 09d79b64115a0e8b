//! Parts of keys: bytewise order is the order of the values.
//!
//! Text and codes end with a zero byte, everything else has a fixed width:
//! integers and timestamps 8 bytes, booleans 1, dates 5 (first day, precision), periods 9 (first day, last day, frequency).

use super::CodecError;
use crate::value::{Day, FieldType, Frequency, Precision, Value};

/// Appends `value` to a key.
///
/// # Errors
/// [`CodecError::NoKey`] for kinds that have no bytewise order here (decimals, geometries, lists …), for text
/// with a zero byte and for days beyond ±5.8 million years.
pub fn key_part(value: &Value, key: &mut Vec<u8>) -> Result<(), CodecError> {
    match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => {
            if text.as_bytes().contains(&0) {
                return Err(CodecError::NoKey { reason: "a key's text may not hold a zero byte" });
            }
            key.extend_from_slice(text.as_bytes());
            key.push(0);
        }
        Value::Integer(number) => key.extend_from_slice(&signed(*number)),
        Value::Timestamp(at) => key.extend_from_slice(&signed(at.0)),
        Value::Boolean(yes) => key.push(u8::from(*yes)),
        Value::Date(date) => {
            key.extend_from_slice(&day(date.span().from)?);
            key.push(match date.precision() {
                Precision::Day => 0,
                Precision::Month => 1,
                Precision::Year => 2,
            });
        }
        Value::Period(period) => {
            let span = period.span();
            key.extend_from_slice(&day(span.from)?);
            key.extend_from_slice(&day(span.to)?);
            key.push(match period.frequency() {
                Frequency::A => 0,
                Frequency::H => 1,
                Frequency::Q => 2,
                Frequency::M => 3,
                Frequency::W => 4,
                Frequency::D => 5,
            });
        }
        _ => return Err(CodecError::NoKey { reason: "a value of this type cannot be part of a key" }),
    }
    Ok(())
}

/// Bytes of a part of this type; `None` where the width is not fixed or the type cannot be part of a key.
#[must_use]
pub fn key_part_width(kind: FieldType) -> Option<usize> {
    match kind {
        FieldType::Integer | FieldType::Timestamp => Some(8),
        FieldType::Boolean => Some(1),
        FieldType::Date => Some(5),
        FieldType::Period => Some(9),
        _ => None,
    }
}

fn signed(number: i64) -> [u8; 8] {
    (number.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn day(day: Day) -> Result<[u8; 4], CodecError> {
    let number = i32::try_from(day.0).map_err(|_| CodecError::NoKey { reason: "the day does not fit into a key" })?;
    Ok((number.cast_unsigned() ^ (1 << 31)).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{PartialDate, Period};
    use proptest::prelude::*;

    fn key(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        key_part(value, &mut bytes).expect("a key part");
        bytes
    }

    proptest! {
        #[test]
        fn integers_keep_their_order(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(key(&Value::Integer(a)).cmp(&key(&Value::Integer(b))), a.cmp(&b));
        }
        #[test]
        fn texts_keep_their_order_even_as_prefixes(a in "[a-c]{0,3}", b in "[a-c]{0,3}") {
            let (ka, kb) = (key(&Value::Text(a.clone())), key(&Value::Text(b.clone())));
            prop_assert_eq!(ka.cmp(&kb), a.cmp(&b));
            prop_assert!(ka == kb || !kb.starts_with(&ka));
        }
        #[test]
        fn days_keep_their_order(a in -3_000_000..3_000_000_i64, b in -3_000_000..3_000_000_i64) {
            let of = |n| Value::Date(PartialDate::of(Day(n)).expect("a date"));
            prop_assert_eq!(key(&of(a)).cmp(&key(&of(b))), a.cmp(&b));
        }
    }

    #[test]
    fn periods_keep_their_order_and_width() {
        let of = |t: &str| key(&Value::Period(Period::parse(t).expect("a period")));
        let names = ["2019", "2020-01", "2020-Q1", "2020", "2020-02", "2020-Q2"];
        for pair in names.windows(2) {
            assert!(of(pair[0]) < of(pair[1]), "{pair:?}");
            assert_eq!(Some(of(pair[0]).len()), key_part_width(FieldType::Period));
        }
        assert!(key_part(&Value::Null, &mut Vec::new()).is_err());
        assert!(key_part(&Value::Text("a\0".into()), &mut Vec::new()).is_err());
    }
}
