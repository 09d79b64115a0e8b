use foundation::dataset::{Code, CodeList, CodeLists, Dataset, Title};

use super::*;

fn lists() -> CodeLists {
    let day = |text: &str| Day::parse(text).expect("a day");
    let code = |code: &str, from: Day, to: Day, successors: &[&str]| Code {
        code: code.to_owned(),
        label: Title::default(),
        aliases: Vec::new(),
        parent: None,
        valid: Span { from, to },
        successors: successors.iter().map(|s| (*s).to_owned()).collect(),
    };
    let codes = vec![
        code("110105", Day::MIN, Day::MAX, &[]),
        code("110103", Day::MIN, day("2010-01-01"), &["110101"]),
        code("110102", day("1980-01-01"), Day::MAX, &[]),
    ];
    let mut lists = CodeLists::default();
    lists.insert(CodeList::new("division", Title::default(), "test", day("1980-01-01"), codes));
    lists
}

fn number(body: &str) -> String {
    format!("{body}{}", foundation::value::citizen_id::check_digit(body))
}

/// Rules broken by a row with this number (17 digits) and these other fields.
fn check(body: &str, demo: bool, others: &[(u16, Value)]) -> (Vec<(String, bool)>, Fields) {
    let domain = crate::domain().expect("definitions load");
    let dataset: &Dataset = &domain.datasets[0];
    let lists = lists();
    let today = Day::parse("2026-11-23").expect("a day");
    let context = RowContext { dataset, lists: &lists, today, demo };
    let mut row: Fields = others.iter().cloned().collect();
    row.set(field::CITIZEN_ID, Value::Code(number(body)));
    let found = Persons.check(&mut row, &context);
    for finding in &found {
        assert!(!finding.message.contains(&body[6..]), "a message repeats the number: {}", finding.message);
    }
    (found.into_iter().map(|f| (f.rule, f.refused)).collect(), row)
}

#[test]
fn field_numbers_are_those_of_the_definition() {
    let domain = crate::domain().expect("definitions load");
    for (name, number) in [
        ("citizen_id", field::CITIZEN_ID),
        ("name", field::NAME),
        ("sex", field::SEX),
        ("birth_date", field::BIRTH_DATE),
        ("life_status", field::LIFE_STATUS),
        ("death_date", field::DEATH_DATE),
    ] {
        assert_eq!(domain.datasets[0].field(name).map(|f| f.number), Some(number), "{name}");
    }
    assert_eq!(LIST_ENDS.to_string(), "2026-01-01");
}

#[test]
fn sex_and_birth_date_are_completed_from_the_number() {
    let (found, row) = check("11010519491231002", false, &[]);
    assert_eq!(found, []);
    assert_eq!(row.get(field::SEX), Some(&Value::Code("2".into())));
    assert_eq!(row.get(field::BIRTH_DATE), PartialDate::parse("1949-12-31").map(Value::Date).as_ref());
    let coarse = PartialDate::parse("1949").map(Value::Date).expect("a year");
    let (found, row) = check("11010519491231002", false, &[(field::BIRTH_DATE, coarse)]);
    assert_eq!(found, []);
    assert_eq!(row.get(field::BIRTH_DATE), PartialDate::parse("1949-12-31").map(Value::Date).as_ref());
}

#[test]
fn what_contradicts_the_number_is_refused() {
    let male = (field::SEX, Value::Code("1".into()));
    assert_eq!(check("11010519491231002", false, &[male]).0, [("sex_of_number".to_owned(), true)]);
    let unknown = (field::SEX, Value::Code("0".into()));
    assert_eq!(check("11010519491231002", false, &[unknown]).0, []);
    let date = (field::BIRTH_DATE, PartialDate::parse("1950-01-01").map(Value::Date).expect("a date"));
    assert_eq!(check("11010519491231002", false, &[date]).0, [("birth_date_of_number".to_owned(), true)]);
    let death = (field::DEATH_DATE, PartialDate::parse("1940").map(Value::Date).expect("a date"));
    assert_eq!(check("11010519491231002", false, &[death]).0, [("death_before_birth".to_owned(), true)]);
}

#[test]
fn the_birth_district_existed_at_some_time_from_birth_to_today() {
    let rule = |body: &str| check(body, false, &[]).0.first().map(|(rule, refused)| (rule.clone(), *refused));
    assert_eq!(rule("11010320090101001"), None, "held at birth");
    assert_eq!(rule("11010219600101001"), None, "held later, before today");
    assert_eq!(rule("11010320110101001"), Some(("birth_district_abolished".into(), true)));
    assert_eq!(rule("99999919600101001"), None, "a foreigners' card carries no division");
    assert_eq!(rule("45999919600101001"), Some(("birth_district_not_checked".into(), false)), "before the list begins");
    assert_eq!(rule("45999919900101001"), Some(("birth_district_unknown".into(), true)));
    assert_eq!(rule("45999920260101001"), Some(("birth_district_not_checked".into(), false)), "newer than the list");
    assert_eq!(rule("83000019900101001"), None, "a residence permit");
}

#[test]
fn synthetic_numbers_stay_in_demonstrations_and_real_ones_out() {
    assert_eq!(check("89510119900101001", true, &[]).0, []);
    assert_eq!(check("89510119900101001", false, &[]).0, [("synthetic_number".to_owned(), true)]);
    assert_eq!(check("11010519491231002", true, &[]).0, [("real_number_in_demo".to_owned(), true)]);
}
