//! An entry of the catalogue: what is announced, in two times, and what is being written, as the events that made it.

use foundation::dataset::{Dataset, DatasetName};
use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::items::Items;
use super::step::{Said, State, Verb};
use crate::sharing::Actor;
use crate::sharing::case::Extension;

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

/// What was announced at a time, and from which day it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The items; `None` = the entry ends.
    pub items: Option<Box<Items>>,
    /// The first day on which it holds.
    pub from: Day,
    /// When it was announced.
    pub recorded: Instant,
    /// The definition it is served by, if it came as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Working {
    /// The items; `None` = the entry is to end.
    pub items: Option<Box<Items>>,
    /// Subject of who wrote it last.
    pub writer: String,
    /// When the authority approved it.
    pub approved: Option<Instant>,
    /// The definition it came as, if it did.
    pub definition: Option<String>,
}

impl Working {
    fn of(event: &Event) -> Self {
        let Said { items, definition, .. } = event.said.clone();
        Self { items, writer: event.by.subject.clone(), approved: None, definition }
    }
}

/// A change of law or duty that the entry is to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// The day of the change.
    pub since: Day,
    /// More days for it.
    pub extension: Extension,
}

/// An entry that comes from a dataset's definition, as it stood when the first step was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// The resource code.
    pub code: String,
    /// What is announced.
    pub version: Version,
}

/// An entry as its events have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id: `C-…`, or `database:dataset` where a definition announced it.
    pub id: String,
    /// Credit code of the department whose data it is.
    pub provider: String,
    /// Where it stands.
    pub state: State,
    /// 信息资源代码, from the first announcement on.
    pub code: Option<String>,
    /// What is being written.
    pub working: Option<Working>,
    /// What was announced, in the order of announcement.
    pub versions: Vec<Version>,
    /// A change of law or duty not yet followed.
    pub duty: Option<Duty>,
    /// The demand that it answers.
    pub demand: Option<String>,
    /// What the definition announced, if one did.
    pub adopted: Option<Adopted>,
    /// When a definition announced was last taken into service.
    pub served: Option<Instant>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl Entry {
    /// The entry that a first event begins; `None` if it is no first event.
    #[must_use]
    pub fn begin(id: &str, first: Event) -> Option<Self> {
        if first.verb != Verb::Draft {
            return None;
        }
        let working = Working::of(&first);
        Some(Self {
            id: id.to_owned(),
            provider: first.by.department.clone(),
            state: State::Draft,
            code: None,
            working: Some(working),
            versions: Vec::new(),
            duty: None,
            demand: first.said.demand.clone(),
            adopted: None,
            served: None,
            events: vec![first],
        })
    }

    /// The entry that a dataset's definition announces.
    #[must_use]
    pub fn of_dataset(dataset: &Dataset) -> Self {
        let from = Day::parse(&dataset.published).unwrap_or(Day::MIN);
        let recorded = if from == Day::MIN { Instant(0) } else { Instant::end_of(from.plus(-1)) };
        let version = Version { items: Some(Box::new(Items::of(dataset))), from, recorded, definition: None };
        let adopted = Adopted { code: dataset.resource_code.clone(), version };
        Self::adopt(&entry_id(dataset), &dataset.provider_code, adopted)
    }

    /// An entry announced by a definition, before its first event.
    #[must_use]
    pub fn adopt(id: &str, provider: &str, adopted: Adopted) -> Self {
        Self {
            id: id.to_owned(),
            provider: provider.to_owned(),
            state: State::Announced,
            code: Some(adopted.code.clone()),
            working: None,
            versions: vec![adopted.version.clone()],
            duty: None,
            demand: None,
            adopted: Some(adopted),
            served: None,
            events: Vec::new(),
        }
    }

    /// What was announced by `known_at` as holding on `valid_at`: what was announced last wins.
    #[must_use]
    pub fn version_at(&self, valid_at: Day, known_at: Instant) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.recorded <= known_at && version.from <= valid_at)
    }

    /// The items announced by `known_at` as holding on `valid_at`; `None` where there were none, or it had ended.
    #[must_use]
    pub fn items_at(&self, valid_at: Day, known_at: Instant) -> Option<&Items> {
        self.version_at(valid_at, known_at)?.items.as_deref()
    }

    /// The definition of what was announced last as holding on a day.
    #[must_use]
    pub fn definition_on(&self, day: Day) -> Option<&str> {
        self.versions.iter().rev().find(|version| version.from <= day)?.definition.as_deref()
    }

    /// The last version announced, whether it holds already or not.
    #[must_use]
    pub fn last_announced(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The dataset that serves it, by what was announced last or before.
    #[must_use]
    pub fn dataset(&self) -> Option<DatasetName> {
        self.versions.iter().rev().find_map(|version| version.items.as_ref()?.dataset.parse().ok())
    }

    /// Whether it was ever announced: until then it is its provider's and the authority's.
    #[must_use]
    pub fn was_announced(&self) -> bool {
        !self.versions.is_empty()
    }

    /// Fields that fall away with what is being written, or with what is announced and does not hold yet.
    #[must_use]
    pub fn falling_away(&self) -> Vec<&str> {
        match (&self.working, self.last_announced().and_then(|version| version.items.as_deref())) {
            (Some(next), Some(stands)) => stands.removed(next.items.as_deref()),
            _ => Vec::new(),
        }
    }

    /// Puts an event on. Whether it may happen was judged before it was kept.
    pub fn put(&mut self, event: Event) {
        let said = &event.said;
        match event.verb {
            Verb::Draft => {}
            Verb::Revise | Verb::Amend => {
                self.working = Some(Working::of(&event));
                self.state = State::Draft;
            }
            Verb::Submit => {
                self.state = State::Submitted;
                self.duty = None;
            }
            Verb::Return => self.state = State::Returned,
            Verb::Approve => {
                self.state = State::Approved;
                if let Some(working) = &mut self.working {
                    working.approved = Some(event.at());
                }
            }
            Verb::Withdraw => {
                self.working = None;
                self.state = if self.was_announced() { State::Announced } else { State::Withdrawn };
            }
            Verb::Announce => self.announce(&event),
            Verb::Serve => self.served = Some(event.at()),
            Verb::ChangeDuty => {
                let since = said.from.as_deref().and_then(Day::parse).unwrap_or(event.day());
                self.duty = Some(Duty { since, extension: Extension::None });
            }
            Verb::AskExtension => self.extend(|_| Extension::Asked(said.days.unwrap_or(0))),
            Verb::Extend => self.extend(|before| match before {
                Extension::Asked(days) => Extension::Given(days),
                other => other,
            }),
            Verb::DenyExtension => self.extend(|_| Extension::Denied),
        }
        self.events.push(event);
    }

    fn announce(&mut self, event: &Event) {
        let Some(working) = self.working.take() else { return };
        self.state = if working.items.is_some() { State::Announced } else { State::Ended };
        if self.code.is_none() {
            self.code.clone_from(&event.said.code);
        }
        let from = event.said.from.as_deref().and_then(Day::parse).unwrap_or(event.day());
        let Working { items, definition, .. } = working;
        self.versions.push(Version { items, from, recorded: event.at(), definition });
    }

    fn extend(&mut self, change: impl Fn(Extension) -> Extension) {
        if let Some(duty) = &mut self.duty {
            duty.extension = change(duty.extension);
        }
    }
}

/// The id of the entry that a dataset's definition announces: `population:persons`.
#[must_use]
pub fn entry_id(dataset: &Dataset) -> String {
    dataset.name.to_string().replace('/', ":")
}
