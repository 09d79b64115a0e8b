//! A GeoJSON FeatureCollection (RFC 7946), one feature at a time.

use std::io::{BufRead, BufReader, Read};

use super::crs::Crs;
use super::encoding::{Declared, Utf8};
use super::ndjson::Members;
use super::{Mapping, ROW_BYTES_MAX, Rows, SourceError};
use crate::dataset::Dataset;
use crate::service::SourceRow;

pub(super) fn open(
    input: Box<dyn Read + Send>,
    declared: Declared,
    mapping: &Mapping,
    dataset: &Dataset,
) -> Result<Rows, SourceError> {
    let mut scan = Scanner { bytes: BufReader::with_capacity(64 * 1024, Utf8::new(input, declared)), peeked: None };
    if scan.next_solid()? != Some(b'{') {
        return Err(wrong("it does not start with an object"));
    }
    let crs_known = mapping.crs.is_some();
    let mut crs = Crs::default();
    // Members before `features`: the old `crs` member is honoured, others are passed over.
    loop {
        let name = match scan.next_solid()? {
            Some(b'"') => scan.string()?,
            Some(b',') => continue,
            _ => return Err(wrong("no member `features`")),
        };
        if scan.next_solid()? != Some(b':') {
            return Err(wrong("a member without a value"));
        }
        if name == "features" {
            break;
        }
        let value = scan.value()?;
        if name == "crs" && !crs_known {
            crs = declared_crs(&value)?;
        }
    }
    if scan.next_solid()? != Some(b'[') {
        return Err(wrong("`features` is not a list"));
    }
    let features = Features { scan, members: Members::new(mapping, dataset), count: 0, ended: false, crs_known };
    let mut rows = Rows::new(None, features);
    rows.crs = crs;
    Ok(rows)
}

/// `{"type":"name","properties":{"name":"urn:…"}}`, withdrawn by RFC 7946 but still written.
fn declared_crs(member: &str) -> Result<Crs, SourceError> {
    let value: serde_json::Value = serde_json::from_str(member).map_err(|e| wrong(&e.to_string()))?;
    match value.pointer("/properties/name").and_then(serde_json::Value::as_str) {
        Some(name) => Crs::named(name),
        None if value.is_null() => Ok(Crs::default()),
        None => Err(SourceError::Crs { name: member.chars().take(80).collect(), reason: "it has no name" }),
    }
}

fn wrong(reason: &str) -> SourceError {
    SourceError::Format { format: "GeoJSON", reason: reason.to_owned() }
}

struct Features<R> {
    scan: Scanner<R>,
    members: Members,
    count: u64,
    ended: bool,
    crs_known: bool,
}

impl<R: Read> Iterator for Features<R> {
    type Item = Result<SourceRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.feature() {
            Ok(Some(row)) => Some(Ok(row)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                let reason = match error {
                    SourceError::Format { reason, .. } => reason,
                    SourceError::Crs { .. } => return Some(Err(error)),
                    other => other.to_string(),
                };
                Some(Err(SourceError::BrokenOff { after_line: self.count, reason }))
            }
        }
    }
}

impl<R: Read> Features<R> {
    fn feature(&mut self) -> Result<Option<SourceRow>, SourceError> {
        loop {
            match self.scan.next_solid()? {
                Some(b',') => {}
                Some(b']') => return self.rest().map(|()| None),
                Some(first) => {
                    self.scan.peeked = Some(first);
                    let text = self.scan.value()?;
                    self.count += 1;
                    return Ok(Some(self.members.row(self.count, &text)));
                }
                None => return Err(wrong("it ends inside `features`")),
            }
        }
    }

    /// Members after `features`.
    fn rest(&mut self) -> Result<(), SourceError> {
        loop {
            match self.scan.next_solid()? {
                Some(b',') => {}
                Some(b'"') => {
                    let name = self.scan.string()?;
                    self.scan.next_solid()?;
                    let value = self.scan.value()?;
                    if name == "crs" && !self.crs_known && !declared_crs(&value)?.is_lon_lat() {
                        let reason = "it stands after the features; put it before them, or name it in the mapping";
                        return Err(SourceError::Crs { name: value.chars().take(80).collect(), reason });
                    }
                }
                Some(b'}') => return Ok(()),
                _ => return Err(wrong("it ends before its last brace")),
            }
        }
    }
}

/// Cuts JSON values out of a stream without building the whole.
struct Scanner<R> {
    bytes: BufReader<Utf8<R>>,
    peeked: Option<u8>,
}

impl<R: Read> Scanner<R> {
    fn byte(&mut self) -> Result<Option<u8>, SourceError> {
        if let Some(byte) = self.peeked.take() {
            return Ok(Some(byte));
        }
        let block = self.bytes.fill_buf().map_err(|e| wrong(&e.to_string()))?;
        let first = block.first().copied();
        if first.is_some() {
            self.bytes.consume(1);
        }
        Ok(first)
    }

    fn next_solid(&mut self) -> Result<Option<u8>, SourceError> {
        loop {
            match self.byte()? {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                other => return Ok(other),
            }
        }
    }

    /// The rest of a string whose quote was read, without unescaping.
    fn string(&mut self) -> Result<String, SourceError> {
        let mut text = Vec::new();
        let mut escaped = false;
        loop {
            let byte = self.byte()?.ok_or_else(|| wrong("it ends inside a string"))?;
            if byte == b'"' && !escaped {
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            escaped = byte == b'\\' && !escaped;
            text.push(byte);
            bounded(&text)?;
        }
    }

    /// One value, as text.
    fn value(&mut self) -> Result<String, SourceError> {
        let first = self.next_solid()?.ok_or_else(|| wrong("it ends where a value should be"))?;
        let mut text = vec![first];
        let mut depth = usize::from(matches!(first, b'{' | b'['));
        let mut in_string = first == b'"';
        let mut escaped = false;
        let scalar = depth == 0 && !in_string;
        while scalar || depth > 0 || in_string {
            let Some(byte) = self.byte()? else {
                return if scalar {
                    Ok(String::from_utf8_lossy(&text).into_owned())
                } else {
                    Err(wrong("it ends inside a value"))
                };
            };
            if scalar && matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
                self.peeked = Some(byte);
                break;
            }
            text.push(byte);
            bounded(&text)?;
            if in_string {
                in_string = byte != b'"' || escaped;
                escaped = byte == b'\\' && !escaped;
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn bounded(text: &[u8]) -> Result<(), SourceError> {
    if text.len() > ROW_BYTES_MAX {
        return Err(SourceError::TooLarge { what: "a feature".to_owned(), bytes_max: ROW_BYTES_MAX as u64 });
    }
    Ok(())
}
