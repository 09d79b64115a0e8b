//! Metadata → XML.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::super::items::Item;
use super::super::sheet::{OPENNESS, SHARING, TYPES, word};
use super::Metadata;
use super::elements::{FIELD_TEXTS, NAMESPACE, TEXTS, letter};

/// Writes metadata as XML; what is empty is left out. Characters that XML cannot hold are left out too.
#[must_use]
pub fn write(metadata: &Metadata) -> String {
    let mut out = Document { text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), open: Vec::new() };
    let _ = writeln!(out.text, "<metadata xmlns:nb=\"{NAMESPACE}\">");
    out.open.push("metadata");
    let mut items = metadata.items.clone();
    let date = metadata.published.map(|day| day.to_string()).unwrap_or_default();
    out.put(&["resID"], &metadata.code);
    out.put(&["pubDate"], &date);
    let grade = items.data_grade.map(|grade| grade.to_string()).unwrap_or_default();
    let sharing = items.sharing.map_or("", |sharing| word(&SHARING, sharing));
    let openness = items.openness.map_or("", |openness| word(&OPENNESS, openness));
    for (path, text) in TEXTS {
        let text = text(&mut items).clone();
        out.put(path, &text);
    }
    out.put(&["nb:extended", "nb:dataGrade"], &grade);
    out.put(&["nb:extended", "nb:sharing"], sharing);
    for mode in &metadata.items.sharing_modes {
        out.put(&["nb:extended", "nb:sharingMode"], mode);
    }
    out.put(&["nb:extended", "nb:openness"], openness);
    for code in &metadata.items.related {
        out.put(&["nb:extended", "nb:related"], code);
    }
    for field in &metadata.items.fields {
        out.field(field);
    }
    out.close_to(&[]);
    out.text
}

struct Document {
    text: String,
    open: Vec<&'static str>,
}

impl Document {
    /// Puts a text into an element; those around it are opened and closed as needed.
    fn put(&mut self, path: &[&'static str], text: &str) {
        let Some((name, around)) = path.split_last().filter(|_| !text.is_empty()) else { return };
        self.stand_in(around);
        self.indent();
        let sound: String = text
            .chars()
            .filter(|c| *c >= ' ' || "\t\n\r".contains(*c))
            .filter(|c| !matches!(*c, '\u{fffe}' | '\u{ffff}'))
            .collect();
        let _ = writeln!(self.text, "<{name}>{}</{name}>", escape(sound.as_str()));
    }

    fn field(&mut self, field: &Item) {
        let mut field = field.clone();
        self.stand_in(&["nb:extended"]);
        self.indent();
        self.text.push_str("<nb:field>\n");
        self.open.push("nb:field");
        for (name, text) in FIELD_TEXTS {
            let text = text(&mut field).clone();
            self.put(&["nb:extended", "nb:field", name], &text);
        }
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        for (name, text) in [
            ("nb:dataType", letter(field.kind).to_owned()),
            ("nb:type", word(&TYPES, field.kind).to_owned()),
            ("nb:length", number(field.length)),
            ("nb:grade", number(Some(u32::from(field.grade)))),
            ("nb:sharing", field.sharing.map_or("", |sharing| word(&SHARING, sharing)).to_owned()),
            ("nb:openness", field.openness.map_or("", |openness| word(&OPENNESS, openness)).to_owned()),
        ] {
            self.put(&["nb:extended", "nb:field", name], &text);
        }
        self.close_to(&["metadata", "nb:extended"]);
    }

    /// Opens and closes elements until the next one stands in those of `around`.
    fn stand_in(&mut self, around: &[&'static str]) {
        let mut wanted = vec!["metadata"];
        wanted.extend_from_slice(around);
        let common = self.open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        self.close_to(wanted.get(..common).unwrap_or_default());
        for name in wanted.get(common..).unwrap_or_default() {
            self.indent();
            let _ = writeln!(self.text, "<{name}>");
            self.open.push(name);
        }
    }

    fn close_to(&mut self, kept: &[&str]) {
        while self.open.len() > kept.len() {
            let Some(name) = self.open.pop() else { return };
            self.indent();
            let _ = writeln!(self.text, "</{name}>");
        }
    }

    fn indent(&mut self) {
        self.text.push_str(&"  ".repeat(self.open.len()));
    }
}
