//! The refused-rows file: each row as it came, with line, field, rule and message, ready to be mended and sent again.

use std::io::{self, Write};

use crate::service::RejectedRow;

/// Writes refused rows as CSV with a byte order mark (spreadsheets then take it as UTF-8).
///
/// With a `header` (CSV, XLSX) the original columns come first, so that a mended file imports as it is; without one
/// (NDJSON, GeoJSON) the row stands in a column `original`.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut impl Write, header: Option<&str>, rows: &[RejectedRow], first: bool) -> io::Result<()> {
    if first {
        out.write_all("\u{feff}".as_bytes())?;
        writeln!(out, "{},_line,_field,_rule,_message", header.unwrap_or("original"))?;
    }
    for row in rows {
        let original = if header.is_some() { row.original.clone() } else { quoted(&row.original) };
        let (field, rule) = (quoted(&row.problem.field), quoted(&row.problem.rule));
        writeln!(out, "{original},{},{field},{rule},{}", row.line, quoted(&row.problem.message))?;
    }
    Ok(())
}

/// A CSV field, quoted where RFC 4180 asks for it; never starts a formula in a spreadsheet.
#[must_use]
pub fn quoted(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t']);
    if !risky && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    let guard = if risky { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// A row of texts as one CSV line, as it came.
pub(super) fn line<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut line = String::with_capacity(128);
    for (at, text) in texts.enumerate() {
        if at > 0 {
            line.push(',');
        }
        if text.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(text);
        }
    }
    line
}
