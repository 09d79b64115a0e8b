//! What a policy needs of a question, read off its text: a policy that cannot fit is not asked.
//!
//! Only what stands in the scope, or is a member of the topmost conjunction of a `when`, is read. What is not understood
//! needs nothing, so a policy is left out only where one of its conditions is false.

use std::collections::BTreeSet;

use cedar_policy::{ActionConstraint, Entity, EntityUid, Policy};
use serde_json::Value;

/// What must hold of a question for a policy to fit it; `None` = anything does.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) actions: Option<BTreeSet<String>>,
    pub(super) kind: Option<String>,
    pub(super) departments: Option<BTreeSet<String>>,
    pub(super) datasets: Option<BTreeSet<String>>,
    databases: Option<BTreeSet<String>>,
}

impl Needs {
    /// Reads them off `policy`; `actions` are the schema's, with the groups each is in.
    pub(super) fn of(policy: &Policy, actions: &[Entity]) -> Self {
        let mut needs = Self { actions: actions_of(policy, actions), ..Self::default() };
        let Ok(json) = policy.to_json() else { return needs };
        if computes(&json) {
            // A sum can overflow, and what cannot be evaluated denies: such a policy is always asked.
            return needs;
        }
        needs.kind = word(&json, "/resource/entity_type").map(str::to_owned);
        if word(&json, "/resource/op") == Some("==") && word(&json, "/resource/entity/type") == Some("Dataset") {
            needs.datasets = word(&json, "/resource/entity/id").map(|id| BTreeSet::from([id.to_owned()]));
        }
        let conditions = json.get("conditions").and_then(Value::as_array).into_iter().flatten();
        for condition in conditions.filter(|c| word(c, "/kind") == Some("when")) {
            needs.conjunction(&condition["body"]);
        }
        needs
    }

    /// Whether a question on `dataset` of `database` by `department` can fit; the action is known to.
    pub(super) fn fit(&self, kind: &str, department: &str, dataset: &str, database: &str) -> bool {
        let among = |set: &Option<BTreeSet<String>>, one: &str| set.as_ref().is_none_or(|set| set.contains(one));
        self.kind.as_deref().is_none_or(|needed| needed == kind)
            && among(&self.departments, department)
            && among(&self.datasets, dataset)
            && among(&self.databases, database)
    }

    fn conjunction(&mut self, body: &Value) {
        if let Some(both) = body.get("&&") {
            self.conjunction(&both["left"]);
            self.conjunction(&both["right"]);
        } else if let Some(equal) = body.get("==") {
            let (left, right) = (&equal["left"], &equal["right"]);
            match (text(left), text(right)) {
                (Some(word), None) => self.only(&path(right), BTreeSet::from([word.to_owned()])),
                (None, Some(word)) => self.only(&path(left), BTreeSet::from([word.to_owned()])),
                _ => {}
            }
        } else if let Some(contains) = body.get("contains")
            && let Some(words) = texts(&contains["left"])
        {
            self.only(&path(&contains["right"]), words);
        }
    }

    fn only(&mut self, path: &str, words: BTreeSet<String>) {
        let needed = match path {
            "principal.department" => &mut self.departments,
            "resource.name" | "resource.dataset.name" => &mut self.datasets,
            "resource.database" | "resource.dataset.database" => &mut self.databases,
            _ => return,
        };
        *needed = Some(match needed.take() {
            Some(before) => before.intersection(&words).cloned().collect(),
            None => words,
        });
    }
}

/// The departments that policies tell by name, if departments are otherwise only compared with those of the dataset;
/// `None` = they are used in some other way.
pub(super) fn departments_named(policies: &[Value]) -> Option<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    policies.iter().all(|policy| told_apart(policy, &mut named)).then_some(named)
}

/// Whether every use of `principal.department` below is one that is understood. Literals it is compared with go to `named`.
fn told_apart(expression: &Value, named: &mut BTreeSet<String>) -> bool {
    const SOURCES: [&str; 4] =
        ["resource.provider", "resource.dataset.provider", "resource.sources", "resource.dataset.sources"];
    let is_department = |side: &Value| path(side) == "principal.department";
    let mut known = |side: &Value| {
        if SOURCES.contains(&path(side).as_str()) {
            return true;
        }
        let words = texts(side).or_else(|| text(side).map(|word| BTreeSet::from([word.to_owned()])));
        words.map(|words| named.extend(words)).is_some()
    };
    for op in ["==", "!=", "contains"] {
        if let Some(sides) = expression.get(op) {
            let (left, right) = (&sides["left"], &sides["right"]);
            if is_department(right) {
                return known(left);
            }
            if is_department(left) && op != "contains" {
                return known(right);
            }
        }
    }
    match expression {
        _ if word(expression, "/./attr") == Some("department") => false,
        Value::Object(members) => members.values().all(|inner| told_apart(inner, named)),
        Value::Array(members) => members.iter().all(|inner| told_apart(inner, named)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn actions_of(policy: &Policy, actions: &[Entity]) -> Option<BTreeSet<String>> {
    let wanted: Vec<_> = match policy.action_constraint() {
        ActionConstraint::Any => return None,
        ActionConstraint::Eq(one) => vec![one],
        ActionConstraint::In(many) => many,
    };
    let named: BTreeSet<String> = wanted.iter().map(|uid| uid.id().unescaped().to_owned()).collect();
    let name = |uid: &EntityUid| uid.id().unescaped().to_owned();
    let fits = |action: &&Entity| {
        let groups = Entity::clone(action).into_inner().2;
        named.contains(&name(&action.uid())) || groups.iter().any(|group| named.contains(&name(group)))
    };
    Some(actions.iter().filter(fits).map(|action| name(&action.uid())).collect())
}

/// `principal.department` and the like, as written; empty for anything else.
fn path(expression: &Value) -> String {
    if let Some(variable) = expression["Var"].as_str() {
        return variable.to_owned();
    }
    let dot = &expression["."];
    match (path_of(&dot["left"]), dot["attr"].as_str()) {
        (Some(left), Some(attribute)) => format!("{left}.{attribute}"),
        _ => String::new(),
    }
}

fn path_of(expression: &Value) -> Option<String> {
    (!expression.is_null()).then(|| path(expression)).filter(|path| !path.is_empty())
}

/// The text at a JSON pointer.
fn word<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    json.pointer(pointer).and_then(Value::as_str)
}

fn text(expression: &Value) -> Option<&str> {
    expression["Value"].as_str()
}

fn texts(expression: &Value) -> Option<BTreeSet<String>> {
    let members = expression["Set"].as_array().or_else(|| expression["Value"].as_array())?;
    members.iter().map(|member| text(member).or(member.as_str()).map(str::to_owned)).collect()
}

fn computes(expression: &Value) -> bool {
    match expression {
        Value::Object(members) => {
            ["+", "-", "*", "neg"].iter().any(|op| members.contains_key(*op)) || members.values().any(computes)
        }
        Value::Array(members) => members.iter().any(computes),
        _ => false,
    }
}
