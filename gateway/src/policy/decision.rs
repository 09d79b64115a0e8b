//! From a caller, an act, a dataset and perhaps a grant to scopes, ceilings and reasons.

use std::sync::Arc;

use cedar_policy::Entity;
use foundation::dataset::{Dataset, OpenTo, Tabulation};
use foundation::filter::{Comparison, Filter};
use foundation::service::Scope;
use foundation::value::{Instant, Value};

use super::rules::{About, Layer};
use super::subject::uid;
use super::view::{Circumstances, ClassOfFields, Question, View, Views, put};
use super::{DatasetFacts, Grant, Principal, Snapshot, Verdict};
use crate::ask::Act;

/// How much may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    /// Rows an answer.
    pub rows_per_answer_max: u64,
    /// Rows a day under the grant.
    pub rows_per_day_max: u64,
    /// Distinct persons a day under the grant.
    pub persons_per_day_max: u64,
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

/// Scopes to count over where counts come from disclosure control: the fields that the definition names, of which a grant
/// opens those that it names too.
fn tabulated(scopes: Vec<Scope>, dataset: &Dataset, rule: &Tabulation) -> Vec<Scope> {
    let mut by: Vec<u16> = rule.by.iter().filter_map(|name| dataset.field(name)).map(|field| field.number).collect();
    by.sort_unstable();
    if rule.open_to == OpenTo::Public {
        return vec![Scope { rows: None, readable: by, masked: Vec::new() }];
    }
    let narrowed = scopes.into_iter().map(|mut scope| {
        scope.readable.retain(|number| by.binary_search(number).is_ok());
        scope.masked.clear();
        scope
    });
    narrowed.collect()
}

impl Snapshot {
    /// Decides on a dataset. `grant` is one that covers it for this caller and day; `accountable` = officer and case are named.
    ///
    /// Cost: one policy question for the act, up to four a class of fields, each put once for a kind of caller.
    ///
    /// # Errors
    /// [`Refusal`] if the act is not permitted, or nothing of the dataset could be shown.
    pub fn decide(
        &self,
        principal: &Principal,
        facts: &Arc<DatasetFacts>,
        act: Act,
        grant: Option<&Grant>,
        accountable: bool,
        now: Instant,
    ) -> Result<Decision, Refusal> {
        let view = self.views(principal, facts).ok_or_else(|| Refusal { policies: Verdict::not_asked().policies })?;
        let return_flow = grant.is_some_and(|grant| grant.return_flow);
        let circumstances = Circumstances { grant_covers: grant.is_some(), accountable, return_flow };
        let ask = |action, circumstances| view.ask(Question { action, fields: None, circumstances });
        let verdict = ask(act.as_str(), circumstances);
        if !verdict.permitted {
            return Err(Refusal { policies: verdict.policies.clone() });
        }
        let mut policies = verdict.policies.clone();
        let own = scope(&view, facts, grant, circumstances, &mut policies);
        let mut scopes = Vec::new();
        let mut under_grant = false;
        if grant.is_some() {
            let without = Circumstances { grant_covers: false, accountable, return_flow: false };
            let rest = if ask(act.as_str(), without).permitted {
                scope(&view, facts, None, without, &mut Vec::new())
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
        let counts = ask("count_exactly", circumstances).permitted;
        if let (Act::Statistics, false, Some(rule)) = (act, counts, &facts.dataset.statistics) {
            scopes = tabulated(scopes, &facts.dataset, rule);
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
        policies.sort_unstable();
        policies.dedup();
        let ceilings = grant.filter(|_| under_grant).map(|g| Ceilings {
            rows_per_answer_max: g.rows_per_answer_max,
            rows_per_day_max: g.rows_per_day_max,
            persons_per_day_max: g.persons_per_day_max,
        });
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
            let department = principal.department.as_deref().unwrap_or_default();
            let gateway = Entity::new_no_attrs(resource.clone(), std::collections::HashSet::new());
            let about = About { action: act.as_str(), kind: "System", department, dataset: "", database: "" };
            let circumstances = Circumstances { grant_covers: false, accountable: false, return_flow: false };
            let ask = |layer| {
                let entities = vec![principal.entity(department)?, gateway.clone()];
                put(&self.rules, layer, about, entities, resource.clone(), circumstances)
            };
            let common = ask(Layer::Common)?;
            if self.rules.silent(department, act.as_str()) {
                return Some(common);
            }
            Some(common.and(&ask(Layer::Own)?))
        })()
        .unwrap_or_else(Verdict::not_asked);
        if verdict.permitted { Ok(verdict.policies.into()) } else { Err(Refusal { policies: verdict.policies }) }
    }

    /// What policies say of the caller's kind before the dataset; kept while the policies stand.
    fn views(&self, principal: &Principal, facts: &Arc<DatasetFacts>) -> Option<Views> {
        let department = principal.department.as_deref().unwrap_or_default();
        let sources = facts.dataset.authority.iter().chain([&facts.dataset.provider_code]).map(AsRef::as_ref);
        let common = self.layer(Layer::Common, principal, self.rules.told(department, sources), facts)?;
        let own = self.layer(Layer::Own, principal, department, facts)?;
        Some(Views::new(common, own))
    }

    fn layer(
        &self,
        layer: Layer,
        principal: &Principal,
        department: &str,
        facts: &Arc<DatasetFacts>,
    ) -> Option<Arc<View>> {
        let key = (layer, principal.roles, Box::from(department), facts.serial);
        if let Some(known) = self.seen.get(&key) {
            return Some(known);
        }
        let view = View::new(Arc::clone(&self.rules), layer, principal, department, Arc::clone(facts))?;
        let view = Arc::new(view);
        self.seen.insert(key, Arc::clone(&view));
        Some(view)
    }
}

fn scope(
    view: &Views,
    facts: &DatasetFacts,
    grant: Option<&Grant>,
    circumstances: Circumstances,
    policies: &mut Vec<String>,
) -> Scope {
    let mut scope = Scope { rows: grant.and_then(|g| g.rows.clone()), readable: Vec::new(), masked: Vec::new() };
    for (number, class) in facts.classes.iter().enumerate() {
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
            let fields = Some(ClassOfFields { class: number, named, masked });
            let read = view.ask(Question { action: "read", fields, circumstances });
            if read.permitted {
                policies.extend(read.policies.iter().cloned());
                scope.readable.extend(of_class);
                continue;
            }
            let part = view.ask(Question { action: "read_masked", fields, circumstances });
            if part.permitted {
                policies.extend(part.policies.iter().cloned());
                scope.masked.extend(of_class);
            }
        }
    }
    scope.readable.sort_unstable();
    scope.masked.sort_unstable();
    scope
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
            | Act::Evaluation
            | Act::Evaluate
            | Act::Correct
            | Act::SignIn
            | Act::Accounts
            | Act::AdministerAccounts
            | Act::Compile
            | Act::Entries
            | Act::Demands
            | Act::MyAccesses
            | Act::ImportGrants
            | Act::Sandbox
            | Act::Export
            | Act::Jobs
            | Act::Delivery
            | Act::ExportRows
            | Act::Unknown
    )
}
