//! Tokens that a node makes for its own commands and for demonstrations.

use foundation::clock::Clock;
use foundation::dataset::Dataset;

use super::door::Access;
use crate::config::Config;
use crate::token::{Issuer, Role, Subject};

/// How long a command's own token holds, seconds: longer than an import may take.
const COMMAND_S: i64 = 6 * 3_600;

/// The present second.
pub(super) fn now_s(clock: &dyn Clock) -> i64 {
    clock.now().0.div_euclid(1_000_000)
}

/// Access as the provider of a dataset, in the name of who runs the command.
pub(super) fn provider(node: &Signer<'_>, access: &Access, dataset: &Dataset) -> Access {
    command(node, access, Some(dataset.provider_code.clone()), vec![Role::Department, Role::Owner])
}

/// Access as the administrator of the node.
pub(super) fn administrator(node: &Signer<'_>, access: &Access) -> Access {
    command(node, access, None, vec![Role::Administrator])
}

/// Access for an authority for sharing.
pub(super) fn authority(node: &Signer<'_>, access: &Access, department: String) -> Access {
    command(node, access, Some(department), vec![Role::Authority])
}

/// Access as a security administrator: whoever holds the data directory makes the first ones.
pub(super) fn security_administrator(node: &Signer<'_>, access: &Access) -> Access {
    command(node, access, None, vec![Role::Security])
}

/// What a command's own token is made with.
pub(super) struct Signer<'a> {
    /// The node's key.
    pub(super) issuer: &'a Issuer,
    /// Who signs tokens and for whom.
    pub(super) config: &'a Config,
    /// The clock.
    pub(super) clock: &'a dyn Clock,
}

fn command(node: &Signer<'_>, access: &Access, department: Option<String>, roles: Vec<Role>) -> Access {
    let officer =
        access.officer.clone().or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "operator".to_owned());
    let subject = Subject {
        subject: format!("natbase command ({officer})"),
        department,
        roles,
        officer: Some(officer),
        record: None,
        company: None,
    };
    let token = node.issuer.issue(&node.config.tokens, &subject, now_s(node.clock), COMMAND_S);
    Access { token: Some(token), ..access.clone() }
}
