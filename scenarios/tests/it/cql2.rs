//! OGC's predicates of CQL2 over OGC's data, asked of the built program: the figures that the standard expects.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;

use crate::house::root;
use crate::kill::owner_of;
use crate::program::{Server, run, said};

const SOURCE: &str = "11100000PDY000060J";

/// Rows whose expected figure is an error of the standard: predicate, and what its data gives.
const ERRATA: [(&str, u64); 3] = [
    ("ACCENTI(name) LIKE accenti('Ch%')", 3),
    ("ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))", 1),
    ("ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))", 1),
];

/// Fields and their types.
type Columns = &'static [(&'static str, &'static str)];

/// Data source of the standard, table here, fields and their types.
const TABLES: [(&str, &str, Columns); 3] = [
    (
        "ne_110m_admin_0_countries",
        "countries",
        &[("fid", "integer"), ("name", "text"), ("pop_est", "integer"), ("geom", "geometry")],
    ),
    (
        "ne_110m_populated_places_simple",
        "places",
        &[
            ("fid", "integer"),
            ("name", "text"),
            ("nameascii", "text"),
            ("pop_other", "integer"),
            ("pop_min", "integer"),
            ("pop_max", "integer"),
            ("date", "date"),
            ("start", "timestamp"),
            ("end", "timestamp"),
            ("boolean", "boolean"),
            ("geom", "geometry"),
        ],
    ),
    ("ne_110m_rivers_lake_centerlines", "rivers", &[("fid", "integer"), ("name", "text"), ("geom", "geometry")]),
];

pub(crate) fn definition(table: &str, fields: &[(&str, &str)]) -> String {
    let mut text = format!(
        r#"name = "geospatial/ne-{table}"
version = 1
title = {{ zh = "{table}", en = "{table}" }}
summary = {{ zh = "Natural Earth", en = "Natural Earth" }}
resource-code = "103001/0001{code}"
classification = "基础信息资源/自然资源和空间地理基础信息/地名/地名"
provider = "自然资源部门（演示）"
provider-code = "{SOURCE}"
format = "数据库"
update-cycle = "每年"
published = "2026-11-28"
sharing = "unconditional"
sharing-modes = ["服务接口"]
openness = "unconditional"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["fid"]
authority = ["{SOURCE}"]
title-fields = ["name"]
licence = "public domain"
map-approval = "demonstration only"
"#,
        code = 10 + table.len(),
    );
    for (number, (name, kind)) in (1000..).zip(fields) {
        let required = if *name == "fid" { "required = true\n" } else { "" };
        let _ = write!(
            text,
            "\n[[field]]\nnumber = {number}\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\n\
             type = \"{kind}\"\ngrade = 1\n{required}"
        );
    }
    text
}

fn ask(server: &Server, table: &str, predicate: &str) -> Result<u64, String> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let url = server.url(&format!("/ogc/collections/geospatial:ne-{table}/items"));
    let mut answer = agent.get(url).query("limit", "1").query("filter", predicate).call().map_err(|e| e.to_string())?;
    let body: Json = answer.body_mut().read_json().map_err(|e| e.to_string())?;
    body["numberMatched"].as_u64().ok_or_else(|| body.to_string())
}

/// A table, its fields, its rows and how many there are.
pub(crate) type Table<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a Path, u64);

/// A server on a fresh directory with datasets of these tables, their rows imported and indexed.
pub(crate) fn serving(data: &Path, tables: &[Table<'_>]) -> Server {
    let place = data.to_string_lossy().into_owned();
    for (table, fields, ..) in tables {
        let file = data.join(format!("datasets/geospatial/ne-{table}.toml"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, definition(table, fields)).unwrap();
    }
    // The first questions come before there is an index.
    let server = Server::start(&["serve", "--data", &place, "--listen", "127.0.0.1:0"]).expect_log("is being built");
    let token = owner_of(&place, SOURCE);
    for (table, _, rows, count) in tables {
        let (dataset, rows) = (format!("geospatial/ne-{table}"), rows.to_string_lossy());
        // One coordinate of the standard's data is a rounding east of 180°.
        let mapping = data.join("mapping.toml");
        std::fs::write(&mapping, "repair_geometries = true\n").unwrap();
        let to = [
            "--mapping",
            &mapping.to_string_lossy(),
            "--source",
            SOURCE,
            "--server",
            &server.url(""),
            "--token",
            &token,
            "--json",
        ];
        let output = run(&[&["import", &dataset, &rows][..], &to].concat());
        assert!(output.status.success(), "{}", said(&output));
        let indexed = |_: &u32| {
            std::thread::sleep(Duration::from_millis(100));
            ask(&server, table, "TRUE") == Ok(*count)
        };
        assert!((0..300).any(|n| indexed(&n)), "{table}: {:?}", ask(&server, table, "TRUE"));
    }
    server
}

#[test]
fn the_standards_predicates_give_the_standards_figures() {
    let folder = tempfile::tempdir().unwrap();
    let files = TABLES.map(|(_, table, _)| root().join(format!("scenarios/cql2/{table}.csv")));
    let counts = [177, 243, 13];
    let tables: Vec<_> = TABLES
        .iter()
        .zip(&files)
        .zip(counts)
        .map(|(((_, table, fields), file), count)| (*table, *fields, file.as_path(), count))
        .collect();
    let server = serving(&folder.path().join("data"), &tables);
    let predicates = std::fs::read_to_string(root().join("scenarios/cql2/predicates.tsv")).unwrap();
    let (mut wrong, mut asked) = (String::new(), 0);
    for line in predicates.lines() {
        let [class, source, predicate, expected] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let table = TABLES.iter().find(|(known, ..)| *known == source).expect(source).1;
        let erratum = ERRATA.iter().find(|(known, _)| *known == predicate).map(|(_, count)| *count);
        let expected = erratum.unwrap_or_else(|| expected.parse().unwrap());
        // Names of fields are small letters here.
        let predicate = predicate.replace("NAME", "name").replace("POP_EST", "pop_est");
        let found = ask(&server, table, &predicate);
        asked += 1;
        if found != Ok(expected) {
            let _ = writeln!(wrong, "{class}: {predicate}: expected {expected}, {found:?}");
        }
    }
    assert_eq!(asked, 274);
    assert!(wrong.is_empty(), "{wrong}");
    server.stop();
}
