//! Checking what `/api/v1/me/accesses` gave, offline: every item against its leaf, every leaf against the checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use transparency::{Checkpoint, Hash, NoteError, ProofError, VerifyingKey};

use crate::ask::Act;
use crate::audit::{Entry, OpeningError, Part, RecordPart, check};

/// What held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Accesses whose entries are in the log.
    pub accesses: usize,
    /// Of these, those that say what their entries say; the others are of entries of form 1.
    pub opened: usize,
}

/// Why an answer is not believed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum CheckError {
    /// Not in the form of an answer.
    #[error("`{0}` is missing or is not in its form")]
    Form(&'static str),
    /// The checkpoint.
    #[error("the checkpoint is not the log's")]
    Checkpoint(#[from] NoteError),
    /// An entry that is not in the log.
    #[error("entry {entry} is not in the log")]
    Absent { entry: u64, source: ProofError },
    /// A part that is not the entry's.
    #[error("entry {entry} does not hold what is shown of it")]
    Other { entry: u64, source: OpeningError },
    /// A member that is not what the entry says.
    #[error("`{member}` is not what entry {entry} says")]
    Said { entry: u64, member: &'static str },
}

/// Checks an answer with the log's key, which comes from another channel.
///
/// # Errors
/// [`CheckError`] of the first item that does not hold.
pub fn check_answer(answer: &Value, keys: &[VerifyingKey]) -> Result<Checked, CheckError> {
    let state = Checkpoint::open(text(answer, "checkpoint")?, keys)?;
    let record = text(answer, "record")?;
    let beside = answer.get("beside").and_then(Value::as_array).ok_or(CheckError::Form("beside"))?;
    let beside = beside.iter().map(|one| text(one, "id")).collect::<Result<Vec<_>, _>>()?;
    let items = answer.get("items").and_then(Value::as_array).ok_or(CheckError::Form("items"))?;
    let mut opened = 0;
    for item in items {
        opened += usize::from(one(&state, record, &beside, item)?);
    }
    Ok(Checked { accesses: items.len(), opened })
}

/// Checks an item; whether its text is tied to the log.
fn one(state: &Checkpoint, record: &str, beside: &[&str], item: &Value) -> Result<bool, CheckError> {
    let entry = whole(item, "number")?;
    let proof = item.get("proof").ok_or(CheckError::Form("proof"))?;
    let path = hashes(proof)?;
    let absent = |source| CheckError::Absent { entry, source };
    if proof.get("leaf_hash").is_some() {
        state.check_inclusion(entry, &hash(proof, "leaf_hash")?, &path).map_err(absent)?;
        return Ok(false);
    }
    let leaf = bytes(proof, "leaf")?;
    state.check_inclusion(entry, &state.suite().leaf_hash(&leaf), &path).map_err(absent)?;
    let shown = part(proof, "shown")?;
    let officer = if proof.get("officer").is_some() { Some(part(proof, "officer")?) } else { None };
    let place = proof.get("record").ok_or(CheckError::Form("record"))?;
    // A batch stands for the records in it; any other name is the person's own, or goes with it.
    let of = item.get("of").and_then(Value::as_str);
    if of.is_some_and(|of| !beside.contains(&of)) {
        return Err(CheckError::Said { entry, member: "of" });
    }
    let named = item.get("batch").and_then(Value::as_str).or(of).unwrap_or(record);
    if text(place, "id")? != named {
        return Err(CheckError::Said { entry, member: "record" });
    }
    let of = RecordPart {
        salt: hash(place, "salt")?,
        index: whole(place, "index")?,
        size: whole(place, "size")?,
        path: hashes(place)?,
    };
    let other = |source| CheckError::Other { entry, source };
    check(state.suite(), &leaf, &shown, officer.as_ref(), (named, &of)).map_err(other)?;
    says(entry, item, &shown, officer.as_ref())?;
    Ok(true)
}

/// Whether an item says what the entry says. Names of fields follow from the dataset's definition, and are not compared.
fn says(entry: u64, item: &Value, shown: &Part, officer: Option<&Part>) -> Result<(), CheckError> {
    let kept = Entry::read_shown(&shown.bytes).ok_or(CheckError::Form("shown"))?;
    let at = kept.closed.to_string();
    let staff = officer.map(|part| part.bytes.get(2..).unwrap_or_default()).unwrap_or_default();
    let told = [
        ("at", at.as_bytes()),
        ("act", Act::from_number(kept.act).as_str().as_bytes()),
        ("dataset", kept.dataset.as_bytes()),
        ("department", kept.department.as_bytes()),
        ("purpose", kept.purpose.as_bytes()),
        ("ground", kept.ground.as_bytes()),
        ("grant", kept.grant.as_bytes()),
        ("officer", staff),
    ];
    let differs = |(member, said): &(&'static str, &[u8])| {
        item.get(*member).and_then(Value::as_str).unwrap_or_default().as_bytes() != *said
    };
    match told.iter().find(|one| differs(one)) {
        Some((member, _)) => Err(CheckError::Said { entry, member }),
        None => Ok(()),
    }
}

fn part(value: &Value, name: &'static str) -> Result<Part, CheckError> {
    let value = value.get(name).ok_or(CheckError::Form(name))?;
    Ok(Part { salt: hash(value, "salt")?, bytes: bytes(value, "bytes")? })
}

fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str, CheckError> {
    value.get(name).and_then(Value::as_str).ok_or(CheckError::Form(name))
}

fn whole(value: &Value, name: &'static str) -> Result<u64, CheckError> {
    value.get(name).and_then(Value::as_u64).ok_or(CheckError::Form(name))
}

fn bytes(value: &Value, name: &'static str) -> Result<Vec<u8>, CheckError> {
    BASE64.decode(text(value, name)?).map_err(|_| CheckError::Form(name))
}

fn hash(value: &Value, name: &'static str) -> Result<Hash, CheckError> {
    bytes(value, name)?.try_into().map_err(|_| CheckError::Form(name))
}

fn hashes(value: &Value) -> Result<Vec<Hash>, CheckError> {
    let path = value.get("path").and_then(Value::as_array).ok_or(CheckError::Form("path"))?;
    let one = |value: &Value| {
        let bytes = value.as_str().and_then(|text| BASE64.decode(text).ok());
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(CheckError::Form("path"))
    };
    path.iter().map(one).collect()
}
