//! States and steps of sharing in both languages, as Decree 809 calls them.

use crate::ask::Language;
use crate::sharing::{State, Verb};

/// A state, and the class of its tag.
pub(super) fn state(state: State, language: Language) -> (&'static str, &'static str) {
    let (zh, en, class) = match state {
        State::Draft => ("起草", "draft", ""),
        State::Signed => ("已签批", "signed off", ""),
        State::Submitted => ("待答复", "waits for the answer", "part"),
        State::Incomplete => ("待补正", "to be supplemented", "part"),
        State::Refused => ("不予共享", "refused", "closed"),
        State::Delivering => ("待提供", "being delivered", "part"),
        State::Active => ("使用中", "in force", "open"),
        State::Suspended => ("暂停", "suspended", "warn"),
        State::Terminated => ("终止", "terminated", "closed"),
        State::Ended => ("结束", "ended", "closed"),
        State::Expired => ("到期", "expired", "closed"),
        State::Disposed => ("已处置", "disposed of", ""),
        State::Withdrawn => ("已撤回", "withdrawn", ""),
    };
    (if language == Language::Zh { zh } else { en }, class)
}

/// What is the matter, as the law would have it said.
pub(super) fn alert(what: &'static str, language: Language) -> &'static str {
    if language == Language::En {
        return what;
    }
    match what {
        "not answered in time" => "逾期未答复",
        "answered late" => "答复逾期",
        "not delivered in time" => "逾期未提供",
        "delivered late" => "提供逾期",
        "not reviewed in time" => "逾期未复核",
        "use beyond the grant was reported" => "被报告超范围使用",
        "expired and not disposed of" => "到期未处置",
        "ended and not disposed of" => "结束后未处置",
        "an extension waits for consent" => "延期申请待同意",
        "an agreed change waits to be filed" => "变更待备案",
        "a dispute waits for a decision" => "争议待裁决",
        other => other,
    }
}

/// A step.
pub(super) fn step(verb: Verb, language: Language) -> &'static str {
    let (zh, en) = match verb {
        Verb::Draft => ("提出申请", "Begun"),
        Verb::Import => ("转入已审批授权", "Taken in"),
        Verb::Revise => ("修改申请", "Revise"),
        Verb::Sign => ("负责人签批", "Sign off"),
        Verb::Submit => ("提交", "Submit"),
        Verb::Withdraw => ("撤回", "Withdraw"),
        Verb::NeedMore => ("一次性告知补正", "Ask for what is missing"),
        Verb::Supplement => ("补正", "Supplement"),
        Verb::AskExtension => ("申请延期", "Ask for more days"),
        Verb::Extend => ("同意延期", "Grant more days"),
        Verb::DenyExtension => ("不同意延期", "Deny more days"),
        Verb::Consent => ("同意共享", "Consent"),
        Verb::Refuse => ("不予共享", "Refuse"),
        Verb::Deliver => ("提供服务", "Deliver"),
        Verb::RecordUse => ("登记使用情况", "Record the use"),
        Verb::ReportMisuse => ("报告超范围使用", "Report misuse"),
        Verb::Suspend => ("暂停共享", "Suspend"),
        Verb::Rectify => ("报告整改", "Report that it is put right"),
        Verb::Resume => ("恢复共享", "Resume"),
        Verb::Terminate => ("终止共享", "Terminate"),
        Verb::ProposeChange => ("提出变更", "Propose a change"),
        Verb::AgreeChange => ("同意变更", "Agree to the change"),
        Verb::FileChange => ("变更备案", "File the change"),
        Verb::Review => ("复核", "Review"),
        Verb::Relinquish => ("不再使用", "Relinquish"),
        Verb::Dispose => ("处置数据", "Dispose of the data"),
        Verb::Dispute => ("提出争议", "Dispute"),
        Verb::Settle => ("协商了结", "Settle"),
        Verb::Escalate => ("提请协调", "Escalate"),
        Verb::Decide => ("裁决", "Decide"),
    };
    if language == Language::Zh { zh } else { en }
}
