//! `natbase token`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::data_dir::{DataDir, Wanted};
use super::{Context, node, sign_in};
use crate::token::{Role, Subject};

/// Prints a token signed with the issuer's key under the data directory; for demonstrations and small installations.
#[derive(Debug, Args)]
pub(super) struct Token {
    /// Whom it is for.
    #[arg(long, default_value = "natbase token")]
    subject: String,
    /// Credit code of the department.
    #[arg(long, value_name = "CODE")]
    department: Option<String>,
    /// department, owner, signatory, authority, auditor, administrator, security; may stand several times.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// The officer's staff id.
    #[arg(long, value_name = "ID")]
    officer: Option<String>,
    /// How long it holds.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=24 * 31))]
    hours: i64,
}

impl Token {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let config = node::config(&context.data, context.config.as_deref())?;
        let issuer = node::issuer(data.path(), &config)?;
        let mut roles = Vec::new();
        for name in &self.roles {
            match Role::named(name) {
                Some(role) => roles.push(role),
                None => bail!("`{name}` is no role; known are {}", Role::ALL.map(Role::as_str).join(", ")),
            }
        }
        let subject = Subject {
            subject: self.subject,
            department: self.department,
            roles,
            officer: self.officer,
            record: None,
            company: None,
        };
        println!("{}", issuer.issue(&config.tokens, &subject, sign_in::now_s(&*context.clock), self.hours * 3_600));
        Ok(ExitCode::SUCCESS)
    }
}
