//! What is found, in which order, and what is not shown.

use foundation::service::{SearchAsk, SortKey, SortValue};
use foundation::value::Value;

use super::house::*;

#[tokio::test(flavor = "multi_thread")]
async fn text_is_found_in_either_script_and_codes_by_their_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    house
        .write(&[
            (1, Some(thing("T-1", "靜夜思", "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。")), always()),
            (2, Some(thing("T-2", "春夜喜雨", "好雨知時節，當春乃發生。曉看紅濕處，花重錦官城。")), always()),
            (3, Some(thing("510107", "杜甫", "成都草堂 Du Fu A3号")), always()),
            (4, Some(thing("510100", "成都市", "四川省会")), always()),
            (5, Some(thing("91110000X", "夜", "靜夜思考")), always()),
        ])
        .await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    for (q, expected) in [
        ("静夜思", vec!["r1", "r5"]),
        ("靜夜思", vec!["r1", "r5"]),
        ("杜甫", vec!["r3"]),
        ("成都", vec!["r4", "r3"]),
        ("5101", vec!["r3", "r4"]),
        ("51010", vec!["r3", "r4"]),
        ("91110000x", vec!["r5"]),
        ("夜", vec!["r5", "r1", "r2"]),
        ("明月 故乡", vec!["r1"]),
        ("月光疑", vec![]),
        ("举头望明月", vec!["r1"]),
        ("du　ＦＵ", vec!["r3"]),
        ("成都草堂杜甫", vec![]),
        ("四川省会", vec!["r4"]),
        ("a3号", vec!["r3"]),
        ("不存在", vec![]),
        ("，。", vec![]),
    ] {
        let answer = index.search(foundation::service::SearchAsk { q: Some(q.into()), ..ask() }).await.unwrap();
        let mut found = ids(&answer);
        if q.starts_with('5') {
            found.sort();
        }
        assert_eq!(found, expected, "{q}");
        assert_eq!(answer.total.value, Some(expected.len() as u64), "{q}");
    }
    let answer = index.search(foundation::service::SearchAsk { q: Some("明月".into()), ..ask() }).await.unwrap();
    assert!(answer.hits[0].snippet.contains("<em>明月</em>"), "{}", answer.hits[0].snippet);
    assert_eq!(answer.hits[0].title, "靜夜思");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_sorted_paged_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let mut records = Vec::new();
    for n in 0..25_u32 {
        let mut fields = thing(&format!("C{n:03}"), "名", "文");
        if n % 5 != 0 {
            fields.set(COUNT, Value::Integer(i64::from(n % 7)));
        }
        fields.set(KIND, Value::Text(if n % 2 == 0 { "偶".into() } else { "奇".into() }));
        records.push((n, Some(fields), always()));
    }
    let index = house.index(dir.path()).await;
    for chunk in records.chunks(10) {
        house.write(chunk).await;
        caught_up(&index).await;
    }
    for descending in [false, true] {
        let sort = vec![SortKey { field: COUNT, descending }];
        let mut after = None;
        let mut all = Vec::new();
        loop {
            let asked = foundation::service::SearchAsk {
                sort: sort.clone(),
                limit: 4,
                facets: vec![KIND],
                after: after.clone(),
                ..ask()
            };
            let answer = index.search(asked).await.unwrap();
            assert_eq!(answer.total.value, Some(25));
            assert_eq!(answer.facets[0].counts[0].0, "偶");
            assert_eq!(answer.facets[0].counts[0].1.value, Some(13));
            all.extend(answer.hits.iter().map(|h| (h.record.id.clone(), h.position.values[0].clone())));
            after = answer.hits.last().map(|h| h.position.clone());
            if !answer.more {
                break;
            }
        }
        assert_eq!(all.len(), 25);
        let values: Vec<Option<i64>> = all
            .iter()
            .map(|(_, v)| match v {
                Some(SortValue::Integer(n)) => Some(*n),
                _ => None,
            })
            .collect();
        let mut expected = values.clone();
        expected.sort_by_key(|v| match v {
            None => (1, 0),
            Some(n) => (0, if descending { -n } else { *n }),
        });
        assert_eq!(values, expected);
        let mut unique: Vec<_> = all.into_iter().map(|(id, _)| id).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 25);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_read_as_operators_fields_and_pinyin() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let mut secret = thing("T-5", "李杜", "");
    secret.set(SECRET, Value::Text("李白".into()));
    house
        .write(&[
            (1, Some(thing("T-1", "杜甫草堂", "在成都")), always()),
            (2, Some(thing("T-2", "李白", "故里在江油 Jiangyou")), always()),
            (3, Some(thing("T-3", "重庆", "山城 Chongqing")), always()),
            (4, Some(thing("T-4", "成都", "草堂 李白")), always()),
            (5, Some(secret), always()),
        ])
        .await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let mut public = everything();
    public.readable.retain(|number| *number != SECRET);
    for (q, expected) in [
        ("李白 OR 重庆", vec!["r2", "r3", "r4"]),
        ("李白 -江油", vec!["r4"]),
        ("-成都", vec!["r2", "r3", "r5"]),
        ("草堂 NOT 李白", vec!["r1"]),
        ("name:李白", vec!["r2"]),
        ("name：成都 | name：重庆", vec!["r3", "r4"]),
        ("-name:李杜 -text:成都", vec!["r2", "r3", "r4"]),
        ("\"故里在江油\"", vec!["r2"]),
        ("Jiang*", vec!["r2"]),
        ("Chongqin~", vec!["r3"]),
        ("Chongqinn", vec![]),
        ("libai", vec!["r2"]),
        ("ld", vec!["r5"]),
        ("zhongqing", vec!["r3"]),
        ("dufu", vec!["r1"]),
        ("dufucaotang", vec!["r1"]),
        ("cdx", vec![]),
        // What looks like a field and is none to this caller is looked for as typed.
        ("secret:李白", vec![]),
        ("-secret:李白 李杜", vec!["r5"]),
        ("nothing:成都", vec![]),
    ] {
        let asked = SearchAsk { q: Some(q.into()), scopes: vec![public.clone()], ..ask() };
        let answer = index.search(asked).await.unwrap();
        let mut found = ids(&answer);
        found.sort();
        assert_eq!(found, expected, "{q}");
        assert_eq!(answer.total.value, Some(expected.len() as u64), "{q}");
    }
    let whole = index.search(SearchAsk { q: Some("cd".into()), ..ask() }).await.unwrap();
    assert_eq!(ids(&whole).first().map(String::as_str), Some("r4"), "the whole name first");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_forms_of_a_word_are_found_in_running_text_after_the_word_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    house
        .write(&[
            (1, Some(thing("1", "甲", "three dynasties of the north")), always()),
            (2, Some(thing("2", "乙", "the last dynasty")), always()),
            (3, Some(thing("3", "dynasties", "丙")), always()),
        ])
        .await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let found = async |q: &str, names_only| {
        ids(&index.search(SearchAsk { q: Some(q.into()), names_only, ..ask() }).await.unwrap())
    };
    assert_eq!(found("dynasty", false).await, ["r2", "r1"]);
    assert_eq!(found("dynasties", true).await, ["r3"]);
    assert_eq!(found("\"last dynasties\"", false).await, Vec::<String>::new());
    assert_eq!(found("\"last dynasty\"", false).await, ["r2"]);
}
