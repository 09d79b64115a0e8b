//! Rows → masked: what may be shown, and nothing else. Only this can become a response.

mod partial;

use std::sync::Arc;

use foundation::dataset::{CodeList, Dataset, DatasetName};
use foundation::service::{
    ChangesAnswer, ClaimView, Count, Facet, Hit, ImportReport, LinksAnswer, LookupItem, ReadAt, RecordView,
    RejectedRow, StatisticsAnswer,
};
use foundation::value::{Day, Fields, Instant};

use super::execute::{
    AccessesAnswer, AccountsAnswer, Answer, CompilingAnswer, CorrectionAnswer, Disclosed, EvaluationAnswer, JobsAnswer,
    LogProof, SharingAnswer, TileShown,
};
use super::{Explanation, Permit, Rows};
use crate::app::App;
use crate::audit::Entry;
use crate::catalogue::Labels;
use crate::policy::Sight;

/// A record as it may be shown.
#[derive(Debug, Clone)]
pub struct RecordShown {
    /// Its dataset's definition.
    pub dataset: Arc<Dataset>,
    /// The record; masked values stand among its fields, `to_mask` is empty.
    pub view: RecordView,
    /// Numbers of fields shown masked, sorted.
    pub masked: Vec<u16>,
}

/// An item of a page.
#[derive(Debug, Clone)]
pub struct PageItem {
    /// The record.
    pub record: RecordShown,
    /// The hit's title, snippet, geometry and place.
    pub hit: Hit,
}

/// An answer that may be shown, by kind.
#[derive(Debug)]
#[expect(missing_docs, reason = "the variants are those of `Ask`")]
pub enum Content {
    Page {
        items: Vec<PageItem>,
        total: Count,
        facets: Vec<(Arc<Dataset>, Facet)>,
        by_dataset: Option<Vec<(DatasetName, Count)>>,
        next: Option<String>,
        at: ReadAt,
    },
    Record(Box<RecordShown>, ReadAt),
    Lookup(Vec<Result<RecordShown, LookupItem>>, ReadAt),
    History(Vec<RecordShown>, Instant),
    Claims(Arc<Dataset>, Vec<(ClaimView, Vec<u16>)>, Instant),
    Links(LinksAnswer),
    Statistics {
        dataset: Arc<Dataset>,
        group_by: Vec<String>,
        answer: StatisticsAnswer,
        measures: Vec<String>,
        disclosed: Disclosed,
    },
    Changes(ChangesAnswer, String),
    Import(Box<ImportReport>),
    Rejected(Vec<RejectedRow>, Option<String>),
    Verified {
        verdicts: Vec<&'static str>,
        /// Ids of the records compared; they are for the log alone.
        records: Vec<String>,
        at: ReadAt,
        receipt: serde_json::Value,
    },
    Ownership(legal_entity::ask::Ownership, ReadAt),
    /// Texts' parts, and where they are; from fields that may be read.
    Located(Vec<geospatial::ask::geocode::Answer>, ReadAt),
    /// Records in an order of their own, all of one dataset.
    Records(Vec<RecordShown>, ReadAt),
    Tile(Arc<Dataset>, Box<TileShown>),
    CodeList(Arc<CodeList>, Option<Day>),
    Catalogue(Vec<Arc<Dataset>>),
    CatalogueEntry(Arc<Dataset>),
    Explanation(Box<Explanation>),
    Audit(Vec<(u64, Entry)>),
    AuditProof(Box<LogProof>),
    Sharing(SharingAnswer),
    Correction(CorrectionAnswer),
    Evaluation(EvaluationAnswer),
    Accounts(AccountsAnswer),
    Compiling(CompilingAnswer),
    Accesses(Box<AccessesAnswer>),
    Jobs(JobsAnswer),
}

/// An answer that may leave. Made by this step alone.
pub struct Masked {
    content: Content,
    labels: Option<Labels>,
    permit: Permit,
}

impl Masked {
    /// The answer.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }
    /// The labels asked for.
    #[must_use]
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }
    /// The one dataset that the question named.
    #[must_use]
    pub fn dataset(&self) -> Option<&Dataset> {
        match self.permit.datasets() {
            [only] => Some(&only.facts.dataset),
            _ => None,
        }
    }
    /// Whether the caller may read a field of a dataset that the question was about.
    #[must_use]
    pub fn reads(&self, dataset: &DatasetName, field: u16) -> bool {
        self.permit.on(dataset).is_some_and(|granted| granted.reads(field))
    }
    /// The right it was given under.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }
}

/// Masks what the permit says is to be masked.
pub(super) fn apply(app: &App, rows: Rows) -> Masked {
    let Rows { permit, labels, answer } = rows;
    let dataset = |name: &DatasetName| permit.on(name).map(|g| Arc::clone(&g.facts.dataset));
    let sight = |name: &DatasetName| permit.on(name).map_or(Sight::SomeFields, |granted| granted.decision.sight);
    let alone = |d: Arc<Dataset>, view: RecordView| {
        let mut one = shown(d, view);
        partial::blank(&mut one.view, sight(&one.dataset.name));
        one
    };
    let record = |view: RecordView| dataset(&view.dataset).map(|d| alone(d, view));
    let content = match answer {
        Answer::Page { hits, total, facets, by_dataset, next, at } => Content::Page {
            items: hits
                .into_iter()
                .filter_map(|(_, mut hit)| {
                    let empty = blank(&hit.record);
                    let view = std::mem::replace(&mut hit.record, empty);
                    Some(PageItem { record: record(view)?, hit })
                })
                .collect(),
            total,
            facets: facets.into_iter().filter_map(|(name, f)| Some((dataset(&name)?, f))).collect(),
            by_dataset,
            next,
            at,
        },
        Answer::Record(dataset, view, at) => Content::Record(Box::new(alone(dataset, *view)), at),
        Answer::Lookup(answer) => Content::Lookup(
            answer
                .items
                .into_iter()
                .map(|item| match item {
                    LookupItem::Found(view) => record(*view).ok_or(LookupItem::NotFound),
                    other => Err(other),
                })
                .collect(),
            answer.at,
        ),
        Answer::History(answer) => {
            let seen = |view: RecordView| dataset(&view.dataset).map(|d| shown(d, view));
            let versions: Vec<RecordShown> = answer.versions.into_iter().filter_map(seen).collect();
            let seen = versions.first().map_or(Sight::Whole, |first| sight(&first.dataset.name));
            Content::History(partial::versions(versions, seen), answer.known_at)
        }
        Answer::Claims(dataset, answer) => {
            let claims = answer
                .claims
                .into_iter()
                .map(|mut claim| {
                    let masked = merge(&dataset, &mut claim.fields, &mut claim.to_mask);
                    (claim, masked)
                })
                .collect();
            let claims = partial::claims(claims, sight(&dataset.name));
            Content::Claims(dataset, claims, answer.known_at)
        }
        Answer::Links(answer) => Content::Links(answer),
        Answer::Statistics { dataset, group_by, answer, measures, disclosed } => {
            Content::Statistics { dataset, group_by, answer, measures, disclosed }
        }
        Answer::Changes(answer, next) => Content::Changes(answer, next),
        Answer::Import(report) => Content::Import(report),
        Answer::Rejected(rows, header) => Content::Rejected(rows, header),
        Answer::Verified { verdicts, records, times } => {
            let receipt = super::respond::receipt(app, &permit, &verdicts, times);
            Content::Verified { verdicts, records, at: times, receipt }
        }
        Answer::Located(found, at) => Content::Located(found, at),
        Answer::Ownership(graph, at) => Content::Ownership(graph, at),
        Answer::Records(dataset, views, at) => {
            Content::Records(views.into_iter().map(|v| alone(Arc::clone(&dataset), v)).collect(), at)
        }
        // Only fields that every scope lets be read plainly are in a tile.
        Answer::Tile(dataset, tile) => Content::Tile(dataset, tile),
        Answer::CodeList(list, day) => Content::CodeList(list, day),
        Answer::Catalogue => {
            Content::Catalogue(permit.datasets().iter().map(|g| Arc::clone(&g.facts.dataset)).collect())
        }
        Answer::Explanation(explanation) => Content::Explanation(explanation),
        Answer::CatalogueEntry(dataset) => Content::CatalogueEntry(dataset),
        Answer::AuditProof(proof) => Content::AuditProof(proof),
        Answer::Audit(entries) => Content::Audit(entries),
        // The desk shows a case to its parties and the authority alone.
        Answer::Sharing(answer) => Content::Sharing(answer),
        // What is believed is shown to the two parties alone.
        Answer::Correction(answer) => Content::Correction(answer),
        // Facts and scores hold nothing personal; whose are shown was judged where they were collected.
        Answer::Evaluation(answer) => Content::Evaluation(answer),
        // Secrets in it are the caller's own, or those he has just given.
        Answer::Accounts(answer) => Content::Accounts(answer),
        // What may be told of whom is decided by rules where the entries are found.
        Answer::Accesses(answer) => Content::Accesses(answer),
        // Whose jobs are shown was judged where they were found; rows stand in files that were masked page by page.
        Answer::Jobs(answer) => Content::Jobs(answer),
        // The desk shows what is not announced to its department and the authority alone.
        Answer::Compiling(answer) => Content::Compiling(answer),
    };
    let labels = labels.map(|language| app.catalogue.labels(language, permit.today()));
    Masked { content, labels, permit }
}

fn shown(dataset: Arc<Dataset>, mut view: RecordView) -> RecordShown {
    let masked = merge(&dataset, &mut view.fields, &mut view.to_mask);
    RecordShown { dataset, view, masked }
}

/// Puts the masked form of `to_mask` among `fields`; gives the numbers.
fn merge(dataset: &Dataset, fields: &mut Fields, to_mask: &mut Fields) -> Vec<u16> {
    if to_mask.is_empty() {
        return Vec::new();
    }
    let hidden = std::mem::take(to_mask);
    let mut masked = Vec::with_capacity(hidden.len());
    for (number, value) in hidden.iter() {
        if fields.get(number).is_some() {
            continue;
        }
        masked.push(number);
        let mask = dataset.field_by_number(number).map(|f| f.mask).unwrap_or_default();
        if let Some(part) = crate::mask::apply(mask, value) {
            fields.set(number, part);
        }
    }
    masked
}

/// A hit's record moves out; its place is taken by an empty one.
fn blank(view: &RecordView) -> RecordView {
    RecordView {
        dataset: view.dataset.clone(),
        dataset_version: view.dataset_version,
        id: String::new(),
        fields: Fields::new(),
        to_mask: Fields::new(),
        version: view.version,
        valid: view.valid,
        recorded: view.recorded,
        disputed: Vec::new(),
    }
}
