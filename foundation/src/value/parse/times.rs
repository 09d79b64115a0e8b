//! Dates, periods and timestamps as offices write them.

use super::{Context, ValueProblem, half_width};
use crate::value::{Day, Instant, PartialDate, Period, Value};

/// A date; a time of midnight after it (spreadsheets write one) is dropped.
pub(super) fn date(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    let plain = half_width(text);
    let plain = plain.trim();
    let day = match plain.split_once([' ', 'T']) {
        Some((day, time)) if !time.is_empty() && time.bytes().all(|b| matches!(b, b'0' | b':' | b'.' | b'Z')) => day,
        _ => plain,
    };
    PartialDate::parse(day).map(Value::Date).ok_or_else(|| {
        context.problem(
            "date_form",
            format!("{} is no date of the calendar, such as 1990-01-01, 1990.1.1, 1990-01, 1990", context.shown(text)),
        )
    })
}

/// A statistical period.
pub(super) fn period(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    let plain = half_width(text);
    let plain = plain.trim();
    Period::parse(plain).or_else(|| Period::parse(&standard_period(plain)?)).map(Value::Period).ok_or_else(|| {
        context.problem(
            "period_form",
            format!("{} is no period, such as 2020, 2020-S1, 2020-Q1, 2020-01, 2020-W05", context.shown(text)),
        )
    })
}

/// 2020年, 2020年3月, 2020年1-3月, 2020年第一季度, 2020年上半年, `202003`, and `2020A` for a first quarter.
fn standard_period(text: &str) -> Option<String> {
    let year = text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?;
    let rest = text.get(4..)?;
    if let Some(place) = ["A", "B", "C", "D"].iter().position(|quarter| *quarter == rest) {
        return Some(format!("{year}-Q{}", place + 1));
    }
    if rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("{year}-{rest}"));
    }
    let rest = rest.strip_prefix('年')?.trim();
    let month = |text: &str| text.parse::<u8>().ok().map(|m| format!("{year}-{m:02}"));
    match rest {
        "" | "全年" => Some(year.to_owned()),
        "上半年" => Some(format!("{year}-S1")),
        "下半年" => Some(format!("{year}-S2")),
        _ => {
            if let Some(quarter) = rest.strip_suffix("季度") {
                let names = [["1", "一"], ["2", "二"], ["3", "三"], ["4", "四"]];
                let number = quarter.trim_start_matches('第').trim();
                return names.iter().position(|n| n.contains(&number)).map(|place| format!("{year}-Q{}", place + 1));
            }
            let months = rest.strip_suffix('月')?;
            match months.split_once(['-', '—', '–', '~', '至']) {
                Some((from, to)) => Some(format!("{}/{}", month(from.trim_end_matches('月'))?, month(to)?)),
                None => month(months),
            }
        }
    }
}

/// A point in time: RFC 3339, or without an offset in the country's time.
pub(super) fn timestamp(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    let plain = half_width(text);
    let plain = plain.trim();
    // A bare date is no point in time; `Instant::parse` would take it for the end of that day.
    let read = if Day::parse(plain).is_some() {
        None
    } else {
        Instant::parse(plain).or_else(|| {
            let local = plain.replacen(['/', '.'], "-", 2).replacen(' ', "T", 1);
            let seconds = if local.len() == 16 { ":00" } else { "" };
            Instant::parse(&format!("{local}{seconds}+08:00"))
        })
    };
    read.map(Value::Timestamp).ok_or_else(|| {
        context.problem(
            "timestamp_form",
            format!("{} is no point in time, such as 2026-01-31T08:00:00+08:00", context.shown(text)),
        )
    })
}
