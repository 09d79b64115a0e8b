//! What must hold of a shareholding's row; fills the link to the holder from the holder's number.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::citizen_id::CitizenId;
use foundation::value::credit_code::CreditCode;
use foundation::value::document::{DocumentKind, normalise};
use foundation::value::{Fields, Party, Value};

use super::{entity, finding, text};

/// Field numbers of `datasets/shareholdings.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const TARGET: u16 = 1;
    pub(crate) const HOLDER_NUMBER: u16 = 2;
    pub(crate) const HOLDER_NAME: u16 = 3;
    pub(crate) const HOLDER_KIND: u16 = 4;
    pub(crate) const HOLDER_ENTITY: u16 = 5;
    pub(crate) const HOLDER_PERSON: u16 = 6;
    pub(crate) const RATIO: u16 = 7;
    pub(crate) const SUBSCRIBED: u16 = 8;
    pub(crate) const PAID: u16 = 9;
    /// `name` of `datasets/enterprises.toml`.
    pub(crate) const NAME_OF_ENTERPRISE: u16 = 2;
}

pub(super) struct Shareholdings;

impl RowRules for Shareholdings {
    fn table(&self) -> &'static str {
        "shareholdings"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(entity(row, "target", field::TARGET));
        found.extend(holder(row));
        if row.get(field::HOLDER_ENTITY).is_some() && row.get(field::HOLDER_ENTITY) == row.get(field::TARGET) {
            found.push(finding(
                "holder_entity",
                "holds_itself",
                "the enterprise is named as a holder of itself",
                false,
            ));
        }
        if let (Some(Value::Decimal(subscribed)), Some(Value::Decimal(paid))) =
            (row.get(field::SUBSCRIBED), row.get(field::PAID))
            && paid > subscribed
        {
            found.push(finding("paid", "paid_above_subscribed", "more is paid in than subscribed", false));
        }
        found
    }
}

/// A credit code makes the holder a legal entity, a citizen number a person; anything else stays a number.
fn holder(row: &mut Fields) -> Option<Finding> {
    let given = row.get(field::HOLDER_NUMBER).and_then(text)?.to_owned();
    let Ok(number) = normalise(&given) else {
        return Some(finding("holder_number", "document_form", "this is no number of a document", true));
    };
    let said = row.get(field::HOLDER_KIND).and_then(text);
    let (person, entity) = (CitizenId::parse(&number), CreditCode::parse(&number));
    // One citizen number in 31 passes as a credit code too; the kind decides, else its birth date speaks for a person.
    let kind = match (person, entity) {
        (Ok(id), _) if said != Some("2") => {
            let number = id.into_string();
            let name = row.get(field::HOLDER_NAME).and_then(text).map(ToOwned::to_owned);
            let document = Some((DocumentKind::CitizenId.as_str().to_owned(), number.clone()));
            fill(row, field::HOLDER_PERSON, Value::Party(Party { name, document, ..Party::default() }));
            row.set(field::HOLDER_NUMBER, Value::Text(number));
            "1"
        }
        (_, Ok(code)) if said != Some("1") => {
            let code = code.into_string();
            fill(row, field::HOLDER_ENTITY, Value::Link(code.clone()));
            row.set(field::HOLDER_NUMBER, Value::Text(code));
            "2"
        }
        (Err(error), _) if said == Some("1") && number.len() == 18 || looks_like_citizen(&number) => {
            return Some(finding("holder_number", error.rule(), error.to_string(), true));
        }
        (_, Err(error)) if said == Some("2") || number.len() == 18 => {
            return Some(finding("holder_number", error.rule(), error.to_string(), true));
        }
        _ => {
            row.set(field::HOLDER_NUMBER, Value::Text(number));
            "9"
        }
    };
    fill(row, field::HOLDER_KIND, Value::Code(kind.to_owned()));
    None
}

/// Seventeen digits and a check, with the century of a birth year in their place.
fn looks_like_citizen(number: &str) -> bool {
    let digits = number.len() == 18 && number.bytes().take(17).all(|b| b.is_ascii_digit());
    digits && matches!(number.get(6..8), Some("18" | "19" | "20"))
}

fn fill(row: &mut Fields, number: u16, value: Value) {
    if row.get(number).is_none() {
        row.set(number, value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn row(holder: &str) -> Fields {
        [
            (field::TARGET, Value::Link("91350100M000100Y43".into())),
            (field::HOLDER_NUMBER, Value::Text(holder.to_owned())),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("target", field::TARGET),
            ("holder_number", field::HOLDER_NUMBER),
            ("holder_name", field::HOLDER_NAME),
            ("holder_kind", field::HOLDER_KIND),
            ("holder_entity", field::HOLDER_ENTITY),
            ("holder_person", field::HOLDER_PERSON),
            ("ratio", field::RATIO),
            ("subscribed", field::SUBSCRIBED),
            ("paid", field::PAID),
        ] {
            assert_eq!(domain.datasets[1].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn the_holder_is_found_from_its_number() {
        let mut company = row("91330100799655058b");
        assert_eq!(check(&Shareholdings, &mut company, false), []);
        assert_eq!(company.get(field::HOLDER_ENTITY), Some(&Value::Link("91330100799655058B".into())));
        assert_eq!(company.get(field::HOLDER_KIND), Some(&Value::Code("2".into())));
        let mut person = row("11010519491231002x");
        assert_eq!(check(&Shareholdings, &mut person, false), []);
        let Some(Value::Party(party)) = person.get(field::HOLDER_PERSON) else { panic!("no person") };
        assert_eq!(party.document, Some(("citizen-id".into(), "11010519491231002X".into())));
        let mut foreign = row("HRB 12345");
        assert_eq!(check(&Shareholdings, &mut foreign, false), []);
        assert_eq!(foreign.get(field::HOLDER_KIND), Some(&Value::Code("9".into())));
    }

    #[test]
    fn wrong_numbers_are_refused_and_not_repeated() {
        assert_eq!(
            check(&Shareholdings, &mut row("110105194912310021"), false),
            [("citizen_id_check_digit".into(), true)]
        );
        assert_eq!(
            check(&Shareholdings, &mut row("91330100799655058C"), false),
            [("credit_code_check_character".into(), true)]
        );
        assert_eq!(check(&Shareholdings, &mut row("91350100M000100Y43"), false), [("holds_itself".into(), false)]);
    }
}
