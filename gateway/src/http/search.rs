//! `/search`, `…/records`, `…/records:query`.

use foundation::dataset::Database;
use foundation::service::Near;

use super::params::{Input, invalid};
use crate::ask::{Ask, SearchRequest, Wanted};
use crate::problem::Problem;

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
