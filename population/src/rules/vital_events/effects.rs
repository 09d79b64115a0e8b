//! What a vital event means for persons and their registered domicile, from the day it happened.
//!
//! | kind | means |
//! |---|---|
//! | birth | the child's number, sex, birth date and place, parents, name if given |
//! | adoption | the parents are the adopters (民法典 art 1111: ties to the former ones end); the name if given |
//! | death, declared_dead, missing, emigration, restored | life status; for a death the date, and a widowed spouse if named |
//! | marriage, divorce | marital status and spouse of both |
//! | move_in | division and address of the registered domicile (moving out changes nothing until somebody moves in) |
//! | name_change | name, and the former name if given |
//! | number_change | a record under the new number that takes over the values; the old one says where it went |

use foundation::service::Effect;
use foundation::value::citizen_id::{CitizenId, Sex};
use foundation::value::{Day, Fields, PartialDate, Party, Value};

use super::super::persons::field as person;
use super::super::residences::field as residence;
use super::super::text;
use super::{field, id};

/// Registered domicile among the kinds of residence.
const DOMICILE: &str = "1";

/// The effects of an event's row that passed the rules.
pub(super) fn of(row: &Fields) -> Vec<Effect> {
    let Some((kind, own)) = row.get(field::KIND).and_then(text).zip(id(row, field::CITIZEN_ID)) else {
        return Vec::new();
    };
    let Some(Value::Date(date)) = row.get(field::DATE) else { return Vec::new() };
    let event = Event { row, own, from: date.span().from };
    match kind {
        "birth" => vec![event.birth()],
        "adoption" => vec![event.adoption()],
        "death" => event.death(*date),
        "missing" => vec![event.status("3")],
        "declared_dead" => vec![event.status("4")],
        "emigration" => vec![event.status("5")],
        "restored" => vec![event.own(&[(person::LIFE_STATUS, code("1")), (person::DEATH_DATE, Value::Null)])],
        "marriage" => event.couple("20", true),
        "divorce" => event.couple("40", false),
        "move_in" => event.domicile(),
        "name_change" => vec![event.name()],
        "number_change" => event.number(),
        _ => Vec::new(),
    }
}

struct Event<'a> {
    row: &'a Fields,
    own: CitizenId,
    from: Day,
}

fn code(text: &str) -> Value {
    Value::Code(text.to_owned())
}

fn party(of: &CitizenId) -> Value {
    Value::Party(Party { link: Some(of.as_str().to_owned()), ..Party::default() })
}

impl Event<'_> {
    /// What is said of the person with number `of`.
    fn person(&self, of: &CitizenId, said: &[(u16, Value)]) -> Effect {
        let mut fields: Fields = said.iter().cloned().collect();
        fields.set(person::CITIZEN_ID, code(of.as_str()));
        Effect { table: "persons", fields, from: self.from, carry: None, closes: false }
    }

    fn own(&self, said: &[(u16, Value)]) -> Effect {
        self.person(&self.own, said)
    }

    fn status(&self, status: &str) -> Effect {
        self.own(&[(person::LIFE_STATUS, code(status))])
    }

    fn said(&self, number: u16) -> Option<Value> {
        self.row.get(number).filter(|value| !matches!(value, Value::Null)).cloned()
    }

    /// Parents named by the event: the father's number is a man's, the mother's a woman's.
    fn parents(&self) -> Vec<(u16, Value)> {
        let named = [field::OTHER_CITIZEN_ID, field::SECOND_CITIZEN_ID].into_iter().filter_map(|n| id(self.row, n));
        named.map(|id| (if id.sex() == Sex::Male { person::FATHER } else { person::MOTHER }, party(&id))).collect()
    }

    fn birth(&self) -> Effect {
        let mut said = self.parents();
        said.push((person::SEX, code(self.own.sex().code())));
        said.extend(PartialDate::of(self.own.birth()).map(|date| (person::BIRTH_DATE, Value::Date(date))));
        said.extend(self.said(field::DIVISION).map(|division| (person::BIRTH_DIVISION, division)));
        said.extend(self.said(field::NAME_AFTER).map(|name| (person::NAME, name)));
        self.own(&said)
    }

    fn adoption(&self) -> Effect {
        let mut said = vec![(person::FATHER, Value::Null), (person::MOTHER, Value::Null)];
        said.extend(self.parents());
        said.extend(self.said(field::NAME_AFTER).map(|name| (person::NAME, name)));
        self.own(&said)
    }

    fn death(&self, date: PartialDate) -> Vec<Effect> {
        let mut all = vec![self.own(&[(person::LIFE_STATUS, code("2")), (person::DEATH_DATE, Value::Date(date))])];
        if let Some(widowed) = id(self.row, field::OTHER_CITIZEN_ID) {
            all.push(self.person(&widowed, &[(person::MARITAL_STATUS, code("30")), (person::SPOUSE, Value::Null)]));
        }
        all
    }

    fn couple(&self, status: &str, together: bool) -> Vec<Effect> {
        let Some(other) = id(self.row, field::OTHER_CITIZEN_ID) else { return Vec::new() };
        let said = |spouse: &CitizenId| {
            let spouse = if together { party(spouse) } else { Value::Null };
            [(person::MARITAL_STATUS, code(status)), (person::SPOUSE, spouse)]
        };
        vec![self.own(&said(&other)), self.person(&other, &said(&self.own))]
    }

    fn domicile(&self) -> Vec<Effect> {
        let Some(division) = self.said(field::DIVISION) else { return Vec::new() };
        let address = self.said(field::ADDRESS).unwrap_or(Value::Null);
        let mut fields = Fields::new();
        fields.set(residence::CITIZEN_ID, code(self.own.as_str()));
        fields.set(residence::KIND, code(DOMICILE));
        fields.set(residence::PERSON, party(&self.own));
        fields.set(residence::DIVISION, division.clone());
        fields.set(residence::ADDRESS, address.clone());
        if let Some(reason) = self.said(field::REASON) {
            fields.set(residence::REASON, reason);
        }
        vec![
            self.own(&[(person::DOMICILE_DIVISION, division), (person::DOMICILE_ADDRESS, address)]),
            Effect { table: "residences", fields, from: self.from, carry: None, closes: false },
        ]
    }

    fn name(&self) -> Effect {
        let after = self.said(field::NAME_AFTER).map(|name| (person::NAME, name));
        let before = self.said(field::NAME_BEFORE).map(|name| (person::FORMER_NAME, name));
        self.own(&after.into_iter().chain(before).collect::<Vec<_>>())
    }

    /// The record under the new number takes over the values and says what it replaces. The old one, unless the number is
    /// rightly somebody else's (重号), says nothing more from this day on but where it went.
    fn number(&self) -> Vec<Effect> {
        let Some(new) = id(self.row, field::NUMBER_AFTER) else { return Vec::new() };
        let mut said = vec![
            (person::SEX, code(new.sex().code())),
            (person::REPLACES, Value::Link(self.own.as_str().to_owned())),
            (person::REPLACED_BY, Value::Null),
        ];
        said.extend(PartialDate::of(new.birth()).map(|date| (person::BIRTH_DATE, Value::Date(date))));
        said.extend(self.said(field::NAME_AFTER).map(|name| (person::NAME, name)));
        let shared = self.row.get(field::NUMBER_CASE).and_then(text) == Some("shared");
        let mut next = self.person(&new, &said);
        if shared {
            // The old number's values are the other person's.
            return vec![next];
        }
        next.carry = Some([(person::CITIZEN_ID, code(self.own.as_str()))].into_iter().collect());
        let gone = [
            (person::NAME, Value::Null),
            (person::LIFE_STATUS, code("6")),
            (person::REPLACED_BY, Value::Link(new.as_str().to_owned())),
        ];
        // The new record first: it takes the values of the old one before they end.
        vec![next, self.own(&gone)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{date, number, numbers_agree};
    use super::*;

    fn row(kind: &str, others: &[(u16, Value)]) -> Fields {
        let mut row: Fields = others.iter().cloned().collect();
        row.set(field::KIND, code(kind));
        row.set(field::DATE, date("2020-05-01"));
        row.set(field::CITIZEN_ID, code(&number("19900101", "001")));
        row
    }

    #[test]
    fn persons_fields_are_those_of_the_definition() {
        let fields = [
            ("former_name", person::FORMER_NAME),
            ("birth_division", person::BIRTH_DIVISION),
            ("domicile_division", person::DOMICILE_DIVISION),
            ("domicile_address", person::DOMICILE_ADDRESS),
            ("father", person::FATHER),
            ("mother", person::MOTHER),
            ("marital_status", person::MARITAL_STATUS),
            ("spouse", person::SPOUSE),
            ("replaced_by", person::REPLACED_BY),
            ("replaces", person::REPLACES),
        ];
        numbers_agree("persons", &fields);
    }

    #[test]
    fn a_marriage_speaks_of_both() {
        let other = number("19910203", "002");
        let effects = of(&row("marriage", &[(field::OTHER_CITIZEN_ID, code(&other))]));
        let spouses: Vec<_> = effects.iter().map(|e| e.fields.get(person::SPOUSE).cloned()).collect();
        let link = |number: String| Some(Value::Party(Party { link: Some(number), ..Party::default() }));
        assert_eq!(spouses, [link(other), link(number("19900101", "001"))]);
        assert!(effects.iter().all(|e| e.from == Day::parse("2020-05-01").expect("a day")));
    }

    #[test]
    fn parents_are_told_by_their_numbers() {
        let (man, woman) = (number("19620305", "001"), number("19630305", "002"));
        let named = [(field::OTHER_CITIZEN_ID, code(&woman)), (field::SECOND_CITIZEN_ID, code(&man))];
        let child = of(&row("birth", &named)).remove(0).fields;
        let link = |number: String| Some(Value::Party(Party { link: Some(number), ..Party::default() }));
        assert_eq!(child.get(person::FATHER).cloned(), link(man));
        assert_eq!(child.get(person::MOTHER).cloned(), link(woman.clone()));
        let adopted = of(&row("adoption", &[(field::OTHER_CITIZEN_ID, code(&woman))])).remove(0).fields;
        assert_eq!(adopted.get(person::FATHER), Some(&Value::Null));
    }

    #[test]
    fn a_shared_number_stays_with_its_holder() {
        let new = code(&number("19900101", "003"));
        let wrong = of(&row("number_change", &[(field::NUMBER_AFTER, new.clone())]));
        assert_eq!((wrong.len(), wrong[0].carry.is_some()), (2, true));
        assert_eq!(wrong[1].fields.get(person::LIFE_STATUS), Some(&code("6")));
        let shared = of(&row("number_change", &[(field::NUMBER_AFTER, new), (field::NUMBER_CASE, code("shared"))]));
        assert_eq!((shared.len(), shared[0].carry.is_some()), (1, false));
    }
}
