//! What must hold of rows about persons. Check digits are the value types' (`foundation::value::citizen_id`).
//!
//! Messages never repeat a personal value.

mod documents;
mod households;
mod persons;
mod residences;
mod vital_events;

pub(crate) use persons::field;

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::citizen_id::CitizenId;
use foundation::value::{Fields, Party, Value};

/// First two digits of the division in synthetic citizen numbers. GB/T 2260 has never issued `89`; the provinces end at 82
/// and 83 serves residence permits. Only data directories marked `demo` know it.
pub const SYNTHETIC_PROVINCE: &str = "89";

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![
        Box::new(persons::Persons),
        Box::new(documents::Documents),
        Box::new(households::Households),
        Box::new(households::Members),
        Box::new(residences::Residences),
        Box::new(vital_events::VitalEvents),
    ]
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Code(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

fn finding(field: &str, rule: &str, message: impl Into<String>, refused: bool) -> Finding {
    Finding { field: field.to_owned(), rule: rule.to_owned(), message: message.into(), refused }
}

/// The person that the citizen number in field `number` (called `name`) stands for: written as a link into field `link`,
/// unless the source names the person itself. Synthetic numbers stay in demonstration directories, real ones out of them.
fn person(row: &mut Fields, (name, number): (&str, u16), link: u16, context: &RowContext<'_>) -> Option<Finding> {
    let id = row.get(number).and_then(text).and_then(|n| CitizenId::parse(n).ok())?;
    if row.get(link).is_none() {
        let party = Party { link: Some(id.as_str().to_owned()), ..Party::default() };
        row.set(link, Value::Party(party));
    }
    provenance(name, &id, context.demo)
}

/// Synthetic numbers stay in demonstration directories, real ones out of them.
fn provenance(field: &str, id: &CitizenId, demo: bool) -> Option<Finding> {
    let synthetic = id.as_str().starts_with(SYNTHETIC_PROVINCE);
    let message = match (synthetic, demo) {
        (true, false) => {
            "the number is synthetic (its division was never issued): only demonstration directories take it"
        }
        (false, true) => "this data directory is marked `demo` and takes synthetic numbers only",
        _ => return None,
    };
    Some(finding(field, if synthetic { "synthetic_number" } else { "real_number_in_demo" }, message, true))
}

#[cfg(test)]
mod tests {
    use foundation::dataset::CodeLists;
    use foundation::service::{RowContext, RowRules};
    use foundation::value::citizen_id::check_digit;
    use foundation::value::{Day, Fields, PartialDate, Value};

    /// A number of somebody born on `birth` (`19900101`), with the order digits given.
    pub(super) fn number(birth: &str, order: &str) -> String {
        let body = format!("110105{birth}{order}");
        format!("{body}{}", check_digit(&body))
    }

    pub(super) fn date(text: &str) -> Value {
        PartialDate::parse(text).map(Value::Date).expect("a date")
    }

    /// Rules broken by `row`.
    pub(super) fn check(rules: &dyn RowRules, row: &mut Fields) -> Vec<(String, bool)> {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == rules.table()).expect("a dataset");
        let lists = CodeLists::default();
        let today = Day::parse("2026-11-23").expect("a day");
        let context = RowContext { dataset, lists: &lists, today, demo: false };
        rules.check(row, &context).into_iter().map(|f| (f.rule, f.refused)).collect()
    }

    /// Every number in `fields` is that of the field so called in the dataset `table`.
    pub(super) fn numbers_agree(table: &str, fields: &[(&str, u16)]) {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == table).expect("a dataset");
        for (name, number) in fields {
            assert_eq!(dataset.field(name).map(|f| f.number), Some(*number), "{table}.{name}");
        }
    }
}
