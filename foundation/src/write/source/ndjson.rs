//! One JSON object a line; a GeoJSON Feature a line is taken too.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::encoding::{Declared, Utf8};
use super::header::{Target, finish, target, unknown};
use super::{Mapping, ROW_BYTES_MAX, Rows, SourceError};
use crate::dataset::Dataset;
use crate::service::{Cell, SourceRow};
use crate::value::FieldType;

pub(super) fn open(input: Box<dyn Read + Send>, declared: Declared, mapping: &Mapping, dataset: &Dataset) -> Rows {
    let members = Members::new(mapping, dataset);
    let input = BufReader::with_capacity(64 * 1024, Utf8::new(input, declared));
    Rows::new(None, Lines { input, members, line: 0, ended: false })
}

struct Lines<R> {
    input: BufReader<Utf8<R>>,
    members: Members,
    line: u64,
    ended: bool,
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<SourceRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let mut text = Vec::new();
            let mut bounded = self.input.by_ref().take(ROW_BYTES_MAX as u64 + 1);
            let failed = match bounded.read_until(b'\n', &mut text) {
                Ok(0) => {
                    self.ended = true;
                    return None;
                }
                Ok(_) if text.len() > ROW_BYTES_MAX => Some(format!("a line is longer than {ROW_BYTES_MAX} bytes")),
                Ok(_) => None,
                Err(e) => Some(e.to_string()),
            };
            if let Some(reason) = failed {
                self.ended = true;
                return Some(Err(SourceError::BrokenOff { after_line: self.line, reason }));
            }
            self.line += 1;
            let text = String::from_utf8_lossy(&text);
            let text = text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            if !text.is_empty() {
                return Some(Ok(self.members.row(self.line, text)));
            }
        }
        None
    }
}

/// How the members of an object become cells.
pub(super) struct Members {
    mapping: Mapping,
    dataset: Dataset,
    geometry: Option<String>,
}

impl Members {
    pub(super) fn new(mapping: &Mapping, dataset: &Dataset) -> Self {
        let geometry = dataset.fields.iter().find(|f| f.kind == FieldType::Geometry).map(|f| f.name.clone());
        let geometry = mapping.columns.get("geometry").cloned().or(geometry);
        Self { mapping: mapping.clone(), dataset: dataset.clone(), geometry }
    }

    /// Reads one object or feature.
    pub(super) fn row(&self, line: u64, text: &str) -> SourceRow {
        let read = if text.contains('\u{fffd}') {
            Err(refusal("", "encoding", "the row holds bytes that are not of the file's encoding"))
        } else {
            serde_json::from_str::<Value>(text)
                .map_err(|e| refusal("", "json", &format!("not JSON: {e}")))
                .and_then(|value| self.cells(value))
        };
        let (cells, unreadable) = read.map_or_else(|why| (Vec::new(), Some(why)), |cells| (cells, None));
        SourceRow { line, cells, original: text.to_owned(), unreadable, repaired: Vec::new() }
    }

    fn cells(&self, value: Value) -> Result<Vec<(String, Cell)>, (String, String, String)> {
        let Value::Object(mut object) = value else {
            return Err(refusal("", "json", "the line is not a JSON object"));
        };
        let mut cells = Vec::with_capacity(object.len());
        if object.get("type").and_then(Value::as_str) == Some("Feature") && object.contains_key("properties") {
            let geometry = object.remove("geometry").filter(|g| !g.is_null());
            if let Some(geometry) = geometry {
                let field = self.geometry.as_ref().ok_or_else(|| {
                    refusal("geometry", "unknown_member", &format!("`{}` has no geometry field", self.dataset.name))
                })?;
                cells.push((field.clone(), Cell::Json(geometry.to_string())));
            }
            object = match object.remove("properties") {
                Some(Value::Object(properties)) => properties,
                Some(Value::Null) | None => Map::new(),
                Some(_) => return Err(refusal("properties", "json", "`properties` is not an object")),
            };
        }
        let (mut lon, mut lat) = (None, None);
        for (at, (name, value)) in object.into_iter().enumerate() {
            match target(&name, &self.mapping, &self.dataset) {
                Some(Target::Field { name: field, .. }) => {
                    if cells.iter().any(|(known, _)| *known == field) {
                        return Err(refusal(&field, "repeated_member", &format!("`{name}` is the second one for it")));
                    }
                    let cell = match &value {
                        Value::String(text) => match self.mapping.meant(&field, text) {
                            same if same == text => Cell::Json(value.to_string()),
                            meant => Cell::Text(meant.to_owned()),
                        },
                        _ => Cell::Json(value.to_string()),
                    };
                    cells.push((field, cell));
                }
                Some(Target::Lon) => lon = Some(plain(&value)),
                Some(Target::Lat) => lat = Some(plain(&value)),
                Some(Target::Ignored) => {}
                None => {
                    let message = unknown(at + 1, &name, &self.dataset).to_string().replacen("column", "member", 1);
                    return Err(refusal(&name, "unknown_member", &message));
                }
            }
        }
        if let (Some(point), Some(lon), Some(lat)) = (&self.mapping.point, lon, lat) {
            cells.push((point.field.clone(), Cell::Text(format!("POINT({lon} {lat})"))));
        }
        finish(&mut cells, &self.mapping);
        Ok(cells)
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn refusal(field: &str, rule: &str, message: &str) -> (String, String, String) {
    (field.to_owned(), rule.to_owned(), message.to_owned())
}
