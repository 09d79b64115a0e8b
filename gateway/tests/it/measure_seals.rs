//! What sealing personal records costs: the same persons imported and looked up with seals and without, in turns. Run by
//! `make measure`; nothing is asserted of time.

use std::sync::Arc;

use arc_swap::ArcSwap;
use foundation::clock::SystemClock;
use foundation::dataset::CodeLists;
use foundation::record::IdKey;
use foundation::service::{
    BaseDatabase as _, Cell, ImportBegin, ImportFinish, ImportMode, ImportRows, LocalDatabase, LookupAsk, OpenOptions,
    Scope, SourceRow, Times,
};
use foundation::store::{Keys, Options, Ring, Stores, Suite};
use foundation::value::Day;

const PERSONS: u64 = 40_000;
const LOOKED_UP: usize = 20_000;

fn number(n: u64) -> String {
    let (day, month, year) = (1 + n % 28, 1 + n / 28 % 12, 1930 + n / 336 % 80);
    let body = format!("895101{year:04}{month:02}{day:02}{:03}", n / 26_880 * 2 + 1);
    format!("{body}{}", foundation::value::citizen_id::check_digit(&body))
}

/// CPU seconds of this process so far.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").expect("statistics of the process");
    let after = text.rsplit(')').next().expect("fields");
    let ticks: f64 = after.split_whitespace().skip(11).take(2).map(|t| t.parse::<f64>().expect("ticks")).sum();
    ticks / 100.0
}

struct Side {
    database: LocalDatabase,
    stores: Vec<Stores>,
    _dir: tempfile::TempDir,
}

async fn open(suite: Option<Suite>) -> Side {
    let dir = tempfile::tempdir().expect("a directory");
    let rows = Stores::open(&dir.path().join("rows"), &["population"], Options::default()).expect("a store");
    let kept = Stores::open(&dir.path().join("keys"), &["population"], Options::default()).expect("a store");
    let keys = suite.map(|suite| {
        let ring = Arc::new(ArcSwap::from_pointee(Ring::fresh(suite).expect("a ring")));
        Arc::new(Keys::new(kept.store("population").expect("a store"), ring, suite))
    });
    let options = OpenOptions {
        store: rows.store("population").expect("a store"),
        keys,
        index_dir: dir.path().join("index"),
        loads_dir: dir.path().join("loads"),
        lists: Arc::new(CodeLists::standard().expect("lists")),
        id_key: IdKey([7; 32]),
        clock: Arc::new(SystemClock),
        demo: true,
    };
    let database = LocalDatabase::open(population::domain().expect("definitions"), options).await.expect("opened");
    Side { database, stores: vec![rows, kept], _dir: dir }
}

async fn import(side: &Side) -> f64 {
    let dataset = "population/persons".parse().expect("a name");
    let begin = ImportBegin {
        dataset,
        source: "11100000PDY00001X7".to_owned(),
        mode: ImportMode::Delta,
        as_of: None,
        key: "measure".to_owned(),
        actor: "measure".to_owned(),
        dry_run: false,
        first_load: false,
    };
    let before = cpu();
    let batch = side.database.import_begin(begin).await.expect("begun");
    for first in (0..PERSONS).step_by(1_000) {
        let rows = (first..first + 1_000).map(|n| SourceRow {
            line: n + 2,
            cells: [
                ("citizen_id", number(n)),
                ("name", format!("王{n}")),
                ("domicile_address", format!("四川省成都市武侯区浆洗街道{n}号")),
            ]
            .map(|(name, text)| (name.to_owned(), Cell::Text(text)))
            .to_vec(),
            original: String::new(),
            unreadable: None,
            repaired: Vec::new(),
        });
        side.database.import_rows(ImportRows { batch, rows: rows.collect(), header: None }).await.expect("taken");
    }
    let finish = ImportFinish { batch, cut_off: None, confirm: false };
    assert_eq!(side.database.import_finish(finish).await.expect("finished").progress.accepted, PERSONS);
    assert!(side.database.index_caught_up(600_000).await.expect("an index"));
    cpu() - before
}

async fn look_up(side: &Side) -> f64 {
    let dataset = side.database.datasets().into_iter().find(|d| d.name.table() == "persons").expect("persons");
    let readable: Vec<u16> = dataset.fields.iter().map(|field| field.number).collect();
    let before = cpu();
    for n in 0..LOOKED_UP as u64 {
        let ask = LookupAsk {
            dataset: dataset.name.clone(),
            keys: vec![vec![("citizen_id".to_owned(), number(n * 7_919 % PERSONS))]],
            times: Times { valid_at: Day::parse("2026-11-30").expect("a day"), known_at: None },
            scopes: vec![Scope { rows: None, readable: readable.clone(), masked: Vec::new() }],
        };
        let found = side.database.lookup(ask).await.expect("an answer");
        assert!(matches!(found.items[0], foundation::service::LookupItem::Found(_)));
    }
    (cpu() - before) / LOOKED_UP as f64 * 1e6
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: make measure"]
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn costs() {
    println!(
        "{PERSONS} persons imported and indexed, {LOOKED_UP} look-ups one after another; CPU of the whole process"
    );
    for (name, suite) in
        [("not sealed", None), ("AES-256-GCM", Some(Suite::Aes256Gcm)), ("SM4-GCM", Some(Suite::Sm4Gcm))]
    {
        let side = open(suite).await;
        let import_s = import(&side).await;
        let first = look_up(&side).await;
        let second = look_up(&side).await;
        let bytes = |at: usize| side.stores.get(at).map_or(0, |stores| stores.usage().disk_bytes);
        for stores in &side.stores {
            stores.settle().await.expect("settled");
        }
        println!(
            "{name}: import {:.1} us a person, look-up {first:.1} and {second:.1} us, {} bytes a person in rows, {} in keys",
            import_s / PERSONS as f64 * 1e6,
            bytes(0) / PERSONS,
            bytes(1) / PERSONS,
        );
        side.database.shutdown().await;
    }
}
