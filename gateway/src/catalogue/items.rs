//! The items of a catalogue entry: what Decree 809 art 13 asks for, and the 13 core metadata of the 2017 guide.

use std::fmt;

use foundation::dataset::{Dataset, Openness, Sharing};
use foundation::value::FieldType;
use serde::{Deserialize, Serialize};

/// An entry as a department writes it. A draft may lack items; what must be there is checked when it is submitted.
///
/// Code (信息资源代码) and date (发布日期) are not among them: both are given when the entry is announced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Items {
    /// `database/dataset` that serves the data here; empty = none does.
    pub dataset: String,
    /// 信息资源名称.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// 信息资源摘要.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// Code of the class: 类 1 digit, 项 2, 目 3, 细目 of any length.
    pub class_code: String,
    /// 信息资源分类 in words: 类/项/目/细目.
    pub classification: String,
    /// 信息资源提供方.
    pub provider: String,
    /// 信息资源提供方代码, a unified social credit code.
    pub provider_code: String,
    /// 数源部门, by credit code; empty = the provider (Decree 809 art 19).
    pub source_department: String,
    /// 信息资源格式.
    pub format: String,
    /// 更新周期.
    pub update_cycle: String,
    /// 数据分类.
    pub data_class: String,
    /// 数据分级, GB/T 43697-2024: 1 to 4 general, 5 important.
    pub data_grade: Option<u8>,
    /// 共享类型 (art 14).
    pub sharing: Option<Sharing>,
    /// Of what is shared conditionally: with whom (art 15).
    pub sharing_scope: String,
    /// Of what is shared conditionally: for which uses (art 15).
    pub sharing_uses: String,
    /// Of what is not shared: the law, administrative regulation or State Council decision, with its article (art 15).
    pub sharing_ground: String,
    /// 共享方式 (art 22).
    pub sharing_modes: Vec<String>,
    /// 开放类型.
    pub openness: Option<Openness>,
    /// 开放条件.
    pub openness_condition: String,
    /// 使用条件 (art 13).
    pub conditions_of_use: String,
    /// Reference of the assessment of secrecy risks and personal information (art 13).
    pub impact_assessment: String,
    /// 关联资源代码.
    pub related: Vec<String>,
    /// 信息项, in order.
    pub fields: Vec<Item>,
}

/// A data item (信息项).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Name, `snake_case`.
    pub name: String,
    /// 信息项名称.
    pub title: String,
    /// Type of a value.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Code list.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code_list: String,
    /// Standard that defines it, such as `GB 11643`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub standard: String,
    /// Grade, GB/T 43697-2024.
    pub grade: u8,
    /// 共享类型 where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<Sharing>,
    /// Ground of law, or scope and uses, where the type of sharing differs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sharing_condition: String,
    /// 开放类型 where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openness: Option<Openness>,
}

impl Items {
    /// The items of a dataset that is served.
    #[must_use]
    pub fn of(dataset: &Dataset) -> Self {
        let condition = |when: Sharing| {
            if dataset.sharing == when { dataset.sharing_condition.clone() } else { String::new() }
        };
        let class_code = dataset.resource_code.split('/').next().unwrap_or_default();
        Self {
            dataset: dataset.name.to_string(),
            title: dataset.title.zh.clone(),
            title_en: dataset.title.en.clone(),
            summary: dataset.summary.zh.clone(),
            summary_en: dataset.summary.en.clone(),
            class_code: class_code.to_owned(),
            classification: dataset.classification.clone(),
            provider: dataset.provider.clone(),
            provider_code: dataset.provider_code.clone(),
            source_department: dataset.authority.first().cloned().unwrap_or_default(),
            format: dataset.format.clone(),
            update_cycle: dataset.update_cycle.clone(),
            data_class: dataset.name.database().to_string(),
            data_grade: dataset.fields.iter().map(|f| f.grade).max(),
            sharing: Some(dataset.sharing),
            sharing_scope: condition(Sharing::Conditional),
            sharing_uses: if dataset.sharing == Sharing::Conditional {
                dataset.conditions_of_use.clone()
            } else {
                String::new()
            },
            sharing_ground: condition(Sharing::None),
            sharing_modes: dataset.sharing_modes.clone(),
            openness: Some(dataset.openness),
            openness_condition: dataset.openness_condition.clone(),
            conditions_of_use: dataset.conditions_of_use.clone(),
            impact_assessment: dataset.impact_assessment.clone(),
            related: dataset.related.clone(),
            fields: dataset
                .fields
                .iter()
                .map(|field| Item {
                    name: field.name.clone(),
                    title: field.title.zh.clone(),
                    kind: field.kind,
                    length: field.max_length.and_then(|n| u32::try_from(n).ok()),
                    code_list: field.code_list.clone().unwrap_or_default(),
                    standard: String::new(),
                    grade: field.grade,
                    sharing: field.sharing.filter(|sharing| *sharing != dataset.sharing),
                    sharing_condition: match field.sharing {
                        Some(sharing) if sharing != dataset.sharing => dataset.sharing_condition.clone(),
                        _ => String::new(),
                    },
                    openness: field.openness.filter(|openness| *openness != dataset.openness),
                })
                .collect(),
        }
    }

    /// The department that answers for the data (数源部门).
    #[must_use]
    pub fn source(&self) -> &str {
        if self.source_department.is_empty() { &self.provider_code } else { &self.source_department }
    }

    /// Whether the public may know of it: something in it is open, freely or on request.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let open = |openness: Option<Openness>| openness.is_some_and(|o| o != Openness::None);
        open(self.openness) || self.fields.iter().any(|field| open(field.openness))
    }

    /// Names of fields that `next` has no longer.
    #[must_use]
    pub fn removed<'a>(&'a self, next: Option<&Self>) -> Vec<&'a str> {
        let stays = |name: &str| next.is_some_and(|next| next.fields.iter().any(|field| field.name == name));
        self.fields.iter().map(|field| field.name.as_str()).filter(|name| !stays(name)).collect()
    }
}

/// An item of an entry, or of one of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An item, by its name in the API.
    Item(&'static str),
    /// A field by its position, and which of its members.
    Field(usize, &'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(name) => f.write_str(name),
            Self::Field(at, member) => write!(f, "fields[{at}].{member}"),
        }
    }
}
