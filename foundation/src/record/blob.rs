//! Large values: kept once by content, in pieces, beside the records that refer to them.
//!
//! A geometry or text whose encoding is over 16 KiB is replaced in the head or history row by a reference; the
//! pieces are written before the commit that refers to them. Equal values share their pieces; those of records that are
//! sealed do not, for what is erased with one record must not be another's.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::meta;
use super::{Claim, RecordError, RecordKey};
use crate::store::{Key, Put, Snapshot};
use crate::value::{Fields, Media, Value, codec};

/// Largest encoding kept in a row, bytes.
const INLINE_MAX: usize = 16 * 1024;
/// Bytes of a piece.
const PIECE_BYTES: usize = 60 * 1024;
/// The media type that marks a reference; no import can give it, for it is none.
const MARK: &str = "\u{0}blob";
/// The same, of a value that one record alone refers to.
const OWN_MARK: &str = "\u{0}own blob";

/// Takes the large values out of `fields`; gives the pieces to write before the commit. `owner`: the record, if its values
/// are not shared.
pub(crate) fn take_out(fields: &mut Fields, owner: Option<&RecordKey>, pieces: &mut BTreeMap<Key, Put>) {
    let large: Vec<u16> = fields.iter().filter(|(_, v)| is_large(v)).map(|(n, _)| n).collect();
    for number in large {
        let Some(value) = fields.get(number) else { continue };
        let bytes = codec::encode(value);
        if bytes.len() <= INLINE_MAX {
            continue;
        }
        let hash = match owner {
            None => crate::store::digest(&bytes),
            Some(owner) => crate::store::digest(&[owner.as_bytes(), &bytes].concat()),
        };
        let (mark, place): (_, fn(&[u8; 16], u16) -> Key) =
            if owner.is_some() { (OWN_MARK, meta::own_blob) } else { (MARK, meta::blob) };
        for (at, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
            let Ok(at) = u16::try_from(at) else { break };
            let key = place(&hash, at);
            pieces.entry(key.clone()).or_insert_with(|| Put { key, value: piece.to_vec(), stamped: false });
        }
        let reference = hash.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}"));
        let media = Media { reference, media_type: mark.to_owned(), size: bytes.len() as u64, sha256: String::new() };
        fields.set(number, Value::Media(media));
    }
}

/// A cheap guess whether a value may be over the limit.
fn is_large(value: &Value) -> bool {
    match value {
        Value::Text(t) => t.len() > INLINE_MAX,
        Value::Geometry(shape) => shape.wkb().len() > INLINE_MAX - 16,
        Value::Texts(all) => all.iter().map(|(_, t)| t.len()).sum::<usize>() > INLINE_MAX / 2,
        Value::List(all) => all.len() > 64 || all.iter().any(is_large),
        _ => false,
    }
}

fn reference(value: &Value) -> Option<&Media> {
    match value {
        Value::Media(media) if [MARK, OWN_MARK].contains(&media.media_type.as_str()) => Some(media),
        _ => None,
    }
}

/// The hashes of the values that claims alone refer to.
pub(crate) fn own<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Vec<[u8; 16]> {
    let all = claims.into_iter().flat_map(|claim| claim.fields.iter().filter_map(|(_, value)| reference(value)));
    let own = all.filter(|media| media.media_type == OWN_MARK);
    own.filter_map(|media| Some(u128::from_str_radix(&media.reference, 16).ok()?.to_be_bytes())).collect()
}

/// Whether any of the claims holds a reference.
pub(crate) fn any<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> bool {
    claims.into_iter().any(|claim| claim.fields.iter().any(|(_, v)| reference(v).is_some()))
}

/// Puts the large values back into `claims`. Cost: one point read a piece.
///
/// # Errors
/// [`RecordError::Undecodable`] if a piece is missing or damaged.
pub(crate) async fn put_back<'a>(
    snapshot: &Arc<dyn Snapshot>,
    id: &str,
    claims: impl IntoIterator<Item = &'a mut Claim> + Send,
) -> Result<(), RecordError> {
    let claims: Vec<&mut Claim> = claims.into_iter().collect();
    for claim in claims {
        let missing: Vec<(u16, Media)> =
            claim.fields.iter().filter_map(|(n, v)| reference(v).map(|m| (n, m.clone()))).collect();
        for (number, media) in missing {
            let value = read(snapshot, id, &media).await?;
            claim.fields.set(number, value);
        }
    }
    Ok(())
}

async fn read(snapshot: &Arc<dyn Snapshot>, id: &str, media: &Media) -> Result<Value, RecordError> {
    let damaged = |reason: &str| RecordError::Undecodable { id: id.to_owned(), reason: reason.to_owned() };
    let hash = u128::from_str_radix(&media.reference, 16).map_err(|_| damaged("a reference is malformed"))?;
    let size = usize::try_from(media.size).map_err(|_| damaged("a reference is malformed"))?;
    let count = u16::try_from(size.div_ceil(PIECE_BYTES)).map_err(|_| damaged("a reference is malformed"))?;
    let own = media.media_type == OWN_MARK;
    let place = if own { meta::own_blob } else { meta::blob };
    let keys: Vec<Key> = (0..count).map(|at| place(&hash.to_be_bytes(), at)).collect();
    let mut bytes = Vec::with_capacity(size);
    for piece in snapshot.open(&keys, snapshot.get_many(&keys).await?).await? {
        bytes.extend_from_slice(&piece.ok_or_else(|| damaged("a piece of a large value is missing"))?);
    }
    // What is sealed was found whole when it was opened.
    if !own && crate::store::digest(&bytes) != hash.to_be_bytes() {
        return Err(damaged("a large value is not what was written"));
    }
    codec::decode(&bytes).map_err(|e| damaged(&e.to_string()))
}
