//! Hits of several datasets in one order.

use std::cmp::Ordering;

use foundation::dataset::DatasetName;
use foundation::service::{Count, Hit, SearchAnswer, SortTuple, SortValue};

use super::super::plan::{Merge, SearchPlan};
use super::{Answer, later};
use crate::app::App;
use crate::cursor::Cursor;
use crate::problem::{Code, Problem};

/// Asks every dataset at once and merges.
pub(super) async fn run(app: &App, plan: SearchPlan) -> Result<Answer, Problem> {
    let SearchPlan { parts, merge } = plan;
    let asked = parts.into_iter().map(|part| async move {
        let name = part.ask.dataset.clone();
        part.service.search(part.ask).await.map(|answer| (name, answer))
    });
    let answers = futures::future::try_join_all(asked).await?;
    merged(app, answers, &merge)
}

fn merged(app: &App, answers: Vec<(DatasetName, SearchAnswer)>, merge: &Merge) -> Result<Answer, Problem> {
    let total = Count::sum(answers.iter().map(|(_, a)| a.total));
    let by_dataset = merge.by_dataset.then(|| {
        let mut counts: Vec<_> = answers.iter().map(|(name, a)| (name.clone(), a.total)).collect();
        counts.retain(|(_, count)| count.value != Some(0));
        counts.sort_by(|a, b| b.1.value.cmp(&a.1.value).then_with(|| a.0.cmp(&b.0)));
        counts
    });
    let known: Vec<_> = answers.iter().map(|(name, a)| (name.clone(), a.at.known_at)).collect();
    let mut at = None;
    let mut more = false;
    let mut facets = Vec::new();
    let mut hits: Vec<(DatasetName, Hit)> = Vec::new();
    for (name, answer) in answers {
        at = Some(later(at, answer.at));
        more |= answer.more;
        facets.extend(answer.facets.into_iter().map(|f| (name.clone(), f)));
        hits.extend(answer.hits.into_iter().map(|h| (name.clone(), h)));
    }
    let at = match at {
        Some(at) => at,
        None => super::now(app, app.clock.today()),
    };
    hits.sort_by(|a, b| order((&a.0, &a.1.position), (&b.0, &b.1.position), &merge.descending));
    more |= hits.len() > merge.limit;
    hits.truncate(merge.limit);
    let next = match hits.last() {
        Some((dataset, last)) if more => {
            let cursor = Cursor { valid_at: at.valid_at, known, dataset: dataset.clone(), last: last.position.clone() };
            let sealed = app.sealer.seal(cursor, &merge.binding, app.clock.now());
            Some(sealed.ok_or_else(|| Problem::new(Code::Internal, "the cursor could not be sealed"))?)
        }
        _ => None,
    };
    Ok(Answer::Page { hits, total, facets, by_dataset, next, at })
}

/// Sort values as asked for (absent last), then score (largest first), then dataset, then id.
fn order(a: (&DatasetName, &SortTuple), b: (&DatasetName, &SortTuple), descending: &[bool]) -> Ordering {
    for ((x, y), down) in a.1.values.iter().zip(&b.1.values).zip(descending) {
        let by_value = match (x, y) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(x), Some(y)) => {
                let up = values(x, y);
                if *down { up.reverse() } else { up }
            }
        };
        if by_value != Ordering::Equal {
            return by_value;
        }
    }
    b.1.score.cmp(&a.1.score).then_with(|| a.0.cmp(b.0)).then_with(|| a.1.id.cmp(&b.1.id))
}

fn values(a: &SortValue, b: &SortValue) -> Ordering {
    let kind = |v: &SortValue| match v {
        SortValue::Integer(_) => 0,
        SortValue::Number(_) => 1,
        SortValue::Text(_) => 2,
    };
    match (a, b) {
        (SortValue::Integer(a), SortValue::Integer(b)) => a.cmp(b),
        (SortValue::Number(a), SortValue::Number(b)) => a.total_cmp(b),
        (SortValue::Text(a), SortValue::Text(b)) => a.cmp(b),
        _ => kind(a).cmp(&kind(b)),
    }
}
