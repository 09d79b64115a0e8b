//! Signing in, and what is done with accounts.

use super::Act;
use crate::accounts::{Account, Attempt, Kind, Measure, Secret};
use crate::oidc::{Onward, Returned};
use crate::token::Roles;

/// A question or deed about accounts.
#[derive(Debug, Clone)]
pub enum AccountsRequest {
    /// Signs a person in.
    SignIn {
        /// Who says so.
        attempt: Attempt,
        /// Whether the access token holds as long as the session: for a browser, which keeps no refresh token.
        whole_session: bool,
    },
    /// Begins a sign-in by the identity provider.
    ProviderBegin(Onward),
    /// Finishes it, for a browser: the access token holds as long as the session.
    ProviderFinish(Box<Returned>),
    /// Changes a refresh token for new tokens.
    Refresh(Secret),
    /// Ends the session of a refresh token, else that of the caller.
    SignOut(Option<Secret>),
    /// Sets another password.
    ChangePassword {
        /// Who says so.
        attempt: Attempt,
        /// The new one.
        new: Secret,
    },
    /// Draws a second factor.
    Enrol(Attempt),
    /// Takes it in force.
    Confirm {
        /// Who says so.
        attempt: Attempt,
        /// A code of it.
        new_code: Secret,
    },
    /// A token for a program.
    Program {
        /// Its assertion.
        assertion: Secret,
        /// `client_id`, if given.
        client_id: Option<String>,
        /// `scope`, if given.
        scope: Option<String>,
    },
    /// What programs need to know to get tokens (RFC 8414).
    Metadata,
    /// Accounts, by id.
    Accounts {
        /// Only of this kind.
        kind: Option<Kind>,
        /// After this id.
        after: Option<String>,
        /// Most accounts.
        limit: usize,
    },
    /// Opens an account. Its first secret is drawn here and shown once.
    Open(Box<NewAccount>),
    /// Something with an account.
    Change(Change),
    /// Proposals, newest first.
    Proposals {
        /// Only those that wait.
        open: bool,
        /// Before this number.
        before: Option<u64>,
        /// Most proposals.
        limit: usize,
    },
    /// Proposes what is of no one account.
    Propose(Box<Measure>),
    /// Where the master keys stand.
    MasterKeys,
    /// What is left of the erased records of a dataset.
    Erased {
        /// Dataset.
        dataset: foundation::dataset::DatasetName,
        /// After this record.
        after: Option<String>,
        /// Most records.
        limit: usize,
    },
    /// Approves a proposal.
    Approve {
        /// Number.
        number: u64,
        /// Digest of what is approved.
        digest: String,
    },
    /// Rejects a proposal, or takes one's own back.
    Reject {
        /// Number.
        number: u64,
    },
    /// Makes a first security administrator, a citizen's account or a company's; from the command on the data directory alone.
    Found(Box<NewAccount>),
}

/// An account to be opened.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Kind.
    pub kind: Kind,
    /// Name.
    pub name: String,
    /// Credit code.
    pub department: Option<String>,
    /// Credit code of the company that it acts for.
    pub company: Option<String>,
    /// Roles.
    pub roles: Roles,
    /// Staff id.
    pub officer: Option<String>,
    /// Protection level of the program's system.
    pub level: Option<u8>,
    /// Day on which a key ends, microseconds since 1970.
    pub ends_us: Option<i64>,
    /// Public keys of a program.
    pub jwks: Option<String>,
    /// The identity provider's subject that a person's account is bound to, in place of a password.
    pub oidc_subject: Option<String>,
    /// Whose record a citizen's account is bound to; his number goes no further than the look-up.
    pub holder: Option<Holder>,
}

/// The holder of a citizen's account, by a document.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Kind of document.
    pub id_type: String,
    /// Its number.
    pub number: Secret,
}

/// Something to be done with an account.
#[derive(Debug, Clone)]
pub enum Change {
    /// As it stands.
    Measure(Measure),
    /// A new initial password, to be drawn first.
    Reset(String),
}

impl NewAccount {
    /// The account with its proof, bound to the record of a citizen.
    #[must_use]
    pub fn with(self, proof: crate::accounts::Proof, record: Option<String>) -> Account {
        let Self { kind, name, department, company, roles, officer, level, ends_us, .. } = self;
        Account { kind, name, department, roles, officer, level, ends_us, record, company, proof }
    }
}

impl AccountsRequest {
    /// The name of the act.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::SignIn { .. }
            | Self::ProviderBegin(_)
            | Self::ProviderFinish(_)
            | Self::Refresh(_)
            | Self::SignOut(_)
            | Self::ChangePassword { .. }
            | Self::Enrol(_)
            | Self::Confirm { .. }
            | Self::Program { .. }
            | Self::Metadata => Act::SignIn,
            Self::Accounts { .. } | Self::Proposals { .. } | Self::MasterKeys | Self::Erased { .. } => Act::Accounts,
            Self::Open(_)
            | Self::Change(_)
            | Self::Propose(_)
            | Self::Approve { .. }
            | Self::Reject { .. }
            | Self::Found(_) => Act::AdministerAccounts,
        }
    }
}
