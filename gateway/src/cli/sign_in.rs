//! Tokens that a node makes for its own commands and for demonstrations.

use foundation::clock::{Clock as _, SystemClock};
use foundation::dataset::Dataset;

use super::door::Access;
use crate::config::Config;
use crate::token::{Issuer, Role, Subject};

/// How long a command's own token holds, seconds: longer than an import may take.
const COMMAND_S: i64 = 6 * 3_600;

/// The present second.
pub(super) fn now_s() -> i64 {
    SystemClock.now().0.div_euclid(1_000_000)
}

/// Access as the provider of a dataset, in the name of who runs the command.
pub(super) fn provider(issuer: &Issuer, config: &Config, access: &Access, dataset: &Dataset) -> Access {
    let officer =
        access.officer.clone().or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "operator".to_owned());
    let subject = Subject {
        subject: format!("natbase command ({officer})"),
        department: Some(dataset.provider_code.clone()),
        roles: vec![Role::Department, Role::Owner],
        officer: Some(officer),
    };
    let token = issuer.issue(&config.tokens, &subject, now_s(), COMMAND_S);
    Access { token: Some(token), ..access.clone() }
}
