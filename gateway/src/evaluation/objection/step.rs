//! The steps of an objection, as a table.

use serde::{Deserialize, Serialize};

use crate::evaluation::points::Points;

/// What is said with a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ObjectionSaid {
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the proof lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The ground of a change: the rule that it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// The points that are to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// A row of the table of steps.
#[derive(Debug, Clone, Copy)]
pub struct ObjectionRule {
    /// The step.
    pub step: ObjectionStep,
    /// Its name in the API.
    pub name: &'static str,
    /// Whether it is the authority's; else the department's.
    pub by_authority: bool,
    /// Whether it needs `reason`.
    pub reason: bool,
    /// Whether it needs `ground` and `points`.
    pub change: bool,
    /// What it does.
    pub about: &'static str,
}

macro_rules! steps {
    ($($step:ident $name:literal $by_authority:literal $reason:literal $change:literal $about:literal)*) => {
        /// A step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ObjectionStep { $(#[doc = $about] $step,)* }

        /// Every step; all but the first follow on an objection that is filed.
        pub const RULES: &[ObjectionRule] = &[$(ObjectionRule {
            step: ObjectionStep::$step, name: $name, by_authority: $by_authority, reason: $reason, change: $change, about: $about,
        },)*];

        impl ObjectionStep {
            /// Its row.
            #[must_use]
            pub fn rule(self) -> &'static ObjectionRule {
                match self { $(Self::$step => const { &ObjectionRule {
                    step: ObjectionStep::$step, name: $name, by_authority: $by_authority, reason: $reason, change: $change, about: $about,
                } },)* }
            }
        }
    };
}

steps! {
    File "file" false true false "The department objects to the points of an indicator; the clock of the answer starts."
    Withdraw "withdraw" false false false "The department takes the objection back."
    Uphold "uphold" true true false "The authority leaves the points as they are, with reasons."
    Change "change" true true true "The authority puts other points in their place, on a ground."
}

impl ObjectionStep {
    /// The step called `name`, other than the first.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        RULES.iter().map(|rule| rule.step).find(|step| *step != Self::File && step.rule().name == name)
    }
}
