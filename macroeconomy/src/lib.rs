//! What the economy measured: indicators and their observations, every vintage kept.
//!
//! Not here: micro-data of respondents (never kept), the names of divisions (`geospatial`; regions are codes).
//! Start at [`domain`] (definitions and rules) and [`ask::series`] (one value a period from a slice of a series).

pub mod ask;
mod rules;

use std::sync::Arc;

use foundation::dataset::{Database, Dataset, DatasetError};
use foundation::service::Domain;

/// The definitions, with the file that errors name.
const DEFINITIONS: [(&str, &str); 3] = [
    ("macroeconomy/datasets/indicators.toml", include_str!("../datasets/indicators.toml")),
    ("macroeconomy/datasets/observations.toml", include_str!("../datasets/observations.toml")),
    ("macroeconomy/datasets/releases.toml", include_str!("../datasets/releases.toml")),
];

/// The definitions and rules of this base database.
///
/// # Errors
/// [`DatasetError`] with file, field and rule if a definition does not load; the built-in ones do, which a test proves.
pub fn domain() -> Result<Domain, DatasetError> {
    let datasets = DEFINITIONS
        .iter()
        .map(|(file, text)| Dataset::from_toml(text, file).map(Arc::new))
        .collect::<Result<_, _>>()?;
    Ok(Domain { database: Database::Macroeconomy, datasets, rules: rules::all() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_loads() {
        let domain = domain().expect("definitions load");
        let names: Vec<&str> = domain.datasets.iter().map(|d| d.name.table()).collect();
        assert_eq!(names, ["indicators", "observations", "releases"]);
        assert!(domain.datasets.iter().all(|d| d.name.database() == domain.database));
    }

    #[test]
    fn a_field_without_a_grade_does_not_load() {
        for (file, text) in DEFINITIONS {
            let ungraded = text.replacen("\ngrade = ", "\nweight = ", 1);
            assert!(Dataset::from_toml(&ungraded, file).is_err(), "{file}");
        }
    }
}
