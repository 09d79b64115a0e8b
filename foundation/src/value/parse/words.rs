//! Texts and booleans.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{Context, ValueProblem};
use crate::value::{FieldType, Value};

/// Full-width letters, digits, signs and spaces as half-width ones; everything else as it is.
#[must_use]
pub fn half_width(text: &str) -> Cow<'_, str> {
    let wide = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}');
    if text.is_ascii() || !text.contains(wide) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\u{3000}' => ' ',
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
                c => c,
            })
            .collect(),
    )
}

/// Unicode normal form C.
#[must_use]
pub fn nfc(text: &str) -> String {
    if text.is_ascii() || is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// NFC, trimmed, line ends as `\n`, no control characters but tabs and line ends, not too long.
pub(in crate::value) fn text(context: Context<'_>, text: &str) -> Result<String, ValueProblem> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(context.problem("control_character", "the text holds a control character"));
    }
    let text = nfc(&text);
    // A character takes up to four bytes: most texts need not be counted.
    if let Some(longest) = context.field.max_length.filter(|longest| text.len() > *longest) {
        let length = text.chars().count();
        if length > longest {
            return Err(
                context.problem("too_long", format!("the text has {length} characters; at most {longest} are taken"))
            );
        }
    }
    Ok(text)
}

/// A text of one line.
pub(in crate::value) fn line(context: Context<'_>, given: &str) -> Result<String, ValueProblem> {
    let line = text(context, given)?;
    if line.contains(['\n', '\t']) {
        return Err(context.problem("control_character", "the text must be on one line"));
    }
    Ok(line)
}

/// `zh=…;en=…`, a JSON object, or a bare text.
pub(super) fn texts(context: Context<'_>, given: &str) -> Result<Value, ValueProblem> {
    if given.starts_with('{')
        && let Ok(json @ serde_json::Value::Object(_)) = serde_json::from_str(given)
    {
        return crate::value::json::one(context, &json).map(|parsed| parsed.value);
    }
    // A `;` begins a new language only where a tag and `=` follow: titles may hold semicolons.
    let mut parts: Vec<(String, String)> = Vec::new();
    for piece in given.split_inclusive([';', '；']) {
        match piece.split_once('=').filter(|(tag, _)| is_language(tag.trim())) {
            Some((tag, rest)) => parts.push((tag.trim().to_owned(), rest.to_owned())),
            None => match parts.last_mut() {
                Some((_, sofar)) => sofar.push_str(piece),
                None => return text(context, given).map(|bare| Value::Texts(vec![(language_of(&bare), bare)])),
            },
        }
    }
    by_language(context, parts.into_iter().map(|(tag, words)| (tag, words.trim_end_matches([';', '；']).to_owned())))
}

/// Texts by language, checked and sorted.
pub(in crate::value) fn by_language(
    context: Context<'_>,
    pairs: impl Iterator<Item = (String, String)>,
) -> Result<Value, ValueProblem> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for (tag, words) in pairs {
        if !is_language(&tag) {
            return Err(
                context.problem("language_tag", "each text needs a language tag (BCP 47), such as `zh` or `en`")
            );
        }
        let words = text(context, &words)?;
        if words.is_empty() {
            continue;
        }
        if texts.iter().any(|(known, _)| *known == tag) {
            return Err(context.problem("language_tag", format!("the language `{tag}` is given twice")));
        }
        texts.push((tag, words));
    }
    if texts.is_empty() {
        return Err(context.problem("empty", "no text is given"));
    }
    texts.sort();
    Ok(Value::Texts(texts))
}

/// `zh`, `zh-Hant`, `en-GB`, `mn-Mong`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let fits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    parts.next().is_some_and(|first| fits(first, 2..=3) && first.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|part| fits(part, 2..=8))
}

fn language_of(text: &str) -> String {
    let han = |c: char| matches!(u32::from(c), 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff);
    if text.contains(han) { "zh".to_owned() } else { "und".to_owned() }
}

/// 是/否, true/false, yes/no, 1/0.
pub(super) fn boolean(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    debug_assert_eq!(context.field.kind, FieldType::Boolean);
    match half_width(text).trim().to_ascii_lowercase().as_str() {
        "是" | "真" | "true" | "yes" | "y" | "1" => Ok(Value::Boolean(true)),
        "否" | "假" | "false" | "no" | "n" | "0" => Ok(Value::Boolean(false)),
        _ => {
            Err(context.problem("boolean_form", format!("{} is neither 是/true/1 nor 否/false/0", context.shown(text))))
        }
    }
}
