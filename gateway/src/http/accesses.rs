//! Who looked at the caller's own record.

use foundation::value::Instant;

use super::params::Input;
use super::routes::{Param, ParamKind as K, param};
use super::sharing::CURSOR;
use crate::ask::{AccessesRequest, Ask};
use crate::problem::Problem;

pub(super) const ACCESSES: &[Param] = &[
    param("from", K::Instant, "at or after"),
    param("to", K::Instant, "before"),
    param("limit", K::Integer, "most accesses, 1 to 1,000; default 100"),
    CURSOR,
];

pub(super) fn mine(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let instant = |name: &str| params.read(name, "must be a date or an RFC 3339 instant", Instant::parse);
    Ok(Ask::MyAccesses(AccessesRequest {
        from: instant("from")?,
        to: instant("to")?,
        cursor: params.owned("cursor"),
        limit: params.limit()?,
    }))
}
