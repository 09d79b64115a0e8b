//! What the five base databases share: values, dataset definitions, the store, records in two times,
//! the write path, the search index, filters and the one trait a base database offers the gateway.
//!
//! Not here: any domain (population, companies …), HTTP, callers, policies.
//! Start at [`dataset::Dataset`] (what a table is), [`record::Head`] (what is kept of a record),
//! [`store::Store`] (where the truth lies), [`service::BaseDatabase`] (what can be asked).

pub mod clock;
pub mod dataset;
pub mod filter;
pub mod index;
pub mod record;
pub mod service;
pub mod store;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod value;
pub mod write;
