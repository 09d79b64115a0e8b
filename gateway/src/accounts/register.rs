//! The register: accounts and proposals as the events made them. Pure: it judges an intent, and takes in an event.

use std::collections::BTreeMap;

use super::account::{Account, Kind, Proof, Whose, is_code, rights};
use super::measure::Measure;
use super::proposal::{Deed, Event, Proposal, State};
use crate::token::{KeySet, Role};

/// Proposals that wait at the same time, at the most.
const PROPOSALS_OPEN_MAX: usize = 1_000;
/// Accounts at the most.
const ACCOUNTS_MAX: usize = 100_000;
/// Longest purpose, bytes.
const PURPOSE_BYTES_MAX: usize = 1_000;

/// An account with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The account.
    pub account: Account,
    /// Whether it may not be used.
    pub disabled: bool,
    /// How often its rights changed; tokens name it.
    pub epoch: u64,
    /// How often its password was reset; credentials name it.
    pub resets: u64,
    /// When the initial password was given, microseconds since 1970.
    pub given_us: i64,
    /// SHA-256 of the second half of its first secret, if two people gave it.
    pub second: Option<String>,
}

/// Why something may not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RegisterError {
    /// No such account or proposal.
    #[error("there is no such {what}")]
    Absent { what: &'static str },
    /// A rule about its content.
    #[error("{rule}")]
    Unsound { rule: String },
    /// It does not follow on how things stand.
    #[error("{rule}")]
    NotNow { rule: String },
    /// It is not this person's to do.
    #[error("{rule}")]
    NotYours { rule: &'static str },
}

/// Accounts and proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    accounts: BTreeMap<String, Held>,
    prefixes: BTreeMap<String, String>,
    /// Issuer and subject → account.
    subjects: BTreeMap<(String, String), String>,
    proposals: BTreeMap<u64, Proposal>,
    generation: u64,
    master_key: Option<String>,
    /// Digest of the policies that two people approved last and that came into force.
    policies: Option<String>,
    events: u64,
}

impl Register {
    /// How many events made it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }
    /// Which signing key is in use, from 0.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
    /// Fingerprint of the master key in use, once one was chosen.
    #[must_use]
    pub fn master_key(&self) -> Option<&str> {
        self.master_key.as_deref()
    }
    /// Digest of the policies that two people approved last, once they came into force.
    #[must_use]
    pub fn policies(&self) -> Option<&str> {
        self.policies.as_deref()
    }
    /// The account called `id`.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&Held> {
        self.accounts.get(id)
    }
    /// The account of the API key with this prefix.
    #[must_use]
    pub fn by_prefix(&self, prefix: &str) -> Option<&Held> {
        self.accounts.get(self.prefixes.get(prefix)?)
    }
    /// The account that the identity provider's subject is bound to.
    #[must_use]
    pub fn by_subject(&self, issuer: &str, subject: &str) -> Option<&Held> {
        self.accounts.get(self.subjects.get(&(issuer.to_owned(), subject.to_owned()))?)
    }
    /// All accounts after `after`, by id.
    pub fn accounts(&self, after: &str) -> impl Iterator<Item = (&String, &Held)> {
        self.accounts.range::<str, _>((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded))
    }
    /// A proposal.
    #[must_use]
    pub fn proposal(&self, number: u64) -> Option<&Proposal> {
        self.proposals.get(&number)
    }
    /// Proposals, newest first.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.values().rev()
    }
    /// People who can manage accounts now.
    fn security_administrators(&self) -> usize {
        self.accounts.values().filter(|held| is_security_administrator(held)).count()
    }

    /// The deed of founding: an account of a citizen or a company, or a security administrator, but him only while fewer than two
    /// can act, for two are needed to go on.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn found(&self, account: Account) -> Result<Deed, RegisterError> {
        // A citizen manages nothing, nor does a company: such accounts are opened on the data directory at any time.
        if account.kind == Kind::Citizen || account.company.is_some() {
            self.judge(&Measure::Open { account: Box::new(account.clone()) })?;
            return Ok(Deed::Founded { account: Box::new(account) });
        }
        if self.security_administrators() >= 2 {
            let rule = "two security administrators can act already; further accounts are theirs to open".to_owned();
            return Err(RegisterError::NotNow { rule });
        }
        if account.kind != Kind::Person || !account.roles.has(Role::Security) {
            let rule = "only security administrators are made on the data directory".to_owned();
            return Err(RegisterError::Unsound { rule });
        }
        self.judge(&Measure::Open { account: Box::new(account.clone()) })?;
        Ok(Deed::Founded { account: Box::new(account) })
    }

    /// What comes of `by` wanting a measure: it is done, or proposed if it takes two people.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn submit(&self, by: &str, measure: Measure, now_us: i64) -> Result<Deed, RegisterError> {
        self.is_person(by)?;
        self.judge(&measure)?;
        if !measure.needs_two(self) {
            return Ok(Deed::Done { measure });
        }
        if self.proposals.values().filter(|p| p.state(now_us) == State::Open).count() >= PROPOSALS_OPEN_MAX {
            return Err(RegisterError::NotNow { rule: format!("{PROPOSALS_OPEN_MAX} proposals wait already") });
        }
        let number = self.proposals.keys().next_back().map_or(1, |last| last + 1);
        Ok(Deed::Proposed { number, measure })
    }

    /// The second person's approval of the content `digest`.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn approve(
        &self,
        by: &str,
        number: u64,
        digest: &str,
        second: Option<String>,
        now_us: i64,
    ) -> Result<Deed, RegisterError> {
        let proposal = self.waiting(number, now_us)?;
        self.is_person(by)?;
        if proposal.by == by {
            return Err(RegisterError::NotYours { rule: "who proposed it may not approve it" });
        }
        if self.is_person(&proposal.by).is_err() {
            return Err(RegisterError::NotNow { rule: "who proposed it may not do so any more".to_owned() });
        }
        if proposal.measure.account().as_deref() == Some(by) {
            return Err(RegisterError::NotYours { rule: "nobody approves what is about his own account" });
        }
        if proposal.measure.digest(number) != digest {
            let rule = "`digest` is not that of the proposal: read it again".to_owned();
            return Err(RegisterError::NotNow { rule });
        }
        self.judge(&proposal.measure)?;
        if proposal.measure.gives_a_secret() != second.is_some() {
            return Err(RegisterError::Unsound { rule: "a secret that two people give has two halves".to_owned() });
        }
        Ok(Deed::Approved { number, digest: digest.to_owned(), second })
    }

    /// A rejection, or the taking back by who proposed.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn reject(&self, by: &str, number: u64, now_us: i64) -> Result<Deed, RegisterError> {
        self.is_person(by)?;
        self.waiting(number, now_us).map(|_| Deed::Rejected { number })
    }

    /// The approved and unused permission to do exactly this, if there is one.
    #[must_use]
    pub fn standing(&self, measure: &Measure, now_us: i64) -> Option<Deed> {
        let fits = |p: &&Proposal| p.measure == *measure && p.state(now_us) == State::Approved;
        let found = self.proposals.values().find(fits).filter(|p| !p.measure.is_of_register())?;
        Some(Deed::Used { number: found.number })
    }

    fn waiting(&self, number: u64, now_us: i64) -> Result<&Proposal, RegisterError> {
        let proposal = self.proposals.get(&number).ok_or(RegisterError::Absent { what: "proposal" })?;
        match proposal.state(now_us) {
            State::Open => Ok(proposal),
            state => Err(RegisterError::NotNow { rule: format!("the proposal is {}", state.as_str()) }),
        }
    }

    /// Accounts are changed by accounts of this register: whoever holds another issuer's key could be any number of people.
    fn is_person(&self, by: &str) -> Result<(), RegisterError> {
        let rule = "accounts are changed by security administrators who have signed in with an account here";
        match self.accounts.get(by).filter(|held| is_security_administrator(held)) {
            Some(_) => Ok(()),
            None => Err(RegisterError::NotYours { rule }),
        }
    }

    /// Whether a measure could be carried out now.
    fn judge(&self, measure: &Measure) -> Result<(), RegisterError> {
        let unsound = |rule: String| RegisterError::Unsound { rule };
        let not_now = |rule: &str| RegisterError::NotNow { rule: rule.to_owned() };
        let held = |id: &str| self.accounts.get(id).ok_or(RegisterError::Absent { what: "account" });
        match measure {
            Measure::Open { account } => {
                account.sound().map_err(unsound)?;
                let named = |kind: &Kind| self.accounts.contains_key(&format!("{}:{}", kind.as_str(), account.name));
                let shared = Kind::ALL.into_iter().filter(|kind| kind.has_password() && account.kind.has_password());
                if named(&account.kind) || shared.into_iter().any(|kind| named(&kind)) {
                    return Err(not_now("there is an account of this name; names are not given twice"));
                }
                if self.accounts.len() >= ACCOUNTS_MAX {
                    return Err(not_now("the register is full"));
                }
                match &account.proof {
                    Proof::Secret { prefix, .. } if self.prefixes.contains_key(prefix) => {
                        Err(not_now("another key has this prefix; ask again"))
                    }
                    Proof::Provider { issuer, subject } if self.by_subject(issuer, subject).is_some() => {
                        Err(not_now("another account is bound to this subject of the identity provider"))
                    }
                    _ => Ok(()),
                }
            }
            Measure::ChangeRights { account, department, roles } => {
                let account = &held(account)?.account;
                // A company's account stays that company's.
                let whose = Whose { department: department.as_deref(), ..account.whose() };
                rights(account.kind, *roles, whose, account.level).map_err(unsound)
            }
            Measure::Disable { account } if held(account)?.disabled => Err(not_now("the account is disabled already")),
            Measure::Enable { account } if !held(account)?.disabled => Err(not_now("the account is not disabled")),
            Measure::Reset { account, .. } if held(account)?.account.kind.has_password() => Ok(()),
            Measure::Reset { .. } => Err(unsound("only a person has a password".into())),
            Measure::ReplaceKeys { account, jwks } => match held(account)?.account.kind {
                Kind::Program => {
                    KeySet::of_program(jwks).map(|_| ()).map_err(|reason| unsound(format!("`jwks`: {reason}")))
                }
                _ => Err(unsound("only a program has keys; of an API key, open another and disable this one".into())),
            },
            Measure::RotateMasterKey { fingerprint } if self.master_key.as_ref() == Some(fingerprint) => {
                Err(not_now("this master key is in use already"))
            }
            Measure::Erase { ground, .. } if ground.trim().is_empty() => {
                Err(unsound("`ground` names the decision and the article of law".into()))
            }
            Measure::ExportInBulk { department, purpose, .. } => {
                if !is_code(department) {
                    return Err(unsound("`department` is not an 18-character credit code".into()));
                }
                let said = !purpose.trim().is_empty() && purpose.len() <= PURPOSE_BYTES_MAX;
                if said { Ok(()) } else { Err(unsound("`purpose` is empty or over 1,000 bytes".into())) }
            }
            Measure::Disable { .. }
            | Measure::Enable { .. }
            | Measure::RotateMasterKey { .. }
            | Measure::RotateSigningKey
            | Measure::Erase { .. } => Ok(()),
            Measure::ChangePolicies { digest } => {
                let sound =
                    digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                if sound { Ok(()) } else { Err(unsound("`digest` is not 64 hexadecimal digits".into())) }
            }
        }
    }

    /// Takes in an event that was kept.
    ///
    /// # Errors
    /// [`RegisterError`] if it does not follow on the events before: the rows were changed behind the gateway's back.
    pub fn apply(&mut self, event: &Event) -> Result<(), RegisterError> {
        match &event.deed {
            Deed::Founded { account } => {
                self.found(Account::clone(account))?;
                self.carry_out(&Measure::Open { account: account.clone() }, None, event.at_us);
            }
            Deed::Done { measure } => {
                self.is_person(&event.by)?;
                self.judge(measure)?;
                if measure.needs_two(self) {
                    return Err(RegisterError::NotYours { rule: "this takes two people" });
                }
                self.carry_out(measure, None, event.at_us);
            }
            Deed::Proposed { number, measure } => {
                let proposal = Proposal {
                    number: *number,
                    by: event.by.clone(),
                    at_us: event.at_us,
                    measure: measure.clone(),
                    judged: None,
                    state: State::Open,
                };
                self.proposals.insert(*number, proposal);
            }
            Deed::Approved { number, digest, second } => {
                self.approve(&event.by, *number, digest, second.clone(), event.at_us)?;
                let measure = self.settle(*number, State::Approved, event)?;
                self.carry_out(&measure, second.as_ref(), event.at_us);
            }
            Deed::Rejected { number } => {
                self.settle(*number, State::Rejected, event)?;
            }
            Deed::Used { number } => {
                let proposal = self.proposals.get_mut(number).ok_or(RegisterError::Absent { what: "proposal" })?;
                let usable = !proposal.measure.is_of_register() && proposal.state(event.at_us) == State::Approved;
                if !usable {
                    return Err(RegisterError::NotNow { rule: "only what is approved is used, once".to_owned() });
                }
                proposal.state = State::Used;
                if let Measure::ChangePolicies { digest } = &proposal.measure {
                    self.policies = Some(digest.clone());
                }
            }
        }
        self.events += 1;
        Ok(())
    }

    fn settle(&mut self, number: u64, state: State, event: &Event) -> Result<Measure, RegisterError> {
        let proposal = self.proposals.get_mut(&number).ok_or(RegisterError::Absent { what: "proposal" })?;
        proposal.state = state;
        proposal.judged = Some((event.by.clone(), event.at_us));
        Ok(proposal.measure.clone())
    }

    fn carry_out(&mut self, measure: &Measure, second: Option<&String>, at_us: i64) {
        let id = measure.account().unwrap_or_default();
        match measure {
            Measure::Open { account } => {
                if let Proof::Secret { prefix, .. } = &account.proof {
                    self.prefixes.insert(prefix.clone(), id.clone());
                }
                if let Proof::Provider { issuer, subject } = &account.proof {
                    self.subjects.insert((issuer.clone(), subject.clone()), id.clone());
                }
                let account = Account::clone(account);
                let second = second.cloned();
                let held = Held { account, disabled: false, epoch: 0, resets: 0, given_us: at_us, second };
                self.accounts.insert(id, held);
            }
            Measure::RotateSigningKey => self.generation += 1,
            Measure::RotateMasterKey { fingerprint } => self.master_key = Some(fingerprint.clone()),
            _ => {
                let Some(held) = self.accounts.get_mut(&id) else { return };
                held.epoch += 1;
                match measure {
                    Measure::ChangeRights { department, roles, .. } => {
                        held.account.department.clone_from(department);
                        held.account.roles = *roles;
                    }
                    Measure::Disable { .. } => held.disabled = true,
                    Measure::Enable { .. } => held.disabled = false,
                    Measure::Reset { hash, .. } => {
                        // From now on a password alone leads to it.
                        self.subjects.retain(|_, bound| *bound != id);
                        held.account.proof = Proof::Initial { hash: hash.clone() };
                        held.resets += 1;
                        held.given_us = at_us;
                        held.second = second.cloned();
                    }
                    Measure::ReplaceKeys { jwks, .. } => held.account.proof = Proof::Keys { jwks: jwks.clone() },
                    _ => {}
                }
            }
        }
    }
}

fn is_security_administrator(held: &Held) -> bool {
    held.account.kind == Kind::Person && held.account.roles.has(Role::Security) && !held.disabled
}
