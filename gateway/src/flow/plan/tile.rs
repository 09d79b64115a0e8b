//! A map tile.

use std::sync::Arc;

use foundation::service::TileAsk;

use super::{Service, Work, fields, service, times};
use crate::app::App;
use crate::ask::TileRequest;
use crate::flow::Permit;
use crate::ogc::tiles::{Kept, Key, Tiles};
use crate::problem::{Code, Problem};

/// A tile to be drawn, or one that is kept and may still hold.
pub(in crate::flow) struct TileWork {
    pub(in crate::flow) service: Service,
    pub(in crate::flow) ask: TileAsk,
    pub(in crate::flow) request: Box<TileRequest>,
    pub(in crate::flow) key: Key,
    pub(in crate::flow) kept: Option<Arc<Kept>>,
}

/// Every feature that lies in the tile or in its margin. A tile holds thousands: ceilings of a grant are on answers of hundreds.
pub(super) fn plan(app: &App, permit: &Permit, r: Box<TileRequest>) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    let dataset = &granted.facts.dataset;
    if permit.ceilings().is_some() {
        return Err(Problem::new(Code::Forbidden, "under a grant with ceilings there are items, not tiles"));
    }
    if !crate::ogc::geometries(dataset).any(|field| granted.reads(field.number)) {
        return Err(Problem::new(Code::NotFound, "there is no such collection"));
    }
    let mut ask = TileAsk {
        dataset: r.dataset.clone(),
        bbox: r.bbox(crate::ogc::tiles::MARGIN_PART),
        cell: crate::ogc::tiles::cell(&r),
        filter: r.filter.as_deref().map(|text| fields::filter(app, granted, text, true)).transpose()?,
        fields: crate::ogc::tiles::in_tiles(dataset).map(|field| field.number).filter(|n| granted.reads(*n)).collect(),
        times: times(r.times, permit),
        scopes: granted.scopes(),
        known: None,
    };
    let key = Tiles::key(&ask);
    let kept = app.tiles.get(&key);
    ask.known = kept.as_ref().map(|kept| kept.version);
    Ok(Work::Tile(Box::new(TileWork { service: service(app, granted)?, ask, request: r, key, kept })))
}
