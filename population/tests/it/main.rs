//! The population database over synthetic persons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::items_after_statements,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod events;
mod suite;

use foundation::service::BaseDatabase;
use foundation::testkit::load::{open, today};
use foundation::value::citizen_id::check_digit;
use foundation::write::source::Format;
use population::ask::{Verdict, verify};

fn number(body: &str) -> String {
    format!("{body}{}", check_digit(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_verified_with_one_word() {
    let here = open(population::domain().expect("definitions load"), true).await;
    let (known, other) = (number("89510119900101001"), number("89510119900101003"));
    let csv = format!("公民身份号码,姓名,性别,民族\n{known},买买提·艾力,男,维吾尔族\n{other},王伟,女,汉\n");
    let report = here.bytes("persons", csv.into_bytes(), Format::Csv, "persons").await;
    assert_eq!((report.progress.accepted, report.progress.rejected), (1, 1), "{:?}", report.problems);
    assert_eq!(report.problems[0].rule, "sex_of_number");

    let item =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let items = [
        item(&[("number", &known), ("name", "买买提•艾力"), ("birth_date", "1990年1月1日")]),
        item(&[("number", &known), ("name", "买买提·艾力"), ("sex", "女")]),
        item(&[("number", &other), ("name", "王伟")]),
        item(&[("number", &known), ("name", "买买提·艾力"), ("life_status", "在世")]),
        item(&[("id_type", "passport"), ("number", "E12345678"), ("name", "王伟")]),
        item(&[("number", "895101199001010011"), ("name", "买买提·艾力")]),
        item(&[("number", &known), ("name", "买买提·艾力"), ("age_at_least", "18")]),
        item(&[("number", &known), ("name", "买买提·艾力"), ("age_at_least", "90")]),
        item(&[("number", &known), ("name", "买买提·艾力"), ("alive", "true"), ("registered_in", "110000")]),
    ];
    let scopes = here.everything("persons");
    let verified = verify(here.database.as_ref(), &items, today(), scopes.clone()).await.expect("verdicts");
    use Verdict::{Match, Mismatch, NotFound, Unavailable};
    let verdicts: Vec<Verdict> = verified.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Match, Mismatch, NotFound, Unavailable, Unavailable, NotFound, Match, Mismatch, Unavailable]);
    let compared: Vec<bool> = verified.iter().map(|one| one.record.is_some()).collect();
    assert_eq!(compared, [true, true, false, true, false, false, true, true, true]);
    let alone = [item(&[("number", &known)])];
    assert!(verify(here.database.as_ref(), &alone, today(), scopes).await.is_err(), "a number alone is an oracle");
    assert_eq!(here.database.health().await.problems, [""; 0]);
}
