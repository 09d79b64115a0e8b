//! Works of literature in full text and their authors; relics, sites, intangible heritage, cultural venues.
//!
//! Not here: living persons (`population`), where things are (`geospatial`).
//! Start at [`domain`] (definitions and rules) and [`ask::of_era`] (works of a stretch of history).

pub mod ask;
mod rules;

use std::sync::Arc;

use foundation::dataset::{Database, Dataset, DatasetError};
use foundation::service::Domain;

/// The definitions, with the file that errors name.
const DEFINITIONS: [(&str, &str); 7] = [
    ("culture/datasets/works.toml", include_str!("../datasets/works.toml")),
    ("culture/datasets/authors.toml", include_str!("../datasets/authors.toml")),
    ("culture/datasets/relics.toml", include_str!("../datasets/relics.toml")),
    ("culture/datasets/sites.toml", include_str!("../datasets/sites.toml")),
    ("culture/datasets/intangible-heritage.toml", include_str!("../datasets/intangible-heritage.toml")),
    ("culture/datasets/venues.toml", include_str!("../datasets/venues.toml")),
    ("culture/datasets/books.toml", include_str!("../datasets/books.toml")),
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
    Ok(Domain { database: Database::Culture, datasets, rules: rules::all() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_loads() {
        let domain = domain().expect("definitions load");
        let names: Vec<&str> = domain.datasets.iter().map(|d| d.name.table()).collect();
        assert_eq!(names, ["works", "authors", "relics", "sites", "intangible-heritage", "venues", "books"]);
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
