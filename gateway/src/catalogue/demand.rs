//! The list of demands (需求清单): data that a department needs and finds in no catalogue.
//!
//! A department asks, the authority names the source or rejects with reasons, the source drafts an entry; with its
//! announcement the demand is met. Decree 809 art 19 names one source department for data; it sets no limit for the answer.

mod clocks;

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use crate::sharing::Actor;
use crate::sharing::take::Hand;

/// Where a demand stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandState {
    /// Waits for the authority.
    Asked,
    /// The source is named and has to draft an entry.
    Named,
    /// The source has drafted an entry.
    Drafted,
    /// The entry is announced.
    Met,
    /// Rejected, with reasons.
    Rejected,
    /// Taken back.
    Withdrawn,
}

impl DemandState {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Named => "named",
            Self::Drafted => "drafted",
            Self::Met => "met",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A step of a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandVerb {
    /// A department asks.
    Ask,
    /// The authority names the source.
    NameSource,
    /// The authority rejects it, with reasons.
    Reject,
    /// The department takes it back.
    Withdraw,
    /// The source has drafted an entry that answers it.
    Draft,
    /// The draft was given up.
    Undraft,
    /// The entry is announced.
    Meet,
}

impl DemandVerb {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::NameSource => "name_source",
            Self::Reject => "reject",
            Self::Withdraw => "withdraw",
            Self::Draft => "draft",
            Self::Undraft => "undraft",
            Self::Meet => "meet",
        }
    }

    /// The step called `name` that a caller may take.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::NameSource, Self::Reject, Self::Withdraw].into_iter().find(|verb| verb.as_str() == name)
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// What the data is called.
    pub title: String,
    /// Titles or names of the fields needed.
    pub fields: Vec<String>,
    /// What for (使用场景).
    pub purpose: String,
    /// Legal ground of the need.
    pub ground: String,
}

/// A step that was taken on a demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandEvent {
    /// When, microseconds UTC.
    pub at_us: i64,
    /// By whom.
    pub by: Actor,
    /// Which.
    pub verb: DemandVerb,
    /// What is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
    /// The source named, by credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The entry that answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl DemandEvent {
    fn day(&self) -> Day {
        Instant(self.at_us).day()
    }
}

/// A demand as its events have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Its id.
    pub id: String,
    /// Department that asks.
    pub requester: String,
    /// Where it stands.
    pub state: DemandState,
    /// What is asked for.
    pub wish: Wish,
    /// The source named.
    pub source: Option<String>,
    /// The entry that answers it.
    pub entry: Option<String>,
    /// What happened, in order.
    pub events: Vec<DemandEvent>,
}

/// Why a step of a demand may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum DemandError {
    #[error("`{step}` is the step of the {whose} (Decree 809 art 19)")]
    NotYours { step: &'static str, whose: &'static str },
    #[error("`{step}` does not follow on a demand that is {state}")]
    NotNow { step: &'static str, state: &'static str },
    #[error("`{step}` needs `{member}`")]
    Missing { step: &'static str, member: &'static str },
    #[error("`source` is not a unified social credit code (GB 32100)")]
    Source,
}

impl Demand {
    /// The demand that a first event begins; `None` if it is no first event.
    #[must_use]
    pub fn begin(id: &str, first: DemandEvent) -> Option<Self> {
        let wish = first.wish.clone().filter(|_| first.verb == DemandVerb::Ask)?;
        Some(Self {
            id: id.to_owned(),
            requester: first.by.department.clone(),
            state: DemandState::Asked,
            wish,
            source: None,
            entry: None,
            events: vec![first],
        })
    }

    /// Puts an event on.
    pub fn put(&mut self, event: DemandEvent) {
        match event.verb {
            DemandVerb::Ask => {}
            DemandVerb::NameSource => {
                self.state = DemandState::Named;
                self.source.clone_from(&event.source);
            }
            DemandVerb::Reject => self.state = DemandState::Rejected,
            DemandVerb::Withdraw => self.state = DemandState::Withdrawn,
            DemandVerb::Draft => {
                self.state = DemandState::Drafted;
                self.entry.clone_from(&event.entry);
            }
            DemandVerb::Undraft => {
                self.state = DemandState::Named;
                self.entry = None;
            }
            DemandVerb::Meet => self.state = DemandState::Met,
        }
        self.events.push(event);
    }

    /// May this step be taken, now, by this caller?
    ///
    /// # Errors
    /// [`DemandError`], the first rule that is broken.
    pub fn judge(&self, event: &DemandEvent, hand: Hand<'_>) -> Result<(), DemandError> {
        use DemandState as S;
        let step = event.verb.as_str();
        let source = hand.owns && self.source.as_deref() == Some(hand.department);
        let (yours, whose, from): (bool, &str, &[S]) = match event.verb {
            DemandVerb::Ask => (false, "department that asks", &[]),
            DemandVerb::NameSource | DemandVerb::Reject => {
                (hand.authority, "authority for sharing", &[S::Asked, S::Named])
            }
            DemandVerb::Withdraw => {
                (hand.uses && hand.department == self.requester, "department that asks", &[S::Asked, S::Named])
            }
            DemandVerb::Draft => (source, "source that the authority named", &[S::Named]),
            DemandVerb::Undraft | DemandVerb::Meet => (true, "gateway", &[S::Drafted]),
        };
        if !yours {
            return Err(DemandError::NotYours { step, whose });
        }
        if !from.contains(&self.state) {
            return Err(DemandError::NotNow { step, state: self.state.as_str() });
        }
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|t| t.trim().is_empty());
        match event.verb {
            DemandVerb::Reject if blank(&event.reason) => Err(DemandError::Missing { step, member: "reason" }),
            DemandVerb::NameSource => match &event.source {
                None => Err(DemandError::Missing { step, member: "source" }),
                Some(code) if foundation::value::credit_code::CreditCode::parse(code).is_err() => {
                    Err(DemandError::Source)
                }
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
