//! Dimensions of a series: `age=Y0T4;sex=F`, by name, each with its code list; `_T` where there are none (SDMX: the total).
//!
//! A row gives them in one cell or in a column each; afterwards it has both, so that a series is one key and every dimension
//! can be filtered and counted.

use foundation::dataset::CodeLists;
use foundation::service::Finding;
use foundation::value::{Fields, Value};

use super::{code, field, finding, indicator};

/// What `dimensions` says of a series without any.
pub(crate) const TOTAL: &str = "_T";

/// A dimension: its name, which is its field's, the field's number, its code list.
struct Dimension {
    name: &'static str,
    number: u16,
    list: &'static str,
}

/// All dimensions, by name.
const ALL: [Dimension; 6] = [
    Dimension { name: "accumulation", number: field::ACCUMULATION, list: "accumulation" },
    Dimension { name: "adjustment", number: field::ADJUSTMENT, list: "seasonal-adjustment" },
    Dimension { name: "age", number: field::AGE, list: "dimension-age" },
    Dimension { name: "industry", number: field::INDUSTRY, list: "industry" },
    Dimension { name: "price_basis", number: field::PRICE_BASIS, list: "price-basis" },
    Dimension { name: "sex", number: field::SEX, list: "dimension-sex" },
];

/// Brings the cell and the columns of a row together; what they say differently is refused.
pub(super) fn complete(row: &mut Fields, lists: &CodeLists) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(Value::Text(cell)) = row.get(field::DIMENSIONS).cloned() {
        match read(&cell) {
            Ok(pairs) => pairs.into_iter().for_each(|(at, value)| found.extend(set(row, at, value, lists))),
            Err(message) => found.push(finding("dimensions", "dimensions_form", message, true)),
        }
    }
    if found.is_empty() {
        row.set(field::DIMENSIONS, Value::Text(written(row)));
    }
    found
}

/// The dimensions of a series as its key spells them: in the order of their names.
///
/// # Errors
/// A sentence that names the dimension and the rule.
pub(crate) fn normalised(text: &str) -> Result<String, String> {
    let mut pairs = read(text)?;
    pairs.sort_by_key(|(at, _)| at.name);
    let parts: Vec<String> = pairs.iter().map(|(at, value)| format!("{}={value}", at.name)).collect();
    Ok(if parts.is_empty() { TOTAL.to_owned() } else { parts.join(";") })
}

fn read(text: &str) -> Result<Vec<(&'static Dimension, &str)>, String> {
    let mut pairs: Vec<(&Dimension, &str)> = Vec::new();
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty() && *part != TOTAL);
    for part in parts {
        let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is not `dimension=code`"))?;
        let (name, value) = (name.trim(), value.trim());
        let known = || ALL.iter().map(|d| d.name).collect::<Vec<_>>().join(", ");
        let dimension = ALL.iter().find(|d| d.name == name);
        let dimension = dimension.ok_or_else(|| format!("`{name}` is no dimension; there are {}", known()))?;
        if value.is_empty() || pairs.iter().any(|(other, _)| other.name == name) {
            return Err(format!("dimension `{name}` is given once, with a code"));
        }
        pairs.push((dimension, value));
    }
    Ok(pairs)
}

fn set(row: &mut Fields, at: &Dimension, value: &str, lists: &CodeLists) -> Option<Finding> {
    if let Some(column) = code(row, at.number).filter(|column| *column != value) {
        let message = format!("`dimensions` says {value}, the column says {column}");
        return Some(finding(at.name, "dimension_twice", message, true));
    }
    if lists.get(at.list).is_some_and(|list| !list.knows(value)) {
        let message = format!("{value} is no code of the list {}", at.list);
        return Some(finding(at.name, "dimension_code", message, true));
    }
    row.set(at.number, Value::Code(value.to_owned()));
    None
}

/// Dimensions of a row that its indicator does not declare. An indicator that declares nothing at all is not held to it.
pub(super) fn undeclared(row: &Fields, indicator: &Fields) -> Vec<Finding> {
    let Some(Value::Text(declared)) = indicator.get(indicator::DIMENSIONS) else { return Vec::new() };
    let declared: Vec<&str> = declared.split(';').map(str::trim).collect();
    let given = ALL.iter().filter(|at| code(row, at.number).is_some() && !declared.contains(&at.name));
    let message = |name: &str| format!("the indicator declares {}, not `{name}`", declared.join(", "));
    given.map(|at| finding(at.name, "dimension_undeclared", message(at.name), false)).collect()
}

/// What the columns say, as one text.
fn written(row: &Fields) -> String {
    let parts = ALL.iter().filter_map(|at| Some(format!("{}={}", at.name, code(row, at.number)?)));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { TOTAL.to_owned() } else { parts.join(";") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(cells: &[(u16, &str)]) -> Result<Fields, String> {
        let lists = CodeLists::standard().expect("the lists load");
        let value = |number, text: &str| match number {
            field::DIMENSIONS => Value::Text(text.to_owned()),
            _ => Value::Code(text.to_owned()),
        };
        let mut row: Fields = cells.iter().map(|(n, text)| (*n, value(*n, text))).collect();
        match complete(&mut row, &lists).pop() {
            None => Ok(row),
            Some(found) => Err(found.rule),
        }
    }

    #[test]
    fn one_cell_and_columns_say_the_same() {
        let by_cell = completed(&[(field::DIMENSIONS, "sex=F; age=Y0T4")]).expect("sound");
        let by_column = completed(&[(field::SEX, "F"), (field::AGE, "Y0T4")]).expect("sound");
        assert_eq!(by_cell, by_column);
        assert_eq!(by_cell.get(field::DIMENSIONS), Some(&Value::Text("age=Y0T4;sex=F".into())));
        let none = completed(&[]).expect("sound");
        assert_eq!(none.get(field::DIMENSIONS), Some(&Value::Text(TOTAL.into())));
        assert_eq!(completed(&[(field::DIMENSIONS, "_T")]).expect("sound"), none);
    }

    #[test]
    fn what_is_no_dimension_is_refused() {
        for (cells, rule) in [
            (vec![(field::DIMENSIONS, "colour=red")], "dimensions_form"),
            (vec![(field::DIMENSIONS, "sex")], "dimensions_form"),
            (vec![(field::DIMENSIONS, "sex=F;sex=M")], "dimensions_form"),
            (vec![(field::DIMENSIONS, "sex=X")], "dimension_code"),
            (vec![(field::DIMENSIONS, "sex=F"), (field::SEX, "M")], "dimension_twice"),
        ] {
            assert_eq!(completed(&cells).map(|_| ()), Err(rule.to_owned()), "{cells:?}");
        }
    }

    #[test]
    fn a_dimension_is_one_that_the_indicator_declares() {
        let row = completed(&[(field::SEX, "F"), (field::AGE, "Y0T4")]).expect("sound");
        let by = |declared: &str| {
            let indicator: Fields = [(indicator::DIMENSIONS, Value::Text(declared.into()))].into_iter().collect();
            undeclared(&row, &indicator).into_iter().map(|found| found.field).collect::<Vec<_>>()
        };
        assert_eq!(by("age; sex"), Vec::<String>::new());
        assert_eq!(by("sex;industry"), ["age"]);
        assert_eq!(undeclared(&row, &Fields::new()), Vec::new());
    }

    #[test]
    fn a_series_is_spelled_one_way() {
        assert_eq!(normalised("sex=F;age=Y0T4").as_deref(), Ok("age=Y0T4;sex=F"));
        assert_eq!((normalised("").as_deref(), normalised("_T").as_deref()), (Ok(TOTAL), Ok(TOTAL)));
        assert!(normalised("colour=red").is_err());
    }

    #[test]
    fn every_dimension_is_a_field_with_its_list() {
        let domain = crate::domain().expect("definitions load");
        let observations = domain.datasets.iter().find(|d| d.name.table() == "observations").expect("a dataset");
        for at in &ALL {
            let field = observations.field(at.name).expect(at.name);
            assert_eq!((field.number, field.code_list.as_deref()), (at.number, Some(at.list)), "{}", at.name);
        }
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
