//! What a token says of its bearer.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A role a token can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Role {
    /// Anybody.
    Public = 1,
    /// A department that uses data.
    Department = 2,
    /// A department acting for the data it provides.
    Owner = 4,
    /// Reads the audit log and nothing else.
    Auditor = 8,
    /// Runs the system and reads no data.
    Administrator = 16,
    /// Acts for an authority for sharing (政务数据共享主管部门).
    Authority = 32,
    /// Heads a department's office for sharing (政务数据共享工作机构负责人): signs off requests and answers.
    Signatory = 64,
    /// Manages accounts, programs and keys, and reads no data (安全管理员).
    Security = 128,
    /// A person as himself: sees who looked at his own record, and what the public sees.
    Citizen = 256,
    /// An enterprise (企业): sees what the public sees, and what is opened conditionally under its own grant.
    Company = 512,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 10] = [
        Self::Public,
        Self::Department,
        Self::Owner,
        Self::Auditor,
        Self::Administrator,
        Self::Authority,
        Self::Signatory,
        Self::Security,
        Self::Citizen,
        Self::Company,
    ];
    /// The three separated administrators (GB/T 22239 8.1.5.1 to 8.1.5.3): held alone, and none reads data.
    pub const ADMINISTRATORS: [Self; 3] = [Self::Auditor, Self::Administrator, Self::Security];

    /// As in the claim.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Department => "department",
            Self::Owner => "owner",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Authority => "authority",
            Self::Signatory => "signatory",
            Self::Security => "security",
            Self::Citizen => "citizen",
            Self::Company => "company",
        }
    }

    /// The role of this word, or of an administrator's title in full.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "system-administrator" => Some(Self::Administrator),
            "security-administrator" => Some(Self::Security),
            "audit-administrator" => Some(Self::Auditor),
            word => Self::ALL.into_iter().find(|role| role.as_str() == word),
        }
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Roles(u16);

impl Roles {
    /// No token: the public.
    pub const PUBLIC: Self = Self(Role::Public as u16);

    /// Whether `role` is among them.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & role as u16 != 0
    }
    /// With `role` added.
    #[must_use]
    pub fn with(self, role: Role) -> Self {
        Self(self.0 | role as u16)
    }
    /// The roles, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |r| self.has(*r))
    }
    /// As a number, for the audit log.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }
    /// Whether a department or a company is needed with them, and which may not be held together.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn sound(self, with_department: bool, with_company: bool) -> Result<(), &'static str> {
        if [Role::Department, Role::Owner, Role::Authority].into_iter().any(|r| self.has(r)) && !with_department {
            return Err("`department` is needed with the roles department, owner and authority");
        }
        if self.has(Role::Signatory) && !self.has(Role::Department) && !self.has(Role::Company) {
            return Err("`signatory` needs the role department or company");
        }
        if self.has(Role::Owner) && !self.has(Role::Department) {
            return Err("`owner` needs the role department");
        }
        let alone = Role::ADMINISTRATORS.into_iter().any(|r| self.has(r));
        if alone && self.iter().filter(|r| *r != Role::Public).count() > 1 {
            return Err("auditor, administrator and security may not be held with another role");
        }
        if self.has(Role::Citizen)
            && (with_department || self.iter().any(|r| ![Role::Public, Role::Citizen].contains(&r)))
        {
            return Err("`citizen` is held alone, and for no department");
        }
        if self.has(Role::Company) != with_company {
            return Err("`company` (a credit code) goes with the role company, and with no other");
        }
        let of_companies = [Role::Public, Role::Company, Role::Signatory];
        if with_company && (with_department || self.iter().any(|role| !of_companies.contains(&role))) {
            return Err("`company` is held with signatory alone, and for no department");
        }
        Ok(())
    }
    /// Whether all of them are among `others`.
    #[must_use]
    pub fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
    /// From [`Self::bits`].
    #[must_use]
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(Role::as_str))
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(from)?;
        let role = |word: &String| Role::named(word).ok_or_else(|| D::Error::custom("an unknown role"));
        words.iter().map(role).collect()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, role) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(role.as_str())?;
        }
        Ok(())
    }
}

/// The claims that count, read from a payload whose signature holds.
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) audience: Vec<String>,
    pub(super) subject: String,
    pub(super) expires_s: i64,
    pub(super) not_before_s: Option<i64>,
    pub(super) department: Option<String>,
    pub(super) roles: Roles,
    pub(super) officer: Option<String>,
    /// How often the rights of the account had changed (tokens of this gateway's own accounts).
    pub(super) epoch: Option<u64>,
    /// The session that the token belongs to.
    pub(super) session: Option<String>,
    /// Id of the record of `population/persons` that a citizen is.
    pub(super) record: Option<String>,
    /// Credit code of the company.
    pub(super) company: Option<String>,
}

/// Longest subject, department or officer, in bytes.
const NAME_BYTES_MAX: usize = 128;

impl Claims {
    /// Reads the claims; unknown ones are left alone, known ones of a wrong type refuse the token.
    pub(super) fn read(payload: &Map<String, Value>) -> Result<Self, &'static str> {
        let roles = roles(payload.get("roles"))?;
        let (department, company) = (name(payload, "department")?, name(payload, "company")?);
        roles.sound(department.is_some(), company.is_some())?;
        let record = name(payload, "record")?;
        if record.is_some() != roles.has(Role::Citizen) {
            return Err("`record` goes with the role citizen, and with no other");
        }
        Ok(Self {
            issuer: name(payload, "iss")?.ok_or("`iss` is missing")?,
            audience: audience(payload.get("aud"))?,
            subject: name(payload, "sub")?.ok_or("`sub` is missing")?,
            expires_s: seconds(payload, "exp")?.ok_or("`exp` is missing")?,
            not_before_s: seconds(payload, "nbf")?,
            department,
            roles: if roles == Roles::default() { Roles::PUBLIC } else { roles },
            officer: name(payload, "officer")?,
            epoch: payload.get("epoch").and_then(Value::as_u64),
            session: payload.get("sid").and_then(Value::as_str).map(str::to_owned),
            record,
            company,
        })
    }
}

fn name(payload: &Map<String, Value>, claim: &str) -> Result<Option<String>, &'static str> {
    match payload.get(claim) {
        None => Ok(None),
        Some(Value::String(text))
            if !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.chars().any(char::is_control) =>
        {
            Ok(Some(text.clone()))
        }
        Some(_) => Err("a claim is not a text of 1 to 128 bytes"),
    }
}

fn seconds(payload: &Map<String, Value>, claim: &str) -> Result<Option<i64>, &'static str> {
    match payload.get(claim) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(s) if (0..=253_402_300_799).contains(&s) => Ok(Some(s)),
            _ => Err("`exp` and `nbf` must be whole seconds since 1970"),
        },
    }
}

fn audience(value: Option<&Value>) -> Result<Vec<String>, &'static str> {
    match value {
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(many)) if many.len() <= 16 => {
            many.iter().map(|v| v.as_str().map(str::to_owned).ok_or("`aud` holds something other than text")).collect()
        }
        Some(_) => Err("`aud` is neither text nor a list of up to 16 texts"),
        None => Err("`aud` is missing"),
    }
}

fn roles(value: Option<&Value>) -> Result<Roles, &'static str> {
    let Some(value) = value else { return Ok(Roles::PUBLIC) };
    let list =
        value.as_array().filter(|l| l.len() <= Role::ALL.len()).ok_or("`roles` is not a list of up to 10 texts")?;
    list.iter().try_fold(Roles::default(), |all, item| {
        let text = item.as_str().ok_or("`roles` holds something other than text")?;
        let role = Role::ALL.into_iter().find(|r| r.as_str() == text).ok_or("`roles` holds an unknown role")?;
        Ok(all.with(role))
    })
}
