//! Carry: a record under a new key takes over the values of the one it follows.

use crate::record::{Authority, Head, read};
use crate::value::{Day, Fields};
use crate::write::resolution;

/// The values of a record on a day, its open claims resolved anew; `None` if nobody says anything of that day.
///
/// Cost: as [`resolution::resolve`].
pub(super) fn values(head: &Head, day: Day, authority: &Authority) -> Option<Fields> {
    let resolved = resolution::resolve(&head.claims, authority);
    let on_day = resolved.iter().find(|r| r.valid.contains(day))?;
    Some(read::of_basis(head, &on_day.basis))
}

/// Whether no source speaks of the record itself: all that is known comes by events.
pub(super) fn is_new(head: &Head) -> bool {
    head.claims.iter().all(|claim| claim.event_table().is_some())
}
