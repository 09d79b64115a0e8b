//! Codes of a code list: the code itself or a label of it, as of a day.

use super::{Context, Parsed, ValueProblem, half_width};
use crate::dataset::{CodeList, CodeStatus};
use crate::value::Value;

/// A code, or the code that a label names.
pub(super) fn code(context: Context<'_>, text: &str) -> Result<Parsed, ValueProblem> {
    let id = context.field.code_list.as_deref().unwrap_or_default();
    let list = context
        .lists
        .get(id)
        .ok_or_else(|| context.problem("code_list_missing", format!("the code list `{id}` is not loaded")))?;
    let plain = half_width(text);
    let plain = plain.trim();
    let known = |code: &str| list.status(code, context.day) != CodeStatus::Unknown;
    if known(plain) {
        return Ok(judged(context, list, plain));
    }
    let upper = plain.to_ascii_uppercase();
    if known(&upper) {
        return Ok(judged(context, list, &upper));
    }
    if let Some(code) = by_label(context, list, plain, text)? {
        return Ok(judged(context, list, &code));
    }
    let padded = format!("0{plain}");
    if plain.bytes().all(|b| b.is_ascii_digit()) && known(&padded) {
        let mut parsed = judged(context, list, &padded);
        parsed.warning.get_or_insert_with(|| {
            context.problem("leading_zero_restored", "the code was read with the leading zero it had lost")
        });
        return Ok(parsed);
    }
    let coded = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if context.day < list.reaches_back_to && coded {
        let warning = context.problem(
            "code_before_list",
            format!("the list `{id}` begins on {} and cannot judge a code of {}", list.reaches_back_to, context.day),
        );
        return Ok(Parsed { value: Value::Code(upper), warning: Some(warning) });
    }
    Err(context.problem(
        "unknown_code",
        format!("{} is neither a code nor a label of {} (`{id}`)", context.shown(text), list.title.zh),
    ))
}

/// The one code that `label` names on the day, or named before.
fn by_label(context: Context<'_>, list: &CodeList, plain: &str, text: &str) -> Result<Option<String>, ValueProblem> {
    let codes = list.by_label(plain);
    let holds = |code: &&String| matches!(list.status(code, context.day), CodeStatus::Valid(_));
    let holding: Vec<&String> = codes.iter().filter(holds).collect();
    match (holding.as_slice(), codes) {
        ([one], _) => Ok(Some((*one).clone())),
        ([], [one]) => Ok(Some(one.clone())),
        ([], []) => Ok(None),
        _ => {
            let names = if holding.is_empty() { codes.iter().collect() } else { holding };
            let some: Vec<&str> = names.iter().take(5).map(|c| c.as_str()).collect();
            Err(context.problem(
                "ambiguous_label",
                format!("{} names several codes; write the code ({} …)", context.shown(text), some.join(", ")),
            ))
        }
    }
}

fn judged(context: Context<'_>, list: &CodeList, code: &str) -> Parsed {
    let shown = context.shown(code);
    let warning = match list.status(code, context.day) {
        CodeStatus::Valid(_) | CodeStatus::Unknown => None,
        CodeStatus::Abolished { last, successors } => {
            let now = if successors.is_empty() {
                "no successor is known".to_owned()
            } else {
                // The report must say what to write instead.
                format!("it was followed by {}", successors.join(", "))
            };
            let until = if context.field.is_personal() { String::new() } else { format!(" on {}", last.valid.to) };
            Some(context.problem("code_abolished", format!("{shown} was abolished{until}; {now}")))
        }
        CodeStatus::NotYet(first) => {
            let from =
                if context.field.is_personal() { String::new() } else { format!(" before {}", first.valid.from) };
            Some(context.problem("code_not_yet", format!("{shown} does not hold{from}")))
        }
    };
    Parsed { value: Value::Code(code.to_owned()), warning }
}
