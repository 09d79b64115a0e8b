//! Which enterprises, institutions and social organisations there are, what was registered of them, who runs and owns them.
//!
//! Not here: the persons behind them (`population`; a link or a name is kept), boundaries (`geospatial`; only division codes).
//! Start at [`domain`] (definitions and rules) and [`ask::ownership`] (who holds whom, through how many hands).

pub mod ask;
mod rules;

pub use rules::SYNTHETIC_PROVINCE;

use std::sync::Arc;

use foundation::dataset::{Database, Dataset, DatasetError};
use foundation::service::Domain;

/// The definitions, with the file that errors name.
const DEFINITIONS: [(&str, &str); 9] = [
    ("legal-entity/datasets/enterprises.toml", include_str!("../datasets/enterprises.toml")),
    ("legal-entity/datasets/shareholdings.toml", include_str!("../datasets/shareholdings.toml")),
    ("legal-entity/datasets/institutions.toml", include_str!("../datasets/institutions.toml")),
    ("legal-entity/datasets/social-organisations.toml", include_str!("../datasets/social-organisations.toml")),
    ("legal-entity/datasets/entity-events.toml", include_str!("../datasets/entity-events.toml")),
    ("legal-entity/datasets/officers.toml", include_str!("../datasets/officers.toml")),
    ("legal-entity/datasets/beneficial-owners.toml", include_str!("../datasets/beneficial-owners.toml")),
    ("legal-entity/datasets/permits.toml", include_str!("../datasets/permits.toml")),
    ("legal-entity/datasets/lei-records.toml", include_str!("../datasets/lei-records.toml")),
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
    Ok(Domain { database: Database::LegalEntity, datasets, rules: rules::all() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_definition_loads() {
        let domain = domain().expect("definitions load");
        let names: Vec<&str> = domain.datasets.iter().map(|d| d.name.table()).collect();
        assert_eq!(
            names,
            [
                "enterprises",
                "shareholdings",
                "institutions",
                "social-organisations",
                "entity-events",
                "officers",
                "beneficial-owners",
                "permits",
                "lei-records"
            ]
        );
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
