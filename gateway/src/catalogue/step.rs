//! The steps of compiling the catalogue, as a table: who may take which, when, what it must bring, and the article.

use serde::{Deserialize, Serialize};

use super::items::Items;

/// Where an entry stands: what is being written, or what was announced last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written, anew or as a change of what is announced.
    Draft,
    /// Approved by the provider's head and received; the clock of the review runs.
    Submitted,
    /// Sent back with reasons.
    Returned,
    /// Reviewed and approved.
    Approved,
    /// Announced, and nothing is being changed.
    Announced,
    /// Given up before it was ever announced.
    Withdrawn,
    /// Announced as ended.
    Ended,
}

impl State {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Announced => "announced",
            Self::Withdrawn => "withdrawn",
            Self::Ended => "ended",
        }
    }
}

/// Whose step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The department whose data it is.
    Provider,
    /// The authority for sharing (政务数据共享主管部门).
    Authority,
    /// Either.
    Either,
}

/// What a step must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// `items`.
    Items,
    /// `items`, or `ends`.
    Change,
    /// `reason`.
    Reason,
    /// `evidence`.
    Evidence,
    /// `days`.
    Days,
    /// `from`.
    From,
}

/// What is said with a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// The items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Items>>,
    /// Whether the change is the end of the entry.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
    /// The demand that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demand: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the proof lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The day from which it holds, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The definition that the items were read of (by the gateway, of a file).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The resource code given (by the gateway, never by a caller).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The step.
    pub verb: Verb,
    /// Its name in the API.
    pub name: &'static str,
    /// Whose it is.
    pub by: By,
    /// Whether the head must take it.
    pub signed: bool,
    /// In which states.
    pub from: &'static [State],
    /// What it must bring.
    pub needs: &'static [Need],
    /// The article of Decree 809.
    pub law: &'static str,
    /// What it does.
    pub about: &'static str,
}

macro_rules! steps {
    ($($verb:ident $name:literal $by:ident $signed:literal [$($from:ident)*] [$($need:ident)*] $law:literal $about:literal)*) => {
        /// A step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Verb { $(#[doc = $about] $verb,)* }

        /// Every step.
        pub const RULES: &[Rule] = &[$(Rule {
            verb: Verb::$verb, name: $name, by: By::$by, signed: $signed, from: &[$(State::$from),*],
            needs: &[$(Need::$need),*], law: $law, about: $about,
        },)*];

        impl Verb {
            /// Its row.
            #[must_use]
            pub fn rule(self) -> &'static Rule {
                match self { $(Self::$verb => const { &Rule {
                    verb: Verb::$verb, name: $name, by: By::$by, signed: $signed, from: &[$(State::$from),*],
                    needs: &[$(Need::$need),*], law: $law, about: $about,
                } },)* }
            }
        }
    };
}

steps! {
    Draft "draft" Provider false [] [Items] "13" "An entry is begun."
    Revise "revise" Provider false [Draft Returned] [Items] "13" "What is being written is changed."
    Submit "submit" Provider true [Draft Returned] [] "13" "The provider's head approves it and sends it to the authority."
    Withdraw "withdraw" Provider false [Draft Submitted Returned Approved] [] "13" "What is being written is given up."
    Return "return" Authority false [Submitted] [Reason] "16" "The authority sends it back, with reasons."
    Approve "approve" Authority false [Submitted] [] "16" "The authority approves it; whoever holds a grant on what falls away is asked to agree."
    Announce "announce" Authority false [Approved] [] "16, 17" "The authority files and announces it to all departments."
    Serve "serve" Provider false [Announced] [] "22" "The definition that was announced and holds is taken into service."
    Amend "amend" Provider false [Announced] [Change Reason] "17" "A change of what is announced is begun, or its end."
    ChangeDuty "change_duty" Either false [Announced Draft Returned] [From Evidence] "17" "A law, a decision or the department's duties changed on a day: the entry is to be brought up to date."
    AskExtension "ask_extension" Provider false [Announced Draft Returned] [Days Reason] "17" "The provider asks for more days to bring it up to date."
    Extend "extend" Authority false [Announced Draft Returned] [] "17" "The authority consents to more days."
    DenyExtension "deny_extension" Authority false [Announced Draft Returned] [Reason] "17" "The authority does not consent to more days."
}

impl Verb {
    /// The step called `name`, other than the first.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        RULES.iter().map(|rule| rule.verb).find(|verb| *verb != Self::Draft && verb.rule().name == name)
    }
}
