//! Erasure: what two security administrators decided is carried out, once, whatever comes in between.
//!
//! ```text
//! proposed ─► approved by another ─► the base database erases ─► an entry of the audit log ─► the permission is used up
//! ```

use std::sync::Arc;

use foundation::dataset::DatasetName;
use foundation::service::{BaseDatabase, EraseAsk, ServiceError};

use crate::accounts::{Intent, Measure, State};
use crate::app::App;
use crate::ask::Act;
use crate::audit::Draft;

/// What stands in the log where a request has its route.
const ROUTE: &str = "erasure";

/// An approved erasure.
struct Due {
    number: u64,
    measure: Measure,
    dataset: String,
    record: String,
    ground: String,
    /// Who approved it.
    by: String,
}

/// Carries out what is approved and not done; a failure is logged and told by `false`: it is to be tried again later.
pub async fn carry_out(app: &App) -> bool {
    let mut all = true;
    for due in due(app) {
        let number = due.number;
        if let Err(reason) = one(app, due).await {
            all = false;
            tracing::error!(number, reason, "an erasure is not done; it will be tried again");
        }
    }
    all
}

/// Goes on with erasures that were broken off by the end of the process before.
pub async fn go_on(app: &App) {
    for database in app.catalogue.databases() {
        match database.erase_rest().await {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "erasures that were broken off are done"),
            Err(error) => tracing::error!(%error, "erasures that were broken off are not done"),
        }
    }
}

fn due(app: &App) -> Vec<Due> {
    let now = app.clock.now();
    app.roster.read(|register| {
        let approved = register.proposals().filter(|proposal| proposal.state(now.0) == State::Approved);
        let due = approved.filter_map(|proposal| match &proposal.measure {
            Measure::Erase { dataset, record, ground } => Some(Due {
                number: proposal.number,
                measure: proposal.measure.clone(),
                dataset: dataset.clone(),
                record: record.clone(),
                ground: ground.clone(),
                by: proposal.judged.as_ref().map(|(by, _)| by.clone()).unwrap_or_default(),
            }),
            _ => None,
        });
        due.collect()
    })
}

async fn one(app: &App, due: Due) -> Result<(), String> {
    let (service, dataset) = service(app, &due.dataset).ok_or("its dataset is not served")?;
    let because = format!("proposal {}: {}", due.number, due.ground);
    let ask = EraseAsk { dataset, id: due.record.clone(), because };
    let done = service.erase(ask).await;
    note(app, &due, &done).await?;
    let answer = done.map_err(|error| error.to_string())?;
    app.roster.act(&due.by, Intent::Use(due.measure), app.clock.now()).await.map_err(|error| error.to_string())?;
    tracing::info!(number = due.number, records = answer.records.len(), "an erasure is done");
    Ok(())
}

/// The base database that keeps a dataset.
pub(crate) fn service(app: &App, dataset: &str) -> Option<(Arc<dyn BaseDatabase>, DatasetName)> {
    let name: DatasetName = dataset.parse().ok()?;
    app.catalogue.get(&name)?;
    let service = app.catalogue.databases().iter().find(|service| service.database() == name.database())?;
    Some((Arc::clone(service), name))
}

/// The entry of the log: who decided, what is gone, by id.
async fn note(
    app: &App,
    due: &Due,
    done: &Result<foundation::service::EraseAnswer, ServiceError>,
) -> Result<(), String> {
    let records: Vec<&str> = match done {
        Ok(answer) => answer.records.iter().map(|(_, id)| id.as_str()).collect(),
        Err(_) => vec![&due.record],
    };
    let cause = format!("proposal {}", due.number);
    let (status, code) = match done {
        Ok(_) if records.is_empty() => (404, "not_found"),
        Ok(_) => (200, "erased"),
        Err(_) => (500, "internal"),
    };
    let draft = Draft {
        act: Act::AdministerAccounts as u8,
        status,
        rows: u32::try_from(records.len()).unwrap_or(u32::MAX),
        subject: &due.by,
        ground: &due.ground,
        route: ROUTE,
        dataset: &due.dataset,
        code,
        cause: &cause,
        records: &records,
        ..Draft::blank()
    };
    app.audit.enter(app.clock.now(), draft).await.map(|_| ()).map_err(|error| error.to_string())
}
