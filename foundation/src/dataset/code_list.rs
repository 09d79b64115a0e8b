//! Code lists with validity. How a file of one looks stands in `code_list/file.rs`.

mod file;
mod standard;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Title;
use crate::value::{Day, Span};

/// One code for one stretch of time. A code may have several entries over time (a division renamed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// Label.
    pub label: Title,
    /// Other labels accepted in imports (男性 for 男).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The code above it.
    #[serde(default)]
    pub parent: Option<String>,
    /// When it holds.
    pub valid: Span<Day>,
    /// Codes that took its place.
    #[serde(default)]
    pub successors: Vec<String>,
}

/// A code list.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// `gb-t-2261.1`.
    pub id: String,
    /// Title.
    pub title: Title,
    /// Where it comes from.
    pub source: String,
    /// The first day the list speaks of; before it, an unknown code is a warning, not a refusal.
    pub reaches_back_to: Day,
    entries: BTreeMap<String, Vec<Code>>,
    by_label: BTreeMap<String, Vec<String>>,
}

/// What a list says of a code on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeStatus<'a> {
    /// It holds.
    Valid(&'a Code),
    /// It held before; these took its place (perhaps none known).
    Abolished {
        /// Its last entry.
        last: &'a Code,
        /// Codes that took its place, as known.
        successors: &'a [String],
    },
    /// It holds only later.
    NotYet(&'a Code),
    /// The list does not know it.
    Unknown,
}

/// A code list that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {rule}")]
pub struct CodeListError {
    /// File.
    pub file: String,
    /// Line.
    pub line: u64,
    /// Rule.
    pub rule: String,
}

impl CodeList {
    /// Makes a list of entries.
    #[must_use]
    pub fn new(id: &str, title: Title, source: &str, reaches_back_to: Day, codes: Vec<Code>) -> Self {
        let mut entries: BTreeMap<String, Vec<Code>> = BTreeMap::new();
        let mut by_label: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for code in codes {
            for label in [&code.label.zh, &code.label.en].into_iter().chain(&code.aliases).filter(|l| !l.is_empty()) {
                let known = by_label.entry(label.to_lowercase()).or_default();
                if !known.contains(&code.code) {
                    known.push(code.code.clone());
                }
            }
            entries.entry(code.code.clone()).or_default().push(code);
        }
        for stretches in entries.values_mut() {
            stretches.sort_by_key(|c| c.valid.from);
        }
        Self { id: id.to_owned(), title, source: source.to_owned(), reaches_back_to, entries, by_label }
    }

    /// What the list says of `code` on `day`.
    #[must_use]
    pub fn status(&self, code: &str, day: Day) -> CodeStatus<'_> {
        let Some(stretches) = self.entries.get(code) else { return CodeStatus::Unknown };
        // Where entries overlap, the one that began later is meant.
        if let Some(valid) = stretches.iter().rev().find(|c| c.valid.contains(day)) {
            return CodeStatus::Valid(valid);
        }
        match stretches.iter().rev().find(|c| c.valid.to <= day) {
            Some(last) => CodeStatus::Abolished { last, successors: &last.successors },
            None => stretches.first().map_or(CodeStatus::Unknown, CodeStatus::NotYet),
        }
    }
    /// Whether the list has `code` at any time.
    #[must_use]
    pub fn knows(&self, code: &str) -> bool {
        self.entries.contains_key(code)
    }
    /// Whether `code` held on some day of `span`.
    #[must_use]
    pub fn held_during(&self, code: &str, span: Span<Day>) -> bool {
        self.entries.get(code).is_some_and(|list| list.iter().any(|c| c.valid.overlaps(&span)))
    }
    /// The codes whose label or alias is `label` (letter case ignored).
    #[must_use]
    pub fn by_label(&self, label: &str) -> &[String] {
        self.by_label.get(&label.to_lowercase()).map_or(&[], Vec::as_slice)
    }
    /// The label of `code` on `day`, or the last one it had.
    #[must_use]
    pub fn label(&self, code: &str, day: Day) -> Option<&Title> {
        match self.status(code, day) {
            CodeStatus::Valid(c) | CodeStatus::NotYet(c) => Some(&c.label),
            CodeStatus::Abolished { last, .. } => Some(&last.label),
            CodeStatus::Unknown => None,
        }
    }
    /// All entries by code, then by start.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.entries.values().flatten()
    }
}

/// Code lists by id.
#[derive(Debug, Clone, Default)]
pub struct CodeLists(BTreeMap<String, Arc<CodeList>>);

impl CodeLists {
    /// The list called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<CodeList>> {
        self.0.get(id)
    }
    /// Adds a list; gives back one of the same id.
    pub fn insert(&mut self, list: CodeList) -> Option<Arc<CodeList>> {
        self.0.insert(list.id.clone(), Arc::new(list))
    }
    /// All lists by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<CodeList>> {
        self.0.values()
    }
}
