//! What must hold of rows about divisions, places, addresses and features.

mod addresses;
mod divisions;
mod estate_unit;
mod features;
mod places;

pub(crate) use divisions::field as division;

use foundation::service::{Finding, RowRules};
use foundation::value::{Fields, Value};

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![
        Box::new(divisions::Divisions),
        Box::new(places::Places),
        Box::new(addresses::Addresses),
        Box::new(features::Features),
    ]
}

fn text(row: &Fields, number: u16) -> Option<&str> {
    match row.get(number)? {
        Value::Code(text) | Value::Text(text) | Value::Link(text) => Some(text),
        _ => None,
    }
}

fn finding(field: &str, rule: &str, message: impl Into<String>, refused: bool) -> Finding {
    Finding { field: field.to_owned(), rule: rule.to_owned(), message: message.into(), refused }
}

#[cfg(test)]
mod tests {
    use foundation::dataset::CodeLists;
    use foundation::service::{RowContext, RowRules};
    use foundation::value::{Day, Fields};

    /// Every number in `fields` is that of the field so called in the dataset `table`.
    pub(super) fn numbers_agree(table: &str, fields: &[(&str, u16)]) {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == table).expect("a dataset");
        for (name, number) in fields {
            assert_eq!(dataset.field(name).map(|f| f.number), Some(*number), "{table}.{name}");
        }
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
}
