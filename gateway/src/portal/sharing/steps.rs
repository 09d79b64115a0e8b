//! Forms of the steps: what each must bring, and what it may.

use foundation::value::Day;

use super::words;
use crate::ask::Language;
use crate::policy::Terms;
use crate::sharing::step::{Need, Rule};
use crate::sharing::{Case, Verb};

/// The form of a step.
pub(super) struct StepForm {
    pub(super) step: &'static str,
    pub(super) title: &'static str,
    pub(super) about: &'static str,
    pub(super) law: &'static str,
    pub(super) members: Vec<Member>,
}

/// A member of a form.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// `area`, `text`, `number`, `date` or `outcome`.
    pub(super) kind: &'static str,
    pub(super) needed: bool,
    pub(super) value: String,
}

impl Member {
    fn new(name: &'static str, labels: (&'static str, &'static str), kind: &'static str, language: Language) -> Self {
        let label = if language == Language::Zh { labels.0 } else { labels.1 };
        Self { name, label, kind, needed: false, value: String::new() }
    }

    fn needed(self) -> Self {
        Self { needed: true, ..self }
    }

    fn with(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }
}

/// The form of a step of a case.
pub(super) fn form(rule: &'static Rule, case: &Case, language: Language) -> StepForm {
    let mut members: Vec<Member> = rule.needs.iter().map(|need| of_need(*need, language).needed()).collect();
    // How the data is to be disposed of in the end.
    if rule.verb == Verb::Consent {
        members.push(Member::new(
            "reason",
            ("使用完毕后的处置要求", "How the data is to be disposed of"),
            "area",
            language,
        ));
    }
    let before = match rule.verb {
        Verb::Revise | Verb::Supplement | Verb::Consent => Some(&case.asked),
        Verb::ProposeChange => case.given.as_ref(),
        _ => None,
    };
    if let Some(before) = before {
        // Terms that are left as they are say that nothing changes; only a revision has to bring them.
        let filled = rule.verb == Verb::Revise;
        members.extend(of_terms(Some(before).filter(|_| filled), language));
    }
    StepForm { step: rule.name, title: words::step(rule.verb, language), about: rule.about, law: rule.law, members }
}

fn of_need(need: Need, language: Language) -> Member {
    match need {
        Need::Reason => Member::new("reason", ("理由", "Reason"), "area", language),
        Need::Evidence => Member::new("evidence", ("凭证（文号、证明）", "Where the proof lies"), "text", language),
        Need::Days => Member::new("days", ("工作日数", "Working days"), "number", language),
        Need::Outcome => Member::new("outcome", ("结果", "Outcome"), "outcome", language),
    }
}

/// Terms, with those that stand.
fn of_terms(before: Option<&Terms>, language: Language) -> Vec<Member> {
    let text = |of: fn(&Terms) -> String| before.map(of).unwrap_or_default();
    vec![
        Member::new("fields", ("可读数据项（逗号分隔）", "Fields to be read, by commas"), "text", language)
            .with(text(|t| t.fields.join(","))),
        Member::new("masked", ("脱敏数据项（逗号分隔）", "Fields to be shown masked, by commas"), "text", language)
            .with(text(|t| t.masked.join(","))),
        Member::new("rows", ("行范围（CQL2）", "Which rows (CQL2)"), "text", language).with(text(|t| t.rows.clone())),
        Member::new("purpose", ("使用场景", "Purpose"), "text", language).with(text(|t| t.purpose.clone())),
        Member::new("ground", ("共享依据", "Legal ground"), "text", language).with(text(|t| t.ground.clone())),
        Member::new("from", ("起始日", "First day"), "date", language).with(text(|t| t.from.clone())),
        Member::new("to", ("截止日（不含）", "Day after the last"), "date", language).with(text(|t| t.to.clone())),
        Member::new("rows-per-day-max", ("每日行数上限", "Most rows a day"), "number", language)
            .with(text(|t| t.rows_per_day_max.to_string())),
    ]
}

/// The form that begins a request, apart from the fields, which are chosen from the dataset's.
pub(super) fn begin(today: Day, company: bool, language: Language) -> Vec<Member> {
    let to = Day(today.0.saturating_add(365)).to_string();
    let acts = if company {
        ("方式（留空为 get,lookup,search,list,series）", "Acts (blank: get,lookup,search,list,series)")
    } else {
        ("方式（留空为 get,lookup,verify）", "Acts (blank: get,lookup,verify)")
    };
    let ground = if company { ("开放依据", "Legal ground") } else { ("共享依据", "Legal ground") };
    let own = if company {
        Member::new("commitment", ("使用与安全承诺", "Commitment on use and safety"), "area", language).needed()
    } else {
        Member::new("persons-per-day-max", ("每日人数上限", "Most distinct persons a day"), "number", language)
    };
    vec![
        Member::new("purpose", ("使用场景", "Purpose"), "area", language).needed(),
        Member::new("ground", ground, "text", language).needed(),
        Member::new("acts", acts, "text", language),
        Member::new("rows", ("行范围（CQL2，留空为全部）", "Which rows (CQL2; blank: all)"), "text", language),
        Member::new("from", ("起始日", "First day"), "date", language).needed().with(today.to_string()),
        Member::new("to", ("截止日（不含）", "Day after the last"), "date", language).needed().with(to),
        Member::new("rows-per-day-max", ("每日行数上限", "Most rows a day"), "number", language),
        own,
    ]
}
