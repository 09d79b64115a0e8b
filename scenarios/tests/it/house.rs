//! The house keeps its shape: arrows point one way, engines stay in their rooms, dependencies keep to `deny.toml`,
//! and ARCHITECTURE.md names files that exist.

mod licence;
mod paths;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

const FIVE: [&str; 5] = ["population", "legal-entity", "macroeconomy", "culture", "geospatial"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// `cargo metadata` of the workspace for this platform, read once.
fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let rustc = Command::new("rustc").arg("-vV").output().unwrap();
        let about = String::from_utf8(rustc.stdout).unwrap();
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

fn packages() -> impl Iterator<Item = &'static Value> {
    metadata()["packages"].as_array().unwrap().iter()
}

/// Workspace members → the members they depend on, dev and build dependencies included.
fn arrows() -> BTreeMap<&'static str, Vec<&'static str>> {
    let members: Vec<&Value> = packages().filter(|p| p["source"].is_null()).collect();
    let names: Vec<&str> = members.iter().map(|p| p["name"].as_str().unwrap()).collect();
    members
        .iter()
        .map(|p| {
            let own = p["dependencies"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap());
            (p["name"].as_str().unwrap(), own.filter(|name| names.contains(name)).collect())
        })
        .collect()
}

#[test]
fn arrows_point_from_the_gateway_to_the_five_to_foundation() {
    for (package, own) in arrows() {
        let allowed: Vec<&str> = match package {
            "foundation" => vec!["foundation"],
            name if FIVE.contains(&name) => vec!["foundation"],
            "nation" => vec!["foundation"],
            "gateway" => FIVE.into_iter().chain(["foundation", "nation", "transparency", "disclosure"]).collect(),
            "scenarios" | "transparency" | "disclosure" => vec![],
            "bench" => FIVE.into_iter().chain(["foundation", "gateway"]).collect(),
            other => panic!("the crate `{other}` has no place in the house yet: give it one here"),
        };
        for target in own {
            assert!(allowed.contains(&target), "`{package}` must not depend on `{target}`");
        }
    }
}

#[test]
fn engines_are_named_only_in_their_rooms() {
    let rooms = [("rocksdb", "foundation/src/store"), ("tantivy", "foundation/src/index")];
    for file in paths::sources(&root(), "rs") {
        let relative = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if relative.starts_with("bench/") || relative.starts_with("scenarios/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for (engine, room) in rooms {
            if relative.starts_with(room) {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                assert!(!names_crate(line, engine), "{relative}:{}: `{engine}` is named outside {room}", number + 1);
            }
        }
    }
}

/// Whether a line of code uses the crate `name` (a path that starts with it), prose and module paths apart.
fn names_crate(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(&format!("{name}::"))
        .any(|(at, _)| !code[..at].ends_with(|before: char| before == ':' || before == '_' || before.is_alphanumeric()))
}

#[test]
fn dependencies_come_from_crates_io() {
    for package in packages() {
        let Some(source) = package["source"].as_str() else { continue };
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{}", package["name"]);
    }
}

#[test]
fn licences_are_those_of_deny_toml() {
    let deny: toml::Table = toml::from_str(&std::fs::read_to_string(root().join("deny.toml")).unwrap()).unwrap();
    let allowed: Vec<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    // No licence in the manifest, but a licence file: read by hand.
    let by_hand = BTreeMap::from([("unaccent", "MIT")]);
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let expression = package["license"].as_str().or_else(|| by_hand.get(name).copied());
        let expression = expression.unwrap_or_else(|| panic!("`{name}` names no licence"));
        assert!(licence::is_met(expression, &allowed), "`{name}`: {expression} is not allowed by deny.toml");
    }
}

#[test]
fn crates_that_deny_toml_bans_are_absent() {
    for package in packages() {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        assert_ne!(name, "openssl-sys");
        assert!(name != "bincode" || version.starts_with("2.0."), "bincode is {version}");
    }
}

#[test]
fn documents_name_files_that_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let Ok(text) = std::fs::read_to_string(root().join(document)) else { continue };
        for path in paths::named(&text) {
            assert!(paths::exists(&root(), &path), "{document} names `{path}`, which does not exist");
        }
    }
}

#[test]
fn every_dataset_stands_in_the_list() {
    let list = std::fs::read_to_string(root().join("docs/datasets.md")).unwrap();
    for database in FIVE {
        for entry in std::fs::read_dir(root().join(database).join("datasets")).unwrap() {
            let file = entry.unwrap().path();
            let table = file.file_stem().and_then(|name| name.to_str()).unwrap();
            let name = format!("`{database}/{table}`");
            assert!(list.contains(&name), "docs/datasets.md lacks {name}");
            let library = std::fs::read_to_string(root().join(database).join("src/lib.rs")).unwrap();
            assert!(library.contains(&format!("datasets/{table}.toml\"")), "{database} does not load {table}");
        }
    }
}
