//! The small forms of values, fields, days and instants.
//!
//! ```text
//! value   one byte, then what it announces:
//!   0x00 null            0x01 false           0x02 true            0x03 text (long)   0x04 code (long)
//!   0x05 integer         0x06 decimal         0x07 measure         0x08 date          0x09 era
//!   0x0a period          0x0b timestamp       0x0c geometry        0x0d media         0x0e link
//!   0x0f party           0x10 list            0x11 texts
//!   0x40 + n  code of n bytes (n < 64)
//!   0x80 + n  code of n characters of `0123456789X-./`, two to a byte (n < 64)
//!   0xc0 + n  text of n bytes (n < 64)
//! fields  count, then (number, value) in the order of the numbers
//! day     0 = ∞, 1 = −∞, else zigzag + 2, as a varint; instants alike (PENDING where days have −∞)
//! ```

use bincode::de::{BorrowDecoder, Decoder, read::Reader};
use bincode::enc::{Encoder, write::Writer};
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Decode, Encode};

use crate::value::{Day, Fields, Instant, Value};

const LONG_TEXT: u8 = 0x03;
const LONG_CODE: u8 = 0x04;
const SHORT_CODE: u8 = 0x40;
const PACKED_CODE: u8 = 0x80;
const SHORT_TEXT: u8 = 0xc0;
const SHORT_MAX: usize = 63;
/// The characters of a packed code; a nibble is a place in it.
const PACKED: &[u8; 14] = b"0123456789X-./";

/// Short strings: the length sits in the tag.
fn short(text: &str, tag: u8) -> Option<u8> {
    u8::try_from(text.len()).ok().filter(|n| usize::from(*n) <= SHORT_MAX).map(|n| tag | n)
}

fn packed(code: &str) -> Option<([u8; 32], usize)> {
    let mut nibbles = [0_u8; 32];
    for (at, byte) in code.bytes().enumerate() {
        let place = u8::try_from(PACKED.iter().position(|p| *p == byte)?).ok()?;
        let slot = nibbles.get_mut(at / 2)?;
        *slot |= if at.is_multiple_of(2) { place << 4 } else { place };
    }
    Some((nibbles, code.len().div_ceil(2)))
}

fn unpacked<D: Decoder>(length: usize, decoder: &mut D) -> Result<String, DecodeError> {
    let mut bytes = [0_u8; 32];
    let bytes = bytes.get_mut(..length.div_ceil(2)).unwrap_or_default();
    decoder.claim_bytes_read(length)?;
    decoder.reader().read(bytes)?;
    let nibble = |at: usize| bytes.get(at / 2).map(|b| if at.is_multiple_of(2) { b >> 4 } else { b & 0x0f });
    (0..length)
        .map(|at| nibble(at).and_then(|n| PACKED.get(usize::from(n))).map(|b| char::from(*b)))
        .collect::<Option<String>>()
        .ok_or(DecodeError::Other("a packed code holds no character 14 or 15"))
}

fn string<D: Decoder>(length: usize, decoder: &mut D) -> Result<String, DecodeError> {
    decoder.claim_bytes_read(length)?;
    let mut bytes = vec![0; length];
    decoder.reader().read(&mut bytes)?;
    String::from_utf8(bytes).map_err(|e| DecodeError::Utf8 { inner: e.utf8_error() })
}

impl Encode for Value {
    fn encode<E: Encoder>(&self, to: &mut E) -> Result<(), EncodeError> {
        match self {
            Self::Null => 0_u8.encode(to),
            Self::Boolean(yes) => (1 + u8::from(*yes)).encode(to),
            Self::Text(text) => match short(text, SHORT_TEXT) {
                Some(tag) => {
                    tag.encode(to)?;
                    to.writer().write(text.as_bytes())
                }
                None => (LONG_TEXT, text).encode(to),
            },
            Self::Code(code) => match (short(code, PACKED_CODE), packed(code), short(code, SHORT_CODE)) {
                (Some(tag), Some((nibbles, length)), _) => {
                    tag.encode(to)?;
                    to.writer().write(nibbles.get(..length).unwrap_or_default())
                }
                (_, _, Some(tag)) => {
                    tag.encode(to)?;
                    to.writer().write(code.as_bytes())
                }
                _ => (LONG_CODE, code).encode(to),
            },
            Self::Integer(number) => (0x05_u8, number).encode(to),
            Self::Decimal(number) => (0x06_u8, number).encode(to),
            Self::Measure(number, unit) => (0x07_u8, number, unit).encode(to),
            Self::Date(date) => (0x08_u8, date).encode(to),
            Self::Era(era) => (0x09_u8, era).encode(to),
            Self::Period(period) => (0x0a_u8, period).encode(to),
            Self::Timestamp(at) => (0x0b_u8, at).encode(to),
            Self::Geometry(shape) => (0x0c_u8, shape).encode(to),
            Self::Media(media) => (0x0d_u8, media).encode(to),
            Self::Link(id) => (0x0e_u8, id).encode(to),
            Self::Party(party) => (0x0f_u8, party).encode(to),
            Self::List(members) => (0x10_u8, members).encode(to),
            Self::Texts(texts) => (0x11_u8, texts).encode(to),
        }
    }
}

impl<C> Decode<C> for Value {
    fn decode<D: Decoder<Context = C>>(from: &mut D) -> Result<Self, DecodeError> {
        let tag = u8::decode(from)?;
        if tag != 0x10 {
            return scalar(tag, from);
        }
        // A list holds scalars: damaged bytes cannot make this recurse.
        let count = usize::decode(from)?;
        from.claim_container_read::<Value>(count)?;
        let mut members = Vec::with_capacity(count.min(1_024));
        for _ in 0..count {
            from.unclaim_bytes_read(size_of::<Value>());
            let tag = u8::decode(from)?;
            members.push(scalar(tag, from)?);
        }
        Ok(Self::List(members))
    }
}

fn scalar<D: Decoder>(tag: u8, from: &mut D) -> Result<Value, DecodeError> {
    let length = usize::from(tag) & SHORT_MAX;
    Ok(match tag {
        0x00 => Value::Null,
        0x01 => Value::Boolean(false),
        0x02 => Value::Boolean(true),
        LONG_TEXT => Value::Text(Decode::decode(from)?),
        LONG_CODE => Value::Code(Decode::decode(from)?),
        0x05 => Value::Integer(Decode::decode(from)?),
        0x06 => Value::Decimal(Decode::decode(from)?),
        0x07 => Value::Measure(Decode::decode(from)?, Decode::decode(from)?),
        0x08 => Value::Date(Decode::decode(from)?),
        0x09 => Value::Era(Decode::decode(from)?),
        0x0a => Value::Period(Decode::decode(from)?),
        0x0b => Value::Timestamp(Decode::decode(from)?),
        0x0c => Value::Geometry(Decode::decode(from)?),
        0x0d => Value::Media(Decode::decode(from)?),
        0x0e => Value::Link(Decode::decode(from)?),
        0x0f => Value::Party(Decode::decode(from)?),
        0x11 => Value::Texts(Decode::decode(from)?),
        0x40..=0x7f => Value::Code(string(length, from)?),
        0x80..=0xbf => Value::Code(unpacked(length, from)?),
        0xc0.. => Value::Text(string(length, from)?),
        _ => return Err(DecodeError::Other("a value of a kind this program does not know")),
    })
}

impl Encode for Fields {
    fn encode<E: Encoder>(&self, to: &mut E) -> Result<(), EncodeError> {
        self.0.len().encode(to)?;
        self.0.iter().try_for_each(|field| field.encode(to))
    }
}

impl<C> Decode<C> for Fields {
    fn decode<D: Decoder<Context = C>>(from: &mut D) -> Result<Self, DecodeError> {
        let count = usize::decode(from)?;
        if count > usize::from(u16::MAX) + 1 {
            return Err(DecodeError::Other("more fields than there are field numbers"));
        }
        let mut fields: Vec<(u16, Value)> = Vec::with_capacity(count.min(256));
        for _ in 0..count {
            let number = u16::decode(from)?;
            if fields.last().is_some_and(|(last, _)| *last >= number) {
                return Err(DecodeError::Other("field numbers are not in order"));
            }
            fields.push((number, Value::decode(from)?));
        }
        Ok(Self(fields))
    }
}

/// ∞ = 0, −∞ = 1, everything else zigzag + 2; one to one on all of i64.
fn folded(number: i64) -> u64 {
    match number {
        i64::MAX => 0,
        i64::MIN => 1,
        n => ((n << 1) ^ (n >> 63)).cast_unsigned() + 2,
    }
}

fn unfolded(folded: u64) -> i64 {
    match folded {
        0 => i64::MAX,
        1 => i64::MIN,
        n => ((n - 2) >> 1).cast_signed() ^ -((n - 2) & 1).cast_signed(),
    }
}

macro_rules! folded_number {
    ($name:ident) => {
        impl Encode for $name {
            fn encode<E: Encoder>(&self, to: &mut E) -> Result<(), EncodeError> {
                folded(self.0).encode(to)
            }
        }
        impl<C> Decode<C> for $name {
            fn decode<D: Decoder<Context = C>>(from: &mut D) -> Result<Self, DecodeError> {
                u64::decode(from).map(|n| Self(unfolded(n)))
            }
        }
    };
}
folded_number!(Day);
folded_number!(Instant);

macro_rules! borrow_by_decoding {
    ($($name:ident),*) => {$(
        impl<'de, C> BorrowDecode<'de, C> for $name {
            fn borrow_decode<D: BorrowDecoder<'de, Context = C>>(from: &mut D) -> Result<Self, DecodeError> {
                Decode::decode(from)
            }
        }
    )*};
}
borrow_by_decoding!(Value, Fields, Day, Instant);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::codec::{decode, encode};
    use crate::value::{Decimal, Era, Media, PartialDate, Party, Period, Shape};
    use proptest::prelude::*;

    fn scalars() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            ".{0,80}".prop_map(Value::Text),
            "[0-9X./-]{0,70}".prop_map(Value::Code),
            "[0-9A-Z]{0,70}".prop_map(Value::Code),
            any::<i64>().prop_map(Value::Integer),
            (any::<i128>(), 0..=28_u8).prop_map(|(m, s)| Value::Decimal(Decimal::new(m, s).expect("in scale"))),
            (any::<i64>(), "[a-z]{1,3}").prop_map(|(m, u)| Value::Measure(m.into(), u)),
            (-5000..5000_i32, 0..=12_u8).prop_map(|(y, m)| Value::Date(PartialDate::new(y, m, 0).expect("a date"))),
            Just(Value::Era(Era::parse("0618/0907").expect("an era"))),
            Just(Value::Period(Period::parse("2020-Q3").expect("a period"))),
            any::<i64>().prop_map(|t| Value::Timestamp(Instant(t))),
            (-180.0..180.0, -90.0..90.0).prop_map(|(x, y)| Value::Geometry(Shape::point(x, y).expect("in range"))),
            any::<u64>().prop_map(|size| Value::Media(Media {
                reference: "a/b.jpg".into(),
                media_type: "image/jpeg".into(),
                size,
                sha256: "00".into()
            })),
            ".{0,40}".prop_map(Value::Link),
            ".{0,40}".prop_map(|name| Value::Party(Party { name: Some(name), ..Party::default() })),
            Just(Value::Texts(vec![("en".into(), "Du Fu".into()), ("zh".into(), "杜甫".into())])),
        ]
    }

    proptest! {
        #[test]
        fn fields_survive_the_round_trip(
            pairs in prop::collection::vec((any::<u16>(), scalars()), 0..8),
            list in prop::collection::vec(scalars(), 0..4),
        ) {
            let mut fields: Fields = pairs.into_iter().collect();
            fields.set(7, Value::List(list));
            prop_assert_eq!(decode::<Fields>(&encode(&fields)), Ok(fields));
        }

        #[test]
        fn damaged_bytes_give_errors_only(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode::<Fields>(&bytes);
        }

        #[test]
        fn days_fold_one_to_one(n in any::<i64>()) {
            prop_assert_eq!(unfolded(folded(n)), n);
        }
    }

    #[test]
    fn ends_take_one_byte_and_small_values_little() {
        for n in [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX] {
            assert_eq!(unfolded(folded(n)), n);
        }
        for (value, bytes) in [
            (Value::Null, 1),
            (Value::Code("11010519491231002X".into()), 10),
            (Value::Code("1".into()), 2),
            (Value::Text("杜甫".into()), 7),
            (Value::Integer(7), 2),
        ] {
            assert_eq!(encode(&value).len(), bytes, "{value:?}");
        }
        assert_eq!(encode(&Day::MAX).len(), 1);
    }

    #[test]
    fn a_list_in_a_list_is_damage() {
        assert!(decode::<Value>(&[0x10, 1, 0x10, 1, 0]).is_err());
    }
}
