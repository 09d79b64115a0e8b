//! The suite of base databases on small datasets of the three layouts: hashed, keyed, clustered; then what only some
//! datasets have: links, large values.

mod beyond;
mod first_load;

use std::fmt::Write as _;
use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::{Subject, rows};

fn definition(name: &str, id: &str, extra: &str, key: &[(&str, &str)]) -> Dataset {
    let names: Vec<String> = key.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let mut text = format!(
        r#"
        name = "{name}"
        version = 1
        title = {{ zh = "试验", en = "Test" }}
        summary = {{ zh = "试验", en = "Test" }}
        resource-code = "303001/000002"
        classification = "部门信息资源/统计/宏观经济/试验"
        provider = "统计"
        provider-code = "11100000PDY0000362"
        format = "数据库"
        update-cycle = "每年"
        published = "2026-11-23"
        sharing = "unconditional"
        openness = "unconditional"
        zone = "public"
        units = "none"
        disclosure = "open"
        id = "{id}"
        natural-key = [{}]
        title-fields = ["{}"]
        {extra}
        "#,
        names.join(", "),
        key[0].0,
    );
    for (number, (field, kind)) in (1..).zip(key.iter().chain([("note", "text")].iter())) {
        let use_of = if *kind == "text" { "text" } else { "none" };
        write!(
            text,
            "\n[[field]]\nnumber = {number}\nname = \"{field}\"\ntitle = {{ zh = \"{field}\", en = \"{field}\" }}\ntype = \"{kind}\"\ngrade = 1\nrequired = {}\nsearch = \"{use_of}\"\n",
            number <= key.len(),
        )
        .expect("memory");
    }
    Dataset::from_toml(&text, name).expect("a definition")
}

fn subject(domain: fn() -> Domain, table: &'static str) -> Subject {
    Subject { domain, lists: Arc::new(CodeLists::default()), table, demo: false, varies: "note", row: rows::by_type }
}

fn domain_of(dataset: Dataset) -> Domain {
    Domain { database: dataset.name.database(), datasets: vec![Arc::new(dataset)], rules: Vec::new() }
}

fn things() -> Domain {
    domain_of(definition("culture/things", "readable", "partitions = 4", &[("code", "text")]))
}

fn people() -> Domain {
    domain_of(definition("population/people", "keyed", "partitions = 8", &[("number", "integer")]))
}

fn series() -> Domain {
    let extra = "partitions = 2\npartition-by = [\"indicator\"]\ncluster-by = [\"period\"]";
    domain_of(definition("macroeconomy/series", "readable", extra, &[("indicator", "text"), ("period", "period")]))
}

foundation::base_database_suite!(hashed, subject(things, "things"));
foundation::base_database_suite!(keyed, subject(people, "people"));
foundation::base_database_suite!(clustered, subject(series, "series"));
