//! What must hold of an identity document's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::citizen_id::CitizenId;
use foundation::value::document::DocumentKind;
use foundation::value::{Fields, Value};

use super::{finding, person, text};

/// Field numbers of `datasets/documents.toml`; a test compares them.
mod field {
    pub(super) const KIND: u16 = 1;
    pub(super) const NUMBER: u16 = 2;
    pub(super) const CITIZEN_ID: u16 = 3;
    pub(super) const PERSON: u16 = 4;
    pub(super) const ISSUED: u16 = 7;
    pub(super) const EXPIRES: u16 = 8;
    pub(super) const STATUS: u16 = 10;
    pub(super) const REPLACED_BY: u16 = 11;
}

/// 换号 in `document-status`.
const REPLACED: &str = "3";

/// Kinds whose number has the form of GB 11643, with what it begins with.
const NUMBERED: [(&str, &[&str]); 5] = [
    ("citizen_id", &[]),
    ("residence_hk", &["81"]),
    ("residence_mo", &["82"]),
    ("residence_tw", &["83"]),
    ("foreign_permanent", &["9"]),
];

pub(super) struct Documents;

impl RowRules for Documents {
    fn table(&self) -> &'static str {
        "documents"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(number(row));
        found.extend(person(row, ("citizen_id", field::CITIZEN_ID), field::PERSON, context));
        found.extend(dates(row));
        let replaced = row.get(field::STATUS).and_then(text) == Some(REPLACED);
        if replaced != row.get(field::REPLACED_BY).is_some() {
            let message =
                "a number that was replaced has status 3 and names the number that replaced it, others do not";
            found.push(finding("replaced_by", "replaced_by_of_status", message, false));
        }
        found
    }
}

/// The number has the form of its kind; a resident card's number is its holder's.
fn number(row: &mut Fields) -> Option<Finding> {
    let kind = row.get(field::KIND).and_then(text)?;
    let given = row.get(field::NUMBER).and_then(text)?;
    let Some((_, begins)) = NUMBERED.iter().find(|(known, _)| *known == kind) else {
        let form = match kind {
            "passport" => DocumentKind::Passport,
            "hk_mo_pass" => DocumentKind::HongKongMacaoPermit,
            "tw_pass" => DocumentKind::TaiwanPermit,
            _ => return None,
        };
        let error = form.number(given).err()?;
        return Some(finding("document_number", "document_form", error.to_string(), true));
    };
    let id = match CitizenId::parse(given) {
        Ok(id) => id,
        Err(error) => return Some(finding("document_number", error.rule(), error.to_string(), true)),
    };
    if !begins.is_empty() && !begins.iter().any(|start| id.as_str().starts_with(start)) {
        let message = format!("a number of kind {kind} begins with {}", begins.join(" or "));
        return Some(finding("document_number", "document_kind", message, true));
    }
    let id = id.into_string();
    row.set(field::NUMBER, Value::Code(id.clone()));
    match row.get(field::CITIZEN_ID).and_then(text) {
        None => {
            row.set(field::CITIZEN_ID, Value::Code(id));
            None
        }
        // A wrong or replaced number stands for the holder's present one.
        Some(holder) if holder == id || row.get(field::STATUS).and_then(text).is_some_and(|s| s != "1") => None,
        Some(_) => {
            let message = "a valid number of this kind is the holder's own";
            Some(finding("citizen_id", "number_of_holder", message, false))
        }
    }
}

/// Nothing expires before it was issued.
fn dates(row: &Fields) -> Option<Finding> {
    let (Some(Value::Date(issued)), Some(Value::Date(expires))) = (row.get(field::ISSUED), row.get(field::EXPIRES))
    else {
        return None;
    };
    (expires.span().to <= issued.span().from)
        .then(|| finding("expires", "expires_before_issued", "the document expires before it was issued", true))
}

#[cfg(test)]
mod tests {
    use foundation::value::Party;

    use super::super::tests::{check, date, number, numbers_agree};
    use super::*;

    fn row(kind: &str, number: &str) -> Fields {
        [(field::KIND, Value::Code(kind.into())), (field::NUMBER, Value::Code(number.into()))].into_iter().collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "documents",
            &[
                ("document_kind", field::KIND),
                ("document_number", field::NUMBER),
                ("citizen_id", field::CITIZEN_ID),
                ("person", field::PERSON),
                ("issued", field::ISSUED),
                ("expires", field::EXPIRES),
                ("document_status", field::STATUS),
                ("replaced_by", field::REPLACED_BY),
            ],
        );
    }

    #[test]
    fn a_resident_card_names_its_holder() {
        let known = number("19900101", "001");
        let mut card = row("citizen_id", &known);
        assert_eq!(check(&Documents, &mut card), []);
        assert_eq!(card.get(field::CITIZEN_ID), Some(&Value::Code(known.clone())));
        let party = Party { link: Some(known), ..Party::default() };
        assert_eq!(card.get(field::PERSON), Some(&Value::Party(party)));
    }

    #[test]
    fn numbers_have_the_form_of_their_kind() {
        let plain = number("19900101", "001");
        for (kind, given, rule) in [
            ("citizen_id", "110105199001010012", "citizen_id_check_digit"),
            ("residence_hk", plain.as_str(), "document_kind"),
            ("passport", "!", "document_form"),
        ] {
            let found = check(&Documents, &mut row(kind, given));
            assert_eq!(found.first().map(|(rule, refused)| (rule.as_str(), *refused)), Some((rule, true)), "{kind}");
        }
        assert_eq!(check(&Documents, &mut row("passport", "E12345678")), []);
    }

    #[test]
    fn replaced_numbers_and_dates_are_judged() {
        let mut replaced = row("citizen_id", &number("19900101", "001"));
        replaced.set(field::STATUS, Value::Code(REPLACED.into()));
        assert_eq!(check(&Documents, &mut replaced), [("replaced_by_of_status".to_owned(), false)]);
        replaced.set(field::REPLACED_BY, Value::Code(number("19900101", "003")));
        replaced.set(field::CITIZEN_ID, Value::Code(number("19900101", "003")));
        assert_eq!(check(&Documents, &mut replaced), []);
        replaced.set(field::ISSUED, date("2020-01-01"));
        replaced.set(field::EXPIRES, date("2019"));
        assert_eq!(check(&Documents, &mut replaced), [("expires_before_issued".to_owned(), true)]);
    }
}
