//! The rows of every definition there is: the same every time, sound, and nobody's.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::value::citizen_id::CitizenId;
use foundation::value::credit_code::CreditCode;
use foundation::value::{Day, FieldType, Value, json};

use super::{ROWS, number, rows};

fn all() -> Vec<Arc<Dataset>> {
    let domains =
        [population::domain(), legal_entity::domain(), macroeconomy::domain(), culture::domain(), geospatial::domain()];
    domains.into_iter().flat_map(|domain| domain.expect("definitions").datasets).collect()
}

fn members(value: &Value) -> &[Value] {
    match value {
        Value::List(all) => all,
        one => std::slice::from_ref(one),
    }
}

#[test]
fn every_row_of_every_dataset_would_be_taken_by_its_definition() {
    let lists = CodeLists::standard().expect("lists");
    let day = Day::parse("2026-11-23").expect("a day");
    for dataset in all() {
        let rows = rows::of(&dataset, &lists);
        assert!(!rows.is_empty(), "{}", dataset.name);
        for row in &rows {
            for field in &dataset.fields {
                let must = field.required || dataset.natural_key.contains(&field.name);
                let Some(value) = row.fields.get(field.number) else {
                    assert!(!must, "{} {} of {}", dataset.name, field.name, row.id);
                    continue;
                };
                // Files and parties come in forms of their own; ids of links are made by the base database.
                if matches!(field.kind, FieldType::Media | FieldType::Party | FieldType::Link) {
                    continue;
                }
                // A synthetic number's division is in no list of divisions, and no list is of use here.
                let read = json::from_json(field, &json::to_json(value), &lists, day);
                if let Err(problem) = read {
                    panic!("{} {} {value:?}: {} {}", dataset.name, field.name, problem.rule, problem.message);
                }
            }
        }
    }
}

#[test]
fn a_definition_gives_the_same_rows_every_time_and_no_key_twice() {
    let lists = CodeLists::standard().expect("lists");
    for dataset in all() {
        let made = rows::of(&dataset, &lists);
        assert_eq!(made, rows::of(&dataset, &lists), "{}", dataset.name);
        let mut keys: Vec<String> =
            made.iter().map(|row| format!("{:?}", rows::key_of(&dataset, &row.fields))).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), made.len(), "{}", dataset.name);
        assert!(made.len() <= ROWS && made.iter().all(|row| row.id.starts_with("sandbox-")));
    }
}

#[test]
fn numbers_are_sound_and_of_a_division_that_was_never_issued() {
    let lists = CodeLists::standard().expect("lists");
    let (mut people, mut entities) = (0, 0);
    for dataset in all() {
        for row in rows::of(&dataset, &lists) {
            for field in &dataset.fields {
                for value in row.fields.get(field.number).map(members).unwrap_or_default() {
                    let Value::Code(code) = value else { continue };
                    match field.kind {
                        FieldType::CitizenId => {
                            let read = CitizenId::parse(code).expect("a citizen number");
                            assert!(read.as_str().starts_with(number::DIVISION));
                            people += 1;
                        }
                        FieldType::CreditCode => {
                            let read = CreditCode::parse(code).expect("a credit code");
                            assert_eq!((read.division(), read.inner_check_expected()), (number::DIVISION, None));
                            entities += 1;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    assert!(people >= ROWS && entities >= ROWS, "{people} {entities}");
    // No list of divisions knows it, at any time.
    for list in lists.iter() {
        assert!(!list.knows(number::DIVISION), "{}", list.id);
    }
}
