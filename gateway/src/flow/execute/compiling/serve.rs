//! A definition that was announced is taken into service: kept beside the program's own, registered, searched, judged.

use foundation::dataset::{Dataset, compatible};
use foundation::service::ErrorKind;

use crate::app::App;
use crate::catalogue::{Entry, toml};
use crate::flow::Permit;
use crate::problem::{Code, Problem};

/// Whether a definition may become what an entry is served by, as far as that can be said before it is.
pub(super) fn fits(app: &App, definition: &Dataset) -> Result<(), Problem> {
    app.definitions.stands(definition).map_err(|error| unfit(&error))?;
    match app.catalogue.get(&definition.name) {
        Some(served) => compatible(&served.dataset, definition).map(|_| ()).map_err(|error| unfit(&error)),
        None => Ok(()),
    }
}

fn unfit(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(Code::Unprocessable, error.to_string()).about("definition")
}

/// Serves the dataset of an entry by the definition that holds today.
///
/// The file comes first: a server that stops in between opens with it. What is refused leaves everything as it was.
pub(super) async fn serve(app: &App, permit: &Permit, entry: &Entry) -> Result<(), Problem> {
    let internal = |what: &str| Problem::new(Code::Internal, what.to_owned());
    let text = entry.definition_on(permit.today()).ok_or_else(|| internal("there is no definition"))?;
    let code = entry.code.as_deref().ok_or_else(|| internal("the entry has no code"))?;
    let published = entry.versions.iter().rev().find(|version| version.from <= permit.today());
    let published = published.map_or(permit.today(), |version| version.from);
    let (dataset, text) = toml::announced(text, code, published).map_err(|error| unfit(&error))?;
    fits(app, &dataset)?;
    let database = app.catalogue.database(dataset.name.database());
    let database = database.ok_or_else(|| Problem::new(Code::Unavailable, "the base database is not here"))?;
    let unkept = |error: std::io::Error| {
        Problem::new(Code::WritesRefused, "the definition cannot be kept now").because(error.to_string())
    };
    let name = dataset.name.clone();
    let kept = app.definitions.keep(&name, &text).map_err(unkept)?;
    match database.define(dataset).await {
        Ok(_) => {}
        Err(error) if error.kind == ErrorKind::Invalid => {
            kept.put_back().map_err(unkept)?;
            return Err(unfit(&error));
        }
        // It may be registered already, and an older definition would not open again: the file stays, and the next try
        // or the next start goes on from it.
        Err(error) => {
            let detail = "the base database does not take it now";
            return Err(Problem::new(Code::Unavailable, detail).because(error.to_string()));
        }
    }
    let served = database.datasets().into_iter().find(|served| served.name == name);
    app.serves(entry, &served.ok_or_else(|| internal("what was taken in is not served"))?);
    Ok(())
}
