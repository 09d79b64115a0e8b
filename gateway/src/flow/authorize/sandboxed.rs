//! A question that names a sandbox: it is answered from synthetic rows or not at all, never from a store.

use std::sync::Arc;

use foundation::dataset::{DatasetName, Disclosure};
use foundation::service::Scope;

use super::{Granted, Permit, forbidden};
use crate::app::App;
use crate::ask::{Act, Ask, Wanted};
use crate::policy::{Ceilings, Decision, Grant, Sight};
use crate::problem::{Code, Problem};
use crate::sandbox;

/// What a question reaches for.
enum Reach<'a> {
    /// Rows of one dataset.
    Rows(&'a DatasetName),
    /// No rows: a grant has no say in it.
    NoRows,
    /// What synthetic rows cannot answer.
    Beyond,
}

fn reach(ask: &Ask) -> Reach<'_> {
    match ask {
        Ask::Search(r) | Ask::List(r) => match &r.wanted {
            Wanted::Datasets(names) => match names.as_slice() {
                [only] => Reach::Rows(only),
                _ => Reach::Beyond,
            },
            Wanted::All | Wanted::Databases(_) => Reach::Beyond,
        },
        Ask::Get(r) => Reach::Rows(&r.dataset),
        Ask::Lookup(r) => Reach::Rows(&r.dataset),
        Ask::CodeList { .. }
        | Ask::Catalogue
        | Ask::CatalogueEntry(_)
        | Ask::Audit(_)
        | Ask::AuditProof(_)
        | Ask::Sharing(_)
        | Ask::Correction(_)
        | Ask::Evaluation(_)
        | Ask::Accounts(_)
        | Ask::Compiling(_)
        | Ask::MyAccesses(_)
        | Ask::Jobs(_) => Reach::NoRows,
        // Named one by one: a new kind of question must be thought of here.
        Ask::History(_)
        | Ask::Claims(_)
        | Ask::Links(_)
        | Ask::Statistics(_)
        | Ask::Changes(_)
        | Ask::Import(_)
        | Ask::ImportReport(_)
        | Ask::Rejected(_)
        | Ask::Withdraw(_)
        | Ask::Verify(_)
        | Ask::FindPersons(_)
        | Ask::Ownership(_)
        | Ask::DivisionAt { .. }
        | Ask::Geocode(_)
        | Ask::Successors { .. }
        | Ask::Series(_)
        | Ask::Tile(_)
        | Ask::Explain(..)
        | Ask::Correct(_)
        | Ask::Export(_)
        | Ask::ExportRows(..) => Reach::Beyond,
    }
}

/// Makes the permit of a question that names a sandbox; `false` = it names none, or asks for no rows.
pub(super) async fn enter(app: &App, permit: &mut Permit, ask: &Ask) -> Result<bool, Problem> {
    let Some(id) = permit.caller.grant().filter(|id| sandbox::is_id(id)) else { return Ok(false) };
    let beyond = |why: &str| Problem::new(Code::NotInSandbox, why).about("Natbase-Grant");
    let name = match reach(ask) {
        Reach::Rows(name) => name,
        Reach::NoRows => return Ok(false),
        Reach::Beyond => {
            return Err(beyond(
                "a sandbox answers `records`, `records/{id}`, `records:query`, `records:lookup` and `search` on its one dataset",
            ));
        }
    };
    if !permit.caller.reads_the_api() {
        return Err(beyond(
            "a sandbox answers on the API's own paths alone: elsewhere nothing says that rows are synthetic",
        ));
    }
    let policies = permit.snapshot.decide_system(permit.caller.principal(), Act::Sandbox);
    let policies = policies.map_err(|refusal| forbidden(&refusal))?;
    let fault = |why: &str| Problem::new(Code::GrantRefused, why).about("Natbase-Grant");
    if permit.caller.officer_differs() {
        return Err(fault("the officer named is not the token's"));
    }
    let kept = app.desk.sandbox(id).await.map_err(|error| {
        Problem::new(Code::Unavailable, "the gateway's store does not answer now").because(error.to_string())
    })?;
    let own = kept.filter(|kept| kept.by.department == permit.caller.department());
    let own = own.ok_or_else(|| fault("there is no such grant for this department"))?;
    if own.terms.dataset != name.to_string() {
        return Err(fault("the sandbox is of another dataset"));
    }
    let facts = &app.catalogue.get(name).ok_or_else(|| fault("the sandbox is of another dataset"))?;
    let known = |named: &DatasetName| (named == name).then(|| facts.dataset.as_ref());
    let grant = own.terms.grant(&own.id, &own.by.department, known);
    let grant = grant.map_err(|why| fault("the sandbox no longer fits its dataset").because(why))?;
    if !grant.period.contains(permit.today) {
        return Err(fault("the grant is not in force today"));
    }
    let decision = decision(&grant, facts.dataset.disclosure == Disclosure::Open, &policies);
    let act = permit.act;
    permit.datasets.push(Granted { facts: Arc::clone(facts), act, decision: Arc::new(decision), synthetic: true });
    permit.grant = Some(Arc::new(grant));
    permit.policies = policies;
    Ok(true)
}

fn decision(grant: &Grant, counts: bool, policies: &Arc<[String]>) -> Decision {
    Decision {
        scopes: vec![Scope { rows: None, readable: grant.fields.clone(), masked: grant.masked.clone() }],
        sight: Sight::SomeFields,
        counts,
        ceilings: Some(Ceilings {
            rows_per_answer_max: grant.rows_per_answer_max,
            rows_per_day_max: grant.rows_per_day_max,
            persons_per_day_max: grant.persons_per_day_max,
        }),
        policies: Arc::clone(policies),
        under_grant: true,
    }
}
