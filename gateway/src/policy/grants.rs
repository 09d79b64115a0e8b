//! The reviewed grants (`grants.toml`): who may use which dataset for what, until when, how much of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use foundation::filter::Filter;
use foundation::value::{Day, Span};
use serde::Deserialize;
use toml::Spanned;

use crate::ask::Act;

/// A grant file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum GrantsError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not TOML of this shape, or a rule is broken.
    #[error("{}, line {line}: {reason}", file.display())]
    Broken { file: PathBuf, line: usize, reason: String },
}

/// An approved right to ask (Decree 809 arts 20–22).
#[derive(Debug, Clone)]
pub struct Grant {
    /// Id, as in `Natbase-Grant`.
    pub id: String,
    /// Credit code of the department it is for.
    pub department: String,
    /// The dataset.
    pub dataset: DatasetName,
    /// What may be done under it.
    pub acts: Vec<Act>,
    /// Fields that may be read, by number, sorted.
    pub fields: Vec<u16>,
    /// Fields shown masked, by number, sorted.
    pub masked: Vec<u16>,
    /// Which rows; `None` = all.
    pub rows: Option<Filter>,
    /// Purpose (使用场景).
    pub purpose: String,
    /// Legal ground (共享依据).
    pub ground: String,
    /// In force on these days.
    pub period: Span<Day>,
    /// Whether every request must name its business case.
    pub cases_required: bool,
    /// Most rows an answer.
    pub rows_per_answer_max: u64,
    /// Most rows a day.
    pub rows_per_day_max: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    grant: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    id: String,
    department: String,
    dataset: String,
    #[serde(default)]
    acts: Vec<String>,
    fields: Vec<String>,
    #[serde(default)]
    masked: Vec<String>,
    #[serde(default)]
    rows: String,
    purpose: String,
    ground: String,
    from: String,
    to: String,
    #[serde(default = "yes")]
    cases_required: bool,
    #[serde(default = "per_answer")]
    rows_per_answer_max: u64,
    #[serde(default = "per_day")]
    rows_per_day_max: u64,
}

fn yes() -> bool {
    true
}
fn per_answer() -> u64 {
    1_000
}
fn per_day() -> u64 {
    100_000
}

/// All grants by id.
pub struct Grants {
    by_id: BTreeMap<String, Arc<Grant>>,
    digest: [u8; 32],
}

impl Grants {
    /// No grants.
    #[must_use]
    pub fn none() -> Self {
        Self { by_id: BTreeMap::new(), digest: [0; 32] }
    }

    /// Reads a grant file against the datasets there are.
    ///
    /// # Errors
    /// [`GrantsError`] with file, line and reason.
    pub fn read<'a>(file: &Path, dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>) -> Result<Self, GrantsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| GrantsError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, dataset).map_err(|(line, reason)| GrantsError::Broken {
            file: file.to_owned(),
            line,
            reason,
        })
    }

    fn parse<'a>(text: &str, dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>) -> Result<Self, (usize, String)> {
        let line_at = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let file: File =
            toml::from_str(text).map_err(|e| (e.span().map_or(1, |s| line_at(s.start)), e.message().to_owned()))?;
        let mut by_id = BTreeMap::new();
        for raw in file.grant {
            let line = line_at(raw.span().start);
            let grant = check(raw.into_inner(), &dataset).map_err(|reason| (line, reason))?;
            if let Some(twice) = by_id.insert(grant.id.clone(), Arc::new(grant)) {
                return Err((line, format!("grant `{}` stands twice", twice.id)));
            }
        }
        let mut digest = [0_u8; 32];
        digest.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref());
        Ok(Self { by_id, digest })
    }

    /// The grant called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Grant>> {
        self.by_id.get(id)
    }

    /// All grants, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Grant>> {
        self.by_id.values()
    }

    /// Digest of the file.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }
}

/// What a grant may allow; writing and auditing are never granted.
const GRANTABLE: [Act; 13] = [
    Act::Search,
    Act::List,
    Act::Get,
    Act::Lookup,
    Act::History,
    Act::Claims,
    Act::Links,
    Act::Statistics,
    Act::Changes,
    Act::Verify,
    Act::Ownership,
    Act::DivisionAt,
    Act::Series,
];

fn check<'a>(raw: Raw, dataset: &impl Fn(&DatasetName) -> Option<&'a Dataset>) -> Result<Grant, String> {
    let named = |what: &str, text: &str| {
        if text.trim().is_empty() || text.len() > 1_000 {
            Err(format!("`{what}` is empty or over 1,000 bytes"))
        } else {
            Ok(())
        }
    };
    named("purpose", &raw.purpose)?;
    named("ground", &raw.ground)?;
    if raw.id.is_empty()
        || raw.id.len() > 64
        || !raw.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    {
        return Err("`id` must be 1 to 64 letters, digits, `-`, `_`, `.`".into());
    }
    if raw.department.len() != 18 || !raw.department.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("`department` is not an 18-character credit code".into());
    }
    let name: DatasetName = raw.dataset.parse()?;
    let definition = dataset(&name).ok_or_else(|| format!("there is no dataset `{name}`"))?;
    let numbers = |names: &[String]| -> Result<Vec<u16>, String> {
        let mut out = names
            .iter()
            .map(|n| definition.field(n).map(|f| f.number).ok_or_else(|| format!("`{name}` has no field `{n}`")))
            .collect::<Result<Vec<_>, _>>()?;
        out.sort_unstable();
        out.dedup();
        Ok(out)
    };
    let (fields, masked) = (numbers(&raw.fields)?, numbers(&raw.masked)?);
    if let Some(both) = masked.iter().find(|n| fields.binary_search(n).is_ok()) {
        let both = definition.field_by_number(*both).map_or("", |f| f.name.as_str());
        return Err(format!("field `{both}` stands in `fields` and in `masked`"));
    }
    let day = |what: &str, text: &str| Day::parse(text).ok_or_else(|| format!("`{what}` is not a date YYYY-MM-DD"));
    let period = Span { from: day("from", &raw.from)?, to: day("to", &raw.to)? };
    if period.is_empty() {
        return Err("`to` (exclusive) is not after `from`".into());
    }
    let rows = if raw.rows.trim().is_empty() {
        None
    } else {
        Some(foundation::filter::parse(&raw.rows, definition).map_err(|e| format!("`rows`: {e}"))?)
    };
    let acts = if raw.acts.is_empty() {
        vec![Act::Get, Act::Lookup, Act::Verify]
    } else {
        raw.acts
            .iter()
            .map(|a| {
                GRANTABLE
                    .into_iter()
                    .find(|g| g.as_str() == a)
                    .ok_or_else(|| format!("`{a}` is no act that can be granted"))
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    if !(1..=1_000_000).contains(&raw.rows_per_answer_max) || raw.rows_per_day_max == 0 {
        return Err("a ceiling is 0 or over 1,000,000 rows an answer".into());
    }
    Ok(Grant {
        id: raw.id,
        department: raw.department,
        dataset: name,
        acts,
        fields,
        masked,
        rows,
        purpose: raw.purpose,
        ground: raw.ground,
        period,
        cases_required: raw.cases_required,
        rows_per_answer_max: raw.rows_per_answer_max,
        rows_per_day_max: raw.rows_per_day_max,
    })
}
