//! The legal-entity database: ownership through several hands and round in a circle.
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

mod suite;

use foundation::testkit::load::{Loaded, open, today};
use foundation::value::credit_code::{check_character, organisation_check};
use foundation::write::source::Format;
use legal_entity::ask::{Direction, Ownership, Permits, ownership};

/// A synthetic credit code.
fn code(n: u32) -> String {
    let body = format!("MA0{n:05}");
    let inner = organisation_check(&body).expect("a body");
    let outer = format!("91895101{body}{inner}");
    format!("{outer}{}", check_character(&outer))
}

async fn loaded() -> Loaded {
    let here = open(legal_entity::domain().expect("definitions load"), true).await;
    let rows: String = (1..=4).map(|n| format!("{},第{n}公司,有限责任公司\n", code(n))).collect();
    let csv = format!("统一社会信用代码,名称,主体类型\n{rows}");
    let report = here.bytes("enterprises", csv.into_bytes(), Format::Csv, "enterprises").await;
    assert_eq!(report.problems, []);
    // 1 holds 60 % of 2 and 20 % of 3; 2 holds 50 % of 3; 3 holds 10 % of 1 (a circle); a person holds 90 % of 1.
    let person = "89510119900101001";
    let person = format!("{person}{}", foundation::value::citizen_id::check_digit(person));
    let held = [(code(1), code(2), "60"), (code(1), code(3), "20"), (code(2), code(3), "50"), (code(3), code(1), "10")];
    let mut csv = "被投资单位,股东证照号码,股东名称,出资比例\n".to_owned();
    for (holder, target, ratio) in &held {
        csv.push_str(&format!("{target},{holder},,{ratio}\n"));
    }
    csv.push_str(&format!("{},{person},王伟,90\n", code(1)));
    let report = here.bytes("shareholdings", csv.into_bytes(), Format::Csv, "shareholdings").await;
    assert_eq!(report.problems, []);
    here
}

async fn ask(here: &Loaded, of: u32, depth: u8, direction: Direction) -> Option<Ownership> {
    let permits =
        Permits { enterprises: here.everything("enterprises"), shareholdings: here.everything("shareholdings") };
    ownership(here.database.as_ref(), &code(of), depth, direction, today(), permits).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn ownership_is_followed_both_ways_exactly_and_through_circles() {
    let here = loaded().await;
    let owned = ask(&here, 1, 5, Direction::Owned).await.expect("known");
    let shares: Vec<(String, String)> = owned
        .nodes
        .iter()
        .skip(1)
        .map(|n| (n.id.clone(), n.effective.map(|e| e.to_string()).unwrap_or_default()))
        .collect();
    // 20 % directly and 60 % of 50 % through 2.
    assert_eq!(shares, [(code(2), "60".to_owned()), (code(3), "50".to_owned())]);
    assert!(owned.circular && !owned.truncated);
    assert_eq!(owned.nodes[1].name.as_deref(), Some("第2公司"));

    let owners = ask(&here, 3, 2, Direction::Owners).await.expect("known");
    let person = owners.nodes.iter().find(|n| n.name.as_deref() == Some("王伟")).expect("the person, two steps away");
    assert_eq!((person.distance, person.effective.map(|e| e.to_string()).as_deref()), (-2, Some("18")));

    assert!(ask(&here, 9, 1, Direction::Both).await.is_none(), "unknown");
    let both = ask(&here, 2, 1, Direction::Both).await.expect("known");
    assert_eq!((both.nodes.len(), both.edges.len()), (3, 2));
}
