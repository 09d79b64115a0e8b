//! What must hold of a registration event's row.

mod effects;

use foundation::service::{Effect, Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{entity, finding, text};

/// Field numbers of `datasets/entity-events.toml`; a test compares them.
mod field {
    pub(super) const CREDIT_CODE: u16 = 2;
    pub(super) const KIND: u16 = 3;
    pub(super) const DATE: u16 = 4;
    pub(super) const ITEM: u16 = 5;
    pub(super) const BEFORE: u16 = 6;
    pub(super) const AFTER: u16 = 7;
    pub(super) const REASON: u16 = 10;
    pub(super) const DIVISION: u16 = 11;
}

pub(super) struct EntityEvents;

impl RowRules for EntityEvents {
    fn table(&self) -> &'static str {
        "entity-events"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(entity(row, "credit_code", field::CREDIT_CODE));
        if let Some(Value::Date(date)) = row.get(field::DATE)
            && date.span().from > context.today
        {
            found.push(finding("event_date", "event_in_future", "the event lies in the future", true));
        }
        found.extend(content(row));
        found.extend(effects::unread(row));
        found
    }

    fn affects(&self) -> &'static [&'static str] {
        &["enterprises"]
    }

    fn effects(&self, row: &Fields) -> Vec<Effect> {
        effects::of(row).into_iter().collect()
    }
}

/// A change says of what, from what, to what; a sanction says why.
fn content(row: &Fields) -> Option<Finding> {
    let kind = row.get(field::KIND).and_then(text)?;
    let lacks = |number: u16| matches!(row.get(number), None | Some(Value::Null));
    let (name, message) = match kind {
        "change" if lacks(field::ITEM) => ("item", "a change names the item changed"),
        "change" if lacks(field::AFTER) => ("after", "a change gives the new value"),
        "move" if lacks(field::AFTER) => ("after", "a move gives the new address or authority"),
        "revocation" | "abnormal_in" | "annulment" if lacks(field::REASON) => {
            return Some(finding("reason", "event_reason", "a sanction names its reason", false));
        }
        "change" | "move" if !lacks(field::BEFORE) && row.get(field::BEFORE) == row.get(field::AFTER) => {
            return Some(finding("after", "nothing_changed", "old and new value are the same", false));
        }
        _ => return None,
    };
    Some(finding(name, "event_needs", message, true))
}

#[cfg(test)]
mod tests {
    use foundation::value::PartialDate;

    use super::super::tests::{check, numbers_agree};
    use super::*;

    fn row(kind: &str, others: &[(u16, &str)]) -> Fields {
        let mut row: Fields = others.iter().map(|(n, text)| (*n, Value::Text((*text).to_owned()))).collect();
        row.set(field::CREDIT_CODE, Value::Link("91350100M000100Y43".into()));
        row.set(field::KIND, Value::Code(kind.into()));
        row
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "entity-events",
            &[
                ("credit_code", field::CREDIT_CODE),
                ("event_kind", field::KIND),
                ("event_date", field::DATE),
                ("item", field::ITEM),
                ("before", field::BEFORE),
                ("after", field::AFTER),
                ("reason", field::REASON),
                ("division", field::DIVISION),
            ],
        );
    }

    #[test]
    fn changes_say_what_changed() {
        let item = (field::ITEM, "capital");
        assert_eq!(check(&EntityEvents, &mut row("change", &[]), false), [("event_needs".to_owned(), true)]);
        assert_eq!(check(&EntityEvents, &mut row("change", &[item]), false), [("event_needs".to_owned(), true)]);
        let full = [item, (field::BEFORE, "100"), (field::AFTER, "200")];
        assert_eq!(check(&EntityEvents, &mut row("change", &full), false), []);
        let same = [item, (field::BEFORE, "100"), (field::AFTER, "100")];
        assert_eq!(check(&EntityEvents, &mut row("change", &same), false), [("nothing_changed".to_owned(), false)]);
        assert_eq!(check(&EntityEvents, &mut row("revocation", &[]), false), [("event_reason".to_owned(), false)]);
    }

    #[test]
    fn wrong_codes_and_the_future_are_refused() {
        let mut later = row("setup", &[]);
        later.set(field::DATE, PartialDate::parse("2030-01-01").map(Value::Date).expect("a date"));
        assert_eq!(check(&EntityEvents, &mut later, false), [("event_in_future".to_owned(), true)]);
        let mut small = row("setup", &[]);
        small.set(field::CREDIT_CODE, Value::Link("91350100m000100y43".into()));
        assert_eq!(check(&EntityEvents, &mut small, false), []);
        assert_eq!(small.get(field::CREDIT_CODE), Some(&Value::Link("91350100M000100Y43".into())));
        let mut wrong = row("setup", &[]);
        wrong.set(field::CREDIT_CODE, Value::Link("91350100M000100Y4Z".into()));
        assert_eq!(check(&EntityEvents, &mut wrong, false), [("credit_code_form".to_owned(), true)]);
    }
}
