//! The suite that every base database passes, on `legal-entity/enterprises`.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::Subject;

fn domain() -> Domain {
    legal_entity::domain().expect("definitions load")
}

/// Record `n` says `word`.
fn row(_: &Dataset, _: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let body = format!("MA0{n:05}");
    let inner = foundation::value::credit_code::organisation_check(&body).expect("a body");
    let outer = format!("91895101{body}{inner}");
    let code = format!("{outer}{}", foundation::value::credit_code::check_character(&outer));
    let cells = [("credit_code", code), ("name", format!("第{word}公司"))];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn subject() -> Subject {
    let lists = Arc::new(CodeLists::standard().expect("the lists load"));
    Subject { domain, lists, table: "enterprises", demo: true, varies: "name", row }
}

foundation::base_database_suite!(enterprises, subject());
