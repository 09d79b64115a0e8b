//! What a registration event means for the enterprise, from the day of approval or decision.
//!
//! | kind | means |
//! |---|---|
//! | setup | active, established on that day |
//! | change | the item's new value: name, representative, capital (in 万元), address, scope of business |
//! | move | the new address and division; a location known before no longer holds |
//! | suspension, resumption, revocation, annulment, deregistration, liquidation | the status |
//! | abnormal_in, abnormal_out | whether it stands in the list of abnormal operations |
//!
//! An annulled or deregistered enterprise ends: links that still point at it are findings. Holders, officers and terms
//! have datasets of their own; pledges change nobody's registration.

use foundation::service::{Effect, Finding};
use foundation::value::{Decimal, Fields, Party, Value};

use super::super::enterprises::field as enterprise;
use super::super::{finding, text};
use super::field;

/// The effect of an event's row that passed the rules; `None` where nothing of the enterprise's own row changes.
pub(super) fn of(row: &Fields) -> Option<Effect> {
    let Value::Date(date) = row.get(field::DATE)? else { return None };
    let kind = row.get(field::KIND).and_then(text)?;
    let said = match kind {
        "setup" => vec![status("1"), (enterprise::ESTABLISHED, Value::Date(*date))],
        "change" => changed(row)?,
        "move" => moved(row),
        "suspension" => vec![status("2")],
        "resumption" => vec![status("1")],
        "revocation" => vec![status("3")],
        "deregistration" => vec![status("4")],
        "annulment" => vec![status("6")],
        "liquidation" => vec![status("7")],
        "abnormal_in" => vec![(enterprise::ABNORMAL, Value::Boolean(true))],
        "abnormal_out" => vec![(enterprise::ABNORMAL, Value::Boolean(false))],
        _ => return None,
    };
    let mut fields: Fields = said.into_iter().collect();
    fields.set(enterprise::CREDIT_CODE, Value::Code(row.get(field::CREDIT_CODE).and_then(text)?.to_owned()));
    let closes = matches!(kind, "deregistration" | "annulment");
    Some(Effect { table: "enterprises", fields, from: date.span().from, carry: None, closes })
}

/// A new capital that is no amount changes nothing, and that is told.
pub(super) fn unread(row: &Fields) -> Option<Finding> {
    let is = |number: u16, word: &str| row.get(number).and_then(text) == Some(word);
    let unread = is(field::KIND, "change") && is(field::ITEM, "capital");
    let after = row.get(field::AFTER).and_then(text).filter(|_| unread)?;
    let message = "the new capital is no amount in 万元; the enterprise keeps the one it has";
    amount(after).is_none().then(|| finding("after", "amount_of_capital", message, false))
}

fn status(code: &str) -> (u16, Value) {
    (enterprise::STATUS, Value::Code(code.to_owned()))
}

fn changed(row: &Fields) -> Option<Vec<(u16, Value)>> {
    let after = row.get(field::AFTER).and_then(text)?;
    let plain = || Value::Text(after.to_owned());
    Some(match row.get(field::ITEM).and_then(text)? {
        "name" => vec![(enterprise::NAME, plain())],
        "representative" => {
            let party = Party { name: Some(after.to_owned()), ..Party::default() };
            vec![
                (enterprise::LEGAL_REPRESENTATIVE, Value::Party(party)),
                (enterprise::LEGAL_REPRESENTATIVE_NAME, plain()),
            ]
        }
        "capital" => vec![(enterprise::REGISTERED_CAPITAL, Value::Decimal(amount(after)?))],
        "address" => moved(row),
        "scope" => vec![(enterprise::SCOPE_OF_BUSINESS, plain())],
        _ => return None,
    })
}

fn moved(row: &Fields) -> Vec<(u16, Value)> {
    let address =
        row.get(field::AFTER).and_then(text).map(|after| (enterprise::ADDRESS, Value::Text(after.to_owned())));
    let division = row.get(field::DIVISION).filter(|d| !matches!(d, Value::Null)).cloned();
    let division = division.map(|division| (enterprise::DIVISION, division));
    address.into_iter().chain(division).chain([(enterprise::LOCATION, Value::Null)]).collect()
}

/// `1,000`, `1000万元`, `1000.00万元人民币` as an amount in 万元.
fn amount(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let number = ["人民币", "万元", "万"].into_iter().fold(text, |left, unit| left.trim_end_matches(unit));
    // What is left must be the number alone: another unit would be another amount.
    number.replace([',', '，'], "").parse::<Decimal>().ok().filter(|amount| *amount >= Decimal::from(0))
}

#[cfg(test)]
mod tests {
    use foundation::value::{Day, PartialDate};

    use super::super::super::tests::numbers_agree;
    use super::*;

    fn row(kind: &str, said: &[(u16, &str)]) -> Fields {
        let mut row: Fields = said.iter().map(|(n, text)| (*n, Value::Text((*text).to_owned()))).collect();
        row.set(field::CREDIT_CODE, Value::Link("91350100M000100Y43".into()));
        row.set(field::KIND, Value::Code(kind.into()));
        row.set(field::DATE, PartialDate::parse("2020-05-01").map(Value::Date).expect("a date"));
        row
    }

    #[test]
    fn enterprise_fields_are_those_of_the_definition() {
        let fields = [
            ("credit_code", enterprise::CREDIT_CODE),
            ("name", enterprise::NAME),
            ("status", enterprise::STATUS),
            ("registered_capital", enterprise::REGISTERED_CAPITAL),
            ("address", enterprise::ADDRESS),
            ("division", enterprise::DIVISION),
            ("scope_of_business", enterprise::SCOPE_OF_BUSINESS),
            ("location", enterprise::LOCATION),
            ("abnormal", enterprise::ABNORMAL),
        ];
        numbers_agree("enterprises", &fields);
    }

    #[test]
    fn capital_is_read_with_its_unit() {
        for (text, read) in [
            ("1000", Some("1000")),
            ("1,000.50万元", Some("1000.50")),
            ("1000万元人民币", Some("1000")),
            ("壹仟万元", None),
            ("1000元", None),
            ("-5", None),
        ] {
            assert_eq!(amount(text), read.map(|r| r.parse().expect("a number")), "{text}");
        }
        let told = |after| unread(&row("change", &[(field::ITEM, "capital"), (field::AFTER, after)])).map(|f| f.rule);
        assert_eq!((told("1000万元"), told("一千万")), (None, Some("amount_of_capital".to_owned())));
    }

    #[test]
    fn a_move_takes_the_location_away() {
        let moved =
            of(&row("move", &[(field::AFTER, "浙江省杭州市"), (field::DIVISION, "330100")])).expect("an effect");
        assert_eq!(moved.fields.get(enterprise::LOCATION), Some(&Value::Null));
        assert_eq!(moved.fields.get(enterprise::DIVISION), Some(&Value::Text("330100".into())));
        assert_eq!((moved.from, moved.closes), (Day::parse("2020-05-01").expect("a day"), false));
    }

    #[test]
    fn an_end_closes_and_a_pledge_changes_nothing() {
        assert!(of(&row("deregistration", &[])).is_some_and(|effect| effect.closes));
        assert!(of(&row("revocation", &[])).is_some_and(|effect| !effect.closes));
        assert!(of(&row("pledge", &[])).is_none());
        assert!(of(&row("change", &[(field::ITEM, "officers"), (field::AFTER, "王")])).is_none());
    }
}
