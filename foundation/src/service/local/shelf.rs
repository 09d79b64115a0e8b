//! The datasets of a base database as they are defined now, and what writes them.

use std::sync::Arc;

use super::super::{Defined, Domain, ErrorKind, ServiceError};
use super::LocalDatabase;
use crate::clock::Clock;
use crate::dataset::{Change, CodeLists, Dataset};
use crate::record::registry::{self, Step};
use crate::record::{IdKey, Sealing, Table};
use crate::store::Store;
use crate::write::Writer;

/// What tables and writers are made of.
pub(super) struct Parts {
    pub(super) store: Arc<dyn Store>,
    /// What of it is sealed follows from the datasets.
    pub(super) sealing: Arc<Sealing>,
    /// For its rules: the datasets of now are on the shelf.
    pub(super) domain: Arc<Domain>,
    pub(super) lists: Arc<CodeLists>,
    pub(super) id_key: IdKey,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) demo: bool,
}

/// Datasets in the order of their names, with a writer each in the same order.
pub(super) struct Shelf {
    pub(super) datasets: Vec<Arc<Dataset>>,
    pub(super) writers: Vec<Arc<Writer>>,
}

impl Shelf {
    /// Registers datasets and makes what writes them.
    ///
    /// # Errors
    /// [`ServiceError`] if records already kept do not survive a definition; nothing is registered then.
    pub(super) async fn register(parts: &Parts, mut datasets: Vec<Arc<Dataset>>) -> Result<Self, ServiceError> {
        datasets.sort_by(|a, b| a.name.cmp(&b.name));
        let numbers = registry::register(&parts.store, &datasets, &parts.lists).await?;
        let tables = datasets.iter().zip(numbers).map(|(dataset, number)| table(parts, number, dataset, &datasets));
        let tables = Arc::new(tables.collect::<Result<Vec<_>, _>>()?);
        parts.sealing.follow(tables.iter().map(Arc::as_ref));
        let mut writers = Vec::with_capacity(datasets.len());
        for table in tables.iter() {
            writers.push(Arc::new(Writer {
                store: Arc::clone(&parts.store),
                table: Arc::clone(table),
                beside: beside(&parts.domain, &tables, table)?,
                all: Arc::clone(&tables),
                domain: Arc::clone(&parts.domain),
                lists: Arc::clone(&parts.lists),
                clock: Arc::clone(&parts.clock),
                demo: parts.demo,
            }));
        }
        Ok(Self { datasets, writers })
    }

    /// Datasets with their numbers in the store.
    pub(super) fn numbered(&self) -> Vec<(u16, Arc<Dataset>)> {
        let one = |writer: &Arc<Writer>| (writer.table.layout.number(), Arc::clone(&writer.table.dataset));
        self.writers.iter().map(one).collect()
    }
}

fn invalid(reason: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::Invalid, reason)
}

fn table(
    parts: &Parts,
    number: u16,
    dataset: &Arc<Dataset>,
    siblings: &[Arc<Dataset>],
) -> Result<Arc<Table>, ServiceError> {
    Table::new(number, Arc::clone(dataset), siblings, &parts.id_key).map(Arc::new).map_err(invalid)
}

/// The tables that rows of `table` have effects on.
fn beside(domain: &Domain, tables: &[Arc<Table>], table: &Table) -> Result<Vec<Arc<Table>>, ServiceError> {
    let mine = domain.rules.iter().filter(|r| r.table() == table.dataset.name.table());
    let mut beside = Vec::new();
    for name in mine.flat_map(|r| r.affects()) {
        let found =
            tables.iter().find(|t| t.dataset.name.table() == *name && t.layout.number() != table.layout.number());
        let missing = || format!("`{}` affects `{name}`, which is no other dataset here", table.dataset.name);
        beside.push(Arc::clone(found.ok_or_else(|| invalid(missing()))?));
    }
    Ok(beside)
}

/// Takes a definition in: registered, then written by, then searched by.
pub(super) async fn define(here: &LocalDatabase, dataset: Dataset) -> Result<Defined, ServiceError> {
    let _turn = here.defining.lock().await;
    let name = dataset.name.clone();
    if name.database() != here.database {
        return Err(invalid(format!("`{name}` is of another base database")));
    }
    let lists = dataset.fields.iter().filter_map(|field| Some((field, field.code_list.as_deref()?)));
    if let Some((field, list)) = lists.into_iter().find(|(_, list)| here.lists.get(list).is_none()) {
        return Err(invalid(format!("`{name}`: field `{}` names code list `{list}`, which is not here", field.name)));
    }
    let fresh = Arc::new(dataset);
    let mut datasets = here.shelf.load().datasets.clone();
    let held = datasets.iter().position(|d| d.name == name);
    // A changed definition has a higher version. One that is registered and not served was broken off: it goes on here.
    let served = held.and_then(|at| datasets.get(at)).is_some_and(|before| before.version == fresh.version);
    match held.and_then(|at| datasets.get_mut(at)) {
        Some(before) => *before = Arc::clone(&fresh),
        None => datasets.push(Arc::clone(&fresh)),
    }
    // What cannot be kept is found out before anything is registered.
    table(&here.parts, u16::MAX, &fresh, &datasets)?;
    let (steps, _) = registry::plan(&here.store, &datasets, &here.lists).await?;
    let step = steps.into_iter().find(|(of, _)| *of == name).map_or(Step::New, |(_, step)| step);
    let defined = match step {
        Step::Refused(reason) => return Err(invalid(format!("`{name}`: {reason}"))),
        Step::Same if served => return Ok(Defined::default()),
        Step::Same | Step::New => Defined { fresh: held.is_none(), ..Defined::default() },
        Step::Changed(since, changes) => Defined {
            fresh: held.is_none(),
            since: Some(since),
            changes: changes.iter().map(ToString::to_string).collect(),
            rebuilds: changes.iter().any(Change::rebuilds),
        },
    };
    let shelf = Shelf::register(&here.parts, datasets).await?;
    let numbered = shelf.numbered().into_iter().find(|(_, dataset)| dataset.name == name);
    if let Some((number, dataset)) = numbered {
        here.index.define(number, dataset).await?;
    }
    here.shelf.store(Arc::new(shelf));
    Ok(defined)
}
