//! `/search`, `…/records`, `…/records:query`.

use foundation::dataset::Database;
use foundation::service::Near;

use super::params::{Input, invalid};
use crate::ask::{Ask, SearchRequest, Shown, Wanted};
use crate::problem::{Code, Problem};

/// Suggestions, and the most of them.
const SUGGESTIONS: usize = 8;
const SUGGESTIONS_MAX: usize = 20;

pub(super) fn get_search(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let wanted = wanted(input)?;
    Ok(Ask::Search(Box::new(request(input, wanted, true)?)))
}

pub(super) fn post_search(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let wanted = wanted(input)?;
    Ok(Ask::Search(Box::new(request(input, wanted, false)?)))
}

pub(super) fn get_records(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let wanted = Wanted::Datasets(vec![input.dataset()?]);
    Ok(Ask::List(Box::new(request(input, wanted, true)?)))
}

pub(super) fn post_records(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let wanted = Wanted::Datasets(vec![input.dataset()?]);
    Ok(Ask::List(Box::new(request(input, wanted, false)?)))
}

/// What may be meant by what is typed so far: names and codes that begin so, by pinyin too.
pub(super) fn suggest(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let typed = input.params.owned("q").filter(|q| !q.trim().is_empty());
    let typed = typed.ok_or_else(|| Problem::new(Code::MissingParameter, "`q` is missing").about("q"))?;
    let mut request = SearchRequest::text(&begun(&typed));
    request.wanted = wanted(input)?;
    request.names_only = true;
    request.shown = Shown { fields: Some(Vec::new()), labels: None };
    let limit = input.params.read("limit", "must be a whole number from 1 to 20", |text| {
        text.parse().ok().filter(|n| (1..=SUGGESTIONS_MAX).contains(n))
    })?;
    request.limit = limit.unwrap_or(SUGGESTIONS);
    Ok(Ask::Search(Box::new(request)))
}

/// The last word of letters may go on.
fn begun(typed: &str) -> String {
    let last = typed.split_whitespace().last().unwrap_or_default();
    if last.chars().count() > 1
        && last.chars().all(char::is_alphanumeric)
        && last.ends_with(|c: char| c.is_ascii_alphanumeric())
    {
        format!("{} OR {last}*", typed.trim_end())
    } else {
        typed.to_owned()
    }
}

fn wanted(input: &Input<'_>) -> Result<Wanted, Problem> {
    if let Some(names) = input.params.list("dataset") {
        let names = names.iter().map(|n| n.parse().map_err(|e: String| invalid("dataset", &e)));
        return Ok(Wanted::Datasets(names.collect::<Result<_, _>>()?));
    }
    match input.params.list("database") {
        None => Ok(Wanted::All),
        Some(names) => {
            let names = names.iter().map(|n| n.parse::<Database>().map_err(|e| invalid("database", &e)));
            Ok(Wanted::Databases(names.collect::<Result<_, _>>()?))
        }
    }
}

fn request(input: &Input<'_>, wanted: Wanted, in_url: bool) -> Result<SearchRequest, Problem> {
    let params = &input.params;
    let bbox = params.numbers::<4>("bbox", "must be west,south,east,north")?;
    if let Some([west, south, east, north]) = bbox {
        let lon = |x: f64| (-180.0..=180.0).contains(&x);
        let lat = |y: f64| (-90.0..=90.0).contains(&y);
        if !(lon(west) && lon(east) && lat(south) && lat(north) && south <= north) {
            return Err(invalid("bbox", "must be west,south,east,north within ±180 and ±90, south not above north"));
        }
    }
    let near = params.numbers::<3>("near", "must be longitude,latitude,metres")?;
    let near = near.map(|[lon, lat, metres]| Near { lon, lat, metres });
    if near.is_some_and(|n| n.lon.abs() > 180.0 || n.lat.abs() > 90.0 || !(0.0..=1_000_000.0).contains(&n.metres)) {
        return Err(invalid("near", "must be longitude,latitude,metres within ±180, ±90 and 1,000,000 metres"));
    }
    let sort = params
        .list("sort")
        .unwrap_or_default()
        .into_iter()
        .map(|key| key.strip_prefix('-').map_or((key.clone(), false), |name| (name.to_owned(), true)))
        .collect();
    Ok(SearchRequest {
        wanted,
        q: params.owned("q").filter(|q| !q.trim().is_empty()),
        names_only: false,
        filter: params.filter()?,
        bbox,
        within: params.owned("within"),
        near,
        sort,
        facets: params.list("facets").unwrap_or_default(),
        equal: Vec::new(),
        times: params.times()?,
        nearest: None,
        shown: params.shown()?,
        limit: params.limit()?,
        skip: 0,
        cursor: params.owned("cursor"),
        in_url,
    })
}
