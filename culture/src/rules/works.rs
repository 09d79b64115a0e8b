//! What must hold of a work's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::era_of_dynasty;

/// Field numbers of `datasets/works.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const DYNASTY: u16 = 4;
    pub(crate) const LINES: u16 = 7;
    pub(crate) const FIRST_LINE: u16 = 8;
    pub(crate) const ERA: u16 = 9;
}

pub(super) struct Works;

impl RowRules for Works {
    fn table(&self) -> &'static str {
        "works"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        first_line(row);
        era_of_dynasty(row, "era", (field::DYNASTY, field::ERA)).into_iter().collect()
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

#[cfg(test)]
mod tests {
    use foundation::value::Era;

    use super::super::tests::{broken, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "works",
            &[
                ("dynasty", field::DYNASTY),
                ("lines", field::LINES),
                ("first_line", field::FIRST_LINE),
                ("era", field::ERA),
            ],
        );
    }

    #[test]
    fn first_line_and_era_are_completed() {
        let lines = Value::List(vec![Value::Text("牀前看月光，疑是地上霜。".into()), Value::Text("舉頭望山月".into())]);
        let mut row: Fields =
            [(field::DYNASTY, Value::Code("tang".into())), (field::LINES, lines)].into_iter().collect();
        assert_eq!(broken(&Works, &mut row), [""; 0]);
        assert_eq!(row.get(field::FIRST_LINE), Some(&Value::Text("牀前看月光，疑是地上霜。".into())));
        assert_eq!(row.get(field::ERA), Era::parse("0618/0907").map(Value::Era).as_ref());
        row.set(field::ERA, Era::parse("1701").map(Value::Era).expect("an era"));
        assert_eq!(broken(&Works, &mut row), ["era_of_dynasty"]);
    }
}
