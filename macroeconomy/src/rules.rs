//! What must hold of an observation's row.

mod dimensions;

pub(crate) use dimensions::normalised;

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Frequency, Period, Value};

/// The rules of every dataset here; indicators need none beyond their types.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    vec![Box::new(Observations)]
}

/// Field numbers of `datasets/indicators.toml`; a test compares them.
pub(crate) mod indicator {
    pub(crate) const CODE: u16 = 1;
    pub(crate) const DIMENSIONS: u16 = 10;
}

/// Field numbers of `datasets/observations.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const INDICATOR: u16 = 1;
    pub(crate) const PERIOD: u16 = 3;
    pub(crate) const VINTAGE: u16 = 4;
    pub(crate) const FREQUENCY: u16 = 5;
    pub(crate) const VALUE: u16 = 6;
    pub(crate) const STATUS: u16 = 8;
    pub(crate) const DIMENSIONS: u16 = 11;
    pub(crate) const SEX: u16 = 12;
    pub(crate) const AGE: u16 = 13;
    pub(crate) const INDUSTRY: u16 = 14;
    pub(crate) const PRICE_BASIS: u16 = 15;
    pub(crate) const ACCUMULATION: u16 = 16;
    pub(crate) const ADJUSTMENT: u16 = 17;
}

struct Observations;

impl RowRules for Observations {
    fn table(&self) -> &'static str {
        "observations"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = dimensions::complete(row, context.lists);
        if let Some(Value::Period(period)) = row.get(field::PERIOD) {
            let period = *period;
            found.extend(frequency(row, period));
            found.extend(vintage(row, period));
        }
        found.extend(missing(row));
        found
    }

    fn leans_on(&self, row: &Fields) -> Option<(&'static str, Fields)> {
        let code = row.get(field::INDICATOR)?.clone();
        Some(("indicators", [(indicator::CODE, code)].into_iter().collect()))
    }

    fn check_beside(&self, row: &Fields, beside: &Fields) -> Vec<Finding> {
        dimensions::undeclared(row, beside)
    }
}

fn finding(field: &str, rule: &str, message: impl Into<String>, refused: bool) -> Finding {
    Finding { field: field.to_owned(), rule: rule.to_owned(), message: message.into(), refused }
}

fn code(row: &Fields, number: u16) -> Option<&str> {
    match row.get(number)? {
        Value::Code(code) => Some(code),
        _ => None,
    }
}

/// The frequency is the period's; an absent one is taken from it.
fn frequency(row: &mut Fields, period: Period) -> Option<Finding> {
    let expected = match period.frequency() {
        Frequency::A => "A",
        Frequency::H => "H",
        Frequency::Q => "Q",
        Frequency::M => "M",
        Frequency::W => "W",
        Frequency::D => "D",
    };
    match code(row, field::FREQUENCY) {
        Some(given) if given == expected => None,
        Some(given) => {
            let message = format!("frequency {given} does not fit the period {period}: {expected} was expected");
            Some(finding("frequency", "frequency_of_period", message, true))
        }
        None => {
            row.set(field::FREQUENCY, Value::Code(expected.to_owned()));
            None
        }
    }
}

/// A figure published before its period began is a forecast, and says so.
fn vintage(row: &Fields, period: Period) -> Option<Finding> {
    let Some(Value::Date(vintage)) = row.get(field::VINTAGE) else { return None };
    let early = vintage.span().to <= period.span().from && code(row, field::STATUS) != Some("F");
    early.then(|| {
        finding("vintage", "vintage_before_period", "published before the period began, yet not status F", false)
    })
}

/// A row without a value says why: M (missing) or Q (suppressed).
fn missing(row: &Fields) -> Option<Finding> {
    let silent = matches!(row.get(field::VALUE), None | Some(Value::Null));
    (silent && !matches!(code(row, field::STATUS), Some("M" | "Q"))).then(|| {
        finding("value", "value_missing", "there is no value: give one, or status M (missing) or Q (suppressed)", true)
    })
}

#[cfg(test)]
mod tests {
    use foundation::dataset::CodeLists;
    use foundation::value::{Day, PartialDate};

    use super::*;

    fn check(period: &str, others: &[(u16, Value)]) -> (Vec<(String, bool)>, Fields) {
        let domain = crate::domain().expect("definitions load");
        let lists = CodeLists::default();
        let today = Day::parse("2026-11-23").expect("a day");
        let context = RowContext { dataset: &domain.datasets[1], lists: &lists, today, demo: false };
        let mut row: Fields = others.iter().cloned().collect();
        row.set(field::PERIOD, Period::parse(period).map(Value::Period).expect("a period"));
        let found = Observations.check(&mut row, &context);
        (found.into_iter().map(|f| (f.rule, f.refused)).collect(), row)
    }
    fn value() -> (u16, Value) {
        (field::VALUE, Value::Decimal("1.5".parse().expect("a decimal")))
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("indicator", field::INDICATOR),
            ("period", field::PERIOD),
            ("vintage", field::VINTAGE),
            ("frequency", field::FREQUENCY),
            ("value", field::VALUE),
            ("status", field::STATUS),
            ("dimensions", field::DIMENSIONS),
        ] {
            assert_eq!(domain.datasets[1].field(name).map(|f| f.number), Some(number), "{name}");
        }
        for (name, number) in [("code", indicator::CODE), ("dimensions", indicator::DIMENSIONS)] {
            assert_eq!(domain.datasets[0].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn the_frequency_is_the_periods() {
        let (found, row) = check("2020-Q1", &[value()]);
        assert_eq!(found, []);
        assert_eq!(row.get(field::FREQUENCY), Some(&Value::Code("Q".into())));
        let yearly = (field::FREQUENCY, Value::Code("A".into()));
        assert_eq!(check("2020-Q1", &[value(), yearly]).0, [("frequency_of_period".to_owned(), true)]);
    }

    #[test]
    fn forecasts_and_gaps_say_so() {
        let early = (field::VINTAGE, PartialDate::parse("2019-04-15").map(Value::Date).expect("a date"));
        assert_eq!(check("2020", &[value(), early.clone()]).0, [("vintage_before_period".to_owned(), false)]);
        let forecast = (field::STATUS, Value::Code("F".into()));
        assert_eq!(check("2020", &[value(), early, forecast]).0, []);
        assert_eq!(check("2020", &[]).0, [("value_missing".to_owned(), true)]);
        assert_eq!(check("2020", &[(field::STATUS, Value::Code("M".into()))]).0, []);
    }
}
