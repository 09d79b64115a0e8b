//! Whose a case is, and whether a company may still be given data.

use super::is_authority;
use crate::app::App;
use crate::flow::{Permit, companies};
use crate::problem::{Code, Problem};
use crate::sharing::{Case, Kind};

/// Whether the caller's department or company asks in a case. A department and a company of one code are not the same.
fn asks(permit: &Permit, case: &Case) -> bool {
    let caller = permit.caller();
    let of_kind = if case.kind == Kind::Opening { caller.is_company() } else { caller.is_department() };
    of_kind && caller.body() == case.requester
}

/// Whether the caller may know of a case: of a draft its requester alone, then the provider and any authority too.
pub(super) fn sees(permit: &Permit, case: &Case) -> bool {
    let provides = permit.caller().is_department() && permit.caller().department() == case.provider;
    asks(permit, case) || (case.was_submitted() && (provides || is_authority(permit)))
}

/// Lets a company pass that is in being today.
///
/// # Errors
/// [`Problem`]: it is not, or the register does not answer.
pub(super) async fn in_being(app: &App, company: &str) -> Result<(), Problem> {
    match companies::gone(app, company).await? {
        None => Ok(()),
        Some(why) => Err(Problem::new(Code::Unprocessable, format!("{why}: it is given no data"))),
    }
}
