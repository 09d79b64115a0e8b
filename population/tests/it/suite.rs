//! The suite that every base database passes, on `population/persons`.

use std::sync::Arc;

use foundation::dataset::{CodeLists, Dataset};
use foundation::service::Domain;
use foundation::testkit::service::Subject;

fn domain() -> Domain {
    population::domain().expect("definitions load")
}

/// Record `n` says `word`.
fn row(_: &Dataset, _: &CodeLists, n: u32, word: u32) -> Vec<(String, String)> {
    let body = format!("8951011990{:02}{:02}{:03}", 1 + n / 20 % 12, 1 + n % 20, n / 240 * 2 + 1);
    let number = format!("{body}{}", foundation::value::citizen_id::check_digit(&body));
    let cells = [("citizen_id", number), ("name", format!("王{word}"))];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn subject() -> Subject {
    let lists = Arc::new(CodeLists::standard().expect("the lists load"));
    Subject { domain, lists, table: "persons", demo: true, varies: "name", row }
}

foundation::base_database_suite!(persons, subject());
