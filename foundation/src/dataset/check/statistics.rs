//! What must hold of `[statistics]`: the dataset is one that the method protects.

use super::super::{Dataset, DatasetError, Disclosure, Field, Tabulation, Unit};
use crate::value::FieldType;

/// Most fields that counts may be grouped by: with more, the same people can be described in too many ways.
const BY_MAX: usize = 8;
/// Bounds of a minimum cell (RELIABILITY: practice ranges from 3 to 11).
const MINIMUM: std::ops::RangeInclusive<u32> = 3..=100;
/// Bounds of the noise: below, an average of few figures tells a count; above, 64 bits do not draw it.
const NOISE: std::ops::RangeInclusive<u8> = 5..=32;

/// Checks `[statistics]`, if there is one.
pub(super) fn check(dataset: &Dataset, file: &str) -> Result<(), DatasetError> {
    let Some(statistics) = &dataset.statistics else { return Ok(()) };
    let whole = |rule: String| DatasetError::Dataset { file: file.to_owned(), rule };
    bounds(dataset, statistics).map_err(whole)?;
    let mut areas = Vec::new();
    for name in &statistics.by {
        let Some(field) = dataset.field(name) else {
            return Err(whole(format!("`[statistics] by` names `{name}`, which is no field")));
        };
        groupable(field).map_err(|rule| DatasetError::Field {
            file: file.to_owned(),
            field: name.clone(),
            rule: rule.to_owned(),
        })?;
        if field.kind == FieldType::Division {
            areas.push(name.as_str());
        }
    }
    if let [one, another, ..] = areas.as_slice() {
        return Err(whole(format!(
            "`[statistics] by` has two systems of areas, `{one}` and `{another}`: what lies between them tells of few"
        )));
    }
    Ok(())
}

fn bounds(dataset: &Dataset, statistics: &Tabulation) -> Result<(), String> {
    if dataset.disclosure != Disclosure::Protected {
        return Err("`[statistics]` is for `disclosure = \"protected\"`; other counts are exact".to_owned());
    }
    one_record_a_unit(dataset)?;
    if dataset.embargo.is_some() {
        return Err("`[statistics]` does not go with an `embargo`: what ends day by day tells of single records".into());
    }
    if !MINIMUM.contains(&statistics.minimum) {
        return Err(format!("`[statistics] minimum` is {} to {} units", MINIMUM.start(), MINIMUM.end()));
    }
    if !NOISE.contains(&statistics.noise) {
        return Err(format!("`[statistics] noise` is {} to {} units", NOISE.start(), NOISE.end()));
    }
    let mut names = statistics.by.clone();
    names.sort_unstable();
    names.dedup();
    if names.len() != statistics.by.len() || !(1..=BY_MAX).contains(&names.len()) {
        return Err(format!("`[statistics] by` names 1 to {BY_MAX} fields, each once"));
    }
    Ok(())
}

/// Records are counted, units are protected: they must be the same.
fn one_record_a_unit(dataset: &Dataset) -> Result<(), String> {
    let key: Vec<FieldType> =
        dataset.natural_key.iter().filter_map(|name| dataset.field(name)).map(|field| field.kind).collect();
    let same = match dataset.units {
        Unit::Person => key == [FieldType::CitizenId],
        Unit::Entity => key == [FieldType::CreditCode],
        Unit::Household => key.len() == 1,
        Unit::None => return Err("`[statistics]` protects `units` of persons, households or entities".to_owned()),
    };
    if same {
        return Ok(());
    }
    Err("`[statistics]` needs one record a unit: the natural key is the citizen number, household number or credit code"
        .to_owned())
}

fn groupable(field: &Field) -> Result<(), &'static str> {
    let code = matches!(field.kind, FieldType::Code | FieldType::Division | FieldType::Boolean);
    if !code || field.list || !field.facet {
        return Err(
            "counts over protected data are grouped by single codes, divisions and booleans with `facet = true`",
        );
    }
    if field.grade > 3 {
        return Err("a field of grade 4 or 5 is not counted by over protected data");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::dataset::Dataset;

    const PERSONS: &str = include_str!("../../../../population/datasets/persons.toml");

    fn rule(from: &str, to: &str) -> String {
        assert!(PERSONS.contains(from), "{from}");
        let text = PERSONS.replacen(from, to, 1);
        Dataset::from_toml(&text, "persons.toml").map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn statistics_are_bounded_by_their_definition() {
        assert_eq!(rule("minimum = 10", "minimum = 3"), "");
        for (from, to, word) in [
            ("minimum = 10", "minimum = 2", "minimum"),
            ("noise = 10", "noise = 4", "noise"),
            ("\"sex\", ", "\"sex\", \"sex\", ", "each once"),
            ("\"sex\", ", "\"shoe\", ", "which is no field"),
            ("\"sex\", ", "\"birth_division\", ", "two systems of areas"),
            ("\"sex\", ", "\"name\", ", "single codes"),
            ("disclosure = \"protected\"", "disclosure = \"open\"", "protected"),
            ("units = \"person\"", "units = \"entity\"", "one record a unit"),
            ("method = \"cell-key\"", "method = \"none\"", "unknown variant"),
            ("minimum = 10", "minimum = 10\nsecret = 1", "unknown field"),
        ] {
            let said = rule(from, to);
            assert!(said.contains(word), "{from} → {to}: {said}");
        }
    }
}
