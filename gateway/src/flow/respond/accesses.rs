//! Who looked at the caller's own record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use transparency::Hash;

use super::json::{Group, array, object, text};
use crate::ask::Act;
use crate::audit::{Part, RecordPart};
use crate::flow::{AccessShown, AccessesAnswer, Proven};

/// The accesses; gives the position to go on from.
pub(super) fn answer(out: &mut Vec<u8>, answer: &AccessesAnswer) -> Option<String> {
    let mut o = object(out);
    o.text("record", &answer.record);
    {
        let mut list = array(o.member("beside"));
        for (dataset, id) in &answer.beside {
            let mut one = object(list.item());
            one.text("dataset", &dataset.to_string());
            one.text("id", id);
        }
    }
    {
        let mut list = array(o.member("items"));
        for access in &answer.items {
            one(list.item(), access, &answer.record);
        }
    }
    o.value("next", &answer.next);
    if let Some(sealed) = answer.sealed {
        let mut s = object(o.member("sealed"));
        s.plain("entries", sealed.entries);
        s.day("before", sealed.before);
    }
    o.text("checkpoint", &answer.checkpoint);
    o.text("key", &answer.key);
    drop(o);
    answer.next.clone()
}

fn one(out: &mut Vec<u8>, access: &AccessShown, record: &str) {
    let entry = &access.entry;
    let mut o = object(out);
    o.plain("number", access.number);
    o.instant("at", entry.closed);
    o.text("act", Act::from_number(entry.act).as_str());
    o.text_if("dataset", &entry.dataset);
    o.text_if("department", &entry.department);
    o.text_if("officer", access.officer.as_deref().unwrap_or_default());
    o.text_if("purpose", &entry.purpose);
    o.text_if("ground", &entry.ground);
    o.text_if("grant", &entry.grant);
    o.value("fields", &access.fields);
    o.value("masked", &access.masked);
    o.text_if("batch", access.batch.as_deref().unwrap_or_default());
    o.text_if("of", access.of.as_deref().unwrap_or_default());
    let mut proof = object(o.member("proof"));
    match &access.proven {
        Proven::Opened(opening) => {
            proof.text("leaf", &BASE64.encode(&opening.leaf));
            part(&mut proof, "shown", &opening.shown);
            if access.officer.is_some() {
                part(&mut proof, "officer", &opening.officer);
            }
            let name = access.batch.as_deref().or(access.of.as_deref()).unwrap_or(record);
            named(&mut proof, name, &opening.record);
        }
        Proven::Hashed(hash) => proof.text("leaf_hash", &BASE64.encode(hash)),
    }
    hashes(&mut proof, "path", &access.path);
}

fn part(o: &mut Group<'_>, name: &str, part: &Part) {
    let mut p = object(o.member(name));
    p.text("salt", &BASE64.encode(part.salt));
    p.text("bytes", &BASE64.encode(&part.bytes));
}

fn named(o: &mut Group<'_>, name: &str, place: &RecordPart) {
    let mut r = object(o.member("record"));
    r.text("id", name);
    r.text("salt", &BASE64.encode(place.salt));
    r.plain("index", place.index);
    r.plain("size", place.size);
    hashes(&mut r, "path", &place.path);
}

fn hashes(o: &mut Group<'_>, name: &str, hashes: &[Hash]) {
    let mut list = array(o.member(name));
    for hash in hashes {
        text(list.item(), &BASE64.encode(hash));
    }
}
