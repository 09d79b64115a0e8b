//! Validate: cells become values; types, bounds, codes, required fields and the domain's own rules are checked.
//!
//! A refused row never stops the others. Reserved columns: `_op` (upsert, end, retract), `_valid_from`, `_valid_to`
//! (exclusive), `_source_time`.

use bincode::{Decode, Encode};

use crate::clock::Clock;
use crate::dataset::{CodeLists, Field};
use crate::record::{RecordKey, Table};
use crate::service::{Cell, Domain, Finding, RowContext, RowProblem, RowRules, SourceRow};
use crate::value::parse::{self, Parsed, ValueProblem};
use crate::value::{Day, Fields, Instant, PartialDate, Value, json};

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Op {
    /// Says something of a record for a stretch of valid time.
    Upsert,
    /// Ends this source's claims in valid time.
    End,
    /// Takes this source's claims back, as if never said.
    Retract,
}

/// A row that passed.
#[derive(Debug, Clone, Encode, Decode)]
pub struct CheckedRow {
    /// Line.
    pub line: u64,
    /// Record id.
    pub id: String,
    /// Place of the record.
    pub key: RecordKey,
    /// What to do.
    pub op: Op,
    /// `_valid_from`.
    pub valid_from: Option<Day>,
    /// `_valid_to`.
    pub valid_to: Option<Day>,
    /// `_source_time`.
    pub source_time: Option<Instant>,
    /// What is said.
    pub fields: Fields,
}

/// A row that did not pass.
#[derive(Debug, Clone)]
pub struct RefusedRow {
    /// Line.
    pub line: u64,
    /// As it came.
    pub original: String,
    /// Why: never empty.
    pub problems: Vec<RowProblem>,
    /// The record it names, where its natural key could be read: a snapshot does not end what it names.
    pub key: Option<RecordKey>,
}

/// A chunk after validation, rows in their order.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rows that passed.
    pub rows: Vec<CheckedRow>,
    /// Rows that did not.
    pub refused: Vec<RefusedRow>,
    /// Findings that do not refuse.
    pub findings: Vec<RowProblem>,
    /// First line.
    pub first_line: u64,
    /// Last line.
    pub last_line: u64,
}

/// What validation knows besides the rows.
pub struct Rules<'a> {
    table: &'a Table,
    lists: &'a CodeLists,
    of_domain: Vec<&'a dyn RowRules>,
    today: Day,
    /// The day on which codes of rows without `_valid_from` are judged.
    day: Day,
    demo: bool,
}

impl<'a> Rules<'a> {
    /// The rules for rows of `table` in a batch whose day is `day`.
    #[must_use]
    pub fn new(
        table: &'a Table,
        domain: &'a Domain,
        lists: &'a CodeLists,
        clock: &dyn Clock,
        day: Day,
        demo: bool,
    ) -> Self {
        let of_domain =
            domain.rules.iter().map(AsRef::as_ref).filter(|r| r.table() == table.dataset.name.table()).collect();
        Self { table, lists, of_domain, today: clock.today(), day, demo }
    }
}

/// Validates a chunk. Pure but for the domain's rules, which are pure too; runs on a blocking thread.
///
/// Cost: one pass over the cells; no I/O.
#[must_use]
pub fn run(rules: &Rules<'_>, rows: Vec<SourceRow>) -> Checked {
    let mut checked = Checked {
        first_line: rows.first().map_or(0, |r| r.line),
        last_line: rows.last().map_or(0, |r| r.line),
        rows: Vec::with_capacity(rows.len()),
        ..Checked::default()
    };
    for row in rows {
        let mut draft = Draft::new(row.line);
        match draft.read(rules, &row) {
            Some(passed) => {
                checked.rows.push(passed);
                checked.findings.append(&mut draft.findings);
            }
            None => checked.refused.push(RefusedRow {
                line: row.line,
                original: row.original,
                key: rules.table.identify(&draft.fields).map(|(_, key)| key),
                problems: draft.problems,
            }),
        }
    }
    checked
}

/// A row while it is read.
struct Draft {
    line: u64,
    fields: Fields,
    problems: Vec<RowProblem>,
    findings: Vec<RowProblem>,
}

/// The reserved columns of a row.
struct Reserved {
    op: Op,
    valid_from: Option<Day>,
    valid_to: Option<Day>,
    source_time: Option<Instant>,
}

impl Draft {
    fn new(line: u64) -> Self {
        Self { line, fields: Fields::new(), problems: Vec::new(), findings: Vec::new() }
    }

    fn refuse(&mut self, field: &str, rule: &str, message: impl Into<String>) {
        let (field, rule) = (field.to_owned(), rule.to_owned());
        self.problems.push(RowProblem { line: self.line, field, rule, message: message.into() });
    }

    /// Reads everything there is, so that a report names all problems of a row at once.
    fn read(&mut self, rules: &Rules<'_>, row: &SourceRow) -> Option<CheckedRow> {
        if let Some((field, rule, message)) = &row.unreadable {
            self.refuse(field, rule, message.clone());
            if row.cells.is_empty() {
                return None;
            }
        }
        for field in &row.repaired {
            let message = "the geometry was not valid and was repaired".to_owned();
            let (line, field, rule) = (self.line, field.clone(), "geometry_repaired".to_owned());
            self.findings.push(RowProblem { line, field, rule, message });
        }
        let reserved = self.reserved(row);
        let day = reserved.valid_from.filter(|d| *d != Day::MIN).unwrap_or(rules.day);
        for (name, cell) in row.cells.iter().filter(|(name, _)| !name.starts_with('_')) {
            match rules.table.field(name) {
                Some(field) => self.cell(rules, field, cell, day),
                None => self.refuse(name, "unknown_column", format!("`{name}` is no field of this dataset")),
            }
        }
        if reserved.op == Op::Upsert {
            self.domain_rules(rules);
            self.required(rules);
        }
        // Rules make links of numbers too.
        rules.table.resolve_links(&mut self.fields);
        let identity = rules.table.identify(&self.fields);
        if identity.is_none() && self.problems.is_empty() {
            let names = rules.table.dataset.natural_key.join(", ");
            self.refuse(&names, "natural_key", format!("the natural key ({names}) must be given in full"));
        }
        if !self.problems.is_empty() {
            return None;
        }
        let (id, key) = identity?;
        let Reserved { op, valid_from, valid_to, source_time } = reserved;
        let fields = std::mem::take(&mut self.fields);
        Some(CheckedRow { line: self.line, id, key, op, valid_from, valid_to, source_time, fields })
    }

    fn cell(&mut self, rules: &Rules<'_>, field: &Field, cell: &Cell, day: Day) {
        let parsed = match cell {
            Cell::Text(text) => {
                if text.trim().is_empty() {
                    return;
                }
                parse::from_text(field, text, rules.lists, day)
            }
            Cell::Json(text) => match serde_json::from_str(text) {
                Ok(serde_json::Value::Null) => Ok(Value::Null.into()),
                Ok(value) => json::from_json(field, &value, rules.lists, day),
                Err(_) => Err(ValueProblem { rule: "json", message: "this is not JSON".to_owned() }),
            },
        };
        match parsed {
            Ok(Parsed { value, warning }) => {
                if let Some(ValueProblem { rule, message }) = warning {
                    let (field, rule) = (field.name.clone(), rule.to_owned());
                    self.findings.push(RowProblem { line: self.line, field, rule, message });
                }
                if let Some(instead) = &field.deprecated {
                    let (name, rule) = (field.name.clone(), "deprecated".to_owned());
                    let message = format!("`{}` is deprecated: {} ({})", field.name, instead.zh, instead.en);
                    self.findings.push(RowProblem { line: self.line, field: name, rule, message });
                }
                self.fields.set(field.number, value);
            }
            Err(problem) if problem.rule == "empty" => {}
            Err(ValueProblem { rule, message }) => self.refuse(&field.name, rule, message),
        }
    }

    fn domain_rules(&mut self, rules: &Rules<'_>) {
        let context =
            RowContext { dataset: &rules.table.dataset, lists: rules.lists, today: rules.today, demo: rules.demo };
        for rule in &rules.of_domain {
            for Finding { field, rule, message, refused } in rule.check(&mut self.fields, &context) {
                let problem = RowProblem { line: self.line, field, rule, message };
                if refused { self.problems.push(problem) } else { self.findings.push(problem) }
            }
        }
    }

    fn required(&mut self, rules: &Rules<'_>) {
        for field in rules.table.dataset.fields.iter().filter(|f| f.required) {
            let missing = matches!(self.fields.get(field.number), None | Some(Value::Null));
            // A field that was given and refused is not missing as well.
            if missing && !self.problems.iter().any(|p| p.field == field.name) {
                self.refuse(&field.name, "required", format!("`{}` ({}) must be given", field.name, field.title.zh));
            }
        }
    }

    fn reserved(&mut self, row: &SourceRow) -> Reserved {
        let mut reserved = Reserved { op: Op::Upsert, valid_from: None, valid_to: None, source_time: None };
        for (name, cell) in row.cells.iter().filter(|(name, _)| name.starts_with('_')) {
            let unquoted;
            let text = match cell {
                Cell::Text(text) => text.trim(),
                Cell::Json(json) => match serde_json::from_str::<serde_json::Value>(json) {
                    Ok(serde_json::Value::String(text)) => {
                        unquoted = text;
                        unquoted.trim()
                    }
                    Ok(serde_json::Value::Null) => "",
                    _ => {
                        self.refuse(name, "reserved_column", format!("`{name}` takes a string"));
                        continue;
                    }
                },
            };
            if text.is_empty() {
                continue;
            }
            match name.as_str() {
                "_op" => match text.to_ascii_lowercase().as_str() {
                    "upsert" => reserved.op = Op::Upsert,
                    "end" => reserved.op = Op::End,
                    "retract" => reserved.op = Op::Retract,
                    _ => self.refuse(name, "op", "`_op` is upsert, end or retract"),
                },
                "_valid_from" => reserved.valid_from = self.day(name, text, Day::MIN),
                "_valid_to" => reserved.valid_to = self.day(name, text, Day::MAX),
                "_source_time" => match Instant::parse(text) {
                    Some(at) => reserved.source_time = Some(at),
                    None => self.refuse(name, "timestamp", "`_source_time` is an RFC 3339 time or a date"),
                },
                _ => self.refuse(name, "unknown_column", format!("`{name}` is no reserved column")),
            }
        }
        if let (Some(from), Some(to)) = (reserved.valid_from, reserved.valid_to)
            && from >= to
        {
            self.refuse("_valid_to", "empty_interval", "`_valid_to` (exclusive) must lie after `_valid_from`");
        }
        reserved
    }

    /// A day; `..` is the open end.
    fn day(&mut self, name: &str, text: &str, open: Day) -> Option<Day> {
        if text == ".." {
            return Some(open);
        }
        let day = Day::parse(text).or_else(|| PartialDate::parse(text).map(|d| d.span().from));
        if day.is_none() {
            self.refuse(name, "date", format!("`{name}` is a date (1990-01-31) or `..`"));
        }
        day
    }
}
