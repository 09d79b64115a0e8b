//! Where things are: administrative divisions with their boundaries, named places of the world.
//!
//! Not here: what happens in a place (the other four keep division codes), map tiles (`gateway`).
//! Start at [`domain`] (definitions and rules) and [`ask::division_of_point`] (in which divisions a point lies).

pub mod ask;
mod rules;

use std::sync::Arc;

use foundation::dataset::{Database, Dataset, DatasetError};
use foundation::service::Domain;

/// The definitions, with the file that errors name.
const DEFINITIONS: [(&str, &str); 5] = [
    ("geospatial/datasets/divisions.toml", include_str!("../datasets/divisions.toml")),
    ("geospatial/datasets/places.toml", include_str!("../datasets/places.toml")),
    ("geospatial/datasets/addresses.toml", include_str!("../datasets/addresses.toml")),
    ("geospatial/datasets/features.toml", include_str!("../datasets/features.toml")),
    ("geospatial/datasets/division-changes.toml", include_str!("../datasets/division-changes.toml")),
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
    Ok(Domain { database: Database::Geospatial, datasets, rules: rules::all() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_loads() {
        let domain = domain().expect("definitions load");
        let names: Vec<&str> = domain.datasets.iter().map(|d| d.name.table()).collect();
        assert_eq!(names, ["divisions", "places", "addresses", "features", "division-changes"]);
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
