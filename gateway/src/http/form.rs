//! A form of the portal, read as the API reads the same members: one reader, one set of rules.

use axum::http::HeaderMap;

use super::params::{Input, Params};
use super::routes;
use crate::ask::Ask;
use crate::problem::{Code, Problem};

/// Reads a form as the question of the route called `id`; blank members are absent, unknown and repeated ones are errors.
///
/// # Errors
/// As of the route.
pub(crate) fn ask_of(
    id: &str,
    path: &[(&str, String)],
    members: &[(String, String)],
    headers: &HeaderMap,
) -> Result<Ask, Problem> {
    let unknown = || Problem::new(Code::Internal, "the form is of no route");
    let route = routes::all().find(|route| route.id == id).ok_or_else(unknown)?;
    let mut params = Params::default();
    for (name, value) in members.iter().filter(|(_, value)| !value.trim().is_empty()) {
        params.put(name, value.trim().to_owned(), route)?;
    }
    let path = path.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    (route.read)(&mut Input { path, params, list: Vec::new(), headers, upload: None })
}
