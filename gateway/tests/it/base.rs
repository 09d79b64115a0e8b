//! A base database that knows one record of each dataset (and another person), and shows of it what the scopes let through.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use foundation::dataset::{CodeLists, Database, Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::*;
use foundation::value::{Day, FieldType, Fields, Instant, PartialDate, Shape, Span, Value};

/// A base database with one record a dataset, whose id is `one`.
pub(crate) struct Table {
    database: Database,
    datasets: Vec<Arc<Dataset>>,
    lists: CodeLists,
    gate: Option<Arc<Gate>>,
}

/// Stops whoever reads until he is let through, and says what the texts are by then.
pub(crate) struct Gate {
    /// A permit for each who waits.
    pub(crate) entered: tokio::sync::Semaphore,
    /// A permit for each who may go on.
    pub(crate) go: tokio::sync::Semaphore,
    pub(crate) text: Mutex<String>,
}

impl Gate {
    pub(crate) fn new(text: &str) -> Arc<Self> {
        let none = || tokio::sync::Semaphore::new(0);
        Arc::new(Self { entered: none(), go: none(), text: Mutex::new(text.to_owned()) })
    }
}

impl Table {
    pub(crate) fn serve(domain: Domain) -> Arc<dyn BaseDatabase> {
        Self::behind(domain, None)
    }

    /// The same, behind a gate.
    pub(crate) fn behind(domain: Domain, gate: Option<Arc<Gate>>) -> Arc<dyn BaseDatabase> {
        Arc::new(Self { database: domain.database, datasets: domain.datasets, lists: CodeLists::default(), gate })
    }

    async fn pass(&self) {
        if let Some(gate) = &self.gate {
            gate.entered.add_permits(1);
            gate.go.acquire().await.expect("open").forget();
        }
    }

    fn value(&self, kind: FieldType) -> Value {
        match (&self.gate, kind) {
            (Some(gate), FieldType::Text) => Value::Text(gate.text.lock().expect("whole").clone()),
            _ => value(kind),
        }
    }

    fn dataset(&self, name: &DatasetName) -> &Dataset {
        self.datasets.iter().find(|d| d.name == *name).expect("a dataset of this base database")
    }

    fn view(&self, name: &DatasetName, scopes: &[Scope]) -> RecordView {
        self.view_of("one", name, scopes)
    }

    fn view_of(&self, id: &str, name: &DatasetName, scopes: &[Scope]) -> RecordView {
        let dataset = self.dataset(name);
        let pick = |wanted: &dyn Fn(&Scope) -> &Vec<u16>| -> Fields {
            let numbers = scopes.iter().flat_map(|s| wanted(s).iter().copied());
            numbers.filter_map(|n| Some((n, self.value(dataset.field_by_number(n)?.kind)))).collect()
        };
        RecordView {
            dataset: name.clone(),
            dataset_version: dataset.version,
            id: id.into(),
            fields: pick(&|s| &s.readable),
            to_mask: pick(&|s| &s.masked),
            version: 1,
            valid: Span { from: Day::MIN, to: Day::MAX },
            recorded: Span { from: KNOWN, to: Instant::MAX },
            disputed: Vec::new(),
        }
    }
}

/// The record that `one` replaces; `two` says the same, and is not believed.
pub(crate) const FORMER: &str = "former";
/// Where `one` lives.
pub(crate) const HOME: &str = "home-of-one";
/// The number of record `two`; every other but [`NOBODY`] is that of `one`.
pub(crate) const TWO: &str = "110105199003070019";
/// A number that nobody has.
pub(crate) const NOBODY: &str = "110105190001010010";
/// A company that is registered and in being, as is every code that is not one of these.
pub(crate) const COMPANY: &str = "91350100M000100Y43";
/// Another.
pub(crate) const RIVAL: &str = "914403001922038216";
/// A company that is deregistered (注销).
pub(crate) const DEREGISTERED: &str = "91330100799655058B";
/// A company whose licence is revoked (吊销).
pub(crate) const REVOKED: &str = "91440300MA5DLQQW0F";
/// A company in liquidation (清算).
pub(crate) const IN_LIQUIDATION: &str = "91510100MA0000002P";
/// A code that nobody has.
pub(crate) const UNREGISTERED: &str = "91510100MA0000003T";
/// A company that is in being and deregistered from [`CLOSED_ON`] on.
pub(crate) const CLOSES: &str = "91510100MA0000001L";
/// 2026-11-25.
pub(crate) const CLOSED_ON: Day = Day(20_782);

/// Where a company stands in the register on a day.
fn status(code: &str, day: Day) -> &'static str {
    match code {
        DEREGISTERED => "4",
        REVOKED => "3",
        IN_LIQUIDATION => "7",
        CLOSES if day >= CLOSED_ON => "4",
        _ => "1",
    }
}

/// When everything was recorded.
pub(crate) const KNOWN: Instant = Instant(1_790_000_000_000_000);

fn value(kind: FieldType) -> Value {
    match kind {
        FieldType::CitizenId => Value::Code("11010519491231002X".into()),
        FieldType::Text => Value::Text("杜甫".into()),
        FieldType::Date => Value::Date(PartialDate::parse("1949-12-31").expect("a date")),
        FieldType::Geometry => Value::Geometry(Shape::point(104.06, 30.67).expect("a point")),
        FieldType::Integer => Value::Integer(7),
        _ => Value::Code("1".into()),
    }
}

/// What persons say of records that replace others, where it may be read.
fn replaced(ask: &RecordAsk) -> Option<(u16, &'static str)> {
    let said = match ask.id.as_str() {
        "one" | "two" => (17, FORMER),
        FORMER => (16, "one"),
        _ => return None,
    };
    let read = ask.scopes.iter().any(|scope| scope.readable.contains(&said.0));
    (ask.dataset.table() == "persons" && read).then_some(said)
}

fn at(times: Times) -> ReadAt {
    ReadAt { valid_at: times.valid_at, known_at: times.known_at.unwrap_or(KNOWN) }
}

fn report(dataset: DatasetName) -> ImportReport {
    ImportReport {
        batch: BatchId(7),
        dataset,
        source: "11100000PDY0000287".into(),
        state: BatchState::Complete,
        progress: ImportProgress { accepted: 1, changed: 1, ..ImportProgress::default() },
        ended: 0,
        problems: Vec::new(),
        warnings: Vec::new(),
        cut_off: None,
        header: None,
    }
}

#[async_trait]
impl BaseDatabase for Table {
    fn database(&self) -> Database {
        self.database
    }
    fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.datasets.clone()
    }
    fn code_lists(&self) -> &CodeLists {
        &self.lists
    }
    async fn get(&self, ask: GetAsk) -> Result<GetAnswer, ServiceError> {
        self.pass().await;
        let known = ask.id == "one"
            || (["two", FORMER].contains(&ask.id.as_str()) && self.database == Database::Population)
            || (ask.id == HOME && ask.dataset.table() == "residences");
        let record = known.then(|| self.view_of(&ask.id, &ask.dataset, &ask.scopes));
        Ok(GetAnswer { record, at: at(ask.times) })
    }
    async fn lookup(&self, ask: LookupAsk) -> Result<LookupAnswer, ServiceError> {
        self.pass().await;
        let items = ask.keys.iter().map(|key| match key.first().map(|(_, text)| text.as_str()) {
            Some(NOBODY | UNREGISTERED) => LookupItem::NotFound,
            Some(code) if ask.dataset.table() == "enterprises" => {
                let mut view = self.view(&ask.dataset, &ask.scopes);
                let number = self.dataset(&ask.dataset).field("status").expect("a field").number;
                let said = Value::Code(status(code, ask.times.valid_at).into());
                let known = |(n, value): (u16, &Value)| (n, if n == number { said.clone() } else { value.clone() });
                view.fields = view.fields.iter().map(known).collect();
                LookupItem::Found(Box::new(view))
            }
            Some(TWO) => LookupItem::Found(Box::new(self.view_of("two", &ask.dataset, &ask.scopes))),
            _ => LookupItem::Found(Box::new(self.view(&ask.dataset, &ask.scopes))),
        });
        Ok(LookupAnswer { items: items.collect(), at: at(ask.times) })
    }
    async fn slice(&self, ask: SliceAsk) -> Result<SliceAnswer, ServiceError> {
        self.pass().await;
        let records = vec![self.view(&ask.dataset, &ask.scopes)];
        Ok(SliceAnswer { records, more: false, at: at(ask.times) })
    }
    async fn history(&self, ask: RecordAsk) -> Result<HistoryAnswer, ServiceError> {
        self.pass().await;
        let versions = (ask.id == "one").then(|| self.view(&ask.dataset, &ask.scopes)).into_iter().collect();
        Ok(HistoryAnswer { versions, known_at: KNOWN })
    }
    async fn claims(&self, ask: RecordAsk) -> Result<ClaimsAnswer, ServiceError> {
        self.pass().await;
        let mut view = self.view(&ask.dataset, &ask.scopes);
        if let Some((field, to)) = replaced(&ask) {
            view.fields.set(field, Value::Link(to.to_owned()));
        }
        let claim = ClaimView {
            number: 1,
            source: "11100000PDY0000287".into(),
            by_event: None,
            batch: BatchId(7),
            valid: view.valid,
            recorded: view.recorded,
            source_time: None,
            fields: view.fields,
            to_mask: view.to_mask,
            wins: Vec::new(),
        };
        Ok(ClaimsAnswer { claims: vec![claim], known_at: KNOWN })
    }
    async fn links(&self, ask: LinksAsk) -> Result<LinksAnswer, ServiceError> {
        Ok(LinksAnswer { edges: Vec::new(), more: false, at: at(ask.times) })
    }
    async fn tile(&self, ask: TileAsk) -> Result<TileAnswer, ServiceError> {
        let shape = Shape::point(104.06, 30.67).expect("a point");
        let names = ask.fields.iter().map(|number| (*number, "杜甫".to_owned())).collect();
        let version = TileVersion { generation: 1, known_at: at(ask.times).known_at };
        let features = vec![TileFeature { shape, names }];
        Ok(TileAnswer { features, complete: true, version, unchanged: false, at: at(ask.times) })
    }
    async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, ServiceError> {
        self.pass().await;
        let ids: Vec<u32> = (1..=5).collect();
        let hits: Vec<Hit> = ids
            .iter()
            .map(|n| {
                let id = format!("r{n}");
                let mut record = self.view(&ask.dataset, &ask.scopes);
                record.id.clone_from(&id);
                Hit {
                    record,
                    title: "杜甫".into(),
                    snippet: String::new(),
                    geometry: None,
                    distance: None,
                    position: SortTuple { score: 10 - n, values: Vec::new(), id },
                }
            })
            .filter(|hit| {
                ask.after.as_ref().is_none_or(|after| {
                    (std::cmp::Reverse(hit.position.score), &hit.position.id)
                        > (std::cmp::Reverse(after.score), &after.id)
                })
            })
            .collect();
        let more = hits.len() > ask.limit;
        Ok(SearchAnswer {
            hits: hits.into_iter().take(ask.limit).collect(),
            total: Count::of(5, ask.counts_allowed),
            facets: Vec::new(),
            more,
            at: at(ask.times),
            generation: 1,
        })
    }
    async fn statistics(&self, ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
        // One record is told of ninety others.
        let key = ask.group_by.iter().map(|_| Some(SortValue::Text("1".into()))).collect();
        let count = Count::of(if ask.record_keys.is_some() { 90 } else { 5 }, ask.counts_allowed);
        let group = Group { key, count, figures: vec![Some("5".into())], key_sum: 1 };
        Ok(StatisticsAnswer { groups: vec![group], at: at(ask.times) })
    }
    async fn changes(&self, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
        let first = ask.after.is_empty();
        let change = ChangeView { kind: ChangeKind::Added, id: "one".into(), at: KNOWN };
        Ok(ChangesAnswer { changes: first.then_some(change).into_iter().collect(), next: vec![1], more: false })
    }
    async fn import_begin(&self, _: ImportBegin) -> Result<BatchId, ServiceError> {
        Ok(BatchId(7))
    }
    async fn import_rows(&self, rows: ImportRows) -> Result<ImportProgress, ServiceError> {
        Ok(ImportProgress { accepted: rows.rows.len() as u64, ..ImportProgress::default() })
    }
    async fn import_finish(&self, _: ImportFinish) -> Result<ImportReport, ServiceError> {
        Ok(report(self.datasets[0].name.clone()))
    }
    /// Batch 7 is one of the legal-entity base.
    async fn import_report(&self, batch: BatchId) -> Result<Option<ImportReport>, ServiceError> {
        let here = self.database == Database::LegalEntity && batch == BatchId(7);
        Ok(here.then(|| report("legal-entity/enterprises".parse().expect("a name"))))
    }
    async fn import_rejected(&self, _: BatchId, _: u64, _: usize) -> Result<Vec<RejectedRow>, ServiceError> {
        Ok(Vec::new())
    }
    async fn withdraw(&self, _: BatchId) -> Result<ImportReport, ServiceError> {
        Ok(report("legal-entity/enterprises".parse().expect("a name")))
    }
    async fn erase(&self, ask: EraseAsk) -> Result<EraseAnswer, ServiceError> {
        Err(ServiceError::new(ErrorKind::Invalid, format!("`{}` keeps nothing", ask.dataset)))
    }
    async fn erase_rest(&self) -> Result<u64, ServiceError> {
        Ok(0)
    }
    async fn bound(&self, ask: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError> {
        let home = "population/residences".parse().expect("a name");
        Ok((ask.dataset.table() == "persons" && ask.id == "one").then(|| (home, HOME.to_owned())).into_iter().collect())
    }
    async fn erased(&self, _: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError> {
        Ok(Vec::new())
    }
    async fn define(&self, dataset: Dataset) -> Result<Defined, ServiceError> {
        Err(ServiceError::new(ErrorKind::Invalid, format!("`{}` is not taken in here", dataset.name)))
    }
    async fn index_caught_up(&self, _: u64) -> Result<bool, ServiceError> {
        Ok(true)
    }
    async fn health(&self) -> Health {
        Health { ready: true, problems: vec![], index_lag: vec![], documents: vec![], rebuilding: vec![] }
    }
    async fn check(&self, _: bool) -> Result<CheckReport, ServiceError> {
        Ok(CheckReport { datasets: Vec::new(), problems: Vec::new() })
    }
    async fn shutdown(&self) {}
}
