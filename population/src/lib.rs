//! Who somebody is: persons, one record a citizen number; their documents, households, residences and vital events.
//!
//! Not here: companies and who stands behind them (`legal-entity`), boundaries (`geospatial`; only division codes are kept).
//! Start at [`domain`] (definitions and rules) and [`ask::verify`] (does a claim about a person agree with the register?).

pub mod ask;
mod rules;

pub use rules::SYNTHETIC_PROVINCE;

use std::sync::Arc;

use foundation::dataset::{Database, Dataset, DatasetError};
use foundation::service::Domain;

/// The definitions, with the file that errors name.
const DEFINITIONS: [(&str, &str); 6] = [
    ("population/datasets/persons.toml", include_str!("../datasets/persons.toml")),
    ("population/datasets/documents.toml", include_str!("../datasets/documents.toml")),
    ("population/datasets/households.toml", include_str!("../datasets/households.toml")),
    ("population/datasets/household-members.toml", include_str!("../datasets/household-members.toml")),
    ("population/datasets/residences.toml", include_str!("../datasets/residences.toml")),
    ("population/datasets/vital-events.toml", include_str!("../datasets/vital-events.toml")),
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
    Ok(Domain { database: Database::Population, datasets, rules: rules::all() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_loads() {
        let domain = domain().expect("definitions load");
        let names: Vec<&str> = domain.datasets.iter().map(|d| d.name.table()).collect();
        assert_eq!(names, ["persons", "documents", "households", "household-members", "residences", "vital-events"]);
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
