//! The index: fed from a store, asked, compared with what the records say.

mod filters;
mod found;
pub(crate) mod house;
mod resume;
mod schema;
mod scopes;
mod space;
