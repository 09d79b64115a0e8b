//! Carry: a record under a new key takes over the values of the one it follows.

use crate::record::{Authority, Basis, Head};
use crate::value::{Day, Fields};
use crate::write::resolution;

/// The values of a record on a day, its open claims resolved anew; `None` if nobody says anything of that day.
///
/// Cost: as [`resolution::resolve`].
pub(super) fn values(head: &Head, day: Day, authority: &Authority) -> Option<Fields> {
    let resolved = resolution::resolve(&head.claims, authority);
    let on_day = resolved.iter().find(|r| r.valid.contains(day))?;
    let said = |number: u32| head.claim(number).map(|claim| &claim.fields);
    Some(match &on_day.basis {
        Basis::Claim(number) => said(*number)?.clone(),
        Basis::Fields(winners) => {
            winners.iter().filter_map(|(field, claim)| Some((*field, said(*claim)?.get(*field)?.clone()))).collect()
        }
    })
}

/// Whether no source speaks of the record itself: all that is known comes by events.
pub(super) fn is_new(head: &Head) -> bool {
    head.claims.iter().all(|claim| claim.event_table().is_some())
}
