//! Legal entity identifiers: ISO 17442, check digits by ISO 7064 mod 97-10.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, text};

/// Field numbers of `datasets/lei-records.toml`; a test compares them.
mod field {
    pub(super) const LEI: u16 = 1;
}

pub(super) struct LeiRecords;

impl RowRules for LeiRecords {
    fn table(&self) -> &'static str {
        "lei-records"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let Some(lei) = row.get(field::LEI).and_then(text).map(str::to_ascii_uppercase) else { return Vec::new() };
        let found = match judge(&lei) {
            Ok(()) => None,
            Err(message) => Some(finding("lei", "lei_check_digits", message, true)),
        };
        row.set(field::LEI, Value::Text(lei));
        found.into_iter().collect()
    }
}

/// Twenty letters and digits whose remainder modulo 97 is 1, letters counting from A = 10 (ISO 7064).
fn judge(lei: &str) -> Result<(), String> {
    let form = lei.len() == 20
        && lei.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && lei.bytes().skip(18).all(|b| b.is_ascii_digit());
    if !form {
        return Err("a LEI has 18 letters or digits and two check digits".to_owned());
    }
    if remainder(lei) == 1 {
        return Ok(());
    }
    let body = lei.get(..18).unwrap_or_default();
    let expected = 98 - remainder(&format!("{body}00"));
    Err(format!("the check digits of the LEI do not fit: {expected:02} were expected"))
}

fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |sum, digit| {
        let tens = if digit < 10 { 10 } else { 100 };
        (sum * tens + digit) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree("lei-records", &[("lei", field::LEI)]);
    }

    #[test]
    fn check_digits_are_those_of_iso_7064() {
        // GLEIF's own, and two of its published records.
        for sound in ["506700GE1G29325QX363", "097900BGB00000041059", "0292003898E7N8V6I421"] {
            assert_eq!(judge(sound), Ok(()), "{sound}");
        }
        for (wrong, message) in [
            ("506700GE1G29325QX364", "63 were expected"),
            ("506700GE1G29325QX36", "18 letters or digits"),
            ("506700GE1G29325QX3A3", "two check digits"),
            ("605700GE1G29325QX363", "were expected"),
        ] {
            assert!(judge(wrong).is_err_and(|said| said.contains(message)), "{wrong}");
        }
    }

    #[test]
    fn small_letters_are_written_large_and_wrong_ones_refused() {
        let mut row: Fields = [(field::LEI, Value::Text("506700ge1g29325qx363".into()))].into_iter().collect();
        assert_eq!(check(&LeiRecords, &mut row, false), []);
        assert_eq!(row.get(field::LEI), Some(&Value::Text("506700GE1G29325QX363".into())));
        row.set(field::LEI, Value::Text("506700GE1G29325QX362".into()));
        assert_eq!(check(&LeiRecords, &mut row, false), [("lei_check_digits".to_owned(), true)]);
    }
}
