//! The byte format of stored rows: the only file (with `codec/`) that knows it.
//!
//! ```text
//! row    [format u8 = 1][key slot u8 = 0][stamp i64 big-endian, written by the store][bincode of the row's type]
//! ```
//! The body is bincode (standard configuration: varint, little endian) of types that derive `Encode`/`Decode`; values,
//! days and instants have hand-written forms in `codec/` that are smaller. `codec/order.rs` writes parts of keys so that
//! bytewise order is the order of the values. A reader of format 1 refuses every other format by name.

mod compact;
mod order;

pub use order::{key_part, key_part_width};

use bincode::{Decode, Encode};
use xxhash_rust::xxh3::xxh3_64;

use super::{Fields, Instant};

/// The format written.
pub const FORMAT: u8 = 1;
/// How a sealed row begins in place of a format.
const SEALED: u8 = 0xE5;
/// Bytes before the body of a row: format, key slot, stamp.
pub const HEADER_BYTES: usize = 10;
/// Most bytes a decoder allocates for one row; a longer claim in a row is damage.
const DECODED_BYTES_MAX: usize = 64 << 20;

/// A row or value that cannot be encoded or decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum CodecError {
    /// Shorter than a header.
    #[error("a row of {bytes} bytes is shorter than its header")]
    Short { bytes: usize },
    /// Written by a newer program.
    #[error("the row has format {format}; this program reads format {FORMAT}: use the newer program that wrote it")]
    NewerFormat { format: u8 },
    /// Sealed, and read without its key.
    #[error("the row is sealed and was read without its key (slot {slot}): are the keys of records there?")]
    Sealed { slot: u8 },
    /// The bytes are not what the type says.
    #[error("the row is damaged: {reason}")]
    Damaged { reason: String },
    /// A value that may not be part of a key.
    #[error("{reason}")]
    NoKey { reason: &'static str },
}

fn configuration() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<DECODED_BYTES_MAX>()
}

/// Encodes a row with its header; the stamp is zero until the store writes the commit time over it.
///
/// Cost: one allocation, one pass.
#[must_use]
pub fn encode_row<T: Encode>(row: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&[FORMAT, 0]);
    bytes.extend_from_slice(&0_i64.to_be_bytes());
    encode_into(row, &mut bytes);
    bytes
}

/// Decodes a row and gives its stamp. `Instant::PENDING` in the row still stands for the stamp.
///
/// # Errors
/// [`CodecError`]: a newer format, a sealed row, or damage; nothing is guessed.
pub fn decode_row<T: Decode<()>>(bytes: &[u8]) -> Result<(T, Instant), CodecError> {
    let (header, body) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(CodecError::Short { bytes: bytes.len() })?;
    let [format, slot, stamp @ ..] = *header;
    if slot != 0 || format == SEALED {
        return Err(CodecError::Sealed { slot });
    }
    if format != FORMAT {
        return Err(CodecError::NewerFormat { format });
    }
    Ok((decode(body)?, Instant(i64::from_be_bytes(stamp))))
}

/// Encodes without a header (bodies of events, parts of other rows).
#[must_use]
pub fn encode<T: Encode>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    encode_into(value, &mut bytes);
    bytes
}

/// Decodes what [`encode`] wrote.
///
/// # Errors
/// [`CodecError::Damaged`], also for bytes left over.
pub fn decode<T: Decode<()>>(bytes: &[u8]) -> Result<T, CodecError> {
    let damaged = |reason: String| CodecError::Damaged { reason };
    let (value, read) = bincode::decode_from_slice(bytes, configuration()).map_err(|e| damaged(e.to_string()))?;
    if read != bytes.len() {
        return Err(damaged(format!("{} bytes are left over", bytes.len() - read)));
    }
    Ok(value)
}

/// A digest of what is said: equal fields have equal digests on every node and in every run of this format.
#[must_use]
pub fn digest(fields: &Fields) -> u64 {
    xxh3_64(&encode(fields))
}

/// Writes to memory, where none of the stored types has a reason to fail.
struct Sink<'a>(&'a mut Vec<u8>);

impl bincode::enc::write::Writer for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), bincode::error::EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "only cells, locks and system times encode fallibly; no stored type holds one")]
fn encode_into<T: Encode>(value: &T, bytes: &mut Vec<u8>) {
    bincode::encode_into_writer(value, Sink(bytes), configuration()).expect("stored types encode into memory");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Basis, BatchId, Claim, Head, Version};
    use crate::value::{Day, PartialDate, Span, Value};

    fn person() -> Fields {
        let code = |t: &str| Value::Code(t.into());
        [
            (1, code("11010519491231002X")),
            (2, Value::Text("杜子美".into())),
            (3, code("1")),
            (4, code("01")),
            (5, Value::Date(PartialDate::parse("1949-12-31").expect("a date"))),
            (6, code("110105")),
            (7, code("510107")),
            (8, Value::Text("四川省成都市武侯区浆洗街道".into())),
            (9, code("510107001234")),
            (10, code("20")),
            (11, code("10")),
            (12, code("1")),
        ]
        .into_iter()
        .collect()
    }

    fn head(fields: Fields) -> Head {
        let valid = Span { from: Day(11_016), to: Day::MAX };
        let recorded = Span { from: Instant::PENDING, to: Instant::MAX };
        Head {
            id: "0123456789abcdef0123456789abcdef".into(),
            counter: 1,
            next_claim: 2,
            next_version: 2,
            claims: vec![Claim {
                number: 1,
                source: "11100000000013338W".into(),
                batch: BatchId(0x0123_4567_89ab_cdef),
                valid,
                recorded,
                source_time: None,
                fields,
            }],
            versions: vec![Version { number: 1, valid, recorded, basis: Basis::Claim(1), disputed: vec![] }],
        }
    }

    #[test]
    fn a_person_of_twelve_fields_takes_at_most_two_hundred_bytes() {
        let row = encode_row(&head(person()));
        assert!(row.len() <= 200, "{} bytes", row.len());
    }

    #[test]
    fn a_row_comes_back_with_its_stamp() {
        let mut row = encode_row(&head(person()));
        row[2..10].copy_from_slice(&77_i64.to_be_bytes());
        let (back, stamp) = decode_row::<Head>(&row).expect("a row");
        assert_eq!((back, stamp), (head(person()), Instant(77)));
    }

    #[test]
    fn damage_and_the_future_are_refused_by_name() {
        let good = encode_row(&head(person()));
        let mut newer = good.clone();
        newer[0] = 2;
        assert_eq!(decode_row::<Head>(&newer), Err(CodecError::NewerFormat { format: 2 }));
        let mut sealed = good.clone();
        sealed[1] = 3;
        assert_eq!(decode_row::<Head>(&sealed), Err(CodecError::Sealed { slot: 3 }));
        assert_eq!(decode_row::<Head>(&good[..9]), Err(CodecError::Short { bytes: 9 }));
        for cut in HEADER_BYTES..good.len() {
            assert!(decode_row::<Head>(&good[..cut]).is_err(), "cut at {cut}");
        }
        let mut longer = good;
        longer.push(0);
        assert!(decode_row::<Head>(&longer).is_err());
    }

    #[test]
    fn the_digest_is_fixed_by_what_is_said() {
        assert_eq!(digest(&person()), digest(&person()));
        let mut other = person();
        other.set(12, Value::Null);
        assert_ne!(digest(&person()), digest(&other));
    }
}
