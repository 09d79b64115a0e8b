//! Filters, words, facets and figures equal what is found by looking at every record.

use std::collections::BTreeMap;

use foundation::filter::{Comparison, Filter, Temporal, Truth, matches};
use foundation::service::{Measure, SearchAsk, StatisticsAsk};
use foundation::value::{Day, Decimal, Fields, PartialDate, Span, Value};
use proptest::prelude::*;

use super::house::*;

const WORDS: [&str; 8] = ["静夜思", "春夜", "成都", "杜甫", "夜思", "城", "锦官城", "夜"];

fn decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        4 => (-50_i128..50, 0_u8..3).prop_map(|(m, s)| Decimal::new(m, s).unwrap()),
        // More digits than an f64 tells.
        1 => (0_i128..5).prop_map(|m| Decimal::new(12_345_678_901_234_567_890 + m, 10).unwrap()),
    ]
}

fn date() -> impl Strategy<Value = PartialDate> {
    (1990_i32..1994, 0_u8..4, 0_u8..4).prop_map(|(y, m, d)| PartialDate::new(y, m, if m == 0 { 0 } else { d }).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&WORDS[..]), 1..4).prop_map(|words| words.concat())
}

fn row() -> impl Strategy<Value = Fields> {
    let maybe = |s: BoxedStrategy<Value>| proptest::option::weighted(0.8, s);
    (
        (0_u32..30).prop_map(|n| Value::Text(format!("{}{n:02}", if n % 2 == 0 { "A-" } else { "b-" }))),
        maybe(text().prop_map(Value::Text).boxed()),
        maybe(text().prop_map(Value::Text).boxed()),
        maybe(proptest::sample::select(&["甲", "乙", "丙"][..]).prop_map(|k| Value::Text(k.into())).boxed()),
        maybe((-5_i64..5).prop_map(Value::Integer).boxed()),
        maybe(decimal().prop_map(Value::Decimal).boxed()),
        maybe(date().prop_map(Value::Date).boxed()),
        maybe(
            proptest::collection::vec(proptest::sample::select(&["a", "b", "c"][..]), 0..3)
                .prop_map(|tags| Value::List(tags.into_iter().map(|t| Value::Text(t.into())).collect()))
                .boxed(),
        ),
    )
        .prop_map(|(code, name, text, kind, count, amount, born, tags)| {
            let mut fields = Fields::new();
            fields.set(CODE, code);
            let optional = [
                (NAME, name),
                (TEXT, text),
                (KIND, kind),
                (COUNT, count),
                (AMOUNT, amount),
                (BORN, born),
                (TAGS, tags),
            ];
            for (number, value) in optional {
                if let Some(value) = value {
                    fields.set(number, value);
                }
            }
            fields
        })
}

fn operator() -> impl Strategy<Value = Comparison> {
    proptest::sample::select(
        &[
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ][..],
    )
}

fn literal() -> impl Strategy<Value = (u16, Value)> {
    prop_oneof![
        (0_u32..30).prop_map(|n| (CODE, Value::Text(format!("A-{n:02}")))),
        text().prop_map(|t| (NAME, Value::Text(t))),
        text().prop_map(|t| (TEXT, Value::Text(t))),
        proptest::sample::select(&["甲", "乙", "丁"][..]).prop_map(|k| (KIND, Value::Text(k.into()))),
        (-5_i64..5).prop_map(|n| (COUNT, Value::Integer(n))),
        decimal().prop_map(|d| (AMOUNT, Value::Decimal(d))),
        date().prop_map(|d| (BORN, Value::Date(d))),
        proptest::sample::select(&["a", "b"][..]).prop_map(|t| (TAGS, Value::Text(t.into()))),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        4 => (literal(), operator()).prop_map(|((field, value), op)| Filter::Compare { field, op, value }),
        1 => proptest::collection::vec(literal(), 1..4).prop_map(|all| {
            let field = all[0].0;
            let values = all.into_iter().filter(|(f, _)| *f == field).map(|(_, v)| v).collect();
            Filter::In { field, values }
        }),
        1 => (literal(), 0_i64..4).prop_map(|((field, value), n)| match value {
            Value::Integer(low) => Filter::Between { field, low: Value::Integer(low), high: Value::Integer(low + n) },
            value => Filter::Between { field, low: value.clone(), high: value },
        }),
        1 => (proptest::sample::select(&[CODE, NAME, TEXT, KIND, TAGS][..]),
              proptest::sample::select(&["A-%", "a-%", "b-0_", "%夜%", "%城", "静夜思%", "%", "_", "锦官城", "%1%"][..]),
              any::<bool>())
            .prop_map(|(field, pattern, casei)| Filter::Like { field, pattern: pattern.into(), casei }),
        1 => (1_u16..9).prop_map(|field| Filter::IsNull { field }),
        1 => (0..Temporal::ALL.len(), 0_i64..1_500, 1_i64..900).prop_map(|(op, from, days)| Filter::Temporal {
            field: BORN,
            op: Temporal::ALL[op].0,
            span: Span { from: Day(7_300 + from), to: Day(7_300 + from + days) },
        }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Filter::Or),
            inner.prop_map(|f| Filter::Not(Box::new(f))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]
    #[test]
    fn what_is_found_is_what_looking_at_every_record_finds(
        rows in proptest::collection::vec(row(), 40..120),
        replaced in proptest::collection::vec((0_u32..40, proptest::option::of(row())), 0..20),
        filters in proptest::collection::vec(filter(), 60),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut house = House::new();
            let mut index = house.index(dir.path()).await;
            let mut all: BTreeMap<u32, Fields> = BTreeMap::new();
            for chunk in rows.chunks(50) {
                let first = u32::try_from(all.len()).unwrap();
                let some: Vec<_> = chunk.iter().zip(first..).map(|(f, n)| (n, Some(f.clone()), always())).collect();
                house.write(&some).await;
                all.extend(some.into_iter().filter_map(|(n, fields, _)| Some((n, fields?))));
                caught_up(&index).await;
            }
            for (n, fields) in &replaced {
                house.write(&[(*n, fields.clone(), always())]).await;
                all.remove(n);
                if let Some(fields) = fields {
                    all.insert(*n, fields.clone());
                }
            }
            index.shutdown().await;
            index = house.index(dir.path()).await;
            caught_up(&index).await;
            for filter in &filters {
                let asked = SearchAsk { filter: Some(filter.clone()), facets: vec![KIND], limit: 1_000, ..ask() };
                let answer = index.search(asked).await.unwrap();
                let mut found = ids(&answer);
                found.sort();
                let holding: Vec<(&u32, &Fields)> =
                    all.iter().filter(|(_, fields)| matches(filter, fields) == Truth::True).collect();
                let mut expected: Vec<String> = holding.iter().map(|(n, _)| format!("r{n}")).collect();
                expected.sort();
                assert_eq!(found, expected, "{filter:?}");
                assert_eq!(answer.total.value, Some(expected.len() as u64));
                let counted: u64 = answer.facets[0].counts.iter().filter_map(|(_, c)| c.value).sum();
                assert_eq!(counted, holding.iter().filter(|(_, f)| f.get(KIND).is_some()).count() as u64);
            }
            for word in WORDS {
                let answer = index.search(SearchAsk { q: Some(word.into()), limit: 1_000, ..ask() }).await.unwrap();
                let mut found = ids(&answer);
                found.sort();
                let holds = |fields: &Fields, field| matches!(fields.get(field), Some(Value::Text(t)) if t.contains(word));
                let mut expected: Vec<String> = all
                    .iter()
                    .filter(|(_, fields)| {
                        // A name holds a run if it holds its bigrams: their order is not kept for names.
                        let pairs: Vec<String> =
                            word.chars().collect::<Vec<_>>().windows(2).map(|p| p.iter().collect()).collect();
                        let named = matches!(fields.get(NAME), Some(Value::Text(t)) if !pairs.is_empty() && pairs.iter().all(|p| t.contains(p)));
                        named || holds(fields, NAME) || holds(fields, TEXT)
                    })
                    .map(|(n, _)| format!("r{n}"))
                    .collect();
                expected.sort();
                assert_eq!(found, expected, "{word}");
            }
            let asked = StatisticsAsk {
                dataset: "culture/things".parse().unwrap(),
                group_by: vec![KIND],
                measures: vec![Measure::Count, Measure::Sum(COUNT), Measure::Max(COUNT)],
                filter: None,
                times: ask().times,
                scopes: vec![everything()],
                counts_allowed: true,
                record_keys: None,
            };
            let answer = index.statistics(asked).await.unwrap();
            let mut sums: BTreeMap<String, (u64, Option<i64>)> = BTreeMap::new();
            for fields in all.values() {
                let kind = match fields.get(KIND) {
                    Some(Value::Text(kind)) => kind.clone(),
                    _ => String::new(),
                };
                let slot = sums.entry(kind).or_default();
                slot.0 += 1;
                if let Some(Value::Integer(n)) = fields.get(COUNT) {
                    slot.1 = Some(slot.1.unwrap_or(0) + n);
                }
            }
            assert_eq!(answer.groups.len(), sums.len());
            for group in &answer.groups {
                let kind = match &group.key[0] {
                    Some(foundation::service::SortValue::Text(kind)) => kind.clone(),
                    _ => String::new(),
                };
                let (count, sum) = sums[&kind];
                assert_eq!(group.count.value, Some(count));
                assert_eq!(group.figures[0], Some(count.to_string()));
                assert_eq!(group.figures[1], sum.map(|s| s.to_string()));
            }
            index.shutdown().await;
        });
    }
}
