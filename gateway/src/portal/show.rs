//! A field's value as people read it: titles, code labels, verse, links, geometry in words.

use foundation::dataset::{Dataset, Field, SearchUse};
use foundation::service::RecordView;
use foundation::value::json::to_json;
use foundation::value::{Day, FieldType, Fields, Value};
use serde_json::Value as Json;

use super::address;
use super::words;
use crate::ask::Language;
use crate::catalogue::Catalogue;
use crate::flow::RecordShown;

/// A field on a page.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldShown {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: String,
    /// The code behind a label.
    pub(super) code: String,
    pub(super) href: Option<String>,
    pub(super) masked: bool,
    pub(super) disputed: bool,
    pub(super) verse: bool,
}

/// Shows values of one dataset in one language.
pub(super) struct Shower<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) dataset: &'a Dataset,
    pub(super) language: Language,
    pub(super) day: Day,
}

/// Most characters of a fact under a hit.
const FACT_CHARS_MAX: usize = 40;

impl Shower<'_> {
    /// All fields of a record, in the order of the catalogue.
    pub(super) fn all(&self, record: &RecordShown) -> Vec<FieldShown> {
        let mut shown = Vec::new();
        for field in &self.dataset.fields {
            let masked = record.masked.contains(&field.number);
            let value = record.view.fields.get(field.number).filter(|v| !matches!(v, Value::Null));
            let mut one = match value {
                Some(value) => self.one(field, &to_json(value)),
                None if masked => FieldShown {
                    name: field.name.clone(),
                    title: words::title(&field.title, self.language),
                    text: "＊＊＊".to_owned(),
                    ..FieldShown::default()
                },
                None => continue,
            };
            one.masked = masked;
            one.disputed = record.view.disputed.contains(&field.number);
            shown.push(one);
        }
        shown
    }

    /// A record's title: its first title field that is there, else its id.
    pub(super) fn title(&self, view: &RecordView) -> String {
        let fields = self.dataset.title_fields.iter().filter_map(|name| self.dataset.field(name));
        fields
            .filter_map(|f| Some(self.text(f, &to_json(view.fields.get(f.number)?)).0))
            .find(|text| !text.trim().is_empty())
            .unwrap_or_else(|| view.id.clone())
    }

    /// One field.
    pub(super) fn one(&self, field: &Field, value: &Json) -> FieldShown {
        let (text, code) = self.text(field, value);
        let href = match (field.kind, &field.target, value) {
            (FieldType::Link, Some(target), Json::String(id)) => Some(self.record(target, id)),
            (FieldType::Party, Some(target), Json::Object(party)) => {
                party.get("id").and_then(Json::as_str).map(|id| self.record(target, id))
            }
            _ => None,
        };
        let verse = field.kind == FieldType::Text && text.contains('\n');
        let title = words::title(&field.title, self.language);
        FieldShown { name: field.name.clone(), title, text, code, href, verse, ..FieldShown::default() }
    }

    fn record(&self, target: &str, id: &str) -> String {
        address::record(target, id, &[("lang", address::code(self.language))])
    }

    /// Short facts under a hit: short fields that are not its title.
    pub(super) fn facts(&self, fields: &Fields, most: usize) -> Vec<(String, String)> {
        let plain = |f: &&Field| {
            !self.dataset.title_fields.contains(&f.name)
                && !matches!(f.kind, FieldType::Geometry | FieldType::Link | FieldType::Media)
        };
        let said = self.dataset.fields.iter().filter(plain).filter_map(|f| Some((f, fields.get(f.number)?)));
        said.filter(|(_, value)| !matches!(value, Value::Null))
            .map(|(f, value)| (words::title(&f.title, self.language), self.text(f, &to_json(value)).0))
            .filter(|(_, text)| !text.is_empty() && !text.contains('\n') && text.chars().count() <= FACT_CHARS_MAX)
            .take(most)
            .collect()
    }

    /// Text and the code behind it.
    pub(super) fn text(&self, field: &Field, value: &Json) -> (String, String) {
        match value {
            Json::Array(list) if field.list => {
                // Running text in a list is verse: a line each.
                let running = field.kind == FieldType::Text && field.search == SearchUse::Text;
                let comma = match self.language {
                    _ if running => "\n",
                    Language::Zh => "、",
                    Language::En => ", ",
                };
                let each: Vec<String> = list.iter().map(|v| self.text(field, v).0).collect();
                (each.join(comma), String::new())
            }
            Json::String(text) if matches!(field.kind, FieldType::Code | FieldType::Division) => {
                self.coded(field, text)
            }
            Json::String(text) if field.kind == FieldType::Decimal => (with_unit(&grouped(text), field), String::new()),
            Json::String(text) => (text.clone(), String::new()),
            Json::Number(number) => (with_unit(&number.to_string(), field), String::new()),
            Json::Bool(yes) => (self.yes_no(*yes).to_owned(), String::new()),
            Json::Object(object) => (self.object(field, object), String::new()),
            other => (other.to_string(), String::new()),
        }
    }

    fn coded(&self, field: &Field, code: &str) -> (String, String) {
        let list = field.code_list.as_deref().and_then(|id| self.catalogue.code_list(id));
        match list.as_ref().and_then(|list| list.label(code, self.day)) {
            Some(label) => (words::title(label, self.language), code.to_owned()),
            None => (code.to_owned(), String::new()),
        }
    }

    fn yes_no(&self, yes: bool) -> &'static str {
        match (self.language, yes) {
            (Language::Zh, true) => "是",
            (Language::Zh, false) => "否",
            (Language::En, true) => "yes",
            (Language::En, false) => "no",
        }
    }

    fn object(&self, field: &Field, object: &serde_json::Map<String, Json>) -> String {
        let text = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default();
        match field.kind {
            FieldType::Geometry => {
                let points = count_points(object.get("coordinates"));
                match self.language {
                    Language::Zh => format!("{}，{points} 个点", text("type")),
                    Language::En => format!("{}, {points} points", text("type")),
                }
            }
            FieldType::Measure => format!("{} {}", grouped(text("value")), text("unit")).trim().to_owned(),
            FieldType::Texts => {
                let own = text(address::code(self.language));
                if own.is_empty() {
                    object.values().filter_map(Json::as_str).collect::<Vec<_>>().join(" / ")
                } else {
                    own.to_owned()
                }
            }
            FieldType::Party => {
                [text("name"), text("country")].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>().join("，")
            }
            _ => object.values().filter_map(Json::as_str).collect::<Vec<_>>().join(" "),
        }
    }
}

fn with_unit(number: &str, field: &Field) -> String {
    match field.unit.as_deref().filter(|u| !u.is_empty()) {
        Some(unit) => format!("{number} {unit}"),
        None => number.to_owned(),
    }
}

/// Digits in threes: 19498039388042.6 → 19,498,039,388,042.6.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    if digits.len() <= 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}

fn count_points(coordinates: Option<&Json>) -> usize {
    match coordinates {
        Some(Json::Array(list)) if list.first().is_some_and(Json::is_number) => 1,
        Some(Json::Array(list)) => list.iter().map(|c| count_points(Some(c))).sum(),
        _ => 0,
    }
}

/// A snippet with nothing in it but text and `<em>`.
pub(super) fn snippet(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let (tag, text) = [("<em>", "<em>"), ("</em>", "</em>"), ("<", "&lt;"), (">", "&gt;")]
            .into_iter()
            .find(|(tag, _)| tail.starts_with(tag))
            .unwrap_or(("<", ""));
        out.push_str(text);
        rest = tail.get(tag.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_survive_in_a_snippet() {
        assert_eq!(snippet("床前<em>明月</em>光"), "床前<em>明月</em>光");
        assert_eq!(snippet("a<script>x</script>&amp;"), "a&lt;script&gt;x&lt;/script&gt;&amp;");
        assert_eq!(snippet("<em onclick=1>"), "&lt;em onclick=1&gt;");
    }

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!(grouped("19498039388042.6"), "19,498,039,388,042.6");
        assert_eq!(grouped("-12345"), "-12,345");
        assert_eq!(grouped("2024"), "2024");
    }

    #[test]
    fn points_are_counted_at_any_depth() {
        let area = serde_json::json!([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]]]);
        assert_eq!(count_points(Some(&area)), 3);
    }
}
