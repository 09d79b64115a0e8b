//! The datasets there are, with their base databases; and the entries of the catalogue (数据目录) as departments compile them.
//!
//! An [`Entry`] is the events that made it; [`step`] is the table of what may follow on what, [`take`] judges one step,
//! [`check`] says which items must be there, [`clocks`] what is due when, [`register`] keeps the events. [`demand`] is the
//! list of data that is in no catalogue yet. A dataset's definition is an announced entry of its own.

pub mod check;
pub mod clocks;
pub mod definitions;
pub mod demand;
pub mod entry;
pub mod items;
pub mod metadata;
pub mod notice;
pub mod overlap;
pub mod register;
pub mod sheet;
pub mod step;
pub mod take;
pub mod toml;

pub use demand::{Demand, DemandEvent, DemandState, DemandVerb, Wish};
pub use entry::{Entry, Event};
pub use items::{Item, Items, Place};
pub use register::{Changes, Register};
pub use step::{Said, State, Verb};

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use foundation::dataset::{CodeList, Database, Dataset, DatasetName, Field};
use foundation::service::BaseDatabase;
use foundation::value::Day;

use crate::ask::Language;
use crate::policy::DatasetFacts;

/// The dataset that an entry's id names, such as `population:persons`.
#[must_use]
pub fn dataset_of(id: &str) -> Option<DatasetName> {
    id.split_once(':').and_then(|(database, table)| format!("{database}/{table}").parse().ok())
}

/// Which entry a dataset is served by, where it was registered while the server ran.
pub type Serving = BTreeMap<DatasetName, String>;

/// All datasets of all base databases, by name.
pub struct Catalogue {
    databases: Vec<Arc<dyn BaseDatabase>>,
    by_name: ArcSwap<BTreeMap<DatasetName, Arc<DatasetFacts>>>,
    lists: Arc<BTreeMap<String, Arc<CodeList>>>,
}

/// Labels of codes in one language, as of one day.
#[derive(Debug, Clone)]
pub struct Labels {
    lists: Arc<BTreeMap<String, Arc<CodeList>>>,
    language: Language,
    day: Day,
}

impl Labels {
    /// The label of a field's code.
    #[must_use]
    pub fn of(&self, field: &Field, code: &str) -> Option<&str> {
        let title = self.lists.get(field.code_list.as_deref()?)?.label(code, self.day)?;
        match self.language {
            Language::En if !title.en.is_empty() => Some(&title.en),
            _ => Some(&title.zh),
        }
    }
}

impl Catalogue {
    /// Lists what the base databases hold.
    #[must_use]
    pub fn new(databases: Vec<Arc<dyn BaseDatabase>>) -> Self {
        let mut by_name = BTreeMap::new();
        for database in &databases {
            for dataset in database.datasets() {
                let index = u16::try_from(by_name.len()).unwrap_or(u16::MAX);
                by_name.insert(dataset.name.clone(), Arc::new(DatasetFacts::new(dataset, index)));
            }
        }
        let lists = databases
            .iter()
            .flat_map(|d| d.code_lists().iter())
            .map(|list| (list.id.clone(), Arc::clone(list)))
            .collect();
        Self { databases, by_name: ArcSwap::from_pointee(by_name), lists: Arc::new(lists) }
    }

    /// The base databases.
    #[must_use]
    pub fn databases(&self) -> &[Arc<dyn BaseDatabase>] {
        &self.databases
    }

    /// One base database.
    #[must_use]
    pub fn database(&self, database: Database) -> Option<&Arc<dyn BaseDatabase>> {
        self.databases.iter().find(|d| d.database() == database)
    }

    /// A dataset by name, as it is defined now.
    #[must_use]
    pub fn get(&self, name: &DatasetName) -> Option<Arc<DatasetFacts>> {
        self.by_name.load().get(name).map(Arc::clone)
    }

    /// All datasets as they are defined now, by name: to be read while definitions change.
    #[must_use]
    pub fn held(&self) -> Arc<BTreeMap<DatasetName, Arc<DatasetFacts>>> {
        self.by_name.load_full()
    }

    /// All datasets, by name.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<DatasetFacts>> {
        self.by_name.load().values().map(Arc::clone).collect()
    }

    /// All definitions, by name.
    #[must_use]
    pub fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.by_name.load().values().map(|facts| Arc::clone(&facts.dataset)).collect()
    }

    /// Takes in what a base database serves from now on. A dataset keeps its place in the list; a new one comes last.
    pub fn take(&self, dataset: &Arc<Dataset>) {
        self.by_name.rcu(|held| {
            let mut all = BTreeMap::clone(held);
            let last = || u16::try_from(all.len()).unwrap_or(u16::MAX);
            let index = all.get(&dataset.name).map_or_else(last, |facts| facts.index);
            all.insert(dataset.name.clone(), Arc::new(DatasetFacts::new(Arc::clone(dataset), index)));
            all
        });
    }

    /// A code list of any base database.
    #[must_use]
    pub fn code_list(&self, id: &str) -> Option<Arc<CodeList>> {
        self.lists.get(id).cloned()
    }

    /// Labels in a language as of a day.
    #[must_use]
    pub fn labels(&self, language: Language, day: Day) -> Labels {
        Labels { lists: Arc::clone(&self.lists), language, day }
    }
}
