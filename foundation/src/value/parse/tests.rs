use super::*;
use crate::dataset::{Code, CodeList, Field, Mask, SearchUse, Title};
use crate::value::json::to_json;
use crate::value::{Day, FieldType, Span};
use serde_json::json;

pub(crate) fn field(kind: FieldType) -> Field {
    Field {
        number: 1,
        name: "item".into(),
        title: Title { zh: "项".into(), en: "Item".into() },
        kind,
        list: false,
        required: false,
        code_list: matches!(kind, FieldType::Code | FieldType::Division).then(|| "list".into()),
        target: None,
        unit: None,
        max_length: None,
        min: None,
        max: None,
        grade: 1,
        mask: Mask::Hide,
        sharing: None,
        openness: None,
        search: SearchUse::None,
        weight: 1,
        sortable: false,
        facet: false,
        authority: vec![],
        erased_with_target: false,
        deprecated: None,
    }
}

pub(crate) fn lists() -> CodeLists {
    let day = |t: &str| Day::parse(t).expect("a day");
    let code = |code: &str, zh: &str, from: &str, to: Option<&str>, successors: &[&str]| Code {
        code: code.into(),
        label: Title { zh: zh.into(), en: String::new() },
        aliases: vec![format!("{zh}性")],
        parent: None,
        valid: Span { from: day(from), to: to.map_or(Day::MAX, day) },
        successors: successors.iter().map(|s| (*s).to_owned()).collect(),
    };
    let mut lists = CodeLists::default();
    lists.insert(CodeList::new(
        "list",
        Title { zh: "名单".into(), en: "List".into() },
        "test",
        day("1980-01-01"),
        vec![
            code("1", "男", "1980-01-01", None, &[]),
            code("01", "汉族", "1980-01-01", None, &[]),
            code("05", "某族", "1980-01-01", None, &[]),
            code("A1", "鼓楼区", "1980-01-01", None, &[]),
            code("A2", "鼓楼区", "1980-01-01", None, &[]),
            code("320102", "白下区", "1980-01-01", Some("2013-03-01"), &["320104", "320199"]),
            code("990000", "新区", "2030-01-01", None, &[]),
        ],
    ));
    lists
}

const TODAY: &str = "2026-01-01";

fn read(field: &Field, text: &str) -> Result<Parsed, ValueProblem> {
    from_text(field, text, &lists(), Day::parse(TODAY).expect("a day"))
}

#[expect(clippy::needless_pass_by_value, reason = "cases read better")]
fn check(kind: FieldType, text: &str, expected: serde_json::Value) {
    let parsed = read(&field(kind), text).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(to_json(&parsed.value), expected, "{text}");
}

fn refused(kind: FieldType, text: &str, rule: &str) {
    let problem = read(&field(kind), text).expect_err(text);
    assert_eq!(problem.rule, rule, "{text}: {problem}");
    assert!(problem.message.starts_with("item: "), "{problem}");
    let personal = Field { grade: 3, ..field(kind) };
    let problem = read(&personal, text).expect_err(text);
    assert!(text.trim().is_empty() || !problem.message.contains(text.trim()), "a personal value leaks: {problem}");
}

#[test]
fn texts_are_cleaned() {
    check(FieldType::Text, " \u{3000}静夜思\r\n李白 ", json!("静夜思\n李白"));
    check(FieldType::Text, "\u{feff}e\u{301}", json!("é"));
    refused(FieldType::Text, "a\u{0}b", "control_character");
    refused(FieldType::Text, " \u{3000} ", "empty");
    let short = Field { max_length: Some(3), ..field(FieldType::Text) };
    assert!(read(&short, "静夜思").is_ok());
    assert_eq!(read(&short, "静夜思四").expect_err("too long").rule, "too_long");
}

#[test]
fn texts_by_language() {
    check(FieldType::Texts, "zh=静夜思;en=Quiet; still", json!({"en": "Quiet; still", "zh": "静夜思"}));
    check(FieldType::Texts, r#"{"zh":"春","en":"Spring"}"#, json!({"en": "Spring", "zh": "春"}));
    check(FieldType::Texts, "静夜思", json!({"zh": "静夜思"}));
    check(FieldType::Texts, "a = b; c", json!({"und": "a = b; c"}));
    refused(FieldType::Texts, "zh=春;zh=夏", "language_tag");
}

#[test]
fn codes_and_labels() {
    for (text, code) in [("1", "1"), ("男", "1"), ("男性", "1"), ("汉族", "01"), ("Ａ１", "A1"), ("a1", "A1")] {
        check(FieldType::Code, text, json!(code));
    }
    refused(FieldType::Code, "女王", "unknown_code");
    refused(FieldType::Code, "鼓楼区", "ambiguous_label");
    let warned = |text: &str, day: &str| {
        let day = Day::parse(day).expect("a day");
        let parsed = from_text(&field(FieldType::Code), text, &lists(), day).expect(text);
        (to_json(&parsed.value), parsed.warning.expect("a warning"))
    };
    let (value, warning) = warned("320102", TODAY);
    assert_eq!((value, warning.rule), (json!("320102"), "code_abolished"));
    assert!(warning.message.contains("320104, 320199") && warning.message.contains("2013-03-01"), "{warning}");
    assert_eq!(warned("白下区", TODAY).0, json!("320102"));
    assert_eq!(warned("990000", TODAY).1.rule, "code_not_yet");
    assert_eq!(warned("5", TODAY), (json!("05"), warned("5", TODAY).1));
    assert_eq!(warned("5", TODAY).1.rule, "leading_zero_restored");
    assert_eq!(warned("110999", "1975-01-01").1.rule, "code_before_list");
    assert!(read(&field(FieldType::Code), "320102").is_ok_and(|p| p.warning.is_some()));
    let lost = Field { code_list: Some("lost".into()), ..field(FieldType::Code) };
    assert_eq!(read(&lost, "1").expect_err("no list").rule, "code_list_missing");
}

#[test]
fn identity_numbers() {
    check(FieldType::CitizenId, "１１０１０５１９４９１２３１００２ｘ", json!("11010519491231002X"));
    refused(FieldType::CitizenId, "110105194912310021", "citizen_id_check_digit");
    refused(FieldType::CitizenId, "1101051949", "citizen_id_form");
    refused(FieldType::CitizenId, "110105203012310029", "citizen_id_check_digit");
    check(FieldType::CreditCode, "91350100 M000 100Y43", json!("91350100M000100Y43"));
    refused(FieldType::CreditCode, "91350100M000100Y44", "credit_code_check_character");
    check(FieldType::Document, "e 1234５６７8", json!("E12345678"));
    refused(FieldType::Document, "?", "document_form");
}

#[test]
fn numbers() {
    check(FieldType::Integer, "１２３", json!(123));
    check(FieldType::Integer, "1,234", json!(1234));
    check(FieldType::Integer, "12.0", json!(12));
    refused(FieldType::Integer, "12.5", "number_form");
    refused(FieldType::Integer, "1,23", "thousands_separator");
    refused(FieldType::Integer, "9223372036854775808", "number_size");
    check(FieldType::Decimal, "19498039388042.60", json!("19498039388042.60"));
    check(FieldType::Decimal, "1,234,567.8", json!("1234567.8"));
    check(FieldType::Decimal, "1,234.5", json!("1234.5"));
    refused(FieldType::Decimal, "1,234", "thousands_separator");
    refused(FieldType::Decimal, "1,5", "thousands_separator");
    refused(FieldType::Decimal, "12万", "number_form");
    check(FieldType::Measure, "12.5 cm", json!({"value": "12.5", "unit": "cm"}));
    check(FieldType::Measure, "12.5厘米", json!({"value": "12.5", "unit": "厘米"}));
    refused(FieldType::Measure, "13.5", "unit_missing");
    let metres = Field { unit: Some("m".into()), ..field(FieldType::Measure) };
    assert_eq!(to_json(&read(&metres, "3").expect("3 m").value), json!({"value": "3", "unit": "m"}));
    let bounded = Field { min: Some("0".into()), max: Some("150".into()), ..field(FieldType::Integer) };
    assert!(read(&bounded, "150").is_ok());
    assert_eq!(read(&bounded, "151").expect_err("too large").message, "item: at most 150 is taken");
    assert_eq!(read(&bounded, "-1").expect_err("too small").rule, "out_of_bounds");
}

#[test]
fn truth() {
    for (text, yes) in [("是", true), ("否", false), ("TRUE", true), ("0", false), ("１", true)] {
        check(FieldType::Boolean, text, json!(yes));
    }
    refused(FieldType::Boolean, "也许", "boolean_form");
}

#[test]
fn times() {
    for (text, date) in [
        ("1990.01.01", "1990-01-01"),
        ("1990年1月1日", "1990-01-01"),
        ("1990/1/1 0:00:00", "1990-01-01"),
        ("１９９０", "1990"),
    ] {
        check(FieldType::Date, text, json!(date));
    }
    refused(FieldType::Date, "1990-02-30", "date_form");
    refused(FieldType::Date, "1990-01-01 12:00", "date_form");
    let recent = Field { min: Some("1980".into()), ..field(FieldType::Date) };
    assert!(read(&recent, "1980").is_ok() && read(&recent, "1979-12-31").is_err());
    for (text, period) in [
        ("2020年", "2020"),
        ("2020年3月", "2020-03"),
        ("2020年1-3月", "2020-01/2020-03"),
        ("2020年第一季度", "2020-Q1"),
        ("2020年上半年", "2020-S1"),
        ("202003", "2020-03"),
        ("2020C", "2020-Q3"),
        ("2020-W05", "2020-W05"),
    ] {
        check(FieldType::Period, text, json!(period));
    }
    refused(FieldType::Period, "2020年13月", "period_form");
    check(FieldType::Timestamp, "2026-01-31T08:00:00+08:00", json!("2026-01-31T00:00:00.000000Z"));
    check(FieldType::Timestamp, "2026/01/31 08:00", json!("2026-01-31T00:00:00.000000Z"));
    refused(FieldType::Timestamp, "2026-02-03", "timestamp_form");
    check(FieldType::Interval, "0618/0907", json!("0618/0907"));
    refused(FieldType::Interval, "唐", "interval_form");
}

#[test]
fn geometries() {
    let point = json!({"type": "Point", "coordinates": [104.06, 30.67]});
    check(FieldType::Geometry, "POINT(104.06 30.67)", point.clone());
    check(FieldType::Geometry, &point.to_string(), point);
    refused(FieldType::Geometry, "POINT(30.67 104.06)", "geometry_range");
    refused(FieldType::Geometry, "POLYGON((0 0,2 2,2 0,0 2,0 0))", "geometry_invalid");
    let personal = Field { grade: 3, ..field(FieldType::Geometry) };
    let problem = read(&personal, "POINT(30.67 104.06)").expect_err("out of range");
    assert!(!problem.message.contains("104"), "{problem}");
}

#[test]
fn lists_are_split() {
    let many = |kind| Field { list: true, ..field(kind) };
    let shown = |f: &Field, text: &str| to_json(&read(f, text).expect(text).value);
    assert_eq!(shown(&many(FieldType::Text), "李白；杜甫|王维; "), json!(["李白", "杜甫", "王维"]));
    assert_eq!(shown(&many(FieldType::Code), "男;01"), json!(["1", "01"]));
    assert_eq!(shown(&many(FieldType::Text), r#"["a;b","c"]"#), json!(["a;b", "c"]));
    assert_eq!(shown(&many(FieldType::Texts), "zh=春;en=Spring"), json!([{"en": "Spring", "zh": "春"}]));
    assert_eq!(read(&many(FieldType::Text), ";;").expect_err("empty").rule, "empty");
    assert_eq!(read(&many(FieldType::Integer), "1;x").expect_err("x").rule, "number_form");
}

#[test]
fn half_width_leaves_the_rest_alone() {
    assert_eq!(half_width("ＡＢ，　杜甫１"), "AB, 杜甫1");
    assert!(matches!(half_width("杜甫"), std::borrow::Cow::Borrowed(_)));
}
