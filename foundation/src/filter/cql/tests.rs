use super::*;
use crate::dataset::tests::sample;
use crate::filter::print::to_text;
use crate::filter::{Spatial, Temporal};
use crate::value::parse::tests::lists;
use crate::value::{Decimal, PartialDate, Span, Value};
use proptest::prelude::*;

fn read(text: &str) -> Filter {
    parse(text, &sample()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// What is refused, where, and a word of the reason.
fn refused(text: &str, at: usize, word: &str) {
    let error = parse(text, &sample()).expect_err(text);
    assert!(error.at == at && error.reason.contains(word), "{text}: {error}");
}

fn compare(field: u16, op: Comparison, value: Value) -> Filter {
    Filter::Compare { field, op, value }
}

#[test]
fn comparisons_have_values_of_the_fields_type() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, NotEqual};
    let decimal = |t: &str| Value::Decimal(t.parse::<Decimal>().expect("a decimal"));
    let date = |t: &str| Value::Date(PartialDate::parse(t).expect("a date"));
    for (text, filter) in [
        ("title = '静夜思'", compare(2, Equal, Value::Text("静夜思".into()))),
        ("\"title\" <> 'it''s'", compare(2, NotEqual, Value::Text("it's".into()))),
        ("kind = 'A1'", compare(3, Equal, Value::Code("A1".into()))),
        ("lines > 4", compare(4, Greater, Value::Integer(4))),
        ("4 > lines", compare(4, Less, Value::Integer(4))),
        ("lines >= -4", compare(4, GreaterOrEqual, Value::Integer(-4))),
        ("price = 19498039388042.601", compare(5, Equal, decimal("19498039388042.601"))),
        ("price < 1.5e3", compare(5, Less, decimal("1500"))),
        ("written = DATE('1990-05')", compare(6, Equal, date("1990-05"))),
        ("written < '1990'", compare(6, Less, date("1990"))),
        ("public = TRUE", compare(11, Equal, Value::Boolean(true))),
        ("FALSE = public", compare(11, Equal, Value::Boolean(false))),
        ("size > 12.5", compare(13, Greater, Value::Measure("12.5".parse().expect("a decimal"), "cm".into()))),
        ("names = '春'", compare(14, Equal, Value::Text("春".into()))),
        ("subjects = '月'", compare(8, Equal, Value::Text("月".into()))),
    ] {
        assert_eq!(read(text), filter, "{text}");
    }
}

#[test]
fn predicates_are_joined_by_their_strength() {
    let (a, b, c) = (read("lines = 1"), read("lines = 2"), read("lines = 3"));
    let not = |f: &Filter| Filter::Not(Box::new(f.clone()));
    for (text, filter) in [
        ("lines=1 or lines=2 AND lines=3", Filter::Or(vec![a.clone(), Filter::And(vec![b.clone(), c.clone()])])),
        ("(lines=1 OR lines=2) AND lines=3", Filter::And(vec![Filter::Or(vec![a.clone(), b.clone()]), c.clone()])),
        ("NOT lines=1 AND lines=2", Filter::And(vec![not(&a), b.clone()])),
        ("NOT (lines=1 AND lines=2)", not(&Filter::And(vec![a.clone(), b.clone()]))),
        ("((lines=1))", a.clone()),
        ("TRUE", Filter::Constant(true)),
        ("lines IN (1, 2)", Filter::In { field: 4, values: vec![Value::Integer(1), Value::Integer(2)] }),
        ("lines NOT IN (1)", not(&Filter::In { field: 4, values: vec![Value::Integer(1)] })),
        (
            "lines NOT BETWEEN 1 AND 2 AND lines=3",
            Filter::And(vec![
                not(&Filter::Between { field: 4, low: Value::Integer(1), high: Value::Integer(2) }),
                c.clone(),
            ]),
        ),
        ("title IS NULL", Filter::IsNull { field: 2 }),
        ("title IS NOT NULL", not(&Filter::IsNull { field: 2 })),
        ("title LIKE '静%'", Filter::Like { field: 2, pattern: "静%".into(), casei: false }),
        ("CASEI(title) LIKE casei('Du%')", Filter::Like { field: 2, pattern: "Du%".into(), casei: true }),
        ("CASEI(title) = CASEI('50%')", Filter::Like { field: 2, pattern: "50\\%".into(), casei: true }),
    ] {
        assert_eq!(read(text), filter, "{text}");
    }
}

#[test]
fn space_and_time() {
    let days = |from: &str, to: &str| Span { from: Day::parse(from).expect(from), to: Day::parse(to).expect(to) };
    for (text, op, span) in [
        ("T_AFTER(written, DATE('1990-01-01'))", Temporal::After, days("1990-01-01", "1990-01-02")),
        ("T_BEFORE(DATE('1990-01-01'), written)", Temporal::After, days("1990-01-01", "1990-01-02")),
        ("t_during(written, INTERVAL('1990-01-01', '1990-12-31'))", Temporal::During, days("1990-01-01", "1991-01-01")),
        ("T_Intersects(written, '0618/0907')", Temporal::Intersects, days("0618-01-01", "0908-01-01")),
    ] {
        assert_eq!(read(text), Filter::Temporal { field: 6, op, span }, "{text}");
    }
    let Filter::Temporal { span, .. } = read("T_INTERSECTS(era, INTERVAL('..', '1911'))") else { panic!("temporal") };
    assert_eq!((span.from, span.to.to_string()), (Day::MIN, "1912-01-01".into()));
    assert!(matches!(read("T_EQUALS(period, '2020-Q1')"), Filter::Temporal { field: 12, .. }));
    assert!(matches!(
        read("T_AFTER(recorded, TIMESTAMP('2026-01-01T00:00:00Z'))"),
        Filter::Compare { field: 10, op: Comparison::Greater, .. }
    ));
    for (name, op) in Temporal::ALL.map(|(op, name)| (name, op)) {
        assert!(matches!(read(&format!("{name}(era, '0618/0907')")), Filter::Temporal { op: read, .. } if read == op));
    }
    for (text, op) in [
        ("S_INTERSECTS(place, POLYGON((0 0,1 0,1 1,0 0)))", Spatial::Intersects),
        ("S_WITHIN(place, BBOX(100, 20, 110, 30))", Spatial::Within),
        ("S_CONTAINS(BBOX(100, 20, 110, 30), place)", Spatial::Within),
        ("s_disjoint(POINT (1 2), place)", Spatial::Disjoint),
        ("S_CONTAINS(place, POINT (1 2))", Spatial::Contains),
        ("S_WITHIN(POINT (1 2), place)", Spatial::Contains),
        ("S_EQUALS(place, POINT (1 2))", Spatial::Equals),
        ("S_CROSSES(place, LINESTRING (1 2, 3 4))", Spatial::Crosses),
        ("S_OVERLAPS(BBOX(100, 20, 110, 30), place)", Spatial::Overlaps),
        ("S_TOUCHES(place, POINT (1 2))", Spatial::Touches),
        ("S_INTERSECTS(place, BBOX(170, -10, -170, 10))", Spatial::Intersects),
    ] {
        assert!(matches!(read(text), Filter::Spatial { field: 9, op: read, .. } if read == op), "{text}");
    }
}

#[test]
fn labels_stand_for_codes() {
    let read = |text: &str| parse_with_lists(text, &sample(), &lists(), Day(20_000));
    let code = |c: &str| Ok(compare(3, Comparison::Equal, Value::Code(c.into())));
    assert_eq!(read("kind = '男'"), code("1"));
    assert_eq!(read("kind = '320102'"), code("320102"));
    assert_eq!(read("kind = '白下区'"), code("320102"));
    assert!(read("kind = '鼓楼区'").expect_err("two").reason.contains("A1, A2"));
    let error = read("kind IN ('1', '女王')").expect_err("none");
    assert!(error.at == 15 && error.reason.contains("no such code"), "{error}");
}

#[test]
fn faults_have_a_place_and_a_reason() {
    refused("", 1, "empty");
    refused("foo = 1", 1, "`foo` is no field of culture/works");
    refused("lines = 1 AND 静 = 2", 15, "no field");
    refused("lines = 'many'", 9, "a whole number, not with a text");
    refused("lines = 1.5", 9, "whole number");
    refused("title = 5", 9, "in single quotes");
    refused("public > TRUE", 10, "no order");
    refused("title = '静夜思", 9, "does not end");
    refused("lines = ", 9, "not the end");
    refused("lines 5", 7, "a comparison, IN");
    refused("title + 1 = 2", 1, "a number was expected here, not a string");
    refused("lines = 1 / 0", 13, "no number");
    refused("lines + 1", 10, "a comparison");
    refused("(lines, 1) = 2", 12, "a list cannot be compared with a number");
    refused("size + 1 = 2", 1, "`size` cannot be computed with");
    refused("length(lines) = 2", 8, "a string was expected");
    refused("length(title, title) = 2", 13, "`)`");
    refused("lines + 1 LIKE 'a'", 1, "a string was expected");
    refused("T_AFTER(INTERVAL(written, title), DATE('1990'))", 27, "a datetime was expected");
    refused("lines = 1 lines = 2", 11, "AND, OR");
    refused("lines = 1 AND", 14, "field or a literal");
    refused("(lines = 1", 11, "`)`");
    refused("lines = 1)", 10, "not expected");
    refused("lines = title", 7, "a number cannot be compared with a string");
    refused("lines = NULL", 9, "IS NULL");
    refused("lines IS 5", 10, "NULL was expected");
    refused("drop(title) = 'A'", 1, "`drop` is not supported");
    refused("S_COVERS(place, POINT(1 1))", 1, "S_TOUCHES");
    refused("S_INTERSECTS(title, POINT(1 1))", 1, "no geometry");
    refused("S_INTERSECTS(place, POINT(200 1))", 21, "(200, 1)");
    refused("S_INTERSECTS(place, POLYGON((0 0,1 1", 21, "do not close");
    refused("T_AFTER(title, DATE('1990-01-01'))", 1, "no date");
    refused("T_AFTER(written, 5)", 18, "DATE");
    refused("T_AFTER(written, DATE('1990-02-30'))", 23, "calendar");
    refused("T_MEETS(recorded, DATE('1990-02-03'))", 1, "point in time");
    refused("T_DURING(written, INTERVAL('1991', '1990'))", 19, "before it begins");
    refused("place = 'x'", 9, "S_INTERSECTS");
    refused("lines LIKE '5'", 1, "no text");
    refused("title LIKE 5", 12, "pattern");
    refused("era = 'Tang'", 7, "EDTF");
    refused("lines = 1 # 2", 11, "`#`");
}

#[test]
fn literals_are_computed_at_once() {
    assert_eq!(read("lines = 2 * (3 + 4) ^ 1 - 10 div 3"), compare(4, Comparison::Equal, Value::Integer(11)));
    assert_eq!(read("2 = 4 / 2"), Filter::Constant(true));
    assert_eq!(read("'København' LIKE 'K_benhavn'"), Filter::Constant(true));
    assert_eq!(read("T_AFTER(DATE('1990'), DATE('1991'))"), Filter::Constant(false));
    assert_eq!(read("A_CONTAINS(('a', 'b'), 'a')"), Filter::Constant(true));
    assert_eq!(read("public"), read("public = TRUE"));
    assert_eq!(read("NOT (public) AND (lines) > 1"), read("NOT public = TRUE AND lines > 1"));
}

#[test]
fn what_is_computed_prints_and_reads_the_same() {
    for text in [
        "lines + 1 = price * 2",
        "lines BETWEEN price AND lines ^ 2",
        "ACCENTI(CASEI(title)) LIKE accenti(casei('Chiș%'))",
        "ACCENTI(title) IN ('a', accenti('b'))",
        "concat(upper(title), 'x') IS NOT NULL",
        "A_OVERLAPS(subjects, ('月', '乡')) AND A_EQUALS(subjects, '月')",
        "T_DURING(INTERVAL(written, '..'), INTERVAL(DATE('0700'), recorded))",
        "S_EQUALS(place, place) OR area(place) >= 1e3",
        "year(written) - 1 IN (1, lines)",
        "title <> code",
        "-lines < -1",
    ] {
        let filter = read(text);
        let printed = to_text(&filter, &sample());
        assert_eq!(read(&printed), filter, "{text} → {printed}");
        assert!(!filter.fields().is_empty(), "{text}");
    }
}

#[test]
fn a_filter_as_deep_as_can_be_is_written_no_deeper() {
    let deep = |inner: &str| format!("{}{inner}{}", "(lines = 1 AND (lines = 2 OR ".repeat(16), "))".repeat(16));
    for text in [
        format!("lines{} < 7", " * 2 + lines ^ 2 - 3 div 2".repeat(30)),
        format!("lines < 7 {}", "- (lines + 3) * 2 ".repeat(40)),
        format!("{}lines < 7", "NOT ".repeat(101)),
        deep("title NOT IN ('a', 'b')"),
        deep("1 - 4 + lines < 5 - 7"),
        "NOT (NOT (NOT title LIKE 'a'))".to_owned(),
        "lines - (1 - lines) - 1 > 2 ^ (lines ^ 2) ^ 3".to_owned(),
    ] {
        let filter = read(&text);
        let printed = to_text(&filter, &sample());
        assert_eq!(parse(&printed, &sample()), Ok(filter), "{text} → {printed}");
    }
}

#[test]
fn limits_are_kept() {
    let many = |n: usize, one: &str, with: &str| vec![one; n].join(with);
    assert!(parse(&many(200, "lines = 1", " OR "), &sample()).is_ok());
    assert!(parse(&many(201, "lines = 1", " OR "), &sample()).expect_err("terms").reason.contains("200"));
    assert!(parse(&format!("lines IN ({})", many(1_000, "1", ",")), &sample()).is_ok());
    assert!(
        parse(&format!("lines IN ({})", many(1_001, "1", ",")), &sample()).expect_err("in").reason.contains("1000")
    );
    let nested = |n: usize| format!("{}lines = 1{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(32), &sample()).is_ok());
    assert!(parse(&nested(33), &sample()).expect_err("depth").reason.contains("32"));
    for bomb in
        ["(", "NOT ", "CASEI(", "INTERVAL(", "BBOX(", "- ", "T_AFTER(", "S_WITHIN(", "GEOMETRYCOLLECTION(", "x = "]
    {
        assert!(parse(&bomb.repeat(50_000), &sample()).is_err(), "{bomb}");
    }
    let points: Vec<String> = (0..10_001).map(|n| format!("({} 1)", f64::from(n) / 100.0)).collect();
    let error = parse(&format!("S_INTERSECTS(place, MULTIPOINT({}))", points.join(",")), &sample());
    assert!(error.expect_err("points").reason.contains("10000"));
    assert!(parse(&" ".repeat(2 << 20), &sample()).is_err());
}

#[test]
fn what_is_read_here_the_cql2_crate_reads_too() {
    for text in [
        "title = '静夜思' AND lines > 4",
        "lines NOT IN (1, 2) OR NOT title LIKE 'a%'",
        "price BETWEEN 1.5 AND 2",
        "CASEI(title) = CASEI('DU')",
        "T_DURING(written, INTERVAL('1990-01-01', '..'))",
        "T_AFTER(recorded, TIMESTAMP('2026-01-01T00:00:00Z'))",
        "S_INTERSECTS(place, POLYGON((0 0,1 0,1 1,0 0)))",
        "S_WITHIN(place, BBOX(100, 20, 110, 30))",
        "title IS NOT NULL AND \"lines\" <= 5",
        "public = TRUE",
    ] {
        assert!(cql2::parse_text(text).is_ok(), "{text}");
        let printed = to_text(&read(text), &sample());
        assert!(cql2::parse_text(&printed).is_ok(), "{printed}");
        assert_eq!(read(&printed), read(text), "{printed}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_filter_or_an_error(text in ".{0,80}") {
        let _ = parse(&text, &sample());
    }

    #[test]
    fn any_words_give_a_filter_that_prints_and_reads_the_same(
        words in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "AND", "OR", "NOT", "lines", "title", "=", "<", "1", "'a'", "IN", ",", "BETWEEN", "LIKE", "IS",
            "NULL", "TRUE", "+", "^", "price", "ACCENTI(", "subjects", "A_CONTAINS(", "year(", "written", "DATE('1990')", "T_AFTER", "place", "POINT(1 2)", "S_WITHIN", "CASEI", "-",
        ]), 0..12),
    ) {
        let dataset = sample();
        if let Ok(filter) = parse(&words.join(" "), &dataset) {
            let printed = to_text(&filter, &dataset);
            prop_assert_eq!(parse(&printed, &dataset), Ok(filter), "{}", printed);
        }
    }
}
