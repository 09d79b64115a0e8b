//! Rows from a definition alone.

use crate::dataset::{CodeLists, Dataset, Field};
use crate::value::{Day, FieldType, citizen_id, credit_code};

/// A sound row: its natural key and required fields by type, and `word` in every free text. Rules that only a domain knows
/// may want more; such a domain brings its own rows.
#[must_use]
pub fn by_type(dataset: &Dataset, lists: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let varies =
        |field: &&Field| field.kind == FieldType::Text && !field.list && !dataset.natural_key.contains(&field.name);
    let varying = dataset.fields.iter().find(varies).map(|f| f.name.clone());
    dataset
        .fields
        .iter()
        .filter(|f| f.required || dataset.natural_key.contains(&f.name) || varying.as_ref() == Some(&f.name))
        .map(|field| {
            let text =
                if varying.as_ref() == Some(&field.name) { format!("word {word}") } else { text(field, lists, n) };
            (field.name.clone(), text)
        })
        .collect()
}

fn text(field: &Field, lists: &CodeLists, n: u32) -> String {
    let day = Day(18_262);
    let code = || {
        let list = field.code_list.as_ref().and_then(|id| lists.get(id));
        let code = list.and_then(|l| l.iter().find(|c| c.valid.contains(day)).map(|c| c.code.clone()));
        code.unwrap_or_else(|| format!("{n}"))
    };
    match field.kind {
        FieldType::Text | FieldType::Texts | FieldType::Link | FieldType::Document | FieldType::Party => {
            format!("{}{n}", field.name)
        }
        FieldType::Code | FieldType::Division => code(),
        FieldType::CitizenId => {
            let body = format!("11010519491231{:03}", n % 1_000);
            format!("{body}{}", citizen_id::check_digit(&body))
        }
        FieldType::CreditCode => {
            let organisation = format!("{:08}", n % 100_000_000);
            let check = credit_code::organisation_check(&organisation).unwrap_or('0');
            let body = format!("91110105{organisation}{check}");
            format!("{body}{}", credit_code::check_character(&body))
        }
        FieldType::Integer | FieldType::Decimal => format!("{n}"),
        FieldType::Measure => format!("{n} {}", field.unit.as_deref().unwrap_or("1")),
        FieldType::Boolean => "true".to_owned(),
        FieldType::Date => "2000-01-31".to_owned(),
        FieldType::Interval => "0618/0907".to_owned(),
        FieldType::Period => format!("{}", 1_950 + n % 1_000),
        FieldType::Timestamp => "2020-01-31T00:00:00Z".to_owned(),
        FieldType::Geometry => format!("POINT ({}.5 30.5)", 100 + n % 20),
        FieldType::Media => {
            let sha256 = "0".repeat(64);
            format!(r#"{{"reference":"{n}.jpg","media_type":"image/jpeg","size":1,"sha256":"{sha256}"}}"#)
        }
    }
}
