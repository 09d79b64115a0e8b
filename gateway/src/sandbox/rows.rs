//! The rows: one for each number, its values by the definition.

use std::collections::BTreeSet;

use foundation::dataset::{CodeLists, Dataset, Field};
use foundation::value::citizen_id::{CitizenId, Sex};
use foundation::value::{FieldType, Fields, PartialDate, Value};

use super::random::Random;
use super::value;

/// Rows of every dataset.
pub const ROWS: usize = 200;
/// Of so many optional fields of a row, about one is left out.
const LEFT_OUT_ONE_IN: u64 = 8;

/// A synthetic row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Record id; no real one begins so.
    pub(super) id: String,
    /// Its fields.
    pub(super) fields: Fields,
}

/// The rows of a definition, in the order of their ids; no two have one natural key.
pub(super) fn of(dataset: &Dataset, lists: &CodeLists) -> Vec<Row> {
    let mut keys = BTreeSet::new();
    let row = |number: usize| {
        let row = one(dataset, lists, number);
        let key = format!("{:?}", key_of(dataset, &row.fields));
        keys.insert(key).then_some(row)
    };
    (1..=ROWS).filter_map(row).collect()
}

/// The id of a row of a dataset.
pub(super) fn id(number: usize) -> String {
    format!("sandbox-{number:04}")
}

/// The values of the natural key.
pub(super) fn key_of(dataset: &Dataset, fields: &Fields) -> Vec<Option<Value>> {
    let field = |name: &String| dataset.field(name).and_then(|field| fields.get(field.number)).cloned();
    dataset.natural_key.iter().map(field).collect()
}

fn one(dataset: &Dataset, lists: &CodeLists, number: usize) -> Row {
    let (name, row) = (dataset.name.to_string(), number.to_string());
    let mut fields = Fields::new();
    for (place, field) in dataset.fields.iter().enumerate() {
        let random = &mut Random::of(&[&name, &row, &field.name]);
        let must = field.required || dataset.natural_key.contains(&field.name);
        if !must && random.below(LEFT_OUT_ONE_IN) == 0 {
            continue;
        }
        let mut made = || value::of(field, lists, value::Place { row: number, field: place }, random);
        let made = if field.list { made().map(|one| Value::List(vec![one])) } else { made() };
        if let Some(made) = made {
            fields.set(field.number, made);
        }
    }
    agree(dataset, &mut fields);
    Row { id: id(number), fields }
}

/// What a citizen number says, the row says too.
fn agree(dataset: &Dataset, fields: &mut Fields) {
    let of_kind = |kind: FieldType| dataset.fields.iter().filter(move |field| field.kind == kind && !field.list);
    let number = of_kind(FieldType::CitizenId).find_map(|field| match fields.get(field.number) {
        Some(Value::Code(number)) => CitizenId::parse(number).ok(),
        _ => None,
    });
    let Some(number) = number else { return };
    let said = |field: &&Field| fields.get(field.number).is_some();
    let birth = of_kind(FieldType::Date).find(|field| field.name == "birth_date").filter(said).map(|f| f.number);
    let sex = of_kind(FieldType::Code).find(|field| field.name == "sex").filter(said).map(|f| f.number);
    if let (Some(field), Some(date)) = (birth, PartialDate::of(number.birth())) {
        fields.set(field, Value::Date(date));
    }
    if let Some(field) = sex {
        // GB/T 2261.1.
        let code = if number.sex() == Sex::Male { "1" } else { "2" };
        fields.set(field, Value::Code(code.to_owned()));
    }
}
