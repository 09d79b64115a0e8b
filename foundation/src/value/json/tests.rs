use super::*;
use crate::value::parse::tests::{field, lists};
use crate::value::{Decimal, Fields};
use serde_json::json;

fn read(kind: FieldType, json: &Json) -> Result<Value, ValueProblem> {
    from_json(&field(kind), json, &lists(), Day(20_000)).map(|parsed| parsed.value)
}

#[test]
fn every_kind_survives() {
    let sha = "0".repeat(64);
    for (kind, json) in [
        (FieldType::Text, json!("静夜\"思\"\n")),
        (FieldType::Texts, json!({"en": "Spring", "zh": "春"})),
        (FieldType::Code, json!("01")),
        (FieldType::Integer, json!(-7)),
        (FieldType::Decimal, json!("0.10")),
        (FieldType::Measure, json!({"value": "12.5", "unit": "cm"})),
        (FieldType::Boolean, json!(true)),
        (FieldType::Date, json!("1990-01")),
        (FieldType::Interval, json!("0618/0907")),
        (FieldType::Period, json!("2020-Q1")),
        (FieldType::Timestamp, json!("2026-01-31T00:00:00.000000Z")),
        (FieldType::Geometry, json!({"type": "Point", "coordinates": [104.06, 30.67]})),
        (FieldType::Geometry, json!({"type": "LineString", "coordinates": [[1.5, 2.5], [3.5, 4.5]]})),
        (FieldType::Media, json!({"reference": "a/b.jpg", "media_type": "image/jpeg", "size": 9, "sha256": sha})),
        (FieldType::Link, json!("0123")),
        (
            FieldType::Party,
            json!({"id": "x", "name": "杜甫", "country": "CHN", "document": {"kind": "passport", "number": "E12345678"}}),
        ),
    ] {
        let value = read(kind, &json).unwrap_or_else(|e| panic!("{json}: {e}"));
        let back = to_json(&value);
        let text = if kind == FieldType::Text { json!("静夜\"思\"") } else { json };
        assert_eq!(back, text);
    }
}

#[test]
fn numbers_stand_for_their_digits() {
    assert_eq!(read(FieldType::Decimal, &json!(0.1)), Ok(Value::Decimal("0.1".parse::<Decimal>().expect("0.1"))));
    assert_eq!(read(FieldType::Code, &json!(1)), Ok(Value::Code("1".into())));
    assert_eq!(read(FieldType::Date, &json!(1990)).map(|v| to_json(&v)), Ok(json!("1990")));
    assert_eq!(read(FieldType::Text, &Json::Null), Ok(Value::Null));
}

#[test]
fn what_does_not_fit_is_refused() {
    for (kind, json, rule) in [
        (FieldType::Text, json!(1), "json_type"),
        (FieldType::Text, json!(["a"]), "one_value"),
        (FieldType::Text, json!(""), "empty"),
        (FieldType::Boolean, json!({}), "json_type"),
        (FieldType::Measure, json!({"value": 1, "units": "cm"}), "object_form"),
        (FieldType::Texts, json!({"Chinese": "春"}), "language_tag"),
        (FieldType::Texts, json!({"zh": 1}), "object_form"),
        (FieldType::Party, json!({}), "empty"),
        (FieldType::Party, json!({"name": "a", "country": "China"}), "party_country"),
        (FieldType::Party, json!({"document": {"kind": "passport", "number": "?"}}), "document_form"),
        (
            FieldType::Media,
            json!({"reference": "../x", "media_type": "a/b", "size": 1, "sha256": "0"}),
            "media_reference",
        ),
        (FieldType::Geometry, json!({"type": "Circle", "coordinates": []}), "geometry_form"),
    ] {
        assert_eq!(read(kind, &json).expect_err("refused").rule, rule, "{json}");
    }
}

#[test]
fn lists_take_arrays_and_single_values() {
    let many = Field { list: true, ..field(FieldType::Integer) };
    let read = |json: &Json| from_json(&many, json, &lists(), Day(0)).map(|p| to_json(&p.value));
    assert_eq!(read(&json!([1, "2"])), Ok(json!([1, 2])));
    assert_eq!(read(&json!(1)), Ok(json!([1])));
    assert!(read(&json!([[1]])).is_err());
}

#[test]
fn records_are_written_by_name() {
    let fields: Fields = [(1, Value::Code("01".into())), (99, Value::Null)].into_iter().collect();
    let dataset = crate::dataset::tests::sample();
    let mut out = Vec::new();
    write_json(&fields, &dataset, &mut out);
    assert_eq!(String::from_utf8(out).expect("UTF-8"), r#"{"code":"01"}"#);
}
