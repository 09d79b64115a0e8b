//! Questions that one domain alone knows how to answer.

use foundation::dataset::DatasetName;
use foundation::service::{ReadAt, RecordView, Scope, Times};

use super::super::plan::Service;
use super::Answer;
use crate::app::App;
use crate::ask::Direction;
use crate::problem::{Code, Problem};

pub(super) async fn verify(
    app: &App,
    service: &Service,
    items: Vec<Vec<(String, String)>>,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<Answer, Problem> {
    let _ = (app, service, items, times, scopes);
    Err(Problem::new(Code::NotImplemented, "not served yet"))
}

pub(super) async fn ownership(
    app: &App,
    service: &Service,
    credit_code: &str,
    depth: u8,
    direction: Direction,
    times: Times,
    permitted: Vec<(DatasetName, Vec<Scope>)>,
) -> Result<Answer, Problem> {
    let _ = (app, service, credit_code, depth, direction, times, permitted);
    Err(Problem::new(Code::NotImplemented, "not served yet"))
}

pub(super) async fn division_at(
    app: &App,
    service: &Service,
    lon: f64,
    lat: f64,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<(Option<Box<RecordView>>, ReadAt), Problem> {
    let _ = (app, service, lon, lat, times, scopes);
    Err(Problem::new(Code::NotImplemented, "not served yet"))
}
