//! The template of an entry as a workbook: a sheet of items, a sheet of fields. Written by [`template`], read by [`read`].

mod fault;
mod read;
mod template;

pub use fault::{SheetFault, SheetFaults};
pub use read::read;
pub use template::template;

use foundation::dataset::{Openness, Sharing};
use foundation::value::FieldType;

/// The sheet of items: key in column A, name in B, value in C, what belongs there in D; from row 2 on.
pub(super) const ITEMS: &str = "目录";
/// The sheet of fields: keys in row 1, names in row 2, a field a row from row 3 on.
pub(super) const FIELDS: &str = "信息项";
/// Column of the values on the sheet of items.
pub(super) const VALUE: u16 = 2;
/// The first row of fields, from 0.
pub(super) const FIELDS_FROM: u32 = 2;

/// Key, name, what belongs there.
pub(super) type Line = (&'static str, &'static str, &'static str);

/// The items, in the order of the sheet.
pub(super) const ITEM_LINES: &[Line] = &[
    ("dataset", "数据集", "在本系统提供服务的数据集，形如 population/persons；没有则留空"),
    ("title", "信息资源名称", "必填"),
    ("title_en", "英文名称", ""),
    ("summary", "信息资源摘要", "必填"),
    ("summary_en", "英文摘要", ""),
    ("class_code", "信息资源分类代码", "必填：类 1 位、项 2 位、目 3 位、细目不定长；顺序码发布时自动赋予"),
    ("classification", "信息资源分类", "必填：类/项/目/细目"),
    ("provider", "信息资源提供方", "必填"),
    ("provider_code", "提供方代码", "必填：统一社会信用代码"),
    ("source_department", "数源部门代码", "与提供方不同的，填统一社会信用代码"),
    ("format", "信息资源格式", "必填：电子文件、电子表格、数据库、图形图像、流媒体、自描述格式等"),
    ("update_cycle", "更新周期", "必填"),
    ("data_class", "数据分类", "必填"),
    ("data_grade", "数据分级", "必填：1 至 5，不低于信息项的最高级别"),
    ("sharing", "共享类型", "必填"),
    ("sharing_scope", "共享范围", "有条件共享的必填"),
    ("sharing_uses", "共享用途", "有条件共享的必填"),
    ("sharing_ground", "不予共享依据", "不予共享的必填：法律、行政法规或者国务院决定及其条款"),
    ("sharing_modes", "共享方式", "除不予共享外必填：服务接口、批量交换、文件下载，以顿号分隔"),
    ("openness", "开放类型", "必填"),
    ("openness_condition", "开放条件", "有条件开放的必填"),
    ("conditions_of_use", "使用条件", "必填"),
    ("impact_assessment", "影响评估文号", "必填：保密风险和个人信息保护影响评估"),
    ("related", "关联资源代码", "以顿号分隔"),
];

/// The members of a field, in the order of the columns.
pub(super) const FIELD_LINES: &[Line] = &[
    ("name", "英文名", "小写字母、数字、下划线"),
    ("title", "信息项名称", ""),
    ("type", "数据类型", ""),
    ("length", "长度", "最多字符数"),
    ("code_list", "代码表", ""),
    ("standard", "标准", "如 GB 11643"),
    ("grade", "分级", "1 至 5"),
    ("sharing", "共享类型", "与目录不同的填写"),
    ("sharing_condition", "共享条件或者依据", "共享类型不同的必填"),
    ("openness", "开放类型", "与目录不同的填写"),
];

/// Words for types of sharing.
pub(super) const SHARING: [(&str, Sharing); 3] =
    [("无条件共享", Sharing::Unconditional), ("有条件共享", Sharing::Conditional), ("不予共享", Sharing::None)];
/// Words for types of openness.
pub(super) const OPENNESS: [(&str, Openness); 3] =
    [("无条件开放", Openness::Unconditional), ("有条件开放", Openness::Conditional), ("不予开放", Openness::None)];
/// Words for types of fields.
pub(super) const TYPES: [(&str, FieldType); 19] = [
    ("text", FieldType::Text),
    ("texts", FieldType::Texts),
    ("code", FieldType::Code),
    ("citizen-id", FieldType::CitizenId),
    ("document", FieldType::Document),
    ("credit-code", FieldType::CreditCode),
    ("division", FieldType::Division),
    ("integer", FieldType::Integer),
    ("decimal", FieldType::Decimal),
    ("measure", FieldType::Measure),
    ("boolean", FieldType::Boolean),
    ("date", FieldType::Date),
    ("interval", FieldType::Interval),
    ("period", FieldType::Period),
    ("timestamp", FieldType::Timestamp),
    ("geometry", FieldType::Geometry),
    ("media", FieldType::Media),
    ("link", FieldType::Link),
    ("party", FieldType::Party),
];

/// The value that a word stands for.
pub(super) fn meant<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The word for a value.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests;
