//! Grants that were reviewed elsewhere become cases: all of a file or none, and the same file again changes nothing.

use std::collections::BTreeMap;

use foundation::dataset::{Dataset, DatasetName};

use super::super::case::{Actor, Case, Event};
use super::super::step::{Said, Verb};
use super::super::take;
use super::{Desk, LETTER, first_rows};
use crate::journal::{self, JournalError};
use crate::policy::FiledGrant;

/// Cases kept in one write.
const KEPT_AT_ONCE: usize = 200;
/// Longest row filter, bytes: as in a request.
const ROWS_BYTES_MAX: usize = 4_000;

/// A grant that cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Fault {
    /// The line on which it begins.
    pub line: usize,
    /// The rule that is broken.
    pub reason: String,
}

/// What every case of one import says.
pub struct Taking {
    /// When, microseconds UTC.
    pub at_us: i64,
    /// By whom.
    pub by: Actor,
    /// Where the review lies.
    pub evidence: String,
    /// SHA-256 of the file, lowercase hex.
    pub digest: String,
}

/// Judges the grants of a file against the datasets there are and the cases that bear their ids already; gives the cases
/// that are to be begun and how many stand already as the file has them.
///
/// # Errors
/// Every grant that breaks a rule.
pub fn judge<'a>(
    filed: Vec<FiledGrant>,
    taking: &Taking,
    known: &BTreeMap<String, Case>,
    dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>,
) -> Result<(Vec<Case>, usize), Vec<Fault>> {
    let (mut fresh, mut unchanged, mut faults) = (BTreeMap::<String, Case>::new(), 0, Vec::new());
    for grant in filed {
        let (line, id) = (grant.line, grant.id.clone());
        let judged = match (fresh.contains_key(&id), known.get(&id)) {
            (true, _) => Err(format!("grant `{id}` stands twice")),
            (false, Some(case)) => is_the_same(case, &grant).map(|()| None),
            (false, None) => begun(grant, taking, &dataset).map(Some),
        };
        match judged {
            Ok(Some(case)) => drop(fresh.insert(id, case)),
            Ok(None) => unchanged += 1,
            Err(reason) => faults.push(Fault { line, reason }),
        }
    }
    if faults.is_empty() { Ok((fresh.into_values().collect(), unchanged)) } else { Err(faults) }
}

fn begun<'a>(
    grant: FiledGrant,
    taking: &Taking,
    dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>,
) -> Result<Case, String> {
    let FiledGrant { id, department, terms, .. } = grant;
    // A text in an address that browsers and programs would read as a step up.
    if !id.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return Err("`id` has no letter and no digit".to_owned());
    }
    if journal::is_id(LETTER, &id) || crate::sandbox::is_id(&id) {
        return Err(format!("`{id}` has the form of an id that this desk gives itself"));
    }
    if terms.rows.len() > ROWS_BYTES_MAX {
        return Err(format!("`rows` is over {ROWS_BYTES_MAX} bytes"));
    }
    let name: DatasetName = terms.dataset.parse()?;
    let definition = dataset(&name).ok_or_else(|| format!("there is no dataset `{name}`"))?;
    terms.grant(&id, &department, |named| (*named == name).then_some(definition))?;
    take::asked_of(definition, &department, &terms).map_err(|error| error.to_string())?;
    let unconditional = take::is_unconditional(definition, &terms);
    let said = Said {
        terms: Some(terms),
        evidence: Some(taking.evidence.clone()),
        digest: Some(taking.digest.clone()),
        ..Said::default()
    };
    let first = Event { at_us: taking.at_us, by: taking.by.clone(), verb: Verb::Import, said };
    Case::import(&id, &department, &definition.provider_code, unconditional, first)
        .ok_or_else(|| "the case was not begun".to_owned())
}

/// Whether a case was begun by this very grant, whatever became of it since.
fn is_the_same(case: &Case, grant: &FiledGrant) -> Result<(), String> {
    let id = &case.id;
    let Some(first) = case.imported() else { return Err(format!("`{id}` is the id of another case")) };
    if case.requester == grant.department && first.said.terms.as_ref() == Some(&grant.terms) {
        return Ok(());
    }
    Err(format!("`{id}` was taken in with other terms; what has begun is changed by the steps of its case"))
}

impl Desk {
    /// Keeps the first events of many cases. What a broken write left out, taking the same file in again completes.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn take_in(&self, cases: &[Case]) -> Result<(), JournalError> {
        for part in cases.chunks(KEPT_AT_ONCE) {
            let mut puts = Vec::new();
            for case in part {
                puts.extend(first_rows(case)?);
            }
            self.journal.append(puts).await?;
        }
        Ok(())
    }
}
