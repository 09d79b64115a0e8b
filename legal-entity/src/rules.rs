//! What must hold of rows about legal entities. Check characters are the value types' (`foundation::value::credit_code`).

mod enterprises;
mod events;
mod lei;
mod people;
mod permits;
mod registers;
mod shareholdings;

pub(crate) use shareholdings::field as shareholding;

use foundation::service::{Finding, RowRules};
use foundation::value::credit_code::CreditCode;
use foundation::value::{Fields, Value};

/// First two digits of the division in synthetic credit codes: GB/T 2260 has never issued `89`.
pub const SYNTHETIC_PROVINCE: &str = "89";

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![
        Box::new(enterprises::Enterprises),
        Box::new(shareholdings::Shareholdings),
        Box::new(registers::INSTITUTIONS),
        Box::new(registers::SOCIAL_ORGANISATIONS),
        Box::new(events::EntityEvents),
        Box::new(people::Officers),
        Box::new(people::BeneficialOwners),
        Box::new(permits::Permits),
        Box::new(lei::LeiRecords),
    ]
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Code(text) | Value::Text(text) | Value::Link(text) => Some(text),
        _ => None,
    }
}

fn finding(field: &str, rule: &str, message: impl Into<String>, refused: bool) -> Finding {
    Finding { field: field.to_owned(), rule: rule.to_owned(), message: message.into(), refused }
}

/// The class in a code is one its authority gives.
fn class(code: &CreditCode) -> Option<Finding> {
    let message = || format!("authority {} of the credit code has no class {}", code.authority(), code.class());
    (!code.class_is_known()).then(|| finding("credit_code", "credit_code_class", message(), false))
}

/// The legal entity linked in field `number`, called `name`: its code is judged and written as the standard has it.
fn entity(row: &mut Fields, name: &str, number: u16) -> Option<Finding> {
    match CreditCode::parse(row.get(number).and_then(text)?) {
        Ok(code) => {
            row.set(number, Value::Link(code.into_string()));
            None
        }
        Err(error) => Some(finding(name, error.rule(), error.to_string(), true)),
    }
}

#[cfg(test)]
mod tests {
    use foundation::dataset::{Code, CodeList, CodeLists, Title};
    use foundation::service::{RowContext, RowRules};
    use foundation::value::{Day, Fields, Span};

    /// Every number in `fields` is that of the field so called in the dataset `table`.
    pub(super) fn numbers_agree(table: &str, fields: &[(&str, u16)]) {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == table).expect("a dataset");
        for (name, number) in fields {
            assert_eq!(dataset.field(name).map(|f| f.number), Some(*number), "{table}.{name}");
        }
    }

    /// Rules broken by `row` of the dataset called `table`.
    pub(super) fn check(rules: &dyn RowRules, row: &mut Fields, demo: bool) -> Vec<(String, bool)> {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == rules.table()).expect("a dataset");
        let valid = Span { from: Day::MIN, to: Day::MAX };
        let code = Code {
            code: "350100".into(),
            label: Title::default(),
            aliases: Vec::new(),
            parent: None,
            valid,
            successors: Vec::new(),
        };
        let mut lists = CodeLists::default();
        lists.insert(CodeList::new("division", Title::default(), "test", Day::MIN, vec![code]));
        let today = Day::parse("2026-11-23").expect("a day");
        let context = RowContext { dataset, lists: &lists, today, demo };
        rules.check(row, &context).into_iter().map(|f| (f.rule, f.refused)).collect()
    }
}
