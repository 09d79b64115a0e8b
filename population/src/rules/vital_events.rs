//! What must hold of a vital event's row: each kind names whom and what it needs, in an order that a life allows.

mod effects;

use foundation::service::{Effect, Finding, RowContext, RowRules};
use foundation::value::citizen_id::{CitizenId, Sex};
use foundation::value::{Day, Fields, Value};

use super::{finding, person, text};

/// Field numbers of `datasets/vital-events.toml`; a test compares them.
mod field {
    pub(super) const KIND: u16 = 2;
    pub(super) const DATE: u16 = 3;
    pub(super) const REGISTERED: u16 = 4;
    pub(super) const CITIZEN_ID: u16 = 5;
    pub(super) const PERSON: u16 = 6;
    pub(super) const OTHER_CITIZEN_ID: u16 = 7;
    pub(super) const OTHER_PERSON: u16 = 8;
    pub(super) const SECOND_CITIZEN_ID: u16 = 9;
    pub(super) const SECOND_PERSON: u16 = 10;
    pub(super) const DIVISION: u16 = 11;
    pub(super) const ADDRESS: u16 = 12;
    pub(super) const NAME_AFTER: u16 = 13;
    pub(super) const NUMBER_AFTER: u16 = 14;
    pub(super) const REASON: u16 = 16;
    pub(super) const NAME_BEFORE: u16 = 17;
    pub(super) const NUMBER_CASE: u16 = 18;
}

/// Youngest age at marriage by law, years: men, women (民法典 art 1047; the same since 1981).
const MARRIAGE_AGE: (i64, i64) = (22, 20);

pub(super) struct VitalEvents;

impl RowRules for VitalEvents {
    fn table(&self) -> &'static str {
        "vital-events"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        for (id, link) in [
            (("citizen_id", field::CITIZEN_ID), field::PERSON),
            (("other_citizen_id", field::OTHER_CITIZEN_ID), field::OTHER_PERSON),
            (("second_citizen_id", field::SECOND_CITIZEN_ID), field::SECOND_PERSON),
        ] {
            found.extend(person(row, id, link, context));
        }
        found.extend(needs(row));
        found.extend(order(row, context.today));
        found.extend(marriage(row));
        found
    }

    fn affects(&self) -> &'static [&'static str] {
        &["persons", "residences"]
    }

    fn effects(&self, row: &Fields) -> Vec<Effect> {
        effects::of(row)
    }
}

fn id(row: &Fields, number: u16) -> Option<CitizenId> {
    row.get(number).and_then(text).and_then(|n| CitizenId::parse(n).ok())
}

/// What an event of each kind cannot do without, and what it names another person for.
fn needs(row: &Fields) -> Option<Finding> {
    let kind = row.get(field::KIND).and_then(text)?;
    let (number, name, what) = match kind {
        "birth" | "adoption" => (field::OTHER_PERSON, "other_citizen_id", "a parent"),
        "marriage" | "divorce" => (field::OTHER_PERSON, "other_citizen_id", "the spouse"),
        "name_change" => (field::NAME_AFTER, "name_after", "the new name"),
        "number_change" => (field::NUMBER_AFTER, "number_after", "the corrected number"),
        "move_in" | "move_out" => (field::DIVISION, "division", "where to"),
        _ => return None,
    };
    if row.get(number).is_none() {
        return Some(finding(name, "event_needs", format!("an event of kind {kind} names {what}"), true));
    }
    let same = row.get(field::CITIZEN_ID).is_some_and(|own| {
        [field::OTHER_CITIZEN_ID, field::SECOND_CITIZEN_ID, field::NUMBER_AFTER]
            .iter()
            .any(|n| row.get(*n) == Some(own))
    });
    same.then(|| finding(name, "event_with_oneself", "the event names the person twice", true))
}

/// Events lie between birth and today, and are not registered before they happen.
fn order(row: &Fields, today: Day) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(Value::Date(date)) = row.get(field::DATE) else { return found };
    let span = date.span();
    if span.from > today {
        found.push(finding("event_date", "event_in_future", "the event lies in the future", true));
    }
    if let Some(birth) = id(row, field::CITIZEN_ID).map(|id| id.birth()) {
        let is_birth = row.get(field::KIND).and_then(text) == Some("birth");
        if span.to <= birth {
            found.push(finding("event_date", "event_before_birth", "the event lies before the person's birth", true));
        } else if is_birth && !span.contains(birth) {
            let message = "the date of a birth is the one in the citizen number";
            found.push(finding("event_date", "birth_date_of_number", message, true));
        }
    }
    if let Some(Value::Date(registered)) = row.get(field::REGISTERED)
        && registered.span().to <= span.from
    {
        let message = "the event was registered before it happened";
        found.push(finding("registered", "registered_before_event", message, false));
    }
    found
}

/// A marriage below the age of the law is told, not refused: there are older and foreign ones.
fn marriage(row: &Fields) -> Option<Finding> {
    if row.get(field::KIND).and_then(text) != Some("marriage") {
        return None;
    }
    let Some(Value::Date(date)) = row.get(field::DATE) else { return None };
    let young = [field::CITIZEN_ID, field::OTHER_CITIZEN_ID].iter().filter_map(|n| id(row, *n)).any(|id| {
        let least = if id.sex() == Sex::Male { MARRIAGE_AGE.0 } else { MARRIAGE_AGE.1 };
        // 365.2425 days a year, a day less so that birthdays count.
        date.span().to.0 - id.birth().0 < least * 3_652_425 / 10_000
    });
    young.then(|| finding("event_date", "marriage_age", "somebody is below the legal age of marriage (22, 20)", false))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, date, number, numbers_agree};
    use super::*;

    fn row(kind: &str, on: &str, others: &[(u16, Value)]) -> Fields {
        let mut row: Fields = others.iter().cloned().collect();
        row.set(field::KIND, Value::Code(kind.into()));
        row.set(field::DATE, date(on));
        row.set(field::CITIZEN_ID, Value::Code(number("19900101", "001")));
        row
    }

    fn other(birth: &str, order: &str) -> (u16, Value) {
        (field::OTHER_CITIZEN_ID, Value::Code(number(birth, order)))
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "vital-events",
            &[
                ("event_kind", field::KIND),
                ("event_date", field::DATE),
                ("registered", field::REGISTERED),
                ("citizen_id", field::CITIZEN_ID),
                ("person", field::PERSON),
                ("other_citizen_id", field::OTHER_CITIZEN_ID),
                ("other_person", field::OTHER_PERSON),
                ("second_citizen_id", field::SECOND_CITIZEN_ID),
                ("second_person", field::SECOND_PERSON),
                ("division", field::DIVISION),
                ("address", field::ADDRESS),
                ("name_after", field::NAME_AFTER),
                ("number_after", field::NUMBER_AFTER),
                ("reason", field::REASON),
                ("name_before", field::NAME_BEFORE),
                ("number_case", field::NUMBER_CASE),
            ],
        );
    }

    #[test]
    fn a_life_passes() {
        let parent = other("19620305", "002");
        let spouse = other("19910203", "002");
        for (kind, on, others) in [
            ("birth", "1990-01-01", vec![parent]),
            ("marriage", "2015-05-20", vec![spouse.clone()]),
            ("divorce", "2019", vec![spouse]),
            ("move_out", "2020-03", vec![(field::DIVISION, Value::Code("510100".into()))]),
            ("name_change", "2021-01-01", vec![(field::NAME_AFTER, Value::Text("李白".into()))]),
            ("death", "2025-06-01", vec![]),
        ] {
            assert_eq!(check(&VitalEvents, &mut row(kind, on, &others)), [], "{kind}");
        }
    }

    #[test]
    fn what_no_life_allows_is_refused() {
        let refused = |rule: &str| vec![(rule.to_owned(), true)];
        assert_eq!(check(&VitalEvents, &mut row("marriage", "2015-05-20", &[])), refused("event_needs"));
        assert_eq!(check(&VitalEvents, &mut row("death", "1989", &[])), refused("event_before_birth"));
        assert_eq!(check(&VitalEvents, &mut row("death", "2030-01-01", &[])), refused("event_in_future"));
        let parent = other("19620305", "002");
        assert_eq!(check(&VitalEvents, &mut row("birth", "1990-01-02", &[parent])), refused("birth_date_of_number"));
        let oneself = other("19900101", "001");
        assert_eq!(check(&VitalEvents, &mut row("marriage", "2015", &[oneself])), refused("event_with_oneself"));
    }

    #[test]
    fn doubts_are_told() {
        let bride = other("19970203", "002");
        let early = check(&VitalEvents, &mut row("marriage", "2015-05-20", &[bride]));
        assert_eq!(early, [("marriage_age".to_owned(), false)]);
        let mut late = row("death", "2025-06-01", &[(field::REGISTERED, date("2025-05-01"))]);
        assert_eq!(check(&VitalEvents, &mut late), [("registered_before_event".to_owned(), false)]);
    }
}
