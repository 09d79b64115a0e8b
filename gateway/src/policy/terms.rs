//! The terms of a grant as people write them: in a request, in the answer to it, in a file.

use foundation::dataset::{Dataset, DatasetName};
use foundation::filter::Filter;
use foundation::value::{Day, Span};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Grant;
use crate::ask::Act;

/// What is asked for or consented to (Decree 809 art 20: ground, scenario, scope, period of use).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Terms {
    /// `database/dataset`.
    pub dataset: String,
    /// Acts by name; empty = get, lookup, verify.
    #[serde(default)]
    pub acts: Vec<String>,
    /// Names of the fields to be read.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Names of the fields to be shown masked.
    #[serde(default)]
    pub masked: Vec<String>,
    /// CQL2: which rows; empty = all.
    #[serde(default)]
    pub rows: String,
    /// Purpose (使用场景).
    pub purpose: String,
    /// Legal ground (共享依据).
    pub ground: String,
    /// The first day, `YYYY-MM-DD`.
    pub from: String,
    /// The day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// Whether every question must name its business case.
    #[serde(default = "cases_required")]
    pub cases_required: bool,
    /// Most rows an answer.
    #[serde(default = "rows_per_answer_max")]
    pub rows_per_answer_max: u64,
    /// Most rows a day.
    #[serde(default = "rows_per_day_max")]
    pub rows_per_day_max: u64,
    /// Most distinct persons a day; absent = as many as rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons_per_day_max: Option<u64>,
    /// Whether verification tells that nobody has a number. It is then an oracle of who exists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells_not_found: bool,
    /// Of a company: what it promises on how the data is used and kept safe (使用与安全承诺).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commitment: String,
}

pub(super) fn cases_required() -> bool {
    true
}
pub(super) fn rows_per_answer_max() -> u64 {
    1_000
}
pub(super) fn rows_per_day_max() -> u64 {
    100_000
}

/// What a grant may allow; writing and auditing are never granted.
const GRANTABLE: [Act; 14] = [
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
    Act::FindPersons,
    Act::Ownership,
    Act::DivisionAt,
    Act::Series,
];

impl Terms {
    /// Terms of which members are given by name, over those of `before` where they are silent.
    ///
    /// # Errors
    /// The member that is missing or of a wrong kind.
    pub fn over(before: Option<&Self>, members: Map<String, Value>) -> Result<Self, String> {
        let mut all = match before.map(serde_json::to_value) {
            Some(Ok(Value::Object(all))) => all,
            _ => Map::new(),
        };
        all.extend(members);
        serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())
    }

    /// The grant that these terms make, checked against the datasets there are.
    ///
    /// # Errors
    /// The rule that is broken, with the member's name.
    pub fn grant<'a>(
        &self,
        id: &str,
        department: &str,
        dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>,
    ) -> Result<Grant, String> {
        named("purpose", &self.purpose)?;
        named("ground", &self.ground)?;
        let sound = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(sound) {
            return Err("`id` must be 1 to 64 letters, digits, `-`, `_`, `.`".into());
        }
        if department.len() != 18 || !department.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("`department` is not an 18-character credit code".into());
        }
        let name: DatasetName = self.dataset.parse()?;
        let definition = dataset(&name).ok_or_else(|| format!("there is no dataset `{name}`"))?;
        let (fields, masked) = (numbers(definition, &self.fields)?, numbers(definition, &self.masked)?);
        if let Some(both) = masked.iter().find(|n| fields.binary_search(n).is_ok()) {
            let both = definition.field_by_number(*both).map_or("", |f| f.name.as_str());
            return Err(format!("field `{both}` stands in `fields` and in `masked`"));
        }
        if !(1..=1_000_000).contains(&self.rows_per_answer_max)
            || self.rows_per_day_max == 0
            || self.persons_per_day_max == Some(0)
        {
            return Err("a ceiling is 0 or over 1,000,000 rows an answer".into());
        }
        Ok(Grant {
            id: id.to_owned(),
            department: department.to_owned(),
            acts: self.acts()?,
            fields,
            masked,
            rows: self.filter(definition)?,
            period: self.period()?,
            dataset: name,
            purpose: self.purpose.clone(),
            ground: self.ground.clone(),
            cases_required: self.cases_required,
            rows_per_answer_max: self.rows_per_answer_max,
            rows_per_day_max: self.rows_per_day_max,
            persons_per_day_max: self.persons_per_day_max.unwrap_or(self.rows_per_day_max),
            tells_not_found: self.tells_not_found,
            return_flow: false,
            company: false,
            revision: self.revision(id, department),
        })
    }

    /// In force on these days.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn period(&self) -> Result<Span<Day>, String> {
        let day = |what: &str, text: &str| Day::parse(text).ok_or_else(|| format!("`{what}` is not a date YYYY-MM-DD"));
        let period = Span { from: day("from", &self.from)?, to: day("to", &self.to)? };
        if period.is_empty() { Err("`to` (exclusive) is not after `from`".into()) } else { Ok(period) }
    }

    fn acts(&self) -> Result<Vec<Act>, String> {
        if self.acts.is_empty() {
            return Ok(vec![Act::Get, Act::Lookup, Act::Verify]);
        }
        let one = |name: &String| {
            let known = GRANTABLE.into_iter().find(|act| act.as_str() == name);
            known.ok_or_else(|| format!("`{name}` is no act that can be granted"))
        };
        self.acts.iter().map(one).collect()
    }

    fn filter(&self, definition: &Dataset) -> Result<Option<Filter>, String> {
        if self.rows.trim().is_empty() {
            return Ok(None);
        }
        foundation::filter::parse(&self.rows, definition).map(Some).map_err(|e| format!("`rows`: {e}"))
    }

    /// A digest of everything that decides what is given.
    fn revision(&self, id: &str, department: &str) -> u64 {
        let text = serde_json::to_vec(&(id, department, self)).unwrap_or_default();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
        digest.as_ref().first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first))
    }
}

fn named(what: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() || text.len() > 1_000 {
        return Err(format!("`{what}` is empty or over 1,000 bytes"));
    }
    Ok(())
}

fn numbers(definition: &Dataset, names: &[String]) -> Result<Vec<u16>, String> {
    let one = |name: &String| {
        let field = definition.field(name).map(|f| f.number);
        field.ok_or_else(|| format!("`{}` has no field `{name}`", definition.name))
    };
    let mut out = names.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    out.sort_unstable();
    out.dedup();
    Ok(out)
}
