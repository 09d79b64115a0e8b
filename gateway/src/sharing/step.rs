//! The steps of sharing, as a table: who may take which, when, what it must bring, and the article it stands on.

use serde::{Deserialize, Serialize};

use crate::policy::Terms;

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Signed off by the head of the requester's office for sharing.
    Signed,
    /// Received; the clock of the answer runs.
    Submitted,
    /// The provider has said once what is missing.
    Incomplete,
    /// Refused, with reasons.
    Refused,
    /// Consented; the clock of delivery runs.
    Delivering,
    /// The grant is in force.
    Active,
    /// The right to use is suspended.
    Suspended,
    /// Ended by the provider for misuse.
    Terminated,
    /// Ended by agreement, or given up by the requester.
    Ended,
    /// The period is over. Never stored: it follows from the day.
    Expired,
    /// What was received has been disposed of, and attested.
    Disposed,
    /// Taken back before an answer.
    Withdrawn,
}

impl State {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Submitted => "submitted",
            Self::Incomplete => "incomplete",
            Self::Refused => "refused",
            Self::Delivering => "delivering",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Terminated => "terminated",
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::Disposed => "disposed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Whose step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The department that asks.
    Requester,
    /// The department whose data it is (数源部门).
    Provider,
    /// Either of the two.
    Party,
    /// The authority for sharing (政务数据共享主管部门).
    Authority,
    /// The provider or the authority.
    Overseer,
}

/// What a step must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// `reason`.
    Reason,
    /// `evidence`.
    Evidence,
    /// `days`.
    Days,
    /// `outcome`.
    Outcome,
}

/// How a dispute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What was done stands.
    Uphold,
    /// What was done is undone.
    Overturn,
}

/// What is said with a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Said {
    /// Terms asked for, consented to, or proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Why; of `need_more`, all that is missing; of `consent`, how the data is to be disposed of in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the proof lies: a document's number, an attestation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// How a dispute ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Of `import`: SHA-256 of the file, lowercase hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
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
    /// Whether the head of the office for sharing must take it.
    pub signed: bool,
    /// In which states.
    pub from: &'static [State],
    /// What it must bring.
    pub needs: &'static [Need],
    /// The article.
    pub law: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// The steps that follow on another: all but those that begin a case.
pub fn following() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(|rule| !rule.from.is_empty())
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
    Draft "draft" Requester false [] [] "20" "A request is begun."
    Import "import" Authority false [] [Evidence] "20, 21" "A grant that was reviewed elsewhere is taken in; it is in force for its period."
    Revise "revise" Requester false [Draft] [] "20" "The terms asked for are changed."
    Sign "sign" Requester true [Draft] [] "20" "The head of the requester's office for sharing signs it off."
    Submit "submit" Requester false [Signed] [] "20, 21" "The provider receives it; the clock of the answer starts."
    Withdraw "withdraw" Requester false [Draft Signed Submitted Incomplete] [] "20" "The request is taken back."
    NeedMore "need_more" Provider false [Submitted] [Reason] "21" "The provider says, once, all that is missing."
    Supplement "supplement" Requester false [Incomplete] [] "21" "What was missing is added; the clock starts anew."
    AskExtension "ask_extension" Provider false [Submitted] [Days Reason] "21" "The provider asks the authority for more days."
    Extend "extend" Authority false [Submitted] [] "21" "The authority consents to more days; the requester is told."
    DenyExtension "deny_extension" Authority false [Submitted] [Reason] "21" "The authority does not consent to more days."
    Consent "consent" Provider true [Submitted] [] "20, 21" "The provider consents, wholly or in part; the clock of delivery starts."
    Refuse "refuse" Provider true [Submitted] [Reason] "21" "The provider refuses, with reasons."
    Deliver "deliver" Provider false [Delivering] [] "22" "The grant comes into force."
    RecordUse "record_use" Requester false [Active Suspended Expired Terminated Ended] [Evidence] "29" "The requester records scenario, process, effect, storage and destruction."
    ReportMisuse "report_misuse" Overseer false [Active Suspended Expired] [Evidence] "25, 27" "Use beyond the grant is reported."
    Suspend "suspend" Provider false [Active] [Reason] "27" "The right to use is suspended until it is put right."
    Rectify "rectify" Requester false [Suspended] [Evidence] "27" "The requester reports that it has put things right."
    Resume "resume" Provider false [Suspended] [] "27" "The right to use is given back."
    Terminate "terminate" Provider false [Active Suspended] [Reason] "27" "The right to use is ended for misuse."
    ProposeChange "propose_change" Provider false [Active] [Reason] "27" "The provider proposes other terms, or (without terms) the end of the service."
    AgreeChange "agree_change" Requester false [Active] [] "27" "The requester agrees to the change proposed."
    FileChange "file_change" Authority false [Active] [] "27" "The authority files the agreed change; it takes effect."
    Review "review" Party false [Active] [Evidence] "24" "A grant that stands without end was looked at again and still fits; the clock of the next review starts."
    Relinquish "relinquish" Requester false [Active Suspended] [] "27" "The requester no longer needs the data."
    Dispose "dispose" Requester false [Terminated Ended Expired] [Evidence] "27" "What was received is disposed of as the provider said, and attested."
    Dispute "dispute" Party false [Refused Active Suspended Terminated] [Reason] "28" "One of the two disputes what was done; they negotiate."
    Settle "settle" Party false [Refused Active Suspended Terminated] [Outcome] "28" "The two settle it: the one who disputes gives in, or the provider does."
    Escalate "escalate" Party false [Refused Active Suspended Terminated] [Reason] "28" "It goes to the authority, and then to that authority's government."
    Decide "decide" Authority false [Refused Active Suspended Terminated] [Outcome Reason] "28" "The authority, or in the end its government, decides."
}

impl Verb {
    /// The step called `name`, other than those that begin a case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        following().map(|rule| rule.verb).find(|verb| verb.rule().name == name)
    }
}
