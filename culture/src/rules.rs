//! What must hold of rows about works, relics, sites, heritage and venues.

mod authors;
mod relics;
mod sites;
mod venues;
mod works;

pub(crate) use works::field;

use foundation::service::{Finding, RowRules};
use foundation::value::{Era, Fields, Value};

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![
        Box::new(works::Works),
        Box::new(authors::Authors),
        Box::new(relics::Relics),
        Box::new(sites::Sites),
        Box::new(venues::Venues),
    ]
}

fn finding(field: &str, rule: &str, message: impl Into<String>, refused: bool) -> Finding {
    Finding { field: field.to_owned(), rule: rule.to_owned(), message: message.into(), refused }
}

/// Years of the dynasties in `code-lists/dynasty.csv`, EDTF; years BCE are astronomical (−0220 = 221 BCE).
pub(crate) const DYNASTIES: [(&str, &str); 21] = [
    ("pre-qin", "../-0221"),
    ("xia", "-2069~/-1599~"),
    ("shang", "-1599~/-1045"),
    ("zhou", "-1045/-0255"),
    ("qin", "-0220/-0206"),
    ("han", "-0201/0220"),
    ("three-kingdoms", "0220/0280"),
    ("jin-265", "0265/0420"),
    ("southern-northern", "0420/0589"),
    ("sui", "0581/0618"),
    ("tang", "0618/0907"),
    ("five-dynasties", "0907/0979"),
    ("song", "0960/1279"),
    ("liao", "0916/1125"),
    ("western-xia", "1038/1227"),
    ("jin-1115", "1115/1234"),
    ("yuan", "1271/1368"),
    ("ming", "1368/1644"),
    ("qing", "1644/1911"),
    ("republic", "1912/1949"),
    ("prc", "1949/.."),
];

/// The years of the dynasty in `row`.
fn years_of_dynasty(row: &Fields, dynasty: u16) -> Option<(&'static str, Era)> {
    match row.get(dynasty)? {
        Value::Code(code) => DYNASTIES.iter().find(|(known, _)| known == code).map(|(_, years)| *years),
        _ => None,
    }
    .and_then(|years| Era::parse(years).map(|era| (years, era)))
}

/// A row without an era has its dynasty's; an era (in the field called `name`) quite outside the dynasty is told.
fn era_of_dynasty(row: &mut Fields, name: &str, (dynasty, era): (u16, u16)) -> Option<Finding> {
    let (text, years) = years_of_dynasty(row, dynasty)?;
    match row.get(era) {
        Some(Value::Era(given)) if !given.span().overlaps(&years.span()) => {
            let message = format!("the era {given} lies outside the dynasty's years {text}");
            Some(finding(name, "era_of_dynasty", message, false))
        }
        Some(_) => None,
        None => {
            row.set(era, Value::Era(years));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use foundation::dataset::CodeLists;
    use foundation::service::{RowContext, RowRules};
    use foundation::value::{Day, Fields};

    use super::*;

    /// Rules broken by `row`, with whether they refuse it.
    pub(super) fn check(rules: &dyn RowRules, row: &mut Fields) -> Vec<(String, bool)> {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == rules.table()).expect("a dataset");
        let lists = CodeLists::default();
        let today = Day::parse("2026-11-23").expect("a day");
        let context = RowContext { dataset, lists: &lists, today, demo: false };
        rules.check(row, &context).into_iter().map(|f| (f.rule, f.refused)).collect()
    }

    /// Rules broken by `row`.
    pub(super) fn broken(rules: &dyn RowRules, row: &mut Fields) -> Vec<String> {
        check(rules, row).into_iter().map(|(rule, _)| rule).collect()
    }

    /// Every number in `fields` is that of the field so called in the dataset `table`.
    pub(super) fn numbers_agree(table: &str, fields: &[(&str, u16)]) {
        let domain = crate::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == table).expect("a dataset");
        for (name, number) in fields {
            assert_eq!(dataset.field(name).map(|f| f.number), Some(*number), "{table}.{name}");
        }
    }

    #[test]
    fn every_dynasty_has_readable_years() {
        for (code, years) in DYNASTIES {
            assert!(Era::parse(years).is_some(), "{code}");
        }
    }
}
