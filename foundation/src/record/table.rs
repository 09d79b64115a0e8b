//! A dataset as it is kept: its definition with everything that reading and writing its records needs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{IdKey, IdMaker, Layout, RecordKey, ids};
use crate::dataset::{Dataset, DatasetName};
use crate::value::{FieldType, Fields, Value};

/// A dataset's definition, its place in the store, its ids, its links, its order of sources.
#[derive(Debug)]
pub struct Table {
    /// The definition.
    pub dataset: Arc<Dataset>,
    /// Where its records lie.
    pub layout: Layout,
    /// How its ids are made.
    pub ids: IdMaker,
    /// Numbers of the natural key's fields, in order.
    pub natural_key: Vec<u16>,
    /// Fields that point at other records.
    pub links: Vec<LinkField>,
    /// Which source wins.
    pub authority: Authority,
    columns: HashMap<String, usize>,
}

/// A field that points at records of another dataset.
#[derive(Debug)]
pub struct LinkField {
    /// Field number.
    pub number: u16,
    /// Dataset pointed to.
    pub target: DatasetName,
    /// How the ids there are made.
    pub ids: IdMaker,
}

/// Authority order of sources: the dataset's, and that of fields where it differs.
#[derive(Debug, Clone, Default)]
pub struct Authority {
    order: Vec<String>,
    by_field: BTreeMap<u16, Vec<String>>,
}

impl Authority {
    /// The order declared by a definition.
    #[must_use]
    pub fn of(dataset: &Dataset) -> Self {
        let by_field = dataset.fields.iter().filter(|f| !f.authority.is_empty());
        Self { order: dataset.authority.clone(), by_field: by_field.map(|f| (f.number, f.authority.clone())).collect() }
    }
    /// Where `source` stands for a field: lower wins; sources not named come last, by code.
    #[must_use]
    pub fn rank<'a>(&self, source: &'a str, field: u16) -> (usize, &'a str) {
        let order = self.by_field.get(&field).unwrap_or(&self.order);
        (order.iter().position(|s| s == source).unwrap_or(usize::MAX), source)
    }
}

impl Table {
    /// The table of a dataset that has `number` in its base database; `siblings` are the datasets beside it.
    ///
    /// # Errors
    /// A sentence, if the definition cannot be kept.
    pub fn new(number: u16, dataset: Arc<Dataset>, siblings: &[Arc<Dataset>], key: &IdKey) -> Result<Self, String> {
        let natural_key = dataset
            .natural_key
            .iter()
            .map(|name| {
                let field = dataset.field(name).map(|f| f.number);
                field.ok_or_else(|| format!("`{}`: the natural key names `{name}`, which is no field", dataset.name))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut links = Vec::new();
        for field in dataset.fields.iter().filter(|f| matches!(f.kind, FieldType::Link | FieldType::Party)) {
            let Some(target) = &field.target else { continue };
            let target: DatasetName =
                target.parse().map_err(|e| format!("`{}`: field `{}`: {e}", dataset.name, field.name))?;
            let known = siblings.iter().find(|d| d.name == target).map(Arc::as_ref);
            let ids = IdMaker::of_target(&target, known, key);
            links.push(LinkField { number: field.number, target, ids });
        }
        Ok(Self {
            layout: Layout::new(number, &dataset)?,
            ids: IdMaker::new(&dataset.name, dataset.id, key),
            natural_key,
            links,
            authority: Authority::of(&dataset),
            columns: dataset.fields.iter().enumerate().map(|(at, f)| (f.name.clone(), at)).collect(),
            dataset,
        })
    }

    /// The field called `name`. Cost: one hash.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&crate::dataset::Field> {
        self.columns.get(name).and_then(|at| self.dataset.fields.get(*at))
    }

    /// Id and place of the record whose natural key `fields` hold; `None` if a part is missing or cannot be one.
    #[must_use]
    pub fn identify(&self, fields: &Fields) -> Option<(String, RecordKey)> {
        let texts = ids::natural_key(&self.natural_key, fields)?;
        let id = self.ids.of_texts(&texts);
        let key = self.layout.key(&id)?;
        Some((id, key))
    }

    /// Turns natural keys in link fields into ids.
    pub fn resolve_links(&self, fields: &mut Fields) {
        for link in &self.links {
            if fields.get(link.number).is_some_and(has_reference)
                && let Some(mut value) = fields.remove(link.number)
            {
                point(&mut value, &link.ids);
                fields.set(link.number, value);
            }
        }
    }

    /// Every (field number, target dataset, target id) that `fields` point at.
    pub fn targets<'a>(&'a self, fields: &'a Fields) -> impl Iterator<Item = (&'a LinkField, &'a str)> {
        self.links.iter().flat_map(|link| {
            let mut all = Vec::new();
            if let Some(value) = fields.get(link.number) {
                collect(value, &mut all);
            }
            all.into_iter().map(move |id| (link, id))
        })
    }
}

fn has_reference(value: &Value) -> bool {
    let mut all = Vec::new();
    collect(value, &mut all);
    !all.is_empty()
}

fn point(value: &mut Value, ids: &IdMaker) {
    match value {
        Value::Link(text) => *text = ids.of_reference(text),
        Value::Party(party) => {
            if let Some(link) = &mut party.link {
                *link = ids.of_reference(link);
            }
        }
        Value::List(members) => members.iter_mut().for_each(|m| point(m, ids)),
        _ => {}
    }
}

fn collect<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::Link(id) => into.push(id),
        Value::Party(party) => into.extend(party.link.as_deref()),
        Value::List(members) => members.iter().for_each(|m| collect(m, into)),
        _ => {}
    }
}
