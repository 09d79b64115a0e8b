//! Which item stands in which element.

use foundation::value::FieldType;

use super::super::items::{Item, Items};
use super::super::sheet::TYPES;

/// Namespace of the extended metadata.
pub const NAMESPACE: &str = "urn:natbase:catalogue:1";

/// Texts that stand in elements of their own: path of elements, and which item.
pub(super) type TextElement = (&'static [&'static str], fn(&mut Items) -> &mut String);

/// In the order of the document. The first group are core metadata of the standard, the others extended.
pub(super) const TEXTS: &[TextElement] = &[
    (&["resTitle"], |i| &mut i.title),
    (&["abstract"], |i| &mut i.summary),
    (&["pointOfContact", "rpOrgName"], |i| &mut i.provider),
    (&["pointOfContact", "nb:providerCode"], |i| &mut i.provider_code),
    (&["pointOfContact", "nb:sourceDepartment"], |i| &mut i.source_department),
    (&["resCategory", "cateName"], |i| &mut i.classification),
    (&["resCategory", "cateCode"], |i| &mut i.class_code),
    (&["resConstraint", "useLimit"], |i| &mut i.conditions_of_use),
    (&["nb:extended", "nb:dataset"], |i| &mut i.dataset),
    (&["nb:extended", "nb:titleEn"], |i| &mut i.title_en),
    (&["nb:extended", "nb:summaryEn"], |i| &mut i.summary_en),
    (&["nb:extended", "nb:format"], |i| &mut i.format),
    (&["nb:extended", "nb:updateCycle"], |i| &mut i.update_cycle),
    (&["nb:extended", "nb:dataClass"], |i| &mut i.data_class),
    (&["nb:extended", "nb:sharingScope"], |i| &mut i.sharing_scope),
    (&["nb:extended", "nb:sharingUses"], |i| &mut i.sharing_uses),
    (&["nb:extended", "nb:sharingGround"], |i| &mut i.sharing_ground),
    (&["nb:extended", "nb:opennessCondition"], |i| &mut i.openness_condition),
    (&["nb:extended", "nb:impactAssessment"], |i| &mut i.impact_assessment),
];

/// A text of a field: its element, and which.
pub(super) type FieldElement = (&'static str, fn(&mut Item) -> &mut String);

/// Texts of a field, in the order of the document.
pub(super) const FIELD_TEXTS: &[FieldElement] = &[
    ("nb:name", |f| &mut f.name),
    ("nb:title", |f| &mut f.title),
    ("nb:codeList", |f| &mut f.code_list),
    ("nb:standard", |f| &mut f.standard),
    ("nb:sharingCondition", |f| &mut f.sharing_condition),
];

/// 数据类型 of the 2017 guide: C 字符, N 数值, D 日期, T 日期时间, L 逻辑, G 通用, I 整型.
pub(super) fn letter(kind: FieldType) -> &'static str {
    use FieldType as T;
    match kind {
        T::Integer => "I",
        T::Decimal | T::Measure => "N",
        T::Boolean => "L",
        T::Date => "D",
        T::Timestamp => "T",
        T::Geometry | T::Media | T::Party | T::Texts => "G",
        T::Text
        | T::Code
        | T::CitizenId
        | T::Document
        | T::CreditCode
        | T::Division
        | T::Interval
        | T::Period
        | T::Link => "C",
    }
}

/// The type of a field by our own word, or else by the letter of the 2017 guide.
pub(super) fn kind(own: &str, letter: &str) -> Option<FieldType> {
    if !own.is_empty() {
        return super::super::sheet::meant(&TYPES, own);
    }
    match letter {
        "C" | "M" => Some(FieldType::Text),
        "N" | "Y" | "B" | "F" => Some(FieldType::Decimal),
        "I" => Some(FieldType::Integer),
        "D" => Some(FieldType::Date),
        "T" => Some(FieldType::Timestamp),
        "L" => Some(FieldType::Boolean),
        "G" => Some(FieldType::Media),
        _ => None,
    }
}
