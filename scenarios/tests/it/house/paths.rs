//! Files of the work tree, and the paths that documents name.

use std::path::{Path, PathBuf};

/// Files under `root` that end in `extension`, build output and data left out.
pub(crate) fn sources(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "data" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found
}

/// Paths that a document names in backticks or as link targets: with a slash or a known ending, without spaces or
/// places to fill in, relative to the work tree.
pub(crate) fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        found.extend(line.split('`').skip(1).step_by(2).filter(|span| is_path(span)).map(str::to_owned));
        found.extend(
            line.split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next())
                .filter(|to| is_path(to))
                .map(str::to_owned),
        );
    }
    found
}

/// Lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return false;
        }
        !fenced
    })
}

const ENDINGS: [&str; 9] = [".rs", ".md", ".toml", ".cedar", ".sh", ".scn", ".html", ".css", ".svg"];
const ROOMS: [&str; 13] = [
    "foundation/",
    "population/",
    "legal-entity/",
    "macroeconomy/",
    "culture/",
    "geospatial/",
    "gateway/",
    "scenarios/",
    "bench/",
    "docs/",
    "scripts/",
    "sample/",
    ".ci/",
];

fn is_path(span: &str) -> bool {
    let plain = !span.contains([' ', '<', '*', '…', '=', ':', '$', '#']) && !span.starts_with('/');
    plain && (ROOMS.iter().any(|room| span.starts_with(room)) || ENDINGS.iter().any(|end| span.ends_with(end)))
}

/// Whether a named path exists; `a/{b,c}.rs` names several. Names of a dataset, `population/persons`, are no paths.
pub(crate) fn exists(root: &Path, path: &str) -> bool {
    if let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
        return path[open + 1..close]
            .split(',')
            .all(|part| exists(root, &format!("{}{}{}", &path[..open], part.trim(), &path[close + 1..])));
    }
    let table = path.split_once('/').map(|(database, table)| format!("{database}/datasets/{table}.toml"));
    root.join(path).exists() || table.is_some_and(|definition| root.join(definition).exists())
}

#[test]
fn paths_are_found_in_prose_only() {
    let text =
        "See `gateway/src/flow.rs` and [docs](docs/a.md), not `GET /x` or `population/{a}`.\n```\n`bench/no`\n```\n";
    assert_eq!(named(text), ["gateway/src/flow.rs", "population/{a}", "docs/a.md"]);
}
