//! Collected twice (重复采集)? Where fields of a new entry stand in the catalogue already (Decree 809 art 19).

use super::items::{Item, Items};

/// Most places told of a field, and of an entry.
const PER_FIELD_MAX: usize = 5;
const TOTAL_MAX: usize = 200;

/// A field that is catalogued elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The field of the new entry.
    pub field: String,
    /// Where it stands: the entry's id.
    pub entry: String,
    /// The entry's title.
    pub title: String,
    /// 数源部门, by credit code: whom to ask instead.
    pub source: String,
    /// What the field is called there.
    pub there: String,
    /// What is alike.
    pub by: Likeness,
}

/// What two fields have in common; the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same standard defines both.
    Standard,
    /// Name and type.
    NameAndType,
    /// The title, but for spaces, punctuation, width and case.
    Title,
    /// The code list.
    CodeList,
}

impl Likeness {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::NameAndType => "name_and_type",
            Self::Title => "title",
            Self::CodeList => "code_list",
        }
    }
}

/// Where fields of `items` stand among `others` (id and items of what is announced).
///
/// Cost: fields × fields of all others.
#[must_use]
pub fn find(items: &Items, others: &[(String, Items)]) -> Vec<Overlap> {
    let mut out = Vec::new();
    for field in &items.fields {
        let mut alike: Vec<Overlap> = others
            .iter()
            .flat_map(|(id, other)| other.fields.iter().map(move |there| (id, other, there)))
            .filter_map(|(id, other, there)| {
                Some(Overlap {
                    field: field.name.clone(),
                    entry: id.clone(),
                    title: other.title.clone(),
                    source: other.source().to_owned(),
                    there: there.name.clone(),
                    by: likeness(field, there)?,
                })
            })
            .collect();
        alike.sort_by(|a, b| (a.by, &a.entry, &a.there).cmp(&(b.by, &b.entry, &b.there)));
        alike.truncate(PER_FIELD_MAX);
        out.extend(alike);
        if out.len() >= TOTAL_MAX {
            out.truncate(TOTAL_MAX);
            break;
        }
    }
    out
}

fn likeness(a: &Item, b: &Item) -> Option<Likeness> {
    let same = |a: &str, b: &str| !a.trim().is_empty() && normalised(a) == normalised(b);
    if same(&a.standard, &b.standard) {
        Some(Likeness::Standard)
    } else if a.name == b.name && a.kind == b.kind {
        Some(Likeness::NameAndType)
    } else if same(&a.title, &b.title) {
        Some(Likeness::Title)
    } else if same(&a.code_list, &b.code_list) {
        Some(Likeness::CodeList)
    } else {
        None
    }
}

/// Where titles of `wanted` stand among fields or entries: what a demand asks for may be there.
#[must_use]
pub fn named<'a>(wanted: &[String], others: &'a [(String, Items)]) -> Vec<(&'a str, &'a str)> {
    let wanted: Vec<String> = wanted.iter().map(|title| normalised(title)).filter(|title| !title.is_empty()).collect();
    let mut out: Vec<(&str, &str)> = others
        .iter()
        .filter(|(_, items)| {
            let own = std::iter::once(&items.title);
            let fields = items.fields.iter().flat_map(|field| [&field.title, &field.name]);
            own.chain(fields).any(|title| wanted.contains(&normalised(title)))
        })
        .map(|(id, items)| (id.as_str(), items.title.as_str()))
        .collect();
    out.truncate(PER_FIELD_MAX * 10);
    out
}

/// A title without what does not tell two apart: spaces, punctuation, full width, case.
fn normalised(title: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    title.chars().map(half).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use foundation::value::FieldType;

    use super::*;

    fn field(name: &str, title: &str, kind: FieldType, standard: &str, code_list: &str) -> Item {
        Item {
            name: name.into(),
            title: title.into(),
            kind,
            length: None,
            code_list: code_list.into(),
            standard: standard.into(),
            grade: 1,
            sharing: None,
            sharing_condition: String::new(),
            openness: None,
        }
    }

    #[test]
    fn a_field_is_found_by_each_likeness_and_by_nothing_else() {
        let there = Items {
            title: "自然人".into(),
            provider_code: "11100000PDY00001X7".into(),
            fields: vec![field("sex", "性别（代码）", FieldType::Code, "GB/T 2261.1", "sex")],
            ..Items::default()
        };
        let others = [("population:persons".to_owned(), there)];
        for (own, by) in [
            (field("gender", "男女", FieldType::Text, "gb/t2261.1", ""), Some(Likeness::Standard)),
            (field("sex", "男女", FieldType::Code, "", ""), Some(Likeness::NameAndType)),
            (field("xb", "性别 代码", FieldType::Text, "", ""), Some(Likeness::Title)),
            (field("xb", "男女", FieldType::Code, "", "sex"), Some(Likeness::CodeList)),
            (field("sex", "男女", FieldType::Text, "", ""), None),
            (field("age", "年龄", FieldType::Integer, "", ""), None),
        ] {
            let found = find(&Items { fields: vec![own.clone()], ..Items::default() }, &others);
            assert_eq!(found.first().map(|f| f.by), by, "{own:?}");
            if let Some(found) = found.first() {
                assert_eq!(
                    (&*found.entry, &*found.there, &*found.source),
                    ("population:persons", "sex", "11100000PDY00001X7")
                );
            }
        }
        assert_eq!(named(&["性别代码".into()], &others), [("population:persons", "自然人")]);
        assert!(named(&["年龄".into(), "——".into()], &others).is_empty());
    }
}
