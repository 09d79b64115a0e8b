//! Conditional opening (有条件开放): a company asks for what an entry of the catalogue opens under conditions, by the steps of
//! sharing. Decree 809 rules sharing between departments; what a company may ask for follows from the openness of dataset and
//! fields (2017 catalogue guide, 开放属性), as the definition says it when a case is begun, decided and given.

use foundation::dataset::{Database, Dataset, DatasetName, Disclosure, Field, Openness};
use foundation::value::FieldType;

use super::case::{Case, Kind};
use super::step::{Outcome, Said, Verb};
use super::take::{Frame, StepError, not_empty};
use crate::policy::Terms;

/// What a company may do under its grant: never verify, follow edges, or read claims.
pub const ACTS: [&str; 5] = ["get", "lookup", "search", "list", "series"];
/// Highest grade (GB/T 43697) of a field that is opened at all; above it stand personal and important data.
const GRADE_MAX: u8 = 2;
/// Longest commitment, bytes.
const COMMITMENT_BYTES_MAX: usize = 4_000;

/// Judges what a company asks for: opened conditionally as a whole and field by field, its row filter too, with a commitment on
/// use and safety.
///
/// # Errors
/// [`StepError::Opened`], [`StepError::Terms`].
pub fn asked_of(dataset: &Dataset, company: &str, terms: &Terms) -> Result<(), StepError> {
    let unsound = |reason: &str| StepError::Terms { reason: reason.to_owned() };
    if dataset.provider_code == company {
        return Err(opened("who provides the data does not ask for it"));
    }
    let known = |name: &DatasetName| (*name == dataset.name).then_some(dataset);
    let grant = terms.grant("draft", company, known).map_err(|reason| StepError::Terms { reason })?;
    not_empty(terms)?;
    let named: Vec<u16> = grant.fields.iter().chain(&grant.masked).copied().collect();
    let filtered = grant.rows.iter().flat_map(foundation::filter::Filter::fields);
    for number in named.iter().copied().chain(filtered) {
        let Some(field) = dataset.field_by_number(number) else { continue };
        if !is_opened(dataset, field) {
            return Err(opened(&format!("`{}` is not opened, not under conditions either (不予开放)", field.name)));
        }
    }
    let conditional =
        |number: &u16| dataset.field_by_number(*number).is_some_and(|f| openness(dataset, f) == Openness::Conditional);
    if !named.iter().any(conditional) {
        return Err(opened("all that is asked for is open to anybody (无条件开放): it takes no request"));
    }
    if terms.acts.is_empty() || terms.acts.iter().any(|act| !ACTS.contains(&act.as_str())) {
        return Err(unsound(&format!("`acts` of a company are among {}", ACTS.join(", "))));
    }
    if terms.tells_not_found || terms.persons_per_day_max.is_some() {
        return Err(unsound(
            "`tells_not_found` and `persons_per_day_max` are about persons; a company is told of none",
        ));
    }
    if terms.commitment.trim().is_empty() || terms.commitment.len() > COMMITMENT_BYTES_MAX {
        return Err(unsound("`commitment` says how the data is used and kept safe, in 1 to 4,000 bytes"));
    }
    Ok(())
}

fn opened(rule: &str) -> StepError {
    StepError::Opened { rule: rule.to_owned() }
}

fn openness(dataset: &Dataset, field: &Field) -> Openness {
    field.openness.unwrap_or(dataset.openness)
}

/// Whether a company may ever be given a field: opened, of a low grade, of nobody's person, of a dataset whose counts give nobody
/// away. What is open to anybody is open to it too.
#[must_use]
pub fn is_opened(dataset: &Dataset, field: &Field) -> bool {
    match openness(dataset, field) {
        Openness::None => false,
        Openness::Unconditional => true,
        Openness::Conditional => {
            let of_a_person = dataset.name.database() == Database::Population
                || field.kind == FieldType::CitizenId
                || field.target.as_ref().is_some_and(|target| target.starts_with("population/"));
            field.grade <= GRADE_MAX && dataset.disclosure == Disclosure::Open && !of_a_person
        }
    }
}

/// Whether anything of a dataset is opened to companies under conditions.
#[must_use]
pub fn opens(dataset: &Dataset) -> bool {
    let conditional = |field: &&Field| openness(dataset, field) == Openness::Conditional;
    dataset.fields.iter().filter(conditional).any(|field| is_opened(dataset, field))
}

/// Judges what openness says of a step: what is decided on and given must still be opened then.
///
/// # Errors
/// [`StepError`].
pub(super) fn judge(case: &Case, verb: Verb, said: &Said, frame: &Frame<'_>) -> Result<(), StepError> {
    let undone = said.outcome == Some(Outcome::Overturn);
    let terms = match verb {
        Verb::Consent => said.terms.as_ref().or(Some(&case.asked)),
        Verb::Sign | Verb::Submit => Some(&case.asked),
        Verb::ProposeChange => said.terms.as_ref(),
        Verb::AgreeChange | Verb::FileChange => case.change.as_ref().and_then(|change| change.terms.as_ref()),
        Verb::Deliver | Verb::Resume => case.given.as_ref(),
        Verb::Settle | Verb::Decide if undone => case.given.as_ref(),
        _ => None,
    };
    let Some(terms) = terms else { return Ok(()) };
    let name: DatasetName = terms.dataset.parse().map_err(|reason| StepError::Terms { reason })?;
    let absent = || StepError::Terms { reason: format!("there is no dataset `{name}`") };
    asked_of((frame.dataset)(&name).ok_or_else(absent)?, &case.requester, terms)
}

/// Whether a step gives data to a company or leads there: then the company must be in being. Giving up, disposing and attesting
/// are left to one that is not.
#[must_use]
pub fn leads_to_data(case: &Case, verb: Verb, said: &Said) -> bool {
    let leads = matches!(
        verb,
        Verb::Draft
            | Verb::Revise
            | Verb::Sign
            | Verb::Submit
            | Verb::Supplement
            | Verb::Consent
            | Verb::Deliver
            | Verb::Resume
            | Verb::AgreeChange
            | Verb::FileChange
    );
    case.kind == Kind::Opening && (leads || said.outcome == Some(Outcome::Overturn))
}

#[cfg(test)]
mod tests;
