//! What must hold of a row.

use foundation::service::RowRules;

/// The rules of every dataset here.
pub(crate) fn all() -> Vec<Box<dyn RowRules>> {
    Vec::new()
}
