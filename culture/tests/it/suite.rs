//! The suite that every base database passes, on `culture/works`.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::Subject;

fn domain() -> Domain {
    culture::domain().expect("definitions load")
}

/// Record `n` says `word`.
fn row(_: &Dataset, _: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let cells = [("work_id", format!("w-{n}")), ("title", format!("第{word}首")), ("dynasty", "唐".to_owned())];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn subject() -> Subject {
    let lists = Arc::new(CodeLists::standard().expect("the lists load"));
    Subject { domain, lists, table: "works", demo: false, varies: "title", row }
}

foundation::base_database_suite!(works, subject());
