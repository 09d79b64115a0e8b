//! An account: whose it is, what it may be used for at the most, what proves it.

use foundation::value::credit_code::CreditCode;
use serde::{Deserialize, Serialize};

use crate::token::{KeySet, Role, Roles};

/// What kind of holder signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person, by password and second factor, or by the identity provider.
    Person,
    /// A program, by an assertion signed with its own key (RFC 7523).
    Program,
    /// A secret that a program sends along with every request.
    Key,
    /// A person as himself, by password and second factor: bound to his own record.
    Citizen,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Person, Self::Program, Self::Key, Self::Citizen];

    /// As in the API, and before the colon of an account's id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Program => "program",
            Self::Key => "key",
            Self::Citizen => "citizen",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether who signs in does so by name and password; these kinds share their names.
    #[must_use]
    pub fn has_password(self) -> bool {
        matches!(self, Self::Person | Self::Citizen)
    }

    /// Whether a token's subject is in the form of an account's id.
    #[must_use]
    pub fn of_subject(subject: &str) -> Option<Self> {
        Self::named(subject.split_once(':')?.0)
    }
}

/// What proves that it is the holder who asks. No secret stands here: hashes and public keys alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// An initial password, drawn at random, to be changed before the first sign-in: its Argon2id hash (PHC).
    Initial {
        /// PHC string.
        hash: String,
    },
    /// Public keys, as a JWKS (RFC 7517).
    Keys {
        /// The set as text.
        jwks: String,
    },
    /// The identity provider says who it is (OpenID Connect Core 1.0): no password is kept here.
    Provider {
        /// Its issuer.
        issuer: String,
        /// Its subject, never given to another there (Core 1.0 section 2).
        subject: String,
    },
    /// A secret of 256 random bits: its SHA-256, and the prefix by which it is known.
    Secret {
        /// 8 hexadecimal digits.
        prefix: String,
        /// 64 hexadecimal digits.
        hash: String,
    },
}

/// An account as it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Kind of holder.
    pub kind: Kind,
    /// Name, unique in its kind.
    pub name: String,
    /// Credit code of the department it acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Its roles; of a program the ceiling that `scope` narrows.
    pub roles: Roles,
    /// Staff id (经办人) of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// Protection level (GB/T 22240, 1 to 5) of the system that a program or key runs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Microseconds since 1970 at which a key ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_us: Option<i64>,
    /// Id of the record of `population/persons` that a citizen is. His number is kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Credit code of the company (企业) that it acts for, once and for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What proves it.
    pub proof: Proof,
}

/// Level of the system from which a program may act with more than a reader's roles.
const LEVEL_ABOVE_READERS: u8 = 3;

/// Whether roles are more than a reader's: giving them takes two people.
#[must_use]
pub fn is_above_readers(roles: Roles) -> bool {
    !roles.within([Role::Public, Role::Department].into_iter().collect())
}

impl Account {
    /// `person:zhang.san`: what stands in tokens and in the audit log.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.name)
    }

    /// Whom it acts for.
    #[must_use]
    pub fn whose(&self) -> Whose<'_> {
        Whose { department: self.department.as_deref(), company: self.company.as_deref() }
    }

    /// Whether the account is sound in itself.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn sound(&self) -> Result<(), String> {
        is_name(&self.name)?;
        rights(self.kind, self.roles, self.whose(), self.level)?;
        if self.officer.as_ref().is_some_and(|o| o.is_empty() || o.len() > 64 || o.chars().any(char::is_control)) {
            return Err("`officer` is 1 to 64 bytes".into());
        }
        match (self.kind, &self.proof) {
            (Kind::Person | Kind::Citizen, Proof::Initial { .. }) => {}
            // A citizen is bound to his own record here: another's word for who he is does not do.
            (Kind::Person, Proof::Provider { issuer, subject }) => {
                if issuer.is_empty() || issuer.len() > 2_048 {
                    return Err("the issuer is 1 to 2,048 bytes".into());
                }
                if !crate::oidc::is_subject(subject) {
                    return Err("`oidc_subject` is a text of 1 to 255 ASCII characters".into());
                }
            }
            (Kind::Program, Proof::Keys { jwks }) => {
                KeySet::of_program(jwks).map_err(|reason| format!("`jwks`: {reason}"))?;
            }
            (Kind::Key, Proof::Secret { .. }) if self.ends_us.is_some() => {}
            (Kind::Key, Proof::Secret { .. }) => return Err("an API key needs an end".into()),
            _ => return Err("another proof is needed for this kind of account".into()),
        }
        if self.record.is_some() != (self.kind == Kind::Citizen) {
            return Err("a citizen's account, and no other, is bound to a record".into());
        }
        if self.record.as_ref().is_some_and(|id| id.is_empty() || id.len() > 128 || id.chars().any(char::is_control)) {
            return Err("the record's id is 1 to 128 bytes".into());
        }
        if self.kind != Kind::Person && self.officer.is_some() {
            return Err("an officer is a person's; programs name theirs with every request".into());
        }
        Ok(())
    }
}

/// Whether a text has the form of a credit code.
pub(super) fn is_code(code: &str) -> bool {
    code.len() == 18 && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// Whom an account acts for: credit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Whose<'a> {
    /// A department.
    pub department: Option<&'a str>,
    /// A company.
    pub company: Option<&'a str>,
}

/// Whether an account of a kind may have these rights.
///
/// # Errors
/// The rule that is broken.
pub fn rights(kind: Kind, roles: Roles, whose: Whose<'_>, level: Option<u8>) -> Result<(), String> {
    let Whose { department, company } = whose;
    if roles == Roles::default() {
        return Err("`roles` is empty".into());
    }
    if department.is_some_and(|code| !is_code(code)) {
        return Err("`department` is not an 18-character credit code".into());
    }
    if let Some(code) = company {
        let read = CreditCode::parse(code).map_err(|error| format!("`company`: {error}"))?;
        if read.as_str() != code {
            return Err("`company` is written in capitals".into());
        }
    }
    roles.sound(department.is_some(), company.is_some())?;
    if roles.has(Role::Citizen) != (kind == Kind::Citizen) {
        return Err("the role citizen is that of a citizen's account, and its only one".into());
    }
    match (kind, level) {
        (Kind::Person | Kind::Citizen, None) => Ok(()),
        (Kind::Person | Kind::Citizen, Some(_)) => Err("`level` is that of a program's system".into()),
        (_, None) => Err("`level` is missing: the protection level of the system, 1 to 5".into()),
        (_, Some(level)) if !(1..=5).contains(&level) => Err("`level` is 1 to 5".into()),
        _ if Role::ADMINISTRATORS.into_iter().any(|role| roles.has(role)) => {
            Err("administrators are people: a program or key cannot be one".into())
        }
        (_, Some(level)) if is_above_readers(roles) && level < LEVEL_ABOVE_READERS => {
            Err("roles above a reader's need a system of level 3 or more".into())
        }
        _ if kind == Kind::Key && department.is_none() => Err("an API key is bound to a department".into()),
        _ => Ok(()),
    }
}

/// Names are of one case and one script, so that no two look alike.
fn is_name(name: &str) -> Result<(), String> {
    let sound = (3..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
    if sound { Ok(()) } else { Err("a name is 3 to 64 of a-z 0-9 . - _ and begins with a letter".into()) }
}
