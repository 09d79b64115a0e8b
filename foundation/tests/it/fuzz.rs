//! Fuzz targets: what people and programs type. Any text gives an answer or an error, never a panic or a stall.
//!
//! `FUZZ_SECONDS` says how long each target runs (default 1; `make fuzz`: 60), `NATBASE_SEED` replays a run. Inputs grow from a
//! corpus by cutting, joining, repeating and changing, with the words of the target's own language between.

use std::time::{Duration, Instant};

use foundation::filter::{json_to_text, matches, parse, to_text};
use foundation::service::SearchAsk;
use foundation::value::{Fields, Shape, Value};

use super::index::house::*;
use super::store::dice::Dice;

/// Most points of a geometry.
const POINTS_MAX: usize = 10_000;
/// Longest input, bytes.
const BYTES_MAX: usize = 2_000;
const STRANGE: [&str; 14] = [
    "\0",
    "\u{feff}",
    "𠮷",
    "é",
    "e\u{301}",
    "＇",
    "\u{202e}",
    "\u{10ffff}",
    "\n",
    "，",
    "'",
    "\"",
    "((((((((",
    "9999999999999999999999",
];

struct Target {
    name: &'static str,
    corpus: &'static [&'static str],
    words: &'static [&'static str],
}

impl Target {
    /// Runs `one` on ever new inputs until the time is over.
    fn run(&self, mut one: impl FnMut(&str)) {
        let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
        let (begun, mut dice, mut count) = (Instant::now(), Dice::new(self.name), 0_u64);
        let mut pool: Vec<String> = self.corpus.iter().map(|text| (*text).to_owned()).collect();
        while begun.elapsed() < Duration::from_secs(seconds) {
            let input = self.input(&pool, &mut dice);
            one(&input);
            count += 1;
            // The pool drifts: now and then an input becomes what others are made from.
            if dice.below(50) == 0 {
                let place = usize::try_from(dice.below(200)).unwrap();
                if place < pool.len() && place >= self.corpus.len() {
                    pool[place] = input;
                } else if pool.len() < 200 {
                    pool.push(input);
                }
            }
        }
        println!("{}: {count} inputs", self.name);
        assert!(count > 10, "{}: hardly anything was tried", self.name);
    }

    fn input(&self, pool: &[String], dice: &mut Dice) -> String {
        let mut pick = |bound: usize| usize::try_from(dice.below(bound.max(1) as u64)).unwrap();
        let mut text = pool[pick(pool.len())].clone();
        for _ in 0..=pick(6) {
            let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (a, b) = (boundaries[pick(boundaries.len())], boundaries[pick(boundaries.len())]);
            let (from, to) = (a.min(b), a.max(b));
            match pick(7) {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(from, &format!(" {} ", self.words[pick(self.words.len())])),
                2 => text.replace_range(from..to, self.words[pick(self.words.len())]),
                3 => text.insert_str(from, STRANGE[pick(STRANGE.len())]),
                4 => {
                    let piece = text[from..to].repeat(1 + pick(8));
                    text.insert_str(from, &piece);
                }
                5 => text.insert_str(from, &pool[pick(pool.len())].clone()),
                _ => text.insert(from, char::from(u8::try_from(32 + pick(95)).unwrap())),
            }
            let end = text.floor_char_boundary(BYTES_MAX);
            text.truncate(end);
        }
        text
    }
}

#[test]
fn cql2_text() {
    let (dataset, record) = (dataset(), record());
    let target = Target {
        name: "cql2_text",
        corpus: &[
            "name = 'x' AND NOT (count > 3 OR amount BETWEEN 0.1 AND 2e3)",
            "S_INTERSECTS(place, POLYGON((0 0, 1 0, 1 1, 0 0))) OR T_DURING(born, INTERVAL('1990', '..'))",
            "CASEI(ACCENTI(name)) LIKE casei('a%_\\%') AND tags IN ('a', 'b')",
            "A_CONTAINS(tags, ('a', 'b')) AND count + 2 * (3 - amount) ^ 2 / 4 div 5 % 6 <> 7",
            "year(born) = 1990 AND length(concat(name, text)) > count AND code IS NOT NULL",
            "T_AFTER(INTERVAL(born, '..'), TIMESTAMP('1990-01-01T00:00:00Z'))",
        ],
        words: &[
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            "=",
            "<>",
            "<=",
            "LIKE",
            "IN",
            "BETWEEN",
            "IS NULL",
            "name",
            "count",
            "place",
            "born",
            "tags",
            "'a'",
            "1",
            "-0.5",
            "1e400",
            "DATE('1990-05')",
            "BBOX(170,-10,-170,10)",
            "POINT(1 2)",
            "INTERVAL(",
            "CASEI(",
            "ACCENTI(",
            "A_OVERLAPS(",
            "S_TOUCHES(",
            "T_MEETS(",
            "area(",
            "div",
            "^",
            "TRUE",
            ",",
        ],
    };
    target.run(|text| {
        if let Ok(filter) = parse(text, &dataset) {
            let before = matches(&filter, &record);
            let written = to_text(&filter, &dataset);
            let again = parse(&written, &dataset).unwrap_or_else(|e| panic!("{text:?} is written as {written:?}: {e}"));
            assert_eq!(matches(&again, &record), before, "{text:?} is written as {written:?}");
        }
    });
}

#[test]
fn cql2_json() {
    let (dataset, record) = (dataset(), record());
    let target = Target {
        name: "cql2_json",
        corpus: &[
            r#"{"op":"and","args":[{"op":"=","args":[{"property":"name"},"x"]},{"op":"not","args":[{"op":"isNull","args":[{"property":"code"}]}]}]}"#,
            r#"{"op":"s_within","args":[{"property":"place"},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}"#,
            r#"{"op":"t_during","args":[{"property":"born"},{"interval":["1990-01-01",".."]}]}"#,
            r#"{"op":"a_contains","args":[{"property":"tags"},["a","b"]]}"#,
            r#"{"op":">","args":[{"op":"+","args":[{"property":"count"},{"op":"div","args":[7,2]}]},1.5]}"#,
            r#"{"op":"in","args":[{"op":"casei","args":[{"property":"name"}]},[{"op":"casei","args":["A"]}]]}"#,
        ],
        words: &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"op\"",
            "\"args\"",
            "\"property\"",
            "null",
            "true",
            "1e999",
            "\"name\"",
            "{\"bbox\":[1,2,3,4]}",
            "{\"date\":\"1990\"}",
            "\"^\"",
            "\"between\"",
            "\"like\"",
            "-",
        ],
    };
    target.run(|json| {
        if let Ok(text) = json_to_text(json)
            && let Ok(filter) = parse(&text, &dataset)
        {
            let _ = matches(&filter, &record);
        }
    });
}

/// A geometry that is read can be written, read again, asked and measured.
fn shape_is_sound(text: &str, read: Result<Shape, impl std::fmt::Display>) {
    let Ok(shape) = read else { return };
    let again =
        Shape::from_wkt(&shape.to_wkt(), POINTS_MAX).unwrap_or_else(|e| panic!("{text:?}: {}: {e}", shape.to_wkt()));
    assert_eq!(again, shape, "{text:?}");
    let mut json = Vec::new();
    shape.write_geojson(&mut json);
    let back = Shape::from_text(std::str::from_utf8(&json).unwrap(), POINTS_MAX);
    assert_eq!(back.unwrap_or_else(|e| panic!("{text:?}: {e}")), shape, "{text:?}");
    assert!(shape.bounding_box().iter().all(|side| side.is_finite()), "{text:?}");
}

#[test]
fn wkt() {
    let target = Target {
        name: "wkt",
        corpus: &[
            "POINT(104.06 30.67)",
            "LINESTRING(0 0, 1 1, 2 0.5)",
            "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 2 4, 4 4, 4 2, 2 2))",
            "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
            "GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1))",
            "MULTIPOINT((1 2), (3 4))",
            "POINT Z(1 2 3)",
        ],
        words: &[
            "POINT",
            "POLYGON",
            "MULTI",
            "EMPTY",
            "Z",
            "M",
            "ZM",
            "(",
            ")",
            ",",
            "-180",
            "90",
            "1e308",
            "nan",
            "inf",
            "0.1",
            "1e-320",
            "SRID=4326;",
        ],
    };
    target.run(|text| shape_is_sound(text, Shape::from_wkt(text, POINTS_MAX)));
}

#[test]
fn geojson() {
    let target = Target {
        name: "geojson",
        corpus: &[
            r#"{"type":"Point","coordinates":[104.06,30.67]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[2,2],[2,4],[4,4],[4,2],[2,2]]]}"#,
            r#"{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]}"#,
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
            r#"{"type":"MultiPoint","coordinates":[[1,2,3],[3,4]]}"#,
        ],
        words: &[
            "[",
            "]",
            "{",
            "}",
            ",",
            "null",
            "\"type\"",
            "\"coordinates\"",
            "\"Polygon\"",
            "1e999",
            "-0",
            "180",
            "[[]]",
            "[1]",
            "true",
        ],
    };
    target.run(|text| shape_is_sound(text, Shape::from_text(text, POINTS_MAX)));
}

fn record() -> Fields {
    let mut fields = thing("1", "杜甫 Dù Fǔ", "好雨知时节");
    fields.set(COUNT, Value::Integer(3));
    fields.set(AMOUNT, Value::Decimal("0.10".parse().unwrap()));
    fields.set(TAGS, Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]));
    fields.set(PLACE, Value::Geometry(Shape::point(104.06, 30.67).unwrap()));
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn questions() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let names = ["重庆", "杜甫", "長安", "du fu", "A-3号"];
    let rows: Vec<_> = (0..)
        .zip(names)
        .map(|(n, name)| (n, Some(thing(&n.to_string(), name, "好雨知時節 dynasty")), always()))
        .collect();
    house.write(&rows).await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let target = Target {
        name: "questions",
        corpus: &[
            "静夜思",
            "\"好雨\" OR 杜甫 -李白",
            "name:重庆 code:5101*",
            "chongqing",
            "cq",
            "dufu~",
            "(a b) OR (c",
            "du3fu3",
            "91110000X",
            "床前明月光疑是地上霜",
        ],
        words: &[
            "OR", "AND", "NOT", "-", "\"", ":", "*", "~", "(", ")", "name", "zhong", "lv", "xi'an", "李", "１", "ü",
        ],
    };
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        target.run(|text| {
            let asked = SearchAsk { q: Some(text.to_owned()), ..ask() };
            if let Err(error) = runtime.block_on(index.search(asked)) {
                // Too long or too heavy is said; nothing else may go wrong.
                assert!(
                    error.to_string().contains("longer") || error.to_string().contains("heavy"),
                    "{text:?}: {error}"
                );
            }
        });
    });
    index.shutdown().await;
}
