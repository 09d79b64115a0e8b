//! Return flow (数据回流): what an upper level holds of a lower level's area goes back to it, timely and whole, without
//! further limits (Decree 809 art 24). What is asked for follows from who asks; what may be said to it, from the article.

use foundation::dataset::{Dataset, Field, Sharing};
use foundation::value::FieldType;

use super::case::Case;
use super::limits::division_of;
use super::step::{Said, Verb};
use super::take::StepError;
use crate::policy::Terms;

/// The division of bodies of the whole country.
const COUNTRY: &str = "100000";
/// Where a dataset has several divisions, the one that says whose area a record is of.
const OF_SEVERAL: &[(&str, &str)] = &[("population/persons", "domicile_division")];
/// What may be asked under it: the rows, their past, and what changes.
const ACTS: [&str; 6] = ["get", "lookup", "search", "list", "history", "changes"];
/// It ends by agreement or misuse, not by a day.
const NO_END: &str = "9999-12-31";
/// A ceiling that nothing reaches: the article sets none, the node's own bounds hold.
const NO_CEILING: u64 = 1_000_000_000_000;
/// Rows an answer: the most that terms can say.
const ROWS_PER_ANSWER: u64 = 1_000_000;
const LAW: &str = "24";

/// How every division code of a body's area begins: empty = of the whole country; `None` = its code names no area.
#[must_use]
pub fn area_of(credit_code: &str) -> Option<&str> {
    let division = division_of(credit_code);
    if division == COUNTRY {
        return Some("");
    }
    let sound = division.len() == 6 && division.bytes().all(|b| b.is_ascii_digit());
    let province = division.get(..2).filter(|first| sound && ("11".."83").contains(first));
    province?;
    division.strip_suffix("0000").or(division.strip_suffix("00")).or(Some(division))
}

/// The field that says whose area a record is of.
///
/// # Errors
/// Why there is none.
pub fn field(dataset: &Dataset) -> Result<&Field, String> {
    let name = dataset.name.to_string();
    let mut all = dataset.fields.iter().filter(|field| field.kind == FieldType::Division && !field.list);
    let told = OF_SEVERAL.iter().find(|(of, _)| *of == name).and_then(|(_, field)| dataset.field(field));
    match (told, all.next(), all.next()) {
        (Some(told), ..) => Ok(told),
        (None, Some(only), None) => Ok(only),
        (None, None, _) => Err(format!("`{name}` says of no record of which area it is")),
        (None, Some(_), Some(_)) => {
            Err(format!("`{name}` has several divisions; none is known to say of which area a record is"))
        }
    }
}

/// The names of all fields that are shared at all.
#[must_use]
pub fn fields(dataset: &Dataset) -> Vec<String> {
    let shared = |field: &&Field| field.sharing.unwrap_or(dataset.sharing) != Sharing::None;
    dataset.fields.iter().filter(shared).map(|field| field.name.clone()).collect()
}

/// What a department is to get back of a dataset: the rows of its own area, whole.
///
/// # Errors
/// [`StepError`]: it has no area, the provider is not above it, or the dataset tells of no area.
pub fn terms(dataset: &Dataset, requester: &str, purpose: &str, from: &str) -> Result<Terms, StepError> {
    let rule = |rule: &str| StepError::Rule { rule: rule.to_owned(), law: LAW };
    let area = area_of(requester).filter(|area| !area.is_empty());
    let area =
        area.ok_or_else(|| rule("return flow goes to a department of an area, and this one's code names none"))?;
    let above = area_of(&dataset.provider_code).is_some_and(|of| of.len() < area.len() && area.starts_with(of));
    if !above {
        return Err(rule(
            "return flow comes from an upper level, and the provider is not above this department's area",
        ));
    }
    let field = field(dataset).map_err(|reason| StepError::Terms { reason })?;
    Ok(Terms {
        dataset: dataset.name.to_string(),
        acts: ACTS.map(str::to_owned).to_vec(),
        fields: fields(dataset),
        masked: Vec::new(),
        rows: format!("{} LIKE '{area}%'", field.name),
        purpose: purpose.to_owned(),
        ground: "政务数据共享条例第二十四条".to_owned(),
        from: from.to_owned(),
        to: NO_END.to_owned(),
        cases_required: false,
        rows_per_answer_max: ROWS_PER_ANSWER,
        rows_per_day_max: NO_CEILING,
        persons_per_day_max: None,
        tells_not_found: false,
        commitment: String::new(),
    })
}

/// Judges what the article says of a step of a return flow.
///
/// # Errors
/// [`StepError`].
pub(super) fn judge(case: &Case, verb: Verb, said: &Said) -> Result<(), StepError> {
    let refuse = |text: &str| Err(StepError::Rule { rule: text.to_owned(), law: LAW });
    let differs = said.terms.as_ref().is_some_and(|terms| *terms != case.asked);
    match verb {
        Verb::Revise | Verb::Supplement => refuse("what goes back follows from the area; no terms are asked for"),
        Verb::NeedMore => refuse("what goes back follows from the area; nothing can be missing"),
        Verb::Consent if differs => refuse("what is of the area goes back whole, without further limits"),
        Verb::ProposeChange if said.terms.is_some() => {
            refuse("what is of the area goes back whole; it can be ended by agreement, not narrowed")
        }
        // Without a ground in law nobody refuses: the reason says why, the evidence names the ground.
        Verb::Refuse if said.evidence.as_ref().is_none_or(|ground| ground.trim().is_empty()) => {
            Err(StepError::Missing { step: "refuse", member: "evidence", law: LAW })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_how_its_divisions_begin() {
        for (code, area) in [
            ("11100000PDY00001X7", Some("")),
            ("11510000PDY00001X7", Some("51")),
            ("11510100PDY00001X7", Some("5101")),
            ("11510104PDY00001X7", Some("510104")),
            ("11899999PDY00001X7", None),
            ("11000000PDY00001X7", None),
            ("1151", None),
            ("91A10100PDY00001X7", None),
        ] {
            assert_eq!(area_of(code), area, "{code}");
        }
    }

    #[test]
    fn every_dataset_with_a_division_says_which_is_the_areas() {
        let domains = [
            population::domain(),
            legal_entity::domain(),
            macroeconomy::domain(),
            culture::domain(),
            geospatial::domain(),
        ];
        let mut with = 0;
        for dataset in domains.into_iter().flat_map(|domain| domain.expect("definitions").datasets) {
            let any = dataset.fields.iter().any(|f| f.kind == FieldType::Division && !f.list);
            assert_eq!(field(&dataset).is_ok(), any, "{}", dataset.name);
            with += usize::from(any);
        }
        assert!(with > 10, "{with}");
        for (name, _) in OF_SEVERAL {
            assert!(name.parse::<foundation::dataset::DatasetName>().is_ok());
        }
    }
}
