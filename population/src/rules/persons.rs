//! What must hold of a person's row.
//!
//! Run for millions of rows: no allocation unless something is found or derived. Messages never repeat a personal value.

use foundation::dataset::{CodeList, CodeStatus};
use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::citizen_id::CitizenId;
use foundation::value::{Day, Fields, PartialDate, Span, Value};

use super::{SYNTHETIC_PROVINCE, finding, provenance, text};

/// Field numbers of `datasets/persons.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const CITIZEN_ID: u16 = 1;
    pub(crate) const NAME: u16 = 2;
    pub(crate) const FORMER_NAME: u16 = 3;
    pub(crate) const SEX: u16 = 4;
    pub(crate) const BIRTH_DATE: u16 = 6;
    pub(crate) const BIRTH_DIVISION: u16 = 7;
    pub(crate) const DOMICILE_DIVISION: u16 = 8;
    pub(crate) const DOMICILE_ADDRESS: u16 = 9;
    pub(crate) const LIFE_STATUS: u16 = 10;
    pub(crate) const DEATH_DATE: u16 = 11;
    pub(crate) const FATHER: u16 = 12;
    pub(crate) const MOTHER: u16 = 13;
    pub(crate) const MARITAL_STATUS: u16 = 14;
    pub(crate) const SPOUSE: u16 = 15;
    pub(crate) const REPLACED_BY: u16 = 16;
    pub(crate) const REPLACES: u16 = 17;
}

/// The first day that the division list does not speak of; a code it does not know may be newer than it.
const LIST_ENDS: Day = Day(20_454);

pub(super) struct Persons;

impl RowRules for Persons {
    fn table(&self) -> &'static str {
        "persons"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        let Some(id) = row.get(field::CITIZEN_ID).and_then(text).and_then(|n| CitizenId::parse(n).ok()) else {
            // An absent number is refused by `required`, a wrong one by its type.
            return found;
        };
        found.extend(provenance("citizen_id", &id, context.demo));
        found.extend(birth_district(&id, context));
        found.extend(sex(row, &id));
        found.extend(birth_date(row, &id));
        found.extend(death(row, &id));
        found
    }
}

/// The division in the number must have existed on some day from birth to today. Where the list does not reach, that is a
/// warning. Residence permits (81, 82, 83), foreigners' cards (9) and synthetic numbers carry no such division.
fn birth_district(id: &CitizenId, context: &RowContext<'_>) -> Option<Finding> {
    let code = id.division()?;
    if id.is_residence_permit() || code.starts_with(SYNTHETIC_PROVINCE) {
        return None;
    }
    let list = context.lists.get("division")?;
    let life = Span { from: id.birth(), to: context.today.plus(1) };
    if list.held_during(code, life) {
        return None;
    }
    if id.birth() < list.reaches_back_to {
        return Some(finding(
            "citizen_id",
            "birth_district_not_checked",
            format!("the division in the number is not in the list, which begins on {}", list.reaches_back_to),
            false,
        ));
    }
    Some(unknown_district(code, life, list))
}

fn unknown_district(code: &str, life: Span<Day>, list: &CodeList) -> Finding {
    match list.status(code, life.from) {
        CodeStatus::Abolished { last, successors } => {
            let next = if successors.is_empty() {
                "no successor is known".to_owned()
            } else {
                format!("its successor is {}", successors.join(", "))
            };
            let message =
                format!("the division in the number was abolished on {}, before the birth date; {next}", last.valid.to);
            finding("citizen_id", "birth_district_abolished", message, true)
        }
        _ if life.from >= LIST_ENDS => finding(
            "citizen_id",
            "birth_district_not_checked",
            "the division in the number is not in the list, which ends on 2025-12-31",
            false,
        ),
        _ => finding(
            "citizen_id",
            "birth_district_unknown",
            "the division in the number never existed from the birth date to today",
            true,
        ),
    }
}

/// The order digit is odd for men, even for women; an absent sex is taken from it, "unknown" and "not stated" stay.
fn sex(row: &mut Fields, id: &CitizenId) -> Option<Finding> {
    match row.get(field::SEX).and_then(text) {
        None => {
            row.set(field::SEX, Value::Code(id.sex().code().to_owned()));
            None
        }
        Some(code) if code == id.sex().code() || matches!(code, "0" | "9") => None,
        Some(_) => Some(finding(
            "sex",
            "sex_of_number",
            "the sex does not agree with the order digit of the citizen number (odd: male, even: female)",
            true,
        )),
    }
}

/// The birth date is the number's; an absent or coarser one is completed from it.
fn birth_date(row: &mut Fields, id: &CitizenId) -> Option<Finding> {
    let exact = PartialDate::of(id.birth())?;
    match row.get(field::BIRTH_DATE) {
        Some(Value::Date(date)) if *date == exact => None,
        Some(Value::Date(date)) if !date.span().contains(id.birth()) => Some(finding(
            "birth_date",
            "birth_date_of_number",
            "the birth date does not agree with characters 7 to 14 of the citizen number",
            true,
        )),
        _ => {
            row.set(field::BIRTH_DATE, Value::Date(exact));
            None
        }
    }
}

/// Nobody dies before being born; a death date and a status of living contradict each other.
fn death(row: &Fields, id: &CitizenId) -> Option<Finding> {
    let Some(Value::Date(date)) = row.get(field::DEATH_DATE) else { return None };
    if date.span().to <= id.birth() {
        return Some(finding("death_date", "death_before_birth", "the death date lies before the birth date", true));
    }
    (row.get(field::LIFE_STATUS).and_then(text) == Some("1")).then(|| {
        finding("life_status", "living_with_death_date", "the status is living, yet there is a death date", false)
    })
}

#[cfg(test)]
mod tests;
