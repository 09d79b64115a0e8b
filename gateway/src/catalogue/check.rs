//! What an entry must hold before it may be submitted. Every rule that is broken is told at once, with its place.

use std::collections::BTreeSet;
use std::fmt;

use foundation::dataset::{DatasetName, Openness, Sharing};
use foundation::value::credit_code::CreditCode;

use super::items::{Item, Items, Place};

/// 更新周期 of the 2017 guide.
pub const UPDATE_CYCLES: &[&str] = &["实时", "每日", "每周", "每月", "每季度", "每年", "其他"];
/// 共享方式 of Decree 809 art 22.
pub const SHARING_MODES: &[&str] = &["服务接口", "批量交换", "文件下载"];
/// 类 of the 2017 guide: the digit that a class code begins with, and the word that its name begins with.
const CLASSES: &[(char, &str)] = &[('1', "基础"), ('2', "主题"), ('3', "部门")];
/// What can be a ground for not sharing (art 15).
const GROUNDS: &[&str] = &["法", "条例", "国务院"];
/// Most characters of a text.
const TEXT_CHARS_MAX: usize = 4_000;
/// Most fields.
pub const FIELDS_MAX: usize = 2_000;

/// A rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub place: Place,
    /// The rule.
    pub rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.place, self.rule)
    }
}

/// Every rule that the items break.
#[must_use]
pub fn violations(items: &Items) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    present(items, &mut found);
    class(items, &mut found);
    parties(items, &mut found);
    sharing(items, &mut found);
    grading(items, &mut found);
    fields(items, &mut found);
    found.0
}

struct Found(Vec<Violation>);

impl Found {
    fn item(&mut self, broken: bool, name: &'static str, rule: &str) {
        self.put(broken, Place::Item(name), rule);
    }
    fn put(&mut self, broken: bool, place: Place, rule: &str) {
        if broken {
            self.0.push(Violation { place, rule: rule.to_owned() });
        }
    }
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn present(items: &Items, found: &mut Found) {
    for (name, text) in [
        ("title", &items.title),
        ("summary", &items.summary),
        ("provider", &items.provider),
        ("format", &items.format),
        ("data_class", &items.data_class),
        ("conditions_of_use", &items.conditions_of_use),
        ("impact_assessment", &items.impact_assessment),
    ] {
        found.item(blank(text), name, "is missing (Decree 809 art 13)");
    }
    for (name, text) in [
        ("title", &items.title),
        ("title_en", &items.title_en),
        ("summary", &items.summary),
        ("summary_en", &items.summary_en),
        ("classification", &items.classification),
        ("provider", &items.provider),
        ("format", &items.format),
        ("data_class", &items.data_class),
        ("sharing_scope", &items.sharing_scope),
        ("sharing_uses", &items.sharing_uses),
        ("sharing_ground", &items.sharing_ground),
        ("openness_condition", &items.openness_condition),
        ("conditions_of_use", &items.conditions_of_use),
        ("impact_assessment", &items.impact_assessment),
    ] {
        found.item(text.chars().count() > TEXT_CHARS_MAX, name, "is longer than 4,000 characters");
    }
    let cycle = UPDATE_CYCLES.contains(&items.update_cycle.as_str());
    found.item(!cycle, "update_cycle", &format!("is none of {}", UPDATE_CYCLES.join("、")));
    let dataset = items.dataset.is_empty() || items.dataset.parse::<DatasetName>().is_ok();
    found.item(!dataset, "dataset", "is not the name of a dataset, database/dataset");
}

fn class(items: &Items, found: &mut Found) {
    let code = &items.class_code;
    let digits = code.bytes().all(|b| b.is_ascii_digit()) && (6..=18).contains(&code.len());
    found.item(!digits, "class_code", "is not 类 1, 项 2, 目 3 digits and any for 细目, 18 in all (2017 guide)");
    let parts: Vec<&str> = items.classification.split('/').collect();
    let whole = (3..=4).contains(&parts.len()) && !parts.iter().any(|part| blank(part));
    found.item(!whole, "classification", "is not 类/项/目/细目 (2017 guide)");
    let class = CLASSES.iter().find(|(digit, _)| code.starts_with(*digit));
    match class {
        None => found.item(digits, "class_code", "begins with none of 1 基础, 2 主题, 3 部门 (2017 guide)"),
        Some((digit, word)) => {
            let rule = format!("does not begin with {word}, although `class_code` begins with {digit}");
            found.item(whole && !items.classification.starts_with(word), "classification", &rule);
        }
    }
    let wrong = items.related.iter().any(|code| !is_resource_code(code));
    found.item(wrong, "related", "holds something that is no resource code, class/number");
}

/// Whether a text has the form of a resource code: class, `/`, number.
#[must_use]
pub fn is_resource_code(text: &str) -> bool {
    let digits = |part: &str, from: usize| part.len() >= from && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('/').is_some_and(|(class, number)| digits(class, 6) && digits(number, 1))
}

fn parties(items: &Items, found: &mut Found) {
    let sound = |code: &str| CreditCode::parse(code).is_ok();
    let rule = "is not a unified social credit code (GB 32100)";
    found.item(!sound(&items.provider_code), "provider_code", rule);
    found.item(!items.source_department.is_empty() && !sound(&items.source_department), "source_department", rule);
}

fn sharing(items: &Items, found: &mut Found) {
    let none = items.sharing == Some(Sharing::None);
    match items.sharing {
        None => found.item(true, "sharing", "is missing (Decree 809 arts 13, 14)"),
        Some(Sharing::Unconditional) => {}
        Some(Sharing::Conditional) => {
            let rule = "is missing: what is shared conditionally says with whom and for what (Decree 809 art 15)";
            found.item(blank(&items.sharing_scope), "sharing_scope", rule);
            found.item(blank(&items.sharing_uses), "sharing_uses", rule);
        }
        Some(Sharing::None) => {
            let rule = "names no law, administrative regulation or State Council decision (Decree 809 arts 14, 15)";
            found.item(!is_ground(&items.sharing_ground), "sharing_ground", rule);
        }
    }
    found.item(items.sharing_modes.is_empty() && !none, "sharing_modes", "is missing (Decree 809 arts 13, 22)");
    let unknown = items.sharing_modes.iter().any(|mode| !SHARING_MODES.contains(&mode.as_str()));
    found.item(unknown, "sharing_modes", &format!("holds something other than {}", SHARING_MODES.join("、")));
    found.item(items.openness.is_none(), "openness", "is missing (2017 guide)");
    let conditional = items.openness == Some(Openness::Conditional);
    found.item(
        conditional && blank(&items.openness_condition),
        "openness_condition",
        "is missing: what is open on request says on which conditions",
    );
}

/// A ground names a law with its article, or a decision of the State Council.
fn is_ground(text: &str) -> bool {
    let article = text.contains('第') && text.contains('条');
    GROUNDS.iter().any(|word| text.contains(word)) && (article || text.contains("国务院"))
}

fn grading(items: &Items, found: &mut Found) {
    let Some(grade) = items.data_grade else {
        return found.item(true, "data_grade", "is missing (Decree 809 art 13)");
    };
    found.item(!(1..=5).contains(&grade), "data_grade", "is not 1 to 5 (GB/T 43697)");
    let highest = items.fields.iter().map(|field| field.grade).max().unwrap_or(0);
    let rule = format!("is lower than the grade of a field, {highest}: the higher grade wins (GB/T 43697)");
    found.item(grade < highest, "data_grade", &rule);
}

fn fields(items: &Items, found: &mut Found) {
    found.item(items.fields.is_empty(), "fields", "is empty (Decree 809 art 13)");
    found.item(items.fields.len() > FIELDS_MAX, "fields", "has more than 2,000 items");
    let mut names = BTreeSet::new();
    for (at, field) in items.fields.iter().enumerate() {
        let twice = !names.insert(field.name.as_str());
        found.put(twice, Place::Field(at, "name"), "stands twice");
        one_field(items, at, field, found);
    }
}

fn one_field(items: &Items, at: usize, field: &Item, found: &mut Found) {
    let name = !field.name.is_empty()
        && field.name.len() <= 64
        && field.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    found.put(!name, Place::Field(at, "name"), "is not a name: a-z, 0-9, _; at most 64");
    let title = !blank(&field.title) && field.title.chars().count() <= 200;
    found.put(!title, Place::Field(at, "title"), "is missing, or longer than 200 characters");
    found.put(!(1..=5).contains(&field.grade), Place::Field(at, "grade"), "is not 1 to 5 (GB/T 43697)");
    found.put(field.length == Some(0), Place::Field(at, "length"), "is 0");
    let condition = Place::Field(at, "sharing_condition");
    match field.sharing.filter(|sharing| Some(*sharing) != items.sharing) {
        Some(Sharing::None) => {
            let rule = "names no law, administrative regulation or State Council decision (Decree 809 arts 14, 15)";
            found.put(!is_ground(&field.sharing_condition), condition, rule);
        }
        Some(Sharing::Conditional) => {
            found.put(
                blank(&field.sharing_condition),
                condition,
                "is missing: with whom and for what (Decree 809 art 15)",
            );
        }
        Some(Sharing::Unconditional) | None => {}
    }
    let open = field.openness.or(items.openness) == Some(Openness::Unconditional);
    found.put(
        open && field.grade >= 3,
        Place::Field(at, "openness"),
        "is unconditional, although the grade is 3 or more: give the field an openness of its own",
    );
}
