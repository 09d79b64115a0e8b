//! A value of a field, by its type, its code list and its bounds.

use foundation::dataset::{CodeLists, Field};
use foundation::value::{Day, Decimal, Era, FieldType, Instant, Media, PartialDate, Party, Period, Shape, Value};

use super::random::Random;
use super::{number, rows};

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Number of the row, from 1.
    pub(super) row: usize,
    /// Place of the field in the definition: later dates come after earlier ones.
    pub(super) field: usize,
}

/// Codes are those that hold on this day, so that the rows are the same on every day.
const DAY: (i64, u8, u8) = (2025, 1, 1);
/// 1950-01-01 to 1999-12-31: the days on which synthetic rows begin.
const FIRST_YEAR: i64 = 1950;
const DAYS: i64 = 50 * 365;
/// Days from one date of a row to the next in the definition.
const DAYS_APART: i64 = 90;

/// A value; `None` where none can be made within the bounds.
pub(super) fn of(field: &Field, lists: &CodeLists, place: Place, random: &mut Random) -> Option<Value> {
    let Place { row, .. } = place;
    Some(match field.kind {
        FieldType::Text => Value::Text(text(field, row)),
        FieldType::Texts => {
            let zh = ("zh".to_owned(), text(field, row));
            Value::Texts(vec![("en".to_owned(), format!("Sample {row}")), zh])
        }
        FieldType::Code | FieldType::Division => Value::Code(code(field, lists, random)),
        FieldType::CitizenId => Value::Code(number::citizen(day(Place { row, field: 0 }), row)),
        FieldType::Document => Value::Code(format!("SANDBOX{row:06}")),
        FieldType::CreditCode => Value::Code(number::enterprise(row)),
        FieldType::Integer => {
            let (low, high) = bounds(field, 1_000);
            Value::Integer(random.between(low, high))
        }
        FieldType::Decimal => Value::Decimal(decimal(field, random)?),
        FieldType::Measure => {
            let unit = field.unit.clone().unwrap_or_else(|| "1".to_owned());
            Value::Measure(decimal(field, random)?, unit)
        }
        FieldType::Boolean => Value::Boolean(random.below(2) == 1),
        FieldType::Date => Value::Date(PartialDate::of(within(field, day(place)))?),
        FieldType::Interval => {
            let from = random.between(1_368, 1_800);
            Value::Era(Era::parse(&format!("{from}/{}", from + 40))?)
        }
        FieldType::Period => Value::Period(Period::parse(&(2_000 + row % 25).to_string())?),
        FieldType::Timestamp => Value::Timestamp(Instant(Instant::end_of(day(place)).0 - 43_200_000_000)),
        FieldType::Geometry => {
            let step = |random: &mut Random| random.between(0, 100_000);
            let (east, north) = (step(random), step(random));
            Value::Geometry(Shape::point(degrees(98, east), degrees(25, north)).ok()?)
        }
        FieldType::Media => Value::Media(Media {
            reference: format!("sandbox/{row:04}.png"),
            media_type: "image/png".to_owned(),
            size: 1_024,
            sha256: format!("{row:064x}"),
        }),
        FieldType::Link => Value::Link(rows::id(row)),
        FieldType::Party => Value::Party(Party { name: Some(text(field, row)), ..Party::default() }),
    })
}

/// `样例` and the field's title, numbered; the number stands first where the text must be short.
fn text(field: &Field, row: usize) -> String {
    let most = field.max_length.unwrap_or(usize::MAX);
    let whole = format!("样例{}{row:04}", field.title.zh);
    if whole.chars().count() <= most { whole } else { format!("{row:04}样例").chars().take(most).collect() }
}

fn code(field: &Field, lists: &CodeLists, random: &mut Random) -> String {
    let listed = field.code_list.as_deref().and_then(|id| lists.get(id));
    let day = Day::from_ymd(DAY.0, DAY.1, DAY.2).unwrap_or(Day::MAX);
    let valid: Vec<&str> =
        listed.iter().flat_map(|list| list.iter()).filter(|c| c.valid.contains(day)).map(|c| c.code.as_str()).collect();
    match random.one(&valid) {
        Some(code) => (*code).to_owned(),
        None if field.kind == FieldType::Division => number::DIVISION.to_owned(),
        None => "1".to_owned(),
    }
}

/// The day of a row's field.
fn day(place: Place) -> Day {
    let begins = Day::from_ymd(FIRST_YEAR, 1, 1).unwrap_or(Day(0));
    let row = i64::try_from(place.row).unwrap_or(0).saturating_mul(7_919) % DAYS;
    let later = i64::try_from(place.field).unwrap_or(0).saturating_mul(DAYS_APART);
    begins.plus(row).plus(later)
}

/// The day, or the nearest one that the field allows.
fn within(field: &Field, day: Day) -> Day {
    let bound = |text: &Option<String>| text.as_deref().and_then(PartialDate::parse).map(|date| date.span().from);
    let after = bound(&field.min).map_or(day, |low| day.max(low));
    bound(&field.max).map_or(after, |high| after.min(high))
}

/// Whole numbers that the field allows; upwards from 0 where it names no bound.
fn bounds(field: &Field, width: i64) -> (i64, i64) {
    let number = |text: &Option<String>| text.as_deref().and_then(|t| t.parse::<Decimal>().ok());
    let whole = |decimal: Decimal, up: bool| {
        let unit = 10_i128.checked_pow(u32::from(decimal.scale())).unwrap_or(1);
        let floor = decimal.mantissa().div_euclid(unit);
        let exact = decimal.mantissa().rem_euclid(unit) == 0;
        i64::try_from(if up && !exact { floor + 1 } else { floor }).ok()
    };
    let low = number(&field.min).and_then(|d| whole(d, true));
    let high = number(&field.max).and_then(|d| whole(d, false));
    match (low, high) {
        (Some(low), Some(high)) => (low, high.min(low.saturating_add(width)).max(low)),
        (Some(low), None) => (low, low.saturating_add(width)),
        (None, Some(high)) => (high.min(0), high),
        (None, None) => (0, width),
    }
}

/// A number of two places within the bounds.
fn decimal(field: &Field, random: &mut Random) -> Option<Decimal> {
    let (low, high) = bounds(field, 10_000);
    let whole = random.between(low, high);
    let part = if whole < high { random.between(0, 99) } else { 0 };
    Decimal::new(i128::from(whole) * 100 + i128::from(part), 2)
}

/// Degrees and 0.0001ths of one.
fn degrees(whole: i32, parts: i64) -> f64 {
    f64::from(whole) + f64::from(i32::try_from(parts).unwrap_or(0)) / 10_000.0
}
