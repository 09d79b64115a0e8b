//! From a caller, an act, a dataset and perhaps a grant to scopes, ceilings and reasons.

use std::sync::Arc;

use cedar_policy::{Context, Entities, Entity, RestrictedExpression};
use foundation::dataset::Dataset;
use foundation::filter::{Comparison, Filter};
use foundation::service::Scope;
use foundation::value::{Instant, Value};

use super::subject::uid;
use super::{DatasetFacts, Grant, Principal, Snapshot, Verdict};
use crate::ask::Act;

/// How much may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    /// Rows an answer.
    pub rows_per_answer_max: u64,
    /// Rows a day under the grant.
    pub rows_per_day_max: u64,
}

/// How much is seen of a record that is seen at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Every field of every row.
    Whole,
    /// Every field, of some rows: those of a grant, or not under embargo.
    SomeRows,
    /// Some fields.
    SomeFields,
}

impl Sight {
    fn of(scopes: &[Scope], dataset: &Dataset) -> Self {
        let whole = |scope: &&Scope| scope.reads_all(dataset);
        if scopes.iter().filter(whole).any(|scope| scope.rows.is_none()) {
            Self::Whole
        } else if scopes.len() == 1 && scopes.iter().all(|scope| scope.reads_all(dataset)) {
            // One scope alone: what one shows in its rows, another may hide in its own.
            Self::SomeRows
        } else {
            Self::SomeFields
        }
    }
}

/// What is permitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Which rows, with which fields.
    pub scopes: Vec<Scope>,
    /// How much is seen of a record.
    pub sight: Sight,
    /// Whether counts are given exactly.
    pub counts: bool,
    /// Ceilings of the grant, if one is used.
    pub ceilings: Option<Ceilings>,
    /// The policies that say so.
    pub policies: Arc<[String]>,
    /// Whether the grant is needed for it: without one less or nothing would be given.
    pub under_grant: bool,
}

/// Not permitted, and by which policies (none = nothing permits it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The forbidding policies.
    pub policies: Vec<String>,
}

/// What a request carries besides the caller.
#[derive(Debug, Clone, Copy)]
struct Circumstances {
    grant_covers: bool,
    accountable: bool,
}

/// Narrows a scope to rows that are not under embargo at `now`.
fn released(scope: &mut Scope, dataset: &Dataset, now: Instant) {
    let Some(field) = dataset.embargo.as_ref().and_then(|name| dataset.field(name)).map(|f| f.number) else { return };
    let free = Filter::Or(vec![
        Filter::IsNull { field },
        Filter::Compare { field, op: Comparison::LessOrEqual, value: Value::Timestamp(now) },
    ]);
    scope.rows = Some(match scope.rows.take() {
        Some(rows) => Filter::And(vec![rows, free]),
        None => free,
    });
}

impl Snapshot {
    /// Decides on a dataset. `grant` is one that covers it for this caller and day; `accountable` = officer and case are named.
    ///
    /// Cost: one policy question for the act, up to two a class of fields; about half a millisecond in all.
    ///
    /// # Errors
    /// [`Refusal`] if the act is not permitted, or nothing of the dataset could be shown.
    pub fn decide(
        &self,
        principal: &Principal,
        facts: &DatasetFacts,
        act: Act,
        grant: Option<&Grant>,
        accountable: bool,
        now: Instant,
    ) -> Result<Decision, Refusal> {
        let circumstances = Circumstances { grant_covers: grant.is_some(), accountable };
        let verdict = self.ask(principal, facts, act.as_str(), None, circumstances);
        if !verdict.permitted {
            return Err(Refusal { policies: verdict.policies });
        }
        let mut policies = verdict.policies;
        let own = self.scope(principal, facts, grant, circumstances, &mut policies);
        let mut scopes = Vec::new();
        let mut under_grant = false;
        if grant.is_some() {
            let without = Circumstances { grant_covers: false, accountable };
            let permitted = self.ask(principal, facts, act.as_str(), None, without).permitted;
            let rest = if permitted {
                self.scope(principal, facts, None, without, &mut Vec::new())
            } else {
                Scope { rows: None, readable: Vec::new(), masked: Vec::new() }
            };
            under_grant = own != rest;
            let rows_limited = own.rows.is_some();
            scopes.push(own);
            if rows_limited && !rest.readable.is_empty() {
                scopes.push(rest);
            }
        } else {
            scopes.push(own);
        }
        scopes.retain(|s| !s.readable.is_empty() || !s.masked.is_empty());
        if !principal.owns(&facts.dataset.provider_code) {
            for scope in &mut scopes {
                released(scope, &facts.dataset, now);
            }
        }
        if scopes.is_empty() && shows_fields(act) {
            return Err(Refusal { policies: Vec::new() });
        }
        let counts = self.ask(principal, facts, "count_exactly", None, circumstances).permitted;
        policies.sort_unstable();
        policies.dedup();
        let ceilings = grant
            .filter(|_| under_grant)
            .map(|g| Ceilings { rows_per_answer_max: g.rows_per_answer_max, rows_per_day_max: g.rows_per_day_max });
        let sight = Sight::of(&scopes, &facts.dataset);
        Ok(Decision { scopes, sight, counts, ceilings, policies: policies.into(), under_grant })
    }

    /// Decides on an act on the gateway itself (code lists, the audit log).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn decide_system(&self, principal: &Principal, act: Act) -> Result<Arc<[String]>, Refusal> {
        let verdict = (|| {
            let resource = uid("System", "gateway")?;
            let entities =
                [principal.entity()?, Entity::new_no_attrs(resource.clone(), std::collections::HashSet::new())];
            let circumstances = Circumstances { grant_covers: false, accountable: false };
            self.put(&entities, act.as_str(), &resource, circumstances)
        })()
        .unwrap_or_else(not_asked);
        if verdict.permitted { Ok(verdict.policies.into()) } else { Err(Refusal { policies: verdict.policies }) }
    }

    fn scope(
        &self,
        principal: &Principal,
        facts: &DatasetFacts,
        grant: Option<&Grant>,
        circumstances: Circumstances,
        policies: &mut Vec<String>,
    ) -> Scope {
        let mut scope = Scope { rows: grant.and_then(|g| g.rows.clone()), readable: Vec::new(), masked: Vec::new() };
        for class in &facts.classes {
            for (named, masked) in [(false, false), (true, false), (false, true)] {
                let of_class: Vec<u16> = class
                    .fields
                    .iter()
                    .copied()
                    .filter(|n| {
                        let is_named = grant.is_some_and(|g| g.fields.binary_search(n).is_ok());
                        let is_masked = grant.is_some_and(|g| g.masked.binary_search(n).is_ok());
                        (is_named, is_masked) == (named, masked)
                    })
                    .collect();
                if of_class.is_empty() {
                    continue;
                }
                let Some(field) = facts.field_entity(class, named, masked) else { continue };
                let read = self.ask(principal, facts, "read", Some(&field), circumstances);
                if read.permitted {
                    policies.extend(read.policies);
                    scope.readable.extend(of_class);
                } else {
                    let part = self.ask(principal, facts, "read_masked", Some(&field), circumstances);
                    if part.permitted {
                        policies.extend(part.policies);
                        scope.masked.extend(of_class);
                    }
                }
            }
        }
        scope.readable.sort_unstable();
        scope.masked.sort_unstable();
        scope
    }

    fn ask(
        &self,
        principal: &Principal,
        facts: &DatasetFacts,
        action: &str,
        field: Option<&Entity>,
        circumstances: Circumstances,
    ) -> Verdict {
        (|| {
            let mut entities = vec![principal.entity()?, facts.entity()?];
            let resource = match field {
                Some(field) => {
                    entities.push(field.clone());
                    field.uid()
                }
                None => facts.uid()?,
            };
            self.put(&entities, action, &resource, circumstances)
        })()
        .unwrap_or_else(not_asked)
    }

    fn put(
        &self,
        entities: &[Entity],
        action: &str,
        resource: &cedar_policy::EntityUid,
        circumstances: Circumstances,
    ) -> Option<Verdict> {
        let context = Context::from_pairs([
            ("grant_covers".to_owned(), RestrictedExpression::new_bool(circumstances.grant_covers)),
            ("accountable".to_owned(), RestrictedExpression::new_bool(circumstances.accountable)),
        ])
        .ok()?;
        let all = Entities::from_entities(
            entities.iter().cloned().chain(self.rules.actions().iter().cloned()),
            Some(self.rules.schema()),
        )
        .map_err(|error| tracing::error!(%error, "policy entities do not fit the schema"))
        .ok()?;
        Some(self.rules.decide(uid("Caller", "caller")?, uid("Action", action)?, resource.clone(), context, &all))
    }
}

fn not_asked() -> Verdict {
    Verdict { permitted: false, policies: vec!["question-does-not-fit".into()] }
}

/// Whether an act shows fields of records.
fn shows_fields(act: Act) -> bool {
    !matches!(
        act,
        Act::Import
            | Act::ImportReport
            | Act::Withdraw
            | Act::Catalogue
            | Act::CodeList
            | Act::Audit
            | Act::Verify
            | Act::Share
            | Act::Sharing
            | Act::Calendar
            | Act::SignIn
            | Act::Accounts
            | Act::AdministerAccounts
            | Act::Unknown
    )
}
