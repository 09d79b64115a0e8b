//! The steps of a correction, as a table.

use serde::{Deserialize, Serialize};

/// Where a correction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionState {
    /// The provider checks; the clock runs.
    Filed,
    /// The provider has said once what it needs besides.
    Incomplete,
    /// The value was wrong and has been put right.
    Corrected,
    /// The value is not wrong.
    NotWrong,
    /// Taken back.
    Withdrawn,
}

impl CorrectionState {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Incomplete => "incomplete",
            Self::Corrected => "corrected",
            Self::NotWrong => "not_wrong",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What is said with a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionSaid {
    /// Why; of `need_more`, all that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the proof lies; of `correct`, the batch or document by which it was put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

/// A row of the table of steps.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionRule {
    /// The step.
    pub step: CorrectionStep,
    /// Its name in the API.
    pub name: &'static str,
    /// Whether it is the provider's; else the requester's.
    pub by_provider: bool,
    /// In which states.
    pub from: &'static [CorrectionState],
    /// Whether it needs `reason`.
    pub reason: bool,
    /// Whether it needs `evidence`.
    pub evidence: bool,
    /// What it does.
    pub about: &'static str,
}

macro_rules! steps {
    ($($step:ident $name:literal $by_provider:literal [$($from:ident)*] $reason:literal $evidence:literal $about:literal)*) => {
        /// A step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CorrectionStep { $(#[doc = $about] $step,)* }

        /// Every step.
        pub const RULES: &[CorrectionRule] = &[$(CorrectionRule {
            step: CorrectionStep::$step, name: $name, by_provider: $by_provider, from: &[$(CorrectionState::$from),*],
            reason: $reason, evidence: $evidence, about: $about,
        },)*];

        impl CorrectionStep {
            /// Its row.
            #[must_use]
            pub fn rule(self) -> &'static CorrectionRule {
                match self { $(Self::$step => const { &CorrectionRule {
                    step: CorrectionStep::$step, name: $name, by_provider: $by_provider, from: &[$(CorrectionState::$from),*],
                    reason: $reason, evidence: $evidence, about: $about,
                } },)* }
            }
        }
    };
}

steps! {
    File "file" false [] false true "A user of the data says that a value is wrong; the provider's clock starts."
    NeedMore "need_more" true [Filed] true false "The provider says, once, all that it needs besides."
    Supplement "supplement" false [Incomplete] false true "What was missing is added; the clock starts anew."
    Correct "correct" true [Filed] false true "The value was wrong and has been put right."
    NotWrong "not_wrong" true [Filed] true false "The value is not wrong, with reasons."
    Withdraw "withdraw" false [Filed Incomplete] false false "The request is taken back."
}

impl CorrectionStep {
    /// The step called `name`, other than the first.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        RULES.iter().map(|rule| rule.step).find(|step| *step != Self::File && step.rule().name == name)
    }
}
