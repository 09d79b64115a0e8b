//! Objections to a score: filed by the department, answered by the authority, each step an event that is never changed.

mod step;

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::period::EvaluationPeriod;
use super::points::Points;
use super::scheme::Scheme;
use crate::sharing::case::Actor;
use crate::sharing::{Calendar, Due};

pub use step::{ObjectionRule, ObjectionSaid, ObjectionStep, RULES};

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectionEvent {
    /// When, microseconds UTC.
    pub at_us: i64,
    /// By whom.
    pub by: Actor,
    /// Which.
    pub step: ObjectionStep,
    /// With what.
    #[serde(default)]
    pub said: ObjectionSaid,
}

impl ObjectionEvent {
    /// When.
    #[must_use]
    pub fn at(&self) -> Instant {
        Instant(self.at_us)
    }
}

/// Where an objection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The clock of the answer runs.
    Filed,
    /// Taken back.
    Withdrawn,
    /// The points hold.
    Upheld,
    /// Other points hold.
    Changed(Points),
}

impl Standing {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Withdrawn => "withdrawn",
            Self::Upheld => "upheld",
            Self::Changed(_) => "changed",
        }
    }
}

/// An objection as its events have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Its id.
    pub id: String,
    /// The period.
    pub period: EvaluationPeriod,
    /// Who objects: credit code.
    pub department: String,
    /// The indicator.
    pub indicator: String,
    /// The points objected to.
    pub points: Points,
    /// Where it stands.
    pub standing: Standing,
    /// What happened, in order.
    pub events: Vec<ObjectionEvent>,
}

/// Why a step may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ObjectionError {
    /// It is somebody else's.
    #[error("`{step}` is the step of {whose}")]
    NotYours { step: &'static str, whose: &'static str },
    /// It does not follow on where the objection stands.
    #[error("`{step}` does not follow on an objection that is {standing}")]
    NotNow { step: &'static str, standing: &'static str },
    /// It lacks something.
    #[error("`{step}` needs `{member}`")]
    Missing { step: &'static str, member: &'static str },
    /// It brings something that it does not take.
    #[error("`{step}` takes no `{member}`")]
    Superfluous { step: &'static str, member: &'static str },
    /// A rule of the evaluation forbids it.
    #[error("{rule}")]
    Rule { rule: String },
}

/// Who wants to take a step.
#[derive(Debug, Clone, Copy)]
pub struct ObjectionHand<'a> {
    /// Credit code.
    pub department: &'a str,
    /// Whether he acts for a department.
    pub uses: bool,
    /// Whether he acts for an authority for sharing.
    pub authority: bool,
}

/// Judges whether a department may object to an indicator of a period that has these objections.
///
/// # Errors
/// [`ObjectionError`].
pub fn may_file(
    hand: ObjectionHand<'_>,
    indicator: &str,
    (period, scheme): (EvaluationPeriod, &Scheme),
    already: &[Objection],
    (calendar, today): (&Calendar, Day),
) -> Result<(), ObjectionError> {
    let refuse = |rule: String| Err(ObjectionError::Rule { rule });
    if !hand.uses {
        return Err(ObjectionError::NotYours { step: "file", whose: "the department evaluated" });
    }
    if today < period.to() {
        return refuse(format!("{period} is not over: its scores may yet change by themselves"));
    }
    let last = calendar.due(period.to().plus(-1), scheme.objection_working_days, false).day;
    if today > last {
        return refuse(format!("objections to {period} could be filed up to {last}"));
    }
    let same = |o: &&Objection| o.department == hand.department && o.indicator == indicator;
    match already.iter().filter(same).map(|o| o.standing).find(|standing| *standing != Standing::Withdrawn) {
        None => Ok(()),
        Some(Standing::Filed) => refuse(format!("an objection to `{indicator}` is filed already")),
        Some(_) => refuse(format!("an objection to `{indicator}` was answered; a score is objected to once")),
    }
}

impl Objection {
    /// The objection that a first event begins; `None` if it is no first event.
    #[must_use]
    pub fn begin(
        id: &str,
        period: EvaluationPeriod,
        indicator: &str,
        points: Points,
        first: ObjectionEvent,
    ) -> Option<Self> {
        (first.step == ObjectionStep::File).then(|| Self {
            id: id.to_owned(),
            period,
            department: first.by.department.clone(),
            indicator: indicator.to_owned(),
            points,
            standing: Standing::Filed,
            events: vec![first],
        })
    }

    /// Puts an event on. Whether it may happen was judged before it was kept.
    pub fn put(&mut self, event: ObjectionEvent) {
        self.standing = match event.step {
            ObjectionStep::File => Standing::Filed,
            ObjectionStep::Withdraw => Standing::Withdrawn,
            ObjectionStep::Uphold => Standing::Upheld,
            ObjectionStep::Change => event.said.points.map_or(Standing::Upheld, Standing::Changed),
        };
        self.events.push(event);
    }

    /// Judges a step other than the first: whose, when, with what.
    ///
    /// # Errors
    /// [`ObjectionError`].
    pub fn judge(
        &self,
        step: ObjectionStep,
        said: &ObjectionSaid,
        hand: ObjectionHand<'_>,
    ) -> Result<(), ObjectionError> {
        let rule = step.rule();
        let own = hand.department == self.department;
        match rule.by_authority {
            true if !hand.authority => {
                return Err(ObjectionError::NotYours { step: rule.name, whose: "the authority for sharing" });
            }
            true if own => {
                let rule = "who objects may not answer the objection too".to_owned();
                return Err(ObjectionError::Rule { rule });
            }
            false if !(own && hand.uses) => {
                return Err(ObjectionError::NotYours { step: rule.name, whose: "the department that objects" });
            }
            _ => {}
        }
        if self.standing != Standing::Filed || step == ObjectionStep::File {
            return Err(ObjectionError::NotNow { step: rule.name, standing: self.standing.as_str() });
        }
        with_what(rule, said)?;
        if said.points == Some(self.points) {
            let rule = "the points given are those objected to: uphold them instead".to_owned();
            return Err(ObjectionError::Rule { rule });
        }
        Ok(())
    }

    /// When the answer is due.
    #[must_use]
    pub fn due(&self, scheme: &Scheme, calendar: &Calendar) -> Option<Due> {
        let filed = self.events.first()?.at().day();
        Some(calendar.due(filed, scheme.answer_working_days, false))
    }

    /// The day on which it was answered or taken back.
    #[must_use]
    pub fn met(&self) -> Option<Day> {
        if self.standing == Standing::Filed { None } else { self.events.last().map(|event| event.at().day()) }
    }
}

/// Judges what is said with a step.
///
/// # Errors
/// [`ObjectionError::Missing`], [`ObjectionError::Superfluous`].
pub fn with_what(rule: &ObjectionRule, said: &ObjectionSaid) -> Result<(), ObjectionError> {
    let sound = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    let step = rule.name;
    let needed = [
        (rule.reason, sound(&said.reason), "reason"),
        (rule.change, sound(&said.ground), "ground"),
        (rule.change, said.points.is_some(), "points"),
    ];
    if let Some((.., member)) = needed.into_iter().find(|(needed, there, _)| *needed && !there) {
        return Err(ObjectionError::Missing { step, member });
    }
    let extra = [(said.ground.is_some(), "ground"), (said.points.is_some(), "points")];
    match extra.into_iter().find(|(there, _)| *there && !rule.change) {
        Some((_, member)) => Err(ObjectionError::Superfluous { step, member }),
        None => Ok(()),
    }
}
