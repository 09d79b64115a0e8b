//! Takes in grants that were reviewed elsewhere.

use std::collections::BTreeMap;

use super::{SharingAnswer, actor, journal_problem};
use crate::app::App;
use crate::flow::Permit;
use crate::policy::FiledGrant;
use crate::problem::{Code, Problem};
use crate::sharing::desk::import::{Fault, Taking, judge};

/// Faults that a refusal names.
const FAULTS_SAID: usize = 20;

/// Begins a case for every grant of a file, or none.
pub(super) async fn run(app: &App, permit: &Permit, text: &str, evidence: String) -> Result<SharingAnswer, Problem> {
    let by = actor(permit)?;
    let filed = FiledGrant::all(text).map_err(|(line, reason)| refused(&[Fault { line, reason }]))?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let taking = Taking { at_us: app.clock.now().0, by, evidence, digest: crate::http::hex(digest.as_ref()) };
    let _turn = app.desk.turn().await;
    let mut known = BTreeMap::new();
    for grant in &filed {
        if let Some(case) = app.desk.case(&grant.id).await.map_err(|e| journal_problem(&e))? {
            known.insert(grant.id.clone(), case);
        }
    }
    let held = app.catalogue.held();
    let dataset = |name: &_| held.get(name).map(|f| f.dataset.as_ref());
    let (fresh, unchanged) = judge(filed, &taking, &known, dataset).map_err(|faults| refused(&faults))?;
    let kept = app.desk.take_in(&fresh).await;
    // Of a write that broke off, the next start reads what was kept; until then the file's grants stand as they did.
    kept.map_err(|e| journal_problem(&e))?;
    app.take_in(&fresh);
    Ok(SharingAnswer::TakenIn { imported: fresh.into_iter().map(|case| case.id).collect(), unchanged })
}

fn refused(faults: &[Fault]) -> Problem {
    let said = faults.iter().take(FAULTS_SAID).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let more = match faults.len().saturating_sub(FAULTS_SAID) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Problem::new(Code::Unprocessable, format!("nothing was taken in: {said}{more}")).about("grants")
}
