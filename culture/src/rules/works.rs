//! What must hold of a work's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Era, Fields, Value};

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![Box::new(Works)]
}

/// Field numbers of `datasets/works.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const DYNASTY: u16 = 4;
    pub(crate) const LINES: u16 = 7;
    pub(crate) const FIRST_LINE: u16 = 8;
    pub(crate) const ERA: u16 = 9;
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

struct Works;

impl RowRules for Works {
    fn table(&self) -> &'static str {
        "works"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        first_line(row);
        era(row).into_iter().collect()
    }
}

/// The first line stands in a field of its own, for lists and titles.
fn first_line(row: &mut Fields) {
    if row.get(field::FIRST_LINE).is_none()
        && let Some(Value::List(lines)) = row.get(field::LINES)
        && let Some(Value::Text(first)) = lines.first()
    {
        let first: String = first.chars().take(200).collect();
        row.set(field::FIRST_LINE, Value::Text(first));
    }
}

/// A work without an era has its dynasty's; an era quite outside the dynasty is told.
fn era(row: &mut Fields) -> Option<Finding> {
    let dynasty = match row.get(field::DYNASTY)? {
        Value::Code(code) => DYNASTIES.iter().find(|(known, _)| known == code).map(|(_, years)| *years)?,
        _ => return None,
    };
    let years = Era::parse(dynasty)?;
    match row.get(field::ERA) {
        Some(Value::Era(era)) if !era.span().overlaps(&years.span()) => Some(Finding {
            field: "era".to_owned(),
            rule: "era_of_dynasty".to_owned(),
            message: format!("the era {era} lies outside the dynasty's years {dynasty}"),
            refused: false,
        }),
        Some(_) => None,
        None => {
            row.set(field::ERA, Value::Era(years));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use foundation::dataset::CodeLists;
    use foundation::value::Day;

    use super::*;

    fn check(row: &mut Fields) -> Vec<String> {
        let domain = crate::domain().expect("definitions load");
        let lists = CodeLists::default();
        let today = Day::parse("2026-11-23").expect("a day");
        let context = RowContext { dataset: &domain.datasets[0], lists: &lists, today, demo: false };
        Works.check(row, &context).into_iter().map(|f| f.rule).collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("dynasty", field::DYNASTY),
            ("lines", field::LINES),
            ("first_line", field::FIRST_LINE),
            ("era", field::ERA),
        ] {
            assert_eq!(domain.datasets[0].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn every_dynasty_has_readable_years() {
        for (code, years) in DYNASTIES {
            assert!(Era::parse(years).is_some(), "{code}");
        }
    }

    #[test]
    fn first_line_and_era_are_completed() {
        let lines = Value::List(vec![Value::Text("牀前看月光，疑是地上霜。".into()), Value::Text("舉頭望山月".into())]);
        let mut row: Fields =
            [(field::DYNASTY, Value::Code("tang".into())), (field::LINES, lines)].into_iter().collect();
        assert_eq!(check(&mut row), [""; 0]);
        assert_eq!(row.get(field::FIRST_LINE), Some(&Value::Text("牀前看月光，疑是地上霜。".into())));
        assert_eq!(row.get(field::ERA), Era::parse("0618/0907").map(Value::Era).as_ref());
        row.set(field::ERA, Era::parse("1701").map(Value::Era).expect("an era"));
        assert_eq!(check(&mut row), ["era_of_dynasty"]);
    }
}
