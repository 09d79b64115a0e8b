//! What is done to accounts, keys and policies, and which of it takes two people.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::account::{Account, Proof, is_above_readers};
use super::register::Register;
use crate::token::Roles;

/// Something to be done. The ones on accounts and signing keys are carried out by the register; the others are permissions
/// that whoever carries them out asks for and uses up ([`Register::standing`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Opens an account.
    Open {
        /// The account.
        account: Box<Account>,
    },
    /// Gives other rights. Tokens of before are refused.
    ChangeRights {
        /// Account.
        account: String,
        /// Department from now on.
        #[serde(skip_serializing_if = "Option::is_none")]
        department: Option<String>,
        /// Roles from now on.
        roles: Roles,
    },
    /// Ends sign-ins, sessions and tokens at once.
    Disable {
        /// Account.
        account: String,
    },
    /// Lets sign in again.
    Enable {
        /// Account.
        account: String,
    },
    /// A new initial password; the second factor is forgotten.
    Reset {
        /// Account.
        account: String,
        /// PHC string of the initial password.
        hash: String,
    },
    /// Other public keys of a program.
    ReplaceKeys {
        /// Account.
        account: String,
        /// JWKS.
        jwks: String,
    },
    /// A new key for signing the tokens of accounts; those of before are refused.
    RotateSigningKey,
    /// Another generation of the master keys wraps the keys of records; what the one before wrapped is wrapped anew.
    RotateMasterKey {
        /// Fingerprint of the generation, which lies in the file of master keys already.
        fingerprint: String,
    },
    /// Policies or grants of this digest take the place of those in force.
    ChangePolicies {
        /// SHA-256, hexadecimal.
        digest: String,
    },
    /// Erases a record (legal deletion).
    Erase {
        /// Dataset.
        dataset: String,
        /// Record id.
        record: String,
        /// Legal ground.
        ground: String,
    },
    /// Exports records in bulk.
    ExportInBulk {
        /// Dataset.
        dataset: String,
        /// Credit code of the department that gets the file.
        department: String,
        /// Names of fields, sorted; empty = all that may be read.
        fields: Vec<String>,
        /// CQL2; empty = all rows.
        filter: String,
        /// Purpose.
        purpose: String,
    },
}

impl Measure {
    /// The account it is about.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        match self {
            Self::Open { account } => Some(account.id()),
            Self::ChangeRights { account, .. }
            | Self::Disable { account }
            | Self::Enable { account }
            | Self::Reset { account, .. }
            | Self::ReplaceKeys { account, .. } => Some(account.clone()),
            Self::RotateSigningKey
            | Self::RotateMasterKey { .. }
            | Self::ChangePolicies { .. }
            | Self::Erase { .. }
            | Self::ExportInBulk { .. } => None,
        }
    }

    /// Whether one person alone may not do it: what gives more than a reader's rights, or the way to an account that has
    /// them; client and signing keys; policies, erasure, bulk export. Taking rights away never waits.
    #[must_use]
    pub fn needs_two(&self, register: &Register) -> bool {
        let held_above = |id: &str| register.account(id).is_some_and(|held| is_above_readers(held.account.roles));
        match self {
            Self::Disable { .. } => false,
            Self::Open { account } => is_above_readers(account.roles),
            Self::ChangeRights { roles, .. } => is_above_readers(*roles),
            Self::Enable { account } | Self::Reset { account, .. } => held_above(account),
            Self::ReplaceKeys { .. }
            | Self::RotateSigningKey
            | Self::RotateMasterKey { .. }
            | Self::ChangePolicies { .. }
            | Self::Erase { .. }
            | Self::ExportInBulk { .. } => true,
        }
    }

    /// Whether the register itself carries it out; else it is a permission for who asks with it.
    #[must_use]
    pub fn is_of_register(&self) -> bool {
        !matches!(self, Self::ChangePolicies { .. } | Self::Erase { .. } | Self::ExportInBulk { .. })
    }

    /// Whether a password or API key goes with it.
    #[must_use]
    pub fn gives_a_secret(&self) -> bool {
        match self {
            Self::Open { account } => !matches!(account.proof, Proof::Keys { .. } | Proof::Provider { .. }),
            Self::Reset { .. } => true,
            _ => false,
        }
    }

    /// SHA-256 of its canonical JSON, hexadecimal: what is approved is this content, and no other.
    #[must_use]
    pub fn digest(&self, number: u64) -> String {
        let mut bytes = number.to_be_bytes().to_vec();
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut bytes, self);
        crate::http::hex(digest::digest(&digest::SHA256, &bytes).as_ref())
    }

    /// Its word, as in the API.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::ChangeRights { .. } => "change_rights",
            Self::Disable { .. } => "disable",
            Self::Enable { .. } => "enable",
            Self::Reset { .. } => "reset",
            Self::ReplaceKeys { .. } => "replace_keys",
            Self::RotateSigningKey => "rotate_signing_key",
            Self::RotateMasterKey { .. } => "rotate_master_key",
            Self::ChangePolicies { .. } => "change_policies",
            Self::Erase { .. } => "erase",
            Self::ExportInBulk { .. } => "export_in_bulk",
        }
    }
}
