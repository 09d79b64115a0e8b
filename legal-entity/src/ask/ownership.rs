//! Walks shareholdings both ways from one enterprise, level by level; safe against cycles, depth and size.

use std::collections::{BTreeMap, BTreeSet};

use foundation::dataset::DatasetName;
use foundation::service::{BaseDatabase, ErrorKind, GetAsk, LinksAsk, RecordView, Scope, ServiceError, Times};
use foundation::value::{Day, Decimal, Span, Value};
use serde::{Deserialize, Serialize};

use super::controllers::{Controller, controllers};
use super::percent;
use crate::rules::shareholding as field;

/// Most steps from the enterprise asked for.
pub const DEPTH_MAX: u8 = 10;
/// Most parties in an answer; `truncated` says when there were more.
pub const NODES_MAX: usize = 1_000;
/// Most shareholdings read of one party.
const EDGES_MAX: usize = 1_000;

/// Which way shareholdings are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Who holds it.
    Owners,
    /// What it holds.
    Owned,
    /// Both.
    Both,
}

/// The permit on the two datasets read.
#[derive(Debug, Clone)]
pub struct Permits {
    /// On `legal-entity/enterprises` (names).
    pub enterprises: Vec<Scope>,
    /// On `legal-entity/shareholdings`.
    pub shareholdings: Vec<Scope>,
}

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// An enterprise of this base database; its id is its credit code.
    Enterprise,
    /// A holder known by name only: a person, a foreign entity.
    Holder,
}

/// A party of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Credit code, or for a holder known by name only the id of its shareholding.
    pub id: String,
    /// Kind.
    pub kind: NodeKind,
    /// Name, if it may be read.
    pub name: Option<String>,
    /// Steps from the enterprise asked for: negative towards owners, positive towards what is owned.
    pub distance: i8,
    /// Share of the enterprise asked for (or of the party by it), %, multiplied along each way and added over all ways
    /// within the depth; `None` where a ratio is not known. A way that comes back to a party already on it is not followed.
    pub effective: Option<Decimal>,
}

/// A shareholding of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Id of the shareholding's record.
    pub record: String,
    /// Node that holds.
    pub holder: String,
    /// Id of the person that holds, where the permit shows it.
    pub person: Option<String>,
    /// Node that is held.
    pub target: String,
    /// Share of capital, %.
    pub ratio: Option<Decimal>,
    /// Capital subscribed.
    pub subscribed: Option<Decimal>,
    /// Capital paid in.
    pub paid: Option<Decimal>,
    /// Since and until when.
    pub valid: Span<Day>,
}

impl Edge {
    /// Who holds: the person where it is known, else the node.
    #[must_use]
    pub fn party(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.holder)
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ownership {
    /// Parties: the one asked for first, then by distance and id.
    pub nodes: Vec<Node>,
    /// Shareholdings, each once.
    pub edges: Vec<Edge>,
    /// Who decides in the enterprise through shares (asked towards owners only).
    pub controllers: Vec<Controller>,
    /// Whether a limit cut something off.
    pub truncated: bool,
    /// Whether some party holds itself through others.
    pub circular: bool,
}

/// Who holds the enterprise, what it holds, or both, at most `depth` steps away.
///
/// Cost: one links ask a party and one get a shareholding, at most [`NODES_MAX`] parties.
/// `None`: no such enterprise at those times, or none the permit shows.
///
/// # Errors
/// [`ErrorKind::Invalid`] for a depth of 0 or above [`DEPTH_MAX`]; errors of the asks as they are.
pub async fn ownership(
    database: &dyn BaseDatabase,
    credit_code: &str,
    depth: u8,
    direction: Direction,
    times: Times,
    permits: Permits,
) -> Result<Option<Ownership>, ServiceError> {
    if depth == 0 || depth > DEPTH_MAX {
        return Err(ServiceError::new(ErrorKind::Invalid, format!("depth is 1 to {DEPTH_MAX}, not {depth}")));
    }
    let walk = Walk::new(database, times, permits)?;
    let Some(root) = walk.enterprise(credit_code).await? else { return Ok(None) };
    let mut answer = Ownership { nodes: vec![root], ..Ownership::default() };
    for (way, step) in [(Direction::Owners, -1), (Direction::Owned, 1)] {
        if direction == way || direction == Direction::Both {
            walk.follow(credit_code, depth, step, &mut answer).await?;
            if step < 0 {
                answer.controllers = controllers(credit_code, &answer.edges);
            }
        }
    }
    answer.edges.sort_by(|a, b| a.record.cmp(&b.record));
    answer.edges.dedup_by(|a, b| a.record == b.record);
    Ok(Some(answer))
}

/// A way from the enterprise asked for to a party: the parties on it, and the share multiplied along it.
struct Way {
    parties: Vec<String>,
    share: Option<Decimal>,
}

struct Walk<'a> {
    database: &'a dyn BaseDatabase,
    enterprises: DatasetName,
    shareholdings: DatasetName,
    times: Times,
    permits: Permits,
}

impl<'a> Walk<'a> {
    fn new(database: &'a dyn BaseDatabase, times: Times, permits: Permits) -> Result<Self, ServiceError> {
        let name = |text: &str| text.parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e));
        Ok(Self {
            database,
            enterprises: name("legal-entity/enterprises")?,
            shareholdings: name("legal-entity/shareholdings")?,
            times,
            permits,
        })
    }

    async fn get(&self, dataset: &DatasetName, id: &str, scopes: &[Scope]) -> Result<Option<RecordView>, ServiceError> {
        let ask = GetAsk { dataset: dataset.clone(), id: id.to_owned(), times: self.times, scopes: scopes.to_vec() };
        Ok(self.database.get(ask).await?.record)
    }

    async fn enterprise(&self, credit_code: &str) -> Result<Option<Node>, ServiceError> {
        let record = self.get(&self.enterprises, credit_code, &self.permits.enterprises).await?;
        Ok(record.map(|record| Node {
            id: credit_code.to_owned(),
            kind: NodeKind::Enterprise,
            name: words(&record, field::NAME_OF_ENTERPRISE),
            distance: 0,
            effective: None,
        }))
    }

    /// Level by level towards owners (`step` −1) or what is owned (+1).
    async fn follow(&self, root: &str, depth: u8, step: i8, answer: &mut Ownership) -> Result<(), ServiceError> {
        let mut read: BTreeMap<String, Vec<(Edge, Option<String>)>> = BTreeMap::new();
        let mut found: BTreeMap<String, Node> = BTreeMap::new();
        let whole = Decimal::new(100, 0);
        let mut ways = vec![Way { parties: vec![root.to_owned()], share: whole }];
        for level in 1..=depth {
            let mut next = Vec::new();
            for way in ways {
                let Some(at) = way.parties.last().cloned() else { continue };
                if !read.contains_key(&at) {
                    let edges = self.shareholdings_of(&at, step, answer).await?;
                    read.insert(at.clone(), edges);
                }
                for (edge, name) in read.get(&at).into_iter().flatten() {
                    let other = if step < 0 { &edge.holder } else { &edge.target };
                    if way.parties.contains(other) {
                        answer.circular = true;
                        continue;
                    }
                    let share = way.share.zip(edge.ratio).and_then(|(a, b)| percent::of(a, b));
                    if !found.contains_key(other) && found.len() + answer.nodes.len() >= NODES_MAX {
                        answer.truncated = true;
                        continue;
                    }
                    let node = found.entry(other.clone()).or_insert_with(|| Node {
                        id: other.clone(),
                        kind: if other == &edge.record { NodeKind::Holder } else { NodeKind::Enterprise },
                        name: name.clone(),
                        distance: step.saturating_mul(i8::try_from(level).unwrap_or(i8::MAX)),
                        effective: Decimal::new(0, 0),
                    });
                    node.effective = node.effective.zip(share).and_then(|(a, b)| percent::sum(a, b));
                    let mut parties = way.parties.clone();
                    parties.push(other.clone());
                    if node.kind == NodeKind::Enterprise && next.len() < NODES_MAX * 4 {
                        next.push(Way { parties, share });
                    } else if node.kind == NodeKind::Enterprise {
                        answer.truncated = true;
                    }
                }
            }
            ways = next;
        }
        answer.edges.extend(read.into_values().flatten().map(|(edge, _)| edge));
        let mut nodes: Vec<Node> = found.into_values().collect();
        nodes.sort_by(|a, b| a.distance.abs().cmp(&b.distance.abs()).then_with(|| a.id.cmp(&b.id)));
        for node in &mut nodes {
            if node.kind == NodeKind::Enterprise
                && let Some(record) = self.enterprise(&node.id).await?
            {
                node.name = record.name.or_else(|| node.name.take());
            }
        }
        answer.nodes.extend(nodes);
        Ok(())
    }

    /// The shareholdings in (`step` −1) or by (+1) an enterprise, with the name of the holder as they give it.
    async fn shareholdings_of(
        &self,
        id: &str,
        step: i8,
        answer: &mut Ownership,
    ) -> Result<Vec<(Edge, Option<String>)>, ServiceError> {
        let links = self
            .database
            .links(LinksAsk {
                dataset: self.enterprises.clone(),
                id: id.to_owned(),
                times: self.times,
                permitted: vec![(self.shareholdings.clone(), self.permits.shareholdings.clone())],
                limit: EDGES_MAX,
            })
            .await?;
        answer.truncated |= links.more;
        let wanted = if step < 0 { "target" } else { "holder_entity" };
        let records: BTreeSet<String> = links
            .edges
            .into_iter()
            .filter(|e| e.field == wanted && e.to_id == id && e.from_dataset == self.shareholdings)
            .map(|e| e.from_id)
            .collect();
        let mut edges = Vec::with_capacity(records.len());
        for record_id in records {
            let Some(record) = self.get(&self.shareholdings, &record_id, &self.permits.shareholdings).await? else {
                continue;
            };
            let Some(target) = words(&record, field::TARGET) else { continue };
            edges.push((
                Edge {
                    holder: words(&record, field::HOLDER_ENTITY).unwrap_or_else(|| record_id.clone()),
                    record: record_id,
                    person: person(&record),
                    target,
                    ratio: number(&record, field::RATIO),
                    subscribed: number(&record, field::SUBSCRIBED),
                    paid: number(&record, field::PAID),
                    valid: record.valid,
                },
                words(&record, field::HOLDER_NAME).filter(|_| step < 0),
            ));
        }
        Ok(edges)
    }
}

fn person(record: &RecordView) -> Option<String> {
    match record.fields.get(field::HOLDER_PERSON)? {
        Value::Party(party) => party.link.clone(),
        Value::Link(id) => Some(id.clone()),
        _ => None,
    }
}

fn words(record: &RecordView, number: u16) -> Option<String> {
    match record.fields.get(number)? {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(record: &RecordView, number: u16) -> Option<Decimal> {
    match record.fields.get(number)? {
        Value::Decimal(decimal) => Some(*decimal),
        _ => None,
    }
}
