//! What a table of a base database is: one TOML file that is catalogue entry, schema, storage plan and search mapping.
//!
//! [`Dataset::from_toml`] reads and checks it (`definition.rs`, `check.rs`); a field without a grade does not load.
//! Sources: Decree 809 (2025) arts 13–15 for the catalogue items; 2017 guide for the 13 core metadata; GB/T 43697-2024 for grades.

mod change;
mod check;
mod code_list;
mod definition;
mod field;
mod tabulation;
#[cfg(test)]
pub(crate) mod tests;

pub use change::{Change, Incompatible, compatible};
pub use code_list::{Code, CodeList, CodeListError, CodeLists, CodeStatus};
pub use definition::DatasetError;
pub use field::{Field, Mask, SearchUse};
pub use tabulation::{Method, OpenTo, Reference, Tabulation};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the five base databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// 人口.
    Population,
    /// 法人单位.
    LegalEntity,
    /// 宏观经济.
    Macroeconomy,
    /// 文化.
    Culture,
    /// 空间地理.
    Geospatial,
}

impl Database {
    /// All five, in the order of the house.
    pub const ALL: [Self; 5] =
        [Self::Population, Self::LegalEntity, Self::Macroeconomy, Self::Culture, Self::Geospatial];

    /// The name in paths and files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::LegalEntity => "legal-entity",
            Self::Macroeconomy => "macroeconomy",
            Self::Culture => "culture",
            Self::Geospatial => "geospatial",
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Database {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|d| d.as_str() == text)
            .ok_or_else(|| format!("`{text}` is none of the five base databases"))
    }
}

/// The name of a dataset: `population/persons`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetName {
    database: Database,
    table: String,
}

impl DatasetName {
    /// The base database.
    #[must_use]
    pub fn database(&self) -> Database {
        self.database
    }
    /// The part after the slash.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }
}
impl FromStr for DatasetName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (database, table) = text.split_once('/').ok_or_else(|| format!("`{text}` is not `database/dataset`"))?;
        let sound = !table.is_empty()
            && table.len() <= 64
            && table.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !sound {
            return Err(format!("`{table}` is not a dataset's name (a-z, 0-9, -; at most 64)"));
        }
        Ok(Self { database: database.parse()?, table: table.to_owned() })
    }
}
impl TryFrom<String> for DatasetName {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
impl From<DatasetName> for String {
    fn from(name: DatasetName) -> Self {
        name.to_string()
    }
}
impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.database, self.table)
    }
}

/// A text in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// 共享类型, Decree 809 art 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// 无条件共享: any department.
    Unconditional,
    /// 有条件共享: certain departments, under conditions (a grant).
    Conditional,
    /// 不予共享: law, administrative regulation or State Council decision forbids it.
    None,
}

/// 开放类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Openness {
    /// 无条件开放: anybody.
    Unconditional,
    /// 有条件开放: on application.
    Conditional,
    /// 不予开放.
    None,
}

/// The network a dataset lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// Internet.
    Public,
    /// 政务外网.
    Extranet,
}

/// What disclosure control protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Persons.
    Person,
    /// Households.
    Household,
    /// Legal entities.
    Entity,
    /// Nobody.
    None,
}

/// Whether counts over a dataset are given freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disclosure {
    /// Counts are exact and free.
    Open,
    /// Counts are withheld from all but owners, or given as `[statistics]` says.
    Protected,
}

/// How record ids are made (DESIGN: Ids).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdKind {
    /// Keyed hash of the natural key: says nothing about it.
    Keyed,
    /// The natural key itself, its parts joined by `~`.
    Readable,
}

/// A dataset's definition, checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dataset {
    /// `population/persons`.
    pub name: DatasetName,
    /// Version of this definition; compatible changes keep the records.
    pub version: u32,
    /// 信息资源名称.
    pub title: Title,
    /// 摘要.
    pub summary: Title,
    /// 信息资源代码.
    pub resource_code: String,
    /// 信息资源分类: 类/项/目/细目.
    pub classification: String,
    /// 提供方.
    pub provider: String,
    /// 提供方代码, a unified social credit code; the 数源部门.
    pub provider_code: String,
    /// 格式.
    pub format: String,
    /// 更新周期.
    pub update_cycle: String,
    /// 发布日期.
    pub published: String,
    /// 关联资源代码.
    #[serde(default)]
    pub related: Vec<String>,
    /// 共享类型.
    pub sharing: Sharing,
    /// 共享条件 (scope and uses), or the ground of law if not shared (Decree 809 art 15).
    #[serde(default)]
    pub sharing_condition: String,
    /// 共享方式: service interface, batch exchange, file download (art 22).
    #[serde(default)]
    pub sharing_modes: Vec<String>,
    /// 开放类型.
    pub openness: Openness,
    /// 开放条件.
    #[serde(default)]
    pub openness_condition: String,
    /// 使用条件.
    #[serde(default)]
    pub conditions_of_use: String,
    /// Reference of the secrecy and personal-information impact assessment (art 13).
    #[serde(default)]
    pub impact_assessment: String,
    /// Network zone.
    pub zone: Zone,
    /// What disclosure control protects.
    pub units: Unit,
    /// Whether counts are free.
    pub disclosure: Disclosure,
    /// How counts over protected data are given to others than the owner; absent = not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Tabulation>,
    /// How ids are made.
    pub id: IdKind,
    /// Fields of the natural key, in order.
    pub natural_key: Vec<String>,
    /// A timestamp field until which a record is its provider's alone; absent or past, it is like the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo: Option<String>,
    /// Fields whose hash picks the partition (default: the id). Part of the natural key.
    #[serde(default)]
    pub partition_by: Vec<String>,
    /// Fields that order rows inside a partition (default: none). Part of the natural key.
    #[serde(default)]
    pub cluster_by: Vec<String>,
    /// Number of partitions, a power of two, fixed for the dataset's life.
    #[serde(default = "partitions_default")]
    pub partitions: u16,
    /// Authority order: credit codes of the sources, the first wins. Sources not named come after, by code.
    #[serde(default)]
    pub authority: Vec<String>,
    /// Field shown as a hit's title (by name); a tie goes to the first present.
    #[serde(default)]
    pub title_fields: Vec<String>,
    /// Licence of the data (SPDX or text) and attribution owed.
    #[serde(default)]
    pub licence: String,
    /// Attribution owed, shown on every page that shows the data.
    #[serde(default)]
    pub attribution: String,
    /// 审图号, or "demonstration only"; needed where a field is a boundary.
    #[serde(default)]
    pub map_approval: String,
    /// The items, in the order of the catalogue.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

fn partitions_default() -> u16 {
    256
}

impl Dataset {
    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }
    /// The field numbered `number`.
    #[must_use]
    pub fn field_by_number(&self, number: u16) -> Option<&Field> {
        self.fields.iter().find(|f| f.number == number)
    }
    /// Whether the natural key is personal (grade 3 and above), so that it may not stand in a URL or log.
    #[must_use]
    pub fn key_is_personal(&self) -> bool {
        self.natural_key.iter().filter_map(|k| self.field(k)).any(Field::is_personal)
    }
}
