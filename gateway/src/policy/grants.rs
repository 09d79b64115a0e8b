//! The reviewed grants (`grants.toml`): who may use which dataset for what, until when, how much of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use foundation::filter::Filter;
use foundation::value::{Day, Span};
use serde::Deserialize;
use toml::Spanned;

use super::Terms;
use super::terms::{cases_required, rows_per_answer_max, rows_per_day_max};
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
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; together they are no state")]
#[derive(Debug, Clone)]
pub struct Grant {
    /// Id, as in `Natbase-Grant`.
    pub id: String,
    /// Credit code of the department it is for, or of the company.
    pub department: String,
    /// Whether it is a company's: data opened conditionally (有条件开放). No department uses it, nor a company another.
    pub company: bool,
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
    /// Most distinct persons a day.
    pub persons_per_day_max: u64,
    /// Whether verification tells that nobody has a number.
    pub tells_not_found: bool,
    /// Whether what an upper level holds of an area goes back to it under the grant (Decree 809 art 24).
    pub return_flow: bool,
    /// Changes whenever anything of the grant does.
    pub revision: u64,
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
    #[serde(default = "cases_required")]
    cases_required: bool,
    #[serde(default = "rows_per_answer_max")]
    rows_per_answer_max: u64,
    #[serde(default = "rows_per_day_max")]
    rows_per_day_max: u64,
    #[serde(default)]
    persons_per_day_max: Option<u64>,
    #[serde(default)]
    tells_not_found: bool,
}

/// A grant as it stands in a file; its terms are not judged yet.
#[derive(Debug, Clone)]
pub struct FiledGrant {
    /// The line on which it begins.
    pub line: usize,
    /// Id.
    pub id: String,
    /// Credit code of the department it is for.
    pub department: String,
    /// Terms.
    pub terms: Terms,
}

impl FiledGrant {
    /// The grants of a file's text, in its order.
    ///
    /// # Errors
    /// Line and reason, if it is not TOML of this shape.
    pub fn all(text: &str) -> Result<Vec<Self>, (usize, String)> {
        let line_at = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let file: File =
            toml::from_str(text).map_err(|e| (e.span().map_or(1, |s| line_at(s.start)), e.message().to_owned()))?;
        let one = |raw: Spanned<Raw>| {
            let line = line_at(raw.span().start);
            let (id, department, terms) = raw.into_inner().terms();
            Self { line, id, department, terms }
        };
        Ok(file.grant.into_iter().map(one).collect())
    }
}

impl Raw {
    fn terms(self) -> (String, String, Terms) {
        let terms = Terms {
            dataset: self.dataset,
            acts: self.acts,
            fields: self.fields,
            masked: self.masked,
            rows: self.rows,
            purpose: self.purpose,
            ground: self.ground,
            from: self.from,
            to: self.to,
            cases_required: self.cases_required,
            rows_per_answer_max: self.rows_per_answer_max,
            rows_per_day_max: self.rows_per_day_max,
            persons_per_day_max: self.persons_per_day_max,
            tells_not_found: self.tells_not_found,
            commitment: String::new(),
        };
        (self.id, self.department, terms)
    }
}

/// All grants by id.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    by_id: Arc<BTreeMap<String, Arc<Grant>>>,
}

impl Grants {
    /// No grants.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads a grant file against the datasets there are.
    ///
    /// # Errors
    /// [`GrantsError`] with file, line and reason.
    pub fn read<'a>(file: &Path, dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>) -> Result<Self, GrantsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| GrantsError::Unreadable { file: file.to_owned(), source })?;
        Self::of_text(&text, file, dataset)
    }

    /// Reads the text of a grant file; `file` is what a refusal names.
    ///
    /// # Errors
    /// [`GrantsError`] with file, line and reason.
    pub fn of_text<'a>(
        text: &str,
        file: &Path,
        dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>,
    ) -> Result<Self, GrantsError> {
        let broken = |(line, reason)| GrantsError::Broken { file: file.to_owned(), line, reason };
        Self::parse(text, dataset).map_err(broken)
    }

    fn parse<'a>(text: &str, dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>) -> Result<Self, (usize, String)> {
        let mut by_id = BTreeMap::new();
        for FiledGrant { line, id, department, terms } in FiledGrant::all(text)? {
            let grant = terms.grant(&id, &department, &dataset).map_err(|reason| (line, reason))?;
            if let Some(twice) = by_id.insert(grant.id.clone(), Arc::new(grant)) {
                return Err((line, format!("grant `{}` stands twice", twice.id)));
            }
        }
        Ok(Self { by_id: Arc::new(by_id) })
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

    /// The same with `grants` put in, and those of `ended` taken out.
    ///
    /// Cost: one pass over all grants; about 10 ms for 100,000.
    #[must_use]
    pub fn with(&self, grants: impl IntoIterator<Item = Grant>, ended: &[String]) -> Self {
        let mut by_id = BTreeMap::clone(&self.by_id);
        for id in ended {
            by_id.remove(id);
        }
        by_id.extend(grants.into_iter().map(|grant| (grant.id.clone(), Arc::new(grant))));
        Self { by_id: Arc::new(by_id) }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}
