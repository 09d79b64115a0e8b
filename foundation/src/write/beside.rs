//! Beside: rows judged by the record they lean on: an observation by its indicator.
//!
//! What is found never refuses a row: the record leaned on may come later, and may change.

use std::collections::HashMap;

use super::quality::Graded;
use super::{WriteError, Writer};
use crate::record::RecordKey;
use crate::record::read::{heads, resolved};
use crate::service::{Finding, RowProblem, RowRules};
use crate::value::Day;

/// Adds what the domain's rules find in a chunk beside the records its rows lean on, as these hold on `day`.
///
/// Cost: none for tables that lean on nothing; else one batched read of the distinct records leaned on.
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub async fn judge(writer: &Writer, day: Day, graded: &mut Graded) -> Result<(), WriteError> {
    let mine = |r: &&dyn RowRules| r.table() == writer.table.dataset.name.table();
    let rules: Vec<&dyn RowRules> = writer.domain.rules.iter().map(AsRef::as_ref).filter(mine).collect();
    let mut leaning = Vec::new();
    for row in &graded.checked.rows {
        for rule in &rules {
            let Some((name, key)) = rule.leans_on(&row.fields) else { continue };
            let table = writer.all.iter().find(|t| t.dataset.name.table() == name);
            if let Some((_, key)) = table.and_then(|table| table.identify(&key)) {
                leaning.push((row, *rule, key));
            }
        }
    }
    if leaning.is_empty() {
        return Ok(());
    }
    let mut keys: Vec<RecordKey> = leaning.iter().map(|(_, _, key)| key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    let snapshot = writer.store.snapshot(None).await?;
    let found = heads(&snapshot, &keys).await?;
    let known: HashMap<_, _> = keys
        .iter()
        .zip(&found)
        .filter_map(|(key, head)| {
            let head = head.as_ref()?;
            Some((key, resolved(head, head.version_on(day)?)))
        })
        .collect();
    let mut warnings = Vec::new();
    for (row, rule, key) in &leaning {
        let Some(beside) = known.get(key) else { continue };
        let line = row.line;
        let problem = |Finding { field, rule, message, .. }: Finding| RowProblem { line, field, rule, message };
        warnings.extend(rule.check_beside(&row.fields, beside).into_iter().map(problem));
    }
    graded.warnings.append(&mut warnings);
    graded.warnings.sort_by_key(|w| w.line);
    Ok(())
}
