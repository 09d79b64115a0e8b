//! A case: a request for data, its answer, the grant that came of it and its end, as the events that made it.

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::step::{Outcome, Said, State, Verb};
use crate::policy::{Grant, Terms};

/// Who took a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The token's subject; `natbase` for what follows by itself.
    pub subject: String,
    /// Credit code of the department, or of the company whose request it is.
    pub department: String,
    /// 经办人.
    pub officer: String,
}

/// A step that was taken. What stands here is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When, microseconds UTC.
    pub at_us: i64,
    /// By whom.
    pub by: Actor,
    /// Which.
    pub verb: Verb,
    /// With what.
    #[serde(default)]
    pub said: Said,
}

impl Event {
    /// When.
    #[must_use]
    pub fn at(&self) -> Instant {
        Instant(self.at_us)
    }
    /// The calendar day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.at().day()
    }
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A department asks for what another holds (arts 20 to 22).
    #[default]
    Request,
    /// What an upper level holds of an area goes back to it (数据回流, art 24).
    ReturnFlow,
    /// A company asks for what is opened conditionally (有条件开放).
    Opening,
}

impl Kind {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::ReturnFlow => "return_flow",
            Self::Opening => "opening",
        }
    }
}

/// More days for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extension {
    /// Not asked for.
    #[default]
    None,
    /// Asked for, working days.
    Asked(u32),
    /// Consented to, working days.
    Given(u32),
    /// Not consented to.
    Denied,
}

/// A dispute in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Credit code of who disputes.
    pub by: String,
    /// 1 negotiation, 2 the authority, 3 the government of that authority.
    pub level: u8,
    /// The day on which it came to this level.
    pub since: Day,
}

/// A change that the provider proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Other terms; `None` = the end of the service.
    pub terms: Option<Terms>,
    /// Whether the requester has agreed.
    pub agreed: bool,
}

/// A case as its events have left it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; together they are no state")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id; that of the grant too.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// Credit code of the department that asks; of an opening, of the company.
    pub requester: String,
    /// Department whose data it is.
    pub provider: String,
    /// Whether all that is asked for is shared unconditionally.
    pub unconditional: bool,
    /// Where it stands, apart from the passing of its period.
    pub state: State,
    /// Terms asked for.
    pub asked: Terms,
    /// Terms consented to.
    pub given: Option<Terms>,
    /// How the data is to be disposed of.
    pub disposal: Option<String>,
    /// Whether the provider has said what is missing: it may once.
    pub asked_more: bool,
    /// More days for the answer.
    pub extension: Extension,
    /// Whether use beyond the grant was reported and not put right.
    pub misuse: bool,
    /// Whether the requester says that it has put things right.
    pub rectified: bool,
    /// A dispute.
    pub dispute: Option<Dispute>,
    /// The authority that decided at level 2.
    pub decided_by: Option<String>,
    /// A change proposed.
    pub change: Option<Change>,
    /// The day on which the running clock, or the last one, of the answer started.
    pub received: Option<Day>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl Case {
    /// The case that a first event begins; `None` if it is no first event.
    #[must_use]
    pub fn begin(id: &str, provider: &str, unconditional: bool, first: Event) -> Option<Self> {
        let asked = first.said.terms.clone().filter(|_| first.verb == Verb::Draft)?;
        let requester = first.by.department.clone();
        Some(Self::first(id, &requester, provider, unconditional, asked, first))
    }

    /// The case of a grant that was reviewed elsewhere and is taken in: in force from its first event on, for its period.
    #[must_use]
    pub fn import(id: &str, requester: &str, provider: &str, unconditional: bool, first: Event) -> Option<Self> {
        let asked = first.said.terms.clone().filter(|_| first.verb == Verb::Import)?;
        let given = Some(asked.clone());
        let begun = Self::first(id, requester, provider, unconditional, asked, first);
        Some(Self { state: State::Active, given, ..begun })
    }

    fn first(id: &str, requester: &str, provider: &str, unconditional: bool, asked: Terms, first: Event) -> Self {
        Self {
            id: id.to_owned(),
            kind: Kind::Request,
            requester: requester.to_owned(),
            provider: provider.to_owned(),
            unconditional,
            state: State::Draft,
            asked,
            given: None,
            disposal: None,
            asked_more: false,
            extension: Extension::None,
            misuse: false,
            rectified: false,
            dispute: None,
            decided_by: None,
            change: None,
            received: None,
            events: vec![first],
        }
    }

    /// The same as a case of another kind.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The event that took it in, if it was reviewed elsewhere.
    #[must_use]
    pub fn imported(&self) -> Option<&Event> {
        self.events.first().filter(|first| first.verb == Verb::Import)
    }

    /// Where it stands on `today`: an active grant whose period is over has expired.
    #[must_use]
    pub fn state_on(&self, today: Day) -> State {
        let over = || self.given.as_ref().and_then(|t| t.period().ok()).is_some_and(|period| period.to <= today);
        match self.state {
            State::Active | State::Suspended if over() => State::Expired,
            state => state,
        }
    }

    /// Whether it was ever submitted, or taken in: until then it is nobody's business but the requester's, withdrawn or not.
    #[must_use]
    pub fn was_submitted(&self) -> bool {
        self.received.is_some() || self.imported().is_some()
    }

    /// Puts an event on. Whether it may happen was judged before it was kept.
    pub fn put(&mut self, event: Event) {
        let day = event.day();
        let said = &event.said;
        match event.verb {
            Verb::Draft | Verb::Import | Verb::RecordUse | Verb::Review => {}
            Verb::Revise => self.asked = said.terms.clone().unwrap_or_else(|| self.asked.clone()),
            Verb::Sign => self.state = State::Signed,
            Verb::Submit | Verb::Supplement => {
                if let Some(terms) = &said.terms {
                    self.asked = terms.clone();
                }
                self.state = State::Submitted;
                self.received = Some(day);
                self.extension = Extension::None;
            }
            Verb::Withdraw => self.state = State::Withdrawn,
            Verb::NeedMore => {
                self.state = State::Incomplete;
                self.asked_more = true;
            }
            Verb::AskExtension => self.extension = Extension::Asked(said.days.unwrap_or(0)),
            Verb::Extend => {
                if let Extension::Asked(days) = self.extension {
                    self.extension = Extension::Given(days);
                }
            }
            Verb::DenyExtension => self.extension = Extension::Denied,
            Verb::Consent => {
                self.state = State::Delivering;
                self.given = Some(said.terms.clone().unwrap_or_else(|| self.asked.clone()));
                self.disposal.clone_from(&said.reason);
            }
            Verb::Refuse => self.state = State::Refused,
            Verb::Deliver | Verb::Resume => {
                self.state = State::Active;
                self.misuse = false;
                self.rectified = false;
            }
            Verb::ReportMisuse => self.misuse = true,
            Verb::Suspend => self.state = State::Suspended,
            Verb::Rectify => self.rectified = true,
            Verb::Terminate => self.state = State::Terminated,
            Verb::ProposeChange => self.change = Some(Change { terms: said.terms.clone(), agreed: false }),
            Verb::AgreeChange => {
                if let Some(change) = &mut self.change {
                    change.agreed = true;
                }
            }
            Verb::FileChange => match self.change.take() {
                Some(Change { terms: Some(terms), .. }) => self.given = Some(terms),
                _ => self.state = State::Ended,
            },
            Verb::Relinquish => self.state = State::Ended,
            Verb::Dispose => self.state = State::Disposed,
            Verb::Dispute => {
                self.dispute = Some(Dispute { by: event.by.department.clone(), level: 1, since: day });
            }
            Verb::Escalate => {
                if let Some(dispute) = &mut self.dispute {
                    dispute.level += 1;
                    dispute.since = day;
                }
            }
            Verb::Settle | Verb::Decide => self.end_dispute(&event),
        }
        self.events.push(event);
    }

    fn end_dispute(&mut self, event: &Event) {
        if event.verb == Verb::Decide {
            self.decided_by = Some(event.by.department.clone());
        }
        // What an authority decides at level 2 can still be taken to its government.
        let level = self.dispute.as_ref().map_or(0, |d| d.level);
        if event.said.outcome == Some(Outcome::Overturn) {
            match self.state {
                State::Refused => {
                    self.state = State::Submitted;
                    self.received = Some(event.day());
                    self.extension = Extension::None;
                }
                State::Suspended | State::Terminated => {
                    self.state = State::Active;
                    self.misuse = false;
                    self.rectified = false;
                }
                _ => {}
            }
        }
        if event.verb == Verb::Settle || level >= 3 || event.said.outcome == Some(Outcome::Overturn) {
            self.dispute = None;
        }
    }

    /// The grant, if the case gives one now. Its period is judged when it is used.
    ///
    /// # Errors
    /// Why the terms no longer fit the dataset.
    pub fn grant<'a>(
        &self,
        dataset: impl Fn(&foundation::dataset::DatasetName) -> Option<&'a foundation::dataset::Dataset>,
    ) -> Option<Result<Grant, String>> {
        let terms = self.given.as_ref().filter(|_| self.state == State::Active)?;
        match self.kind {
            Kind::ReturnFlow => {}
            Kind::Request => return Some(terms.grant(&self.id, &self.requester, dataset)),
            Kind::Opening => {
                let grant = terms.grant(&self.id, &self.requester, dataset);
                return Some(grant.map(|grant| Grant { company: true, ..grant }));
            }
        }
        // Whole: with every field that is shared by now, not those of the day on which it began.
        let definition = terms.dataset.parse().ok().and_then(|name| dataset(&name));
        let fields = definition.map(super::return_flow::fields).unwrap_or_default();
        let whole = Terms { fields, masked: Vec::new(), ..terms.clone() };
        Some(whole.grant(&self.id, &self.requester, dataset).map(|grant| Grant { return_flow: true, ..grant }))
    }
}
