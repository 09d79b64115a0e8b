//! The suite that every base database passes, on `geospatial/divisions`.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::Subject;

fn domain() -> Domain {
    geospatial::domain().expect("definitions load")
}

/// Record `n` says `word`.
fn row(_: &Dataset, _: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let cells = [
        ("system", "mca".to_owned()),
        ("code", format!("51{:02}{:02}", 1 + n / 100, n % 100)),
        ("name", format!("第{word}县")),
    ];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn subject() -> Subject {
    let lists = Arc::new(CodeLists::standard().expect("the lists load"));
    Subject { domain, lists, table: "divisions", demo: false, varies: "name", row }
}

foundation::base_database_suite!(divisions, subject());
