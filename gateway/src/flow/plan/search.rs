//! A search over one or many datasets: one ask a dataset, and how their hits are put in one order.

use foundation::dataset::DatasetName;
use foundation::filter::Filter;
use foundation::service::{SearchAsk, SortKey, SortTuple, Times};
use foundation::value::Shape;
use foundation::value::citizen_id::CitizenId;

use super::super::Permit;
use super::super::authorize::Granted;
use super::{Service, fields, service, times};
use crate::app::App;
use crate::ask::{SearchRequest, Wanted};
use crate::cursor::Cursor;
use crate::problem::{Code, Problem};

/// Most points of a geometry in a question.
const POINTS_MAX: usize = 100_000;
/// Most characters of a text.
const TEXT_MAX: usize = 500;

/// One dataset's share.
pub(in super::super) struct Part {
    pub(in super::super) service: Service,
    pub(in super::super) ask: SearchAsk,
}

/// The facet that every search has: how many hits each dataset holds.
const BY_DATASET: &str = "dataset";

/// What orders by the distance from the middle of `near`.
const DISTANCE: &str = "distance";

/// How hits of several datasets are ordered.
pub(in super::super) struct Merge {
    pub(in super::super) limit: usize,
    /// `true` = largest first, by sort key.
    pub(in super::super) descending: Vec<bool>,
    /// What the next page's cursor is bound to.
    pub(in super::super) binding: Vec<u8>,
    /// Whether hits are counted by dataset.
    pub(in super::super) by_dataset: bool,
}

/// The plan of a search.
pub(in super::super) struct SearchPlan {
    pub(in super::super) parts: Vec<Part>,
    pub(in super::super) merge: Merge,
}

/// Plans a search or list.
pub(super) fn plan(app: &App, permit: &Permit, r: &SearchRequest) -> Result<SearchPlan, Problem> {
    bound(app, permit, r, binding(permit, r))
}

/// Plans a page of a job's file. Its cursor is bound to caller and job, not to the version of policies: that what may be read
/// is still the same is decided with every page, and a rule about something else ends no job.
pub(super) fn page_of_a_job(app: &App, permit: &Permit, r: &SearchRequest, job: &str) -> Result<SearchPlan, Problem> {
    let mut binding = permit.caller().binding();
    binding.extend_from_slice(b"job ");
    binding.extend_from_slice(job.as_bytes());
    bound(app, permit, r, binding)
}

fn bound(app: &App, permit: &Permit, r: &SearchRequest, binding: Vec<u8>) -> Result<SearchPlan, Problem> {
    check(r)?;
    let within = r
        .within
        .as_deref()
        .map(|text| Shape::from_text(text, POINTS_MAX))
        .transpose()
        .map_err(|e| Problem::new(Code::InvalidParameter, e.to_string()).about("within"))?;
    let cursor = match &r.cursor {
        None => None,
        Some(text) => Some(
            app.sealer
                .open::<Cursor>(text, &binding, app.clock.now())
                .ok_or_else(|| Problem::new(Code::CursorExpired, "begin again from the first page").about("cursor"))?,
        ),
    };
    let ceiling = permit.ceilings().map_or(u64::MAX, |c| c.rows_per_answer_max);
    let limit = usize::try_from(ceiling).unwrap_or(usize::MAX).min(r.limit);
    let mut at = times(r.times, permit);
    if let Some([first, last]) = r.nearest {
        at.valid_at = permit.today().clamp(first, last);
    }
    if let Some(cursor) = &cursor {
        at.valid_at = cursor.valid_at;
    }
    let named = matches!(r.wanted, Wanted::Datasets(_));
    let mut parts = Vec::new();
    let mut left_out = None;
    for granted in permit.datasets() {
        match part(app, granted, r, within.as_ref(), at, cursor.as_ref(), limit) {
            Ok(part) => parts.push(part),
            // Searching everywhere, a dataset without the field asked for is left out; only if all are is it an error.
            Err(problem)
                if !named
                    && matches!(
                        problem.code(),
                        Code::UnknownField | Code::FieldNotPermitted | Code::InvalidFilter | Code::Unprocessable
                    ) =>
            {
                left_out = Some(problem);
            }
            Err(problem) => return Err(problem),
        }
    }
    if let (true, Some(problem)) = (parts.is_empty(), left_out) {
        return Err(problem);
    }
    let descending = r.sort.iter().map(|(_, descending)| *descending).collect();
    Ok(SearchPlan {
        parts,
        merge: Merge { limit, descending, binding, by_dataset: r.facets.iter().any(|f| f == BY_DATASET) },
    })
}

fn part(
    app: &App,
    granted: &Granted,
    r: &SearchRequest,
    within: Option<&Shape>,
    at: Times,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Part, Problem> {
    let dataset = &granted.facts.dataset;
    let mut filters = Vec::new();
    for text in r.filter.iter().cloned().chain(fields::equalities(granted, &r.equal)?) {
        filters.push(fields::filter(app, granted, &text, r.in_url)?);
    }
    let filter = match filters.len() {
        0 | 1 => filters.pop(),
        _ => Some(Filter::And(filters)),
    };
    let by_distance = by_distance(r);
    let mut sort = Vec::new();
    for (name, descending) in r.sort.iter().filter(|_| !by_distance) {
        let field = fields::readable(granted, name)?;
        if !field.sortable {
            return Err(
                Problem::new(Code::InvalidParameter, format!("`{name}` is not a field to sort by")).about("sort")
            );
        }
        sort.push(SortKey { field: field.number, descending: *descending });
    }
    let mut facets = Vec::new();
    for name in r.facets.iter().filter(|name| *name != BY_DATASET) {
        let field = fields::readable(granted, name)?;
        if !field.facet {
            return Err(Problem::new(Code::InvalidParameter, format!("`{name}` is not a facet")).about("facets"));
        }
        facets.push(field.number);
    }
    let wanted = r.shown.fields.as_deref().map(|names| fields::numbers_shown(granted, names)).transpose()?;
    let spatial = r.bbox.is_some() || within.is_some() || r.near.is_some();
    let has_geometry =
        dataset.fields.iter().any(|f| f.kind == foundation::value::FieldType::Geometry && granted.reads(f.number));
    if spatial && !has_geometry {
        let detail = format!("{} has no geometry this caller may search", dataset.name);
        return Err(Problem::new(Code::Unprocessable, detail).about("bbox"));
    }
    let known_at = cursor.map_or(at.known_at, |c| {
        c.known.iter().find(|(name, _)| *name == dataset.name).map(|(_, known)| *known).or(at.known_at)
    });
    let ask = SearchAsk {
        dataset: dataset.name.clone(),
        q: r.q.clone(),
        names_only: r.names_only,
        filter,
        bbox: r.bbox,
        within: within.cloned(),
        near: r.near,
        sort,
        by_distance,
        facets,
        fields: wanted,
        times: Times { valid_at: at.valid_at, known_at },
        limit,
        skip: r.skip,
        after: cursor.map(|c| after(&dataset.name, c)),
        scopes: granted.scopes(),
        counts_allowed: granted.decision.counts,
    };
    Ok(Part { service: service(app, granted)?, ask })
}

fn by_distance(r: &SearchRequest) -> bool {
    r.near.is_some() && matches!(r.sort.as_slice(), [(name, false)] if name == DISTANCE)
}

/// Where a dataset goes on after the last item of the page before. The order over datasets is (score or sort values,
/// dataset, id): of equal places, datasets before the last item's are done and those after it have not begun.
fn after(dataset: &DatasetName, cursor: &Cursor) -> SortTuple {
    let mut tuple = cursor.last.clone();
    match dataset.cmp(&cursor.dataset) {
        std::cmp::Ordering::Less => tuple.id = "\u{10ffff}".into(),
        std::cmp::Ordering::Equal => {}
        std::cmp::Ordering::Greater => tuple.id = String::new(),
    }
    tuple
}

fn check(r: &SearchRequest) -> Result<(), Problem> {
    let invalid = |what: &str, detail: &str| Problem::new(Code::InvalidParameter, detail).about(what);
    if let Some(q) = &r.q {
        if q.chars().count() > TEXT_MAX {
            return Err(invalid("q", "`q` has more than 500 characters"));
        }
        if r.in_url && CitizenId::parse(&plain(q)).is_ok() {
            return Err(Problem::new(Code::UsePost, "`q` is a citizen number: ask in the body of a POST").about("q"));
        }
    }
    if r.sort.iter().any(|(name, _)| name == DISTANCE) && r.near.is_some() {
        if !by_distance(r) {
            return Err(invalid("sort", "`distance` stands alone, the nearest first"));
        }
        if r.facets.iter().any(|facet| facet != BY_DATASET) {
            return Err(invalid("facets", "facets are not counted in an order by distance"));
        }
    }
    if r.facets.len() > 10 || r.sort.len() > 4 {
        return Err(invalid("facets", "at most 10 facets and 4 sort keys are taken"));
    }
    Ok(())
}

/// Without spaces and full width, as a number would be written.
fn plain(q: &str) -> String {
    q.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect::<String>()
        .to_uppercase()
}

/// Caller, policy version and question, without cursor and limit.
fn binding(permit: &Permit, r: &SearchRequest) -> Vec<u8> {
    let mut out = permit.caller().binding();
    out.extend_from_slice(&permit.policy_version().to_be_bytes());
    let question = format!(
        "{:?}",
        (
            &r.wanted,
            &r.q,
            &r.filter,
            &r.bbox,
            &r.within,
            &r.near,
            &r.sort,
            (&r.facets, &r.times, &r.shown.fields),
            (&r.equal, &r.nearest, r.names_only)
        )
    );
    out.extend_from_slice(question.as_bytes());
    out
}
