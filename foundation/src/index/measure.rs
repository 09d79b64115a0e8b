//! What indexing costs: `cargo test -p foundation --features testkit --lib measure -- --ignored --nocapture`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::match_same_arms,
    clippy::manual_is_multiple_of,
    reason = "made-up rows and printed figures"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant as Moment;

use super::document::Documents;
use super::generation::{Generation, Progress};
use super::mapping::Mapping;
use super::writer::{Change, Closings, Place, Turn};
use crate::dataset::Dataset;
use crate::record::{Basis, BatchId, Claim, Head, RecordKey};
use crate::value::{Day, Decimal, FieldType, Fields, Instant, PartialDate, Party, Period, Shape, Span, Value};

/// CPU seconds of this process so far.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit(')').next().unwrap();
    let ticks: Vec<f64> = after.split_whitespace().skip(11).take(2).map(|t| t.parse().unwrap()).collect();
    (ticks[0] + ticks[1]) / 100.0
}

fn bytes_of(dir: &Path) -> u64 {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| if e.path().is_dir() { bytes_of(&e.path()) } else { e.metadata().unwrap().len() })
        .sum()
}

fn text(seed: u64, chars: u64) -> String {
    (0..chars)
        .map(|n| {
            let h = xxhash_rust::xxh3::xxh3_64_with_seed(&n.to_le_bytes(), seed);
            // Characters are as unequal as in names: the square puts most into a small part.
            let x = (h % 1_500) * ((h >> 32) % 1_500) / 1_500;
            char::from_u32(0x4e00 + u32::try_from(x).unwrap()).unwrap()
        })
        .collect()
}

/// A plausible value of a field.
fn value(name: &str, kind: FieldType, n: u64) -> Option<Value> {
    let h = xxhash_rust::xxh3::xxh3_64_with_seed(name.as_bytes(), n);
    Some(match kind {
        FieldType::Text => Value::Text(match name {
            "name" | "former_name" => text(h % 400_000, 3),
            "indicator" => format!("CN.IND.{:04}", n / 1_000 % 2_000),
            "indicator_name" => text(n / 1_000 % 2_000, 10),
            "region" => format!("{:06}", n / 100 % 400),
            "region_name" => text(n / 100 % 400, 4),
            "domicile_address" => text(h, 22),
            "timezone" | "unit" => "Asia/Shanghai".into(),
            _ => format!("{name}{n}"),
        }),
        FieldType::Texts => Value::Texts(vec![("en".into(), format!("Place {}", h % 100_000))]),
        FieldType::CitizenId => Value::Code(format!("{:018}", h % 1_000_000_000_000_000_000)),
        FieldType::CreditCode => Value::Code(format!("{:018}", h % 1_000_000_000_000_000_000)),
        FieldType::Code => Value::Code(format!("{}", h % 8)),
        FieldType::Division => Value::Code(format!("{:06}", 110_000 + h % 3_000)),
        FieldType::Integer => Value::Integer(i64::try_from(h % 1_000_000).unwrap()),
        FieldType::Decimal => Value::Decimal(Decimal::new(i128::from(h % 10_000_000), 2).unwrap()),
        FieldType::Date => {
            let year = 1940 + i32::try_from(h % 80).unwrap();
            Value::Date(PartialDate::new(year, 1 + (h >> 8) as u8 % 12, 1 + (h >> 16) as u8 % 28).unwrap())
        }
        FieldType::Period => Value::Period(Period::parse(&format!("{}", 1950 + n % 70)).unwrap()),
        FieldType::Geometry => {
            let degrees = |h: u64, span: f64| f64::from(u32::try_from(h % 1_000_000).unwrap()) / 1e6 * span;
            Value::Geometry(Shape::point(73.0 + degrees(h, 60.0), 18.0 + degrees(h >> 20, 35.0)).unwrap())
        }
        FieldType::Party => Value::Party(Party { link: Some(format!("{h:032x}")), ..Party::default() }),
        _ => return None,
    })
}

fn change(dataset: &Dataset, n: u64, long_key: bool) -> Change {
    let mut bytes = 0x0101_u16.to_be_bytes().to_vec();
    bytes.extend_from_slice(&u16::try_from(n % 256).unwrap().to_be_bytes());
    let series = xxhash_rust::xxh3::xxh3_64_with_seed(b"key", if long_key { n / 70 } else { n });
    bytes.extend_from_slice(&series.to_be_bytes());
    if long_key {
        bytes.extend_from_slice(&(n % 70).to_be_bytes());
        bytes.extend_from_slice(&[0; 16]);
    } else {
        bytes.extend_from_slice(&xxhash_rust::xxh3::xxh3_64_with_seed(b"more", n).to_be_bytes());
    }
    let sparse = ["former_name", "death_date", "aliases", "father", "mother", "population"];
    let fields: Fields = dataset
        .fields
        .iter()
        .filter(|f| !sparse.contains(&f.name.as_str()) || n % 10 == 0)
        .filter_map(|f| Some((f.number, value(&f.name, f.kind, n)?)))
        .collect();
    let valid = Span { from: Day::MIN, to: Day::MAX };
    let recorded = Span { from: Instant(1_800_000_000_000_000 + i64::try_from(n / 500).unwrap()), to: Instant::MAX };
    let claim =
        Claim { number: 1, source: String::new(), batch: BatchId(1), valid, recorded, source_time: None, fields };
    let mut head = Head::new(format!("r{n}"));
    head.versions.push(crate::record::Version { number: 1, valid, recorded, basis: Basis::Claim(1), disputed: vec![] });
    head.claims.push(claim);
    Change { key: RecordKey::from_bytes(bytes), head: Some(head), history: Vec::new(), closings: Closings::All }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: run it alone, by name"]
async fn measure_indexing() {
    const DOCUMENTS: u64 = 300_000;
    for (file, long_key) in [
        ("population/datasets/persons.toml", false),
        ("geospatial/datasets/places.toml", false),
        ("macroeconomy/datasets/observations.toml", true),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(file);
        let dataset = Dataset::from_toml(&std::fs::read_to_string(&path).unwrap(), file).unwrap();
        let mapping = Arc::new(Mapping::of(&dataset));
        let dir = tempfile::tempdir().unwrap();
        let generation = Arc::new(Generation::make(dir.path(), &dataset, Arc::clone(&mapping)).unwrap());
        let permit = Turn::come(&mut None).unwrap().expect("nobody else writes");
        let mut place = Place::open(permit, Arc::clone(&generation)).unwrap();
        let mut documents = Documents::new(&mapping);
        // What making the records costs, to be taken off.
        let before = cpu_s();
        (0..DOCUMENTS).for_each(|n| drop(change(&dataset, n, long_key)));
        let (start, making, mut n, wall) = (cpu_s(), cpu_s() - before, 0, Moment::now());
        while n < DOCUMENTS {
            let changes: Vec<Change> = (n..n + 10_000).map(|n| change(&dataset, n, long_key)).collect();
            for change in &changes {
                place.replace(change, false, &mut documents).unwrap();
            }
            n += 10_000;
        }
        place.commit(&Progress::default()).unwrap();
        place.give_back().unwrap();
        let used = cpu_s() - start - making;
        generation.publish().unwrap();
        let view = generation.view();
        assert_eq!(view.current.num_docs(), DOCUMENTS);
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let (docs, bytes) = (DOCUMENTS as f64, bytes_of(dir.path()) as f64);
        println!(
            "{file}: {:.0} documents a CPU second ({:.2} µs each), {:.0} bytes each, {} segments, {:.1} s wall",
            docs / used,
            used / docs * 1e6,
            bytes / docs,
            view.current.segment_readers().len(),
            wall.elapsed().as_secs_f64(),
        );
        let mut by_extension = std::collections::BTreeMap::<String, u64>::new();
        for entry in std::fs::read_dir(generation.dir.join("current")).unwrap().map(|e| e.unwrap()) {
            let extension = entry.path().extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
            *by_extension.entry(extension).or_default() += entry.metadata().unwrap().len();
        }
        for (extension, bytes) in by_extension {
            println!("    {extension}: {:.1} bytes a document", bytes as f64 / docs);
        }
    }
}
