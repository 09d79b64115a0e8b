//! The suite that every base database passes, on `macroeconomy/observations`.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::Subject;

fn domain() -> Domain {
    macroeconomy::domain().expect("definitions load")
}

/// Record `n` says `word`.
fn row(_: &Dataset, _: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let cells = [
        ("indicator", format!("TEST.{}", n % 7)),
        ("dimensions", ["_T", "sex=F", "age=Y0T4;sex=M"][n as usize % 3].to_owned()),
        ("region", "CHN".to_owned()),
        ("period", (1900 + n).to_string()),
        ("vintage", "2024-01-01".to_owned()),
        ("status", "F".to_owned()),
        ("value", word.to_string()),
    ];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn subject() -> Subject {
    let lists = Arc::new(CodeLists::standard().expect("the lists load"));
    Subject { domain, lists, table: "observations", demo: false, varies: "value", row }
}

foundation::base_database_suite!(observations, subject());
