//! A field (数据项) of a dataset.

use serde::{Deserialize, Serialize};

use super::{Openness, Sharing, Title};
use crate::value::FieldType;

/// A typed, graded item of a dataset.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the definition file")]
pub struct Field {
    /// Number in the stored form; never reused.
    pub number: u16,
    /// Name in the API, `snake_case`.
    pub name: String,
    /// 信息项名称.
    pub title: Title,
    /// Type of a value (of a member, if `list`).
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether the field holds several values.
    #[serde(default)]
    pub list: bool,
    /// Whether every claim must carry it.
    #[serde(default)]
    pub required: bool,
    /// Code list id (`code`, `division`).
    #[serde(default)]
    pub code_list: Option<String>,
    /// Target dataset of a link or party.
    #[serde(default)]
    pub target: Option<String>,
    /// Unit of a number, as shown.
    #[serde(default)]
    pub unit: Option<String>,
    /// Most characters of a text.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Smallest number or earliest date allowed, as text.
    #[serde(default)]
    pub min: Option<String>,
    /// Largest number or latest date allowed, as text.
    #[serde(default)]
    pub max: Option<String>,
    /// GB/T 43697-2024 grade, general data 1 (public) to 4 (sensitive personal); 5 important. Never absent.
    pub grade: u8,
    /// How it is masked for callers who may see only part.
    #[serde(default)]
    pub mask: Mask,
    /// 共享类型 where it differs from the dataset's.
    #[serde(default)]
    pub sharing: Option<Sharing>,
    /// 开放类型 where it differs from the dataset's.
    #[serde(default)]
    pub openness: Option<Openness>,
    /// How it is searched.
    #[serde(default)]
    pub search: SearchUse,
    /// Weight of a match in this field, 1–10.
    #[serde(default = "weight_default")]
    pub weight: u8,
    /// Whether lists can be sorted by it.
    #[serde(default)]
    pub sortable: bool,
    /// Whether it can be counted by value (≤ 10,000 values).
    #[serde(default)]
    pub facet: bool,
    /// Authority order for this field where it differs from the dataset's.
    #[serde(default)]
    pub authority: Vec<String>,
    /// Whether a record is erased with the record that this link or party points at: a person's documents with the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased_with_target: bool,
    /// What to use instead, once the field is deprecated: it is still read and taken, with a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Title>,
}

fn weight_default() -> u8 {
    1
}

impl Field {
    /// Personal data: grade 3 and above.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.grade >= 3
    }
}

/// How a value is shown to callers who may see only part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// Nothing is shown.
    #[default]
    Hide,
    /// 杜* : the first character of a name.
    Name,
    /// 110***********002X : first three and last four.
    Number,
    /// To the county level: everything after 县/区/市 is cut.
    Address,
    /// The year of a date.
    Year,
    /// A geometry snapped to a 0.01° cell.
    Cell,
}

/// How a field is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchUse {
    /// Not by text (filters still work on scalar types).
    #[default]
    None,
    /// Codes: as a whole and by prefix.
    Exact,
    /// Names: segmentation, single characters and bigrams.
    Name,
    /// Running text: segmentation, characters and bigrams with positions.
    Text,
}
