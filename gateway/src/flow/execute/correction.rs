//! Corrections: files one on a value that the caller sees, shows them to their parties, takes the answers.

use foundation::service::GetAsk;

use super::sharing::{actor, is_authority, journal_problem};
use super::{Service, absent};
use crate::app::App;
use crate::ask::{CorrectionRequest, DoubtFiled};
use crate::flow::Permit;
use crate::problem::{Code, Problem};
use crate::sharing::clocks::{Alert, Clock};
use crate::sharing::correction::{
    Correction, CorrectionError, CorrectionEvent, CorrectionHand, CorrectionStep, Doubt, book,
};

/// A correction with what follows from the day.
#[derive(Debug)]
pub struct CorrectionShown {
    /// The correction.
    pub correction: Correction,
    /// Whether the caller is one of its parties: what is believed is for these alone.
    pub party: bool,
    /// What is due when.
    pub clocks: Vec<Clock>,
    /// What is the matter.
    pub alerts: Vec<Alert>,
    /// The record that was read when it was filed.
    pub read: bool,
}

/// What came of a question or step of corrections.
#[derive(Debug)]
pub enum CorrectionAnswer {
    /// One correction.
    One(Box<CorrectionShown>),
    /// Several, and the position to go on from.
    All(Vec<CorrectionShown>, Option<String>),
}

/// Most corrections looked through for one answer.
const READ_MAX: usize = 10_000;

/// Files a correction: the record must be one that the caller sees, the field one that he reads in it.
pub(super) async fn file(
    app: &App,
    permit: &Permit,
    (service, ask): (Service, GetAsk),
    filed: DoubtFiled,
) -> Result<CorrectionAnswer, Problem> {
    service.get(ask).await?.record.ok_or_else(absent)?;
    let provider = permit.dataset()?.facts.dataset.provider_code.clone();
    let by = actor(permit)?;
    let id = book::fresh_id().ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    let DoubtFiled { dataset, record, field, believed, said } = filed;
    let doubt = Doubt { dataset: dataset.to_string(), record, field, believed, provider };
    let first = CorrectionEvent { at_us: app.clock.now().0, by, step: CorrectionStep::File, said };
    let correction = Correction::begin(&id, doubt, first)
        .ok_or_else(|| Problem::new(Code::Internal, "the correction was not begun"))?;
    app.corrections.keep(&correction, 0).await.map_err(|e| journal_problem(&e))?;
    Ok(CorrectionAnswer::One(Box::new(CorrectionShown { read: true, ..shown(app, permit, correction) })))
}

/// Does what was asked.
pub(super) async fn run(app: &App, permit: &Permit, request: CorrectionRequest) -> Result<CorrectionAnswer, Problem> {
    match request {
        CorrectionRequest::One(id) => {
            let correction = visible(app, permit, &id).await?;
            Ok(CorrectionAnswer::One(Box::new(shown(app, permit, correction))))
        }
        CorrectionRequest::All { overdue, after, limit } => {
            let wanted = |one: &CorrectionShown| !overdue || !one.alerts.is_empty();
            let (all, next) = several(app, permit, after, limit, wanted).await?;
            Ok(CorrectionAnswer::All(all, next))
        }
        CorrectionRequest::Step { correction, step, said } => {
            // From reading the correction to keeping the step: one at a time.
            let _turn = app.corrections.turn().await;
            let mut correction = visible(app, permit, &correction).await?;
            let caller = permit.caller();
            let hand = CorrectionHand {
                department: caller.department(),
                uses: caller.is_department(),
                owns: caller.owns(&correction.doubt.provider),
            };
            correction.judge(step, &said, hand).map_err(|error| refused(&error))?;
            let (by, from) = (actor(permit)?, correction.events.len());
            correction.put(CorrectionEvent { at_us: app.clock.now().0, by, step, said: *said });
            app.corrections.keep(&correction, from).await.map_err(|e| journal_problem(&e))?;
            Ok(CorrectionAnswer::One(Box::new(shown(app, permit, correction))))
        }
    }
}

/// Alerts of the caller's newest corrections, for the first page of all alerts.
pub(super) async fn alerts(app: &App, permit: &Permit, limit: usize) -> Result<Vec<Alert>, Problem> {
    let (all, _) = several(app, permit, None, limit, |one| !one.alerts.is_empty()).await?;
    Ok(all.into_iter().flat_map(|one| one.alerts).collect())
}

fn is_party(permit: &Permit, correction: &Correction) -> bool {
    let caller = permit.caller();
    let own = caller.department();
    caller.is_department() && (own == correction.requester || own == correction.doubt.provider)
}

/// A correction that the caller is a party of, or any for an authority; another is not there.
async fn visible(app: &App, permit: &Permit, id: &str) -> Result<Correction, Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such correction");
    let correction = app.corrections.correction(id).await.map_err(|e| journal_problem(&e))?.ok_or_else(absent)?;
    if is_party(permit, &correction) || is_authority(permit) {
        Ok(correction)
    } else {
        Err(absent().because("the correction is of other departments"))
    }
}

async fn several(
    app: &App,
    permit: &Permit,
    after: Option<String>,
    limit: usize,
    wanted: impl Fn(&CorrectionShown) -> bool,
) -> Result<(Vec<CorrectionShown>, Option<String>), Problem> {
    let binding = permit.caller().binding();
    let expired = || Problem::new(Code::CursorExpired, "the cursor is not one of this caller").about("cursor");
    let mut position: Option<Vec<u8>> = match after {
        Some(text) => Some(app.sealer.open(&text, &binding, app.clock.now()).ok_or_else(expired)?),
        None => None,
    };
    let department = (!is_authority(permit)).then(|| permit.caller().department());
    let (mut out, mut read, mut more) = (Vec::new(), 0, true);
    while more && out.len() < limit && read < READ_MAX {
        let page = 200;
        let part = app.corrections.of(department, position.as_deref(), page).await.map_err(|e| journal_problem(&e))?;
        more = part.len() == page;
        read += part.len();
        for (key, correction) in part {
            if out.len() == limit {
                more = true;
                break;
            }
            position = Some(key);
            let one = shown(app, permit, correction);
            if wanted(&one) {
                out.push(one);
            }
        }
    }
    let next = position.filter(|_| more).and_then(|key| app.sealer.seal(key, &binding, app.clock.now()));
    Ok((out, next))
}

fn shown(app: &App, permit: &Permit, correction: Correction) -> CorrectionShown {
    let (calendar, limits) = (app.desk.calendar(), &app.desk.limits);
    CorrectionShown {
        party: is_party(permit, &correction),
        clocks: correction.clocks(&calendar, limits),
        alerts: correction.alerts(&calendar, limits, permit.today()),
        correction,
        read: false,
    }
}

fn refused(error: &CorrectionError) -> Problem {
    let text = error.to_string();
    match error {
        CorrectionError::NotYours { .. } => Problem::new(Code::Forbidden, text),
        CorrectionError::NotNow { .. } => Problem::new(Code::Conflict, text),
        CorrectionError::Missing { member, .. } => Problem::new(Code::MissingParameter, text).about(*member),
        CorrectionError::Twice => Problem::new(Code::Unprocessable, text),
    }
}
