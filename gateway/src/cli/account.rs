//! `natbase account add`: the first security administrators, and accounts of citizens and companies, made by whoever holds the
//! data directory.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use axum::http::Request;
use clap::{Args, Subcommand};

use super::data_dir::{DataDir, Wanted};
use super::door::Access;
use super::node::{self, Node};
use super::{Context, sign_in};
use crate::accounts::{Kind, Secret};
use crate::ask::{AccountsRequest, Ask, Holder, NewAccount};
use crate::flow::{AccountsAnswer, Content, Envelope, answer};
use crate::token::Role;

/// Accounts of people.
#[derive(Debug, Args)]
pub(super) struct AccountCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a security administrator while fewer than two can act, or an account of a citizen or a company; prints the initial
    /// password once.
    Add {
        /// Name: a-z 0-9 . - _, from 3 to 64.
        name: String,
        /// security-administrator; everybody else's account is opened by security administrators, over the interface.
        #[arg(long)]
        role: Option<String>,
        /// A citizen's account. His number (18 characters) is read from standard input, so that it stands in no list of
        /// processes and no history; it is looked up at once and not kept.
        #[arg(long, conflicts_with = "role")]
        citizen: bool,
        /// Subject at the identity provider of `[oidc]`, in place of a password.
        #[arg(long, value_name = "SUBJECT", conflicts_with = "citizen")]
        oidc_subject: Option<String>,
        /// A company's account: its credit code (统一社会信用代码). The company must be registered and in being.
        #[arg(long, value_name = "CODE", conflicts_with_all = ["role", "citizen"])]
        company: Option<String>,
        /// Of a company's account: it may sign the company's requests.
        #[arg(long, requires = "company")]
        signatory: bool,
        /// Staff id (经办人).
        #[arg(long, value_name = "ID")]
        officer: Option<String>,
    },
}

/// The number on standard input.
fn holder() -> anyhow::Result<Holder> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("the number cannot be read from standard input")?;
    let number = Secret::new(line.trim());
    Ok(Holder { id_type: "citizen_id".to_owned(), number })
}

impl AccountCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Act::Add { name, role, citizen, oidc_subject, company, signatory, officer } = self.act;
        let (kind, role, holder) = match (role, citizen, &company) {
            (None, true, None) => (Kind::Citizen, Role::Citizen, Some(holder()?)),
            (None, false, Some(_)) => (Kind::Person, Role::Company, None),
            (Some(role), false, None) => match Role::named(&role) {
                Some(role) => (Kind::Person, role, None),
                None => bail!("`{role}` is no role; security-administrator is made here"),
            },
            _ => bail!("say --role security-administrator, --citizen, or --company CODE"),
        };
        let also = if signatory { Some(Role::Signatory) } else { None };
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let config = node::config(&context.data, context.config.as_deref())?;
        let node = Node::open(&data, config.clone(), context.clock_of(&data)?).await?;
        let request = AccountsRequest::Found(Box::new(NewAccount {
            kind,
            name,
            department: None,
            company,
            roles: [role].into_iter().chain(also).collect(),
            officer,
            level: None,
            ends_us: None,
            jwks: None,
            oidc_subject,
            holder,
        }));
        // The same way as every question: who runs the command asks, policy decides, the log has an entry.
        let signer = sign_in::Signer { issuer: &node.issuer, config: &config, clock: &*context.clock };
        let access = sign_in::security_administrator(&signer, &Access::default());
        let (parts, ()) = Request::builder().uri("/").body(())?.into_parts();
        let envelope = Envelope::of(&node.app, &parts, "natbase account add").with_token(access.token);
        let outcome = answer(&node.app, &envelope, Ok(Ask::Accounts(Box::new(request)))).await;
        let shown = outcome.map(|masked| match masked.content() {
            Content::Accounts(AccountsAnswer::Taken(taken)) => Some((taken.account.clone(), taken.secret.clone())),
            _ => None,
        });
        node.close().await;
        let (account, secret) = shown?.context("the account was not made")?;
        println!("account:          {}", account.unwrap_or_default());
        if let Some(secret) = secret {
            println!("initial password: {}", secret.reveal());
            println!("It holds for 7 days, is shown this once, and is changed before the first sign-in.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
