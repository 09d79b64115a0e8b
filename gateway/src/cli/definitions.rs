//! The definitions of a data directory: those of the program, and those of its own (`catalogue/definitions.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use foundation::dataset::{Database, Dataset, DatasetName};
use foundation::service::Domain;

use crate::catalogue::definitions::{FOLDER, stands_on};

/// The program's own definitions and rules of all five.
pub(super) fn built_in() -> anyhow::Result<Vec<Domain>> {
    Ok(vec![
        population::domain()?,
        legal_entity::domain()?,
        macroeconomy::domain()?,
        culture::domain()?,
        geospatial::domain()?,
    ])
}

/// The definitions and rules of all five.
///
/// # Errors
/// A sentence with file, place and rule for a definition that does not load or does not stand on the program's.
pub(super) fn domains(data: &Path) -> anyhow::Result<Vec<Domain>> {
    let mut domains = built_in()?;
    for (name, (file, definition)) in own(&data.join(FOLDER))? {
        let domain = domains.iter_mut().find(|domain| domain.database == name.database());
        let datasets =
            &mut domain.with_context(|| format!("there is no base database `{}`", name.database()))?.datasets;
        match datasets.iter_mut().find(|dataset| dataset.name == name) {
            Some(built_in) => {
                stands_on(built_in, &definition).with_context(|| file.display().to_string())?;
                *built_in = Arc::new(definition);
            }
            None => datasets.push(Arc::new(definition)),
        }
    }
    Ok(domains)
}

/// The definition of a dataset.
pub(super) fn dataset(data: &Path, name: &DatasetName) -> anyhow::Result<Arc<Dataset>> {
    let all: Vec<Arc<Dataset>> = domains(data)?.into_iter().flat_map(|domain| domain.datasets).collect();
    if let Some(found) = all.iter().find(|d| d.name == *name) {
        return Ok(Arc::clone(found));
    }
    let known: Vec<String> = all.iter().map(|d| d.name.to_string()).collect();
    bail!("there is no dataset `{name}`; known are {}", known.join(", "))
}

/// Definitions under `folder`, by name, with their files.
fn own(folder: &Path) -> anyhow::Result<BTreeMap<DatasetName, (PathBuf, Dataset)>> {
    let mut found = BTreeMap::new();
    for base in entries(folder)? {
        let shown = base.display().to_string();
        let database: Database = named(&base, "").parse().map_err(anyhow::Error::msg).with_context(|| shown.clone())?;
        for file in entries(&base)? {
            let shown = file.display().to_string();
            if file.extension().is_none_or(|extension| extension != "toml") {
                bail!("{shown}: only definitions (TABLE.toml) lie here");
            }
            let text = std::fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
            let definition = Dataset::from_toml(&text, &shown)?;
            let expected = format!("{database}/{}", named(&file, ".toml"));
            if definition.name.to_string() != expected {
                bail!("{shown}: it defines `{}`; the file of that name lies elsewhere", definition.name);
            }
            found.insert(definition.name.clone(), (file, definition));
        }
    }
    Ok(found)
}

/// What lies in a folder, sorted; nothing if it is not there.
fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", folder.display())),
    };
    let mut all = listed.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    all.sort();
    Ok(all)
}

/// A file's name without its ending.
fn named<'a>(path: &'a Path, ending: &str) -> &'a str {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(ending).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOKS: &str = include_str!("../../../culture/datasets/books.toml");

    fn with(file: &str, text: &str) -> anyhow::Result<Vec<Domain>> {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join(FOLDER).join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        domains(dir.path())
    }

    fn next_version(number: u16) -> String {
        let version = domains(Path::new("nowhere"))
            .expect("built in")
            .into_iter()
            .flat_map(|d| d.datasets)
            .find(|d| d.name.table() == "books")
            .expect("there")
            .version;
        let later = BOOKS.replacen(&format!("version = {version}"), &format!("version = {}", version + 1), 1);
        format!(
            "{later}\n[[field]]\nnumber = {number}\nname = \"shelf\"\ntitle = {{ zh = \"架号\", en = \"Shelf\" }}\ntype = \"text\"\nmax-length = 40\ngrade = 1\n"
        )
    }

    #[test]
    fn a_later_version_replaces_the_programs_and_a_new_dataset_is_added() {
        let of = |domains: Vec<Domain>, table: &str| {
            domains.into_iter().flat_map(|d| d.datasets).find(|d| d.name.table() == table)
        };
        let replaced = with("culture/books.toml", &next_version(1_000)).expect("stands on the program's");
        assert!(of(replaced, "books").expect("there").field("shelf").is_some());
        let scrolls = BOOKS.replacen("culture/books", "culture/scrolls", 1);
        assert!(of(with("culture/scrolls.toml", &scrolls).expect("added"), "scrolls").is_some());
    }

    #[test]
    fn what_does_not_stand_on_the_programs_is_refused_with_file_and_rule() {
        for (file, text, parts) in [
            ("culture/books.toml", next_version(999), &["books.toml", "`shelf` has number 999", "from 1000"][..]),
            ("culture/books.toml", next_version(1_000).replace("version = 2", "version = 1"), &["books.toml"][..]),
            ("culture/books.toml", BOOKS.replacen("type = \"text\"", "type = \"integer\"", 1), &["books.toml"][..]),
            ("culture/scrolls.toml", BOOKS.to_owned(), &["scrolls.toml", "culture/books"][..]),
            ("culture/notes.txt", String::new(), &["notes.txt", "TABLE.toml"][..]),
            ("weather/rain.toml", String::new(), &["weather", "none of the five"][..]),
        ] {
            let error = format!("{:#}", with(file, &text).map(|_| ()).expect_err(file));
            for part in parts {
                assert!(error.contains(part), "{file}: {error}");
            }
        }
    }
}
