//! The policies that can have a say in a question, so that its cost does not grow with the number of policies.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{Entity, Policy, PolicySet};

use super::needs::{Needs, departments_named};

/// A department that no policy names and no dataset comes from. No credit code has this form.
const STRANGER: &str = "stranger";

/// What a question is about, as far as policies are chosen by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::policy) struct About<'a> {
    pub(in crate::policy) action: &'a str,
    /// Type of the resource.
    pub(in crate::policy) kind: &'a str,
    pub(in crate::policy) department: &'a str,
    /// `database/dataset`; empty for the gateway itself.
    pub(in crate::policy) dataset: &'a str,
    pub(in crate::policy) database: &'a str,
}

/// Which policies are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::policy) enum Layer {
    /// Those that could fit any department.
    Common,
    /// Those that fit the department alone, by its name.
    Own,
}

/// Policies by what they need.
pub(super) struct Slices {
    policies: Vec<(Policy, Needs)>,
    /// Numbers of the policies that need no name, by action.
    general: HashMap<String, Vec<usize>>,
    /// Those that need a dataset, by action and name.
    of_dataset: HashMap<(String, String), Vec<usize>>,
    /// Those that need a department, by department and action.
    of_department: HashMap<String, HashMap<String, Vec<usize>>>,
    /// Departments that the rest name; `None` if any department may differ from any other.
    told: Option<BTreeSet<String>>,
}

impl Slices {
    /// Sorts the policies of `set`.
    pub(super) fn new(set: &PolicySet, actions: &[Entity]) -> Self {
        let mut slices = Self {
            policies: Vec::new(),
            general: HashMap::new(),
            of_dataset: HashMap::new(),
            of_department: HashMap::new(),
            told: None,
        };
        let all: Vec<String> = actions.iter().map(|action| action.uid().id().unescaped().to_owned()).collect();
        let mut policies: Vec<&Policy> = set.policies().collect();
        policies.sort_by_key(|policy| policy.id().to_string());
        let mut common = Some(Vec::new());
        for policy in policies {
            let (needs, number) = (Needs::of(policy, actions), slices.policies.len());
            let wanted: Vec<String> =
                needs.actions.as_ref().map_or_else(|| all.clone(), |a| a.iter().cloned().collect());
            for department in needs.departments.iter().flatten() {
                let of_department = slices.of_department.entry(department.clone()).or_default();
                for action in &wanted {
                    of_department.entry(action.clone()).or_default().push(number);
                }
            }
            if needs.departments.is_none() {
                common = common.zip(policy.to_json().ok()).map(|(mut common, text)| {
                    common.push(text);
                    common
                });
                for action in wanted {
                    match &needs.datasets {
                        Some(names) => {
                            for name in names {
                                slices.of_dataset.entry((action.clone(), name.clone())).or_default().push(number);
                            }
                        }
                        None => slices.general.entry(action).or_default().push(number),
                    }
                }
            }
            slices.policies.push((policy.clone(), needs));
        }
        let told = common.as_deref().and_then(departments_named);
        slices.told = told.filter(|named| !named.contains(STRANGER));
        slices
    }

    /// `department` as far as the common policies can tell it from others; `sources` are those that a dataset comes from.
    pub(super) fn told<'a>(&self, department: &'a str, sources: impl IntoIterator<Item = &'a str>) -> &'a str {
        let known = self.told.as_ref().is_none_or(|named| named.contains(department));
        if known || department.is_empty() || sources.into_iter().any(|source| source == department) {
            department
        } else {
            STRANGER
        }
    }

    /// Whether there are no policies for this department alone and this action.
    pub(super) fn silent(&self, department: &str, action: &str) -> bool {
        self.of_department.get(department).is_none_or(|actions| !actions.contains_key(action))
    }

    /// The policies of `layer` that can have a say.
    pub(super) fn of(&self, layer: Layer, about: About<'_>) -> PolicySet {
        let numbers: Vec<usize> = match layer {
            Layer::Common => {
                let of_dataset = self.of_dataset.get(&(about.action.to_owned(), about.dataset.to_owned()));
                self.general.get(about.action).into_iter().chain(of_dataset).flatten().copied().collect()
            }
            Layer::Own => {
                let of_action = self.of_department.get(about.department).and_then(|actions| actions.get(about.action));
                of_action.into_iter().flatten().copied().collect()
            }
        };
        let mut slice = PolicySet::new();
        for number in numbers {
            let Some((policy, needs)) = self.policies.get(number) else { continue };
            if needs.fit(about.kind, about.department, about.dataset, about.database) {
                // INVARIANT: policies have ids of their own, and each stands once in a list.
                let _ = slice.add(policy.clone());
            }
        }
        slice
    }
}
