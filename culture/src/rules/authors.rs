//! What must hold of an author's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, years_of_dynasty};

/// Field numbers of `datasets/authors.toml`; a test compares them.
mod field {
    pub(super) const DYNASTY: u16 = 4;
    pub(super) const LIFE: u16 = 5;
}

pub(super) struct Authors;

impl RowRules for Authors {
    fn table(&self) -> &'static str {
        "authors"
    }

    /// A life quite outside the dynasty is told; an absent one stays absent: a dynasty is no life.
    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let Some((text, years)) = years_of_dynasty(row, field::DYNASTY) else { return Vec::new() };
        match row.get(field::LIFE) {
            Some(Value::Era(life)) if !life.span().overlaps(&years.span()) => {
                let message = format!("the life {life} lies outside the dynasty's years {text}");
                vec![finding("life", "life_of_dynasty", message, false)]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Era;

    use super::super::tests::{broken, numbers_agree};
    use super::*;

    #[test]
    fn a_life_lies_in_its_dynasty() {
        numbers_agree("authors", &[("dynasty", field::DYNASTY), ("life", field::LIFE)]);
        let era = |text| Era::parse(text).map(Value::Era).expect("an era");
        let mut row: Fields = [(field::DYNASTY, Value::Code("tang".into()))].into_iter().collect();
        assert_eq!(broken(&Authors, &mut row), [""; 0]);
        assert_eq!(row.get(field::LIFE), None);
        row.set(field::LIFE, era("0712/0770"));
        assert_eq!(broken(&Authors, &mut row), [""; 0]);
        row.set(field::LIFE, era("1037/1101"));
        assert_eq!(broken(&Authors, &mut row), ["life_of_dynasty"]);
    }
}
