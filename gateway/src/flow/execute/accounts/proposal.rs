//! What is proposed without being of one account: whether it could be done, and what came of it.

use foundation::dataset::DatasetName;
use foundation::service::ErasedAsk;

use super::AccountsAnswer;
use crate::accounts::Measure;
use crate::app::App;
use crate::erasing;
use crate::problem::{Code, Problem};

/// Refuses what could not be done, before two people come together over it.
pub(super) fn possible(app: &App, measure: &Measure) -> Result<(), Problem> {
    let unsound = |detail: &str, about: &str| Problem::new(Code::Unprocessable, detail).about(about);
    match measure {
        Measure::RotateMasterKey { fingerprint } => {
            let keys = app.master_keys.as_ref();
            let keys = keys.ok_or_else(|| unsound("nothing is sealed here: there are no master keys", "act"))?;
            let known = keys.generation(fingerprint);
            known.map(|_| ()).ok_or_else(|| unsound("no generation in the file of master keys has it", "fingerprint"))
        }
        Measure::Erase { dataset, .. } => {
            let known = erasing::service(app, dataset);
            known.map(|_| ()).ok_or_else(|| Problem::new(Code::NotFound, "there is no such dataset").about("dataset"))
        }
        _ => Ok(()),
    }
}

/// Where the master keys stand.
pub(super) async fn master_keys(app: &App) -> Result<AccountsAnswer, Problem> {
    let absent = || Problem::new(Code::NotFound, "nothing is sealed here: there are no master keys");
    let keys = app.master_keys.as_ref().ok_or_else(absent)?;
    let state = keys.state().await;
    let unread = |e| Problem::new(Code::Unavailable, "the keys of records cannot be read").because(format!("{e}"));
    Ok(AccountsAnswer::MasterKeys(state.map_err(unread)?))
}

/// What is left of the erased records of a dataset.
pub(super) async fn erased(
    app: &App,
    dataset: DatasetName,
    after: Option<String>,
    limit: usize,
) -> Result<AccountsAnswer, Problem> {
    let found = erasing::service(app, &dataset.to_string());
    let (service, dataset) =
        found.ok_or_else(|| Problem::new(Code::NotFound, "there is no such dataset").about("dataset"))?;
    let mut found = service.erased(ErasedAsk { dataset, after, limit: limit + 1 }).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id.clone());
    Ok(AccountsAnswer::Erased(found, next))
}
