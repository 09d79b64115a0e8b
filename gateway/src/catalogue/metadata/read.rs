//! XML → metadata. Elements that are not known are refused by name, not passed over.

use foundation::value::{Day, FieldType};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::super::check::FIELDS_MAX;
use super::super::items::Item;
use super::super::sheet::{OPENNESS, SHARING, meant};
use super::Metadata;
use super::elements::{FIELD_TEXTS, TEXTS, kind};

/// Deepest nesting taken.
const DEPTH_MAX: usize = 8;

/// Metadata that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum MetadataError {
    /// Not UTF-8.
    #[error("the metadata is not UTF-8")]
    Text,
    /// Not XML.
    #[error("byte {at}: not well-formed XML")]
    Xml { at: u64 },
    /// A document type, an entity of its own, or too deep.
    #[error("byte {at}: {what} is not taken")]
    Refused { at: u64, what: &'static str },
    /// An element that the metadata does not have here.
    #[error("byte {at}: element `{path}` is not known")]
    Unknown { at: u64, path: String },
    /// An element that stands more than once.
    #[error("byte {at}: element `{path}` stands twice")]
    Twice { at: u64, path: String },
    /// A value that cannot be read.
    #[error("byte {at}: element `{path}` {rule}")]
    Value { at: u64, path: String, rule: &'static str },
}

/// Reads metadata.
///
/// # Errors
/// [`MetadataError`] with the byte and the element.
pub fn read(bytes: &[u8]) -> Result<Metadata, MetadataError> {
    let text = std::str::from_utf8(bytes).map_err(|_| MetadataError::Text)?;
    let mut reader = Reader::from_str(text);
    let mut state = State::default();
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|_| MetadataError::Xml { at })?;
        match event {
            Event::Start(start) => state.open(start.name().0, at)?,
            Event::Empty(start) => {
                state.open(start.name().0, at)?;
                state.close(at)?;
            }
            Event::End(_) => state.close(at)?,
            Event::Text(text) => state.text.push_str(&text.xml10_content()),
            Event::CData(text) => state.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let refused = MetadataError::Refused { at, what: "an entity of its own" };
                match reference.resolve_char_ref() {
                    Ok(Some(c)) => state.text.push(c),
                    Ok(None) => state.text.push_str(resolve_xml_entity(&reference).ok_or(refused)?),
                    Err(_) => return Err(MetadataError::Xml { at }),
                }
            }
            Event::DocType(_) => return Err(MetadataError::Refused { at, what: "a document type" }),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if state.path.is_empty() && state.begun => break,
            Event::Eof => return Err(MetadataError::Xml { at }),
        }
    }
    Ok(state.metadata)
}

struct State {
    metadata: Metadata,
    path: Vec<String>,
    text: String,
    seen: Vec<String>,
    field: Option<(Item, String, String)>,
    begun: bool,
}

impl Default for State {
    fn default() -> Self {
        let metadata = Metadata { code: String::new(), published: None, items: super::Items::default() };
        Self { metadata, path: Vec::new(), text: String::new(), seen: Vec::new(), field: None, begun: false }
    }
}

impl State {
    fn open(&mut self, name: &str, at: u64) -> Result<(), MetadataError> {
        if self.path.len() >= DEPTH_MAX {
            return Err(MetadataError::Refused { at, what: "deeper nesting" });
        }
        if self.path.is_empty() && (self.begun || name != "metadata") {
            return Err(MetadataError::Unknown { at, path: name.to_owned() });
        }
        self.begun = true;
        self.path.push(name.to_owned());
        self.text.clear();
        if self.inner() == ["nb:extended", "nb:field"] {
            if self.metadata.items.fields.len() >= FIELDS_MAX {
                return Err(MetadataError::Refused { at, what: "more than 2,000 fields" });
            }
            let item = Item {
                name: String::new(),
                title: String::new(),
                kind: FieldType::Text,
                length: None,
                code_list: String::new(),
                standard: String::new(),
                grade: 0,
                sharing: None,
                sharing_condition: String::new(),
                openness: None,
            };
            self.field = Some((item, String::new(), String::new()));
            self.seen.retain(|path| !path.starts_with("nb:extended/nb:field/"));
        }
        Ok(())
    }

    /// The path below the root.
    fn inner(&self) -> Vec<&str> {
        self.path.iter().skip(1).map(String::as_str).collect()
    }

    fn close(&mut self, at: u64) -> Result<(), MetadataError> {
        let text = std::mem::take(&mut self.text);
        let inner = self.inner();
        let path = inner.join("/");
        let leaf = match inner.as_slice() {
            [] | ["nb:extended" | "pointOfContact" | "resCategory" | "resConstraint"] => false,
            ["nb:extended", "nb:field"] => {
                let Some((mut item, own, letter)) = self.field.take() else { return Ok(()) };
                item.kind = kind(&own, &letter).ok_or(MetadataError::Value {
                    at,
                    path: format!("{path}/nb:type"),
                    rule: "is no type of a field",
                })?;
                self.metadata.items.fields.push(item);
                false
            }
            _ => true,
        };
        if !leaf {
            if !text.trim().is_empty() {
                return Err(MetadataError::Value { at, path, rule: "holds text beside elements" });
            }
            self.path.pop();
            return Ok(());
        }
        let many = ["nb:extended/nb:sharingMode", "nb:extended/nb:related"].contains(&path.as_str());
        if !many {
            if self.seen.contains(&path) {
                return Err(MetadataError::Twice { at, path });
            }
            self.seen.push(path.clone());
        }
        self.put(&path, text, at)?;
        self.path.pop();
        Ok(())
    }

    fn put(&mut self, path: &str, text: String, at: u64) -> Result<(), MetadataError> {
        let wrong = |rule| MetadataError::Value { at, path: path.to_owned(), rule };
        let items = &mut self.metadata.items;
        if let Some((_, place)) = TEXTS.iter().find(|(known, _)| known.join("/") == path) {
            *place(items) = text;
            return Ok(());
        }
        match path {
            "resID" => self.metadata.code = text,
            "pubDate" => {
                self.metadata.published = Some(Day::parse(&text).ok_or_else(|| wrong("is no date YYYY-MM-DD"))?);
            }
            "nb:extended/nb:dataGrade" => {
                items.data_grade = Some(text.parse().map_err(|_| wrong("is no whole number"))?);
            }
            "nb:extended/nb:sharing" => {
                items.sharing = Some(meant(&SHARING, &text).ok_or_else(|| wrong("is no type of sharing"))?);
            }
            "nb:extended/nb:openness" => {
                items.openness = Some(meant(&OPENNESS, &text).ok_or_else(|| wrong("is no type of openness"))?);
            }
            "nb:extended/nb:sharingMode" => items.sharing_modes.push(text),
            "nb:extended/nb:related" => items.related.push(text),
            _ => return self.put_field(path, text, at),
        }
        Ok(())
    }

    fn put_field(&mut self, path: &str, text: String, at: u64) -> Result<(), MetadataError> {
        let wrong = |rule| MetadataError::Value { at, path: path.to_owned(), rule };
        let unknown = || MetadataError::Unknown { at, path: path.to_owned() };
        let name = path.strip_prefix("nb:extended/nb:field/").ok_or_else(unknown)?;
        let (item, own, letter) = self.field.as_mut().ok_or_else(unknown)?;
        if let Some((_, place)) = FIELD_TEXTS.iter().find(|(known, _)| *known == name) {
            *place(item) = text;
            return Ok(());
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong("is no whole number"));
        match name {
            "nb:type" => *own = text,
            "nb:dataType" => *letter = text,
            "nb:length" => item.length = Some(number(&text)?),
            "nb:grade" => item.grade = u8::try_from(number(&text)?).map_err(|_| wrong("is no grade"))?,
            "nb:sharing" => {
                item.sharing = Some(meant(&SHARING, &text).ok_or_else(|| wrong("is no type of sharing"))?);
            }
            "nb:openness" => {
                item.openness = Some(meant(&OPENNESS, &text).ok_or_else(|| wrong("is no type of openness"))?);
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }
}
