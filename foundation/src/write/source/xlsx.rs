//! Office Open XML workbooks. A workbook is a zip: it is held in memory, up to a limit.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use super::header::{Target, cells, targets};
use super::{Mapping, Rows, SourceError, XLSX_BYTES_MAX, rejected};
use crate::dataset::Dataset;
use crate::service::SourceRow;

/// Digits a spreadsheet keeps of a number; longer numbers (citizen numbers) must be stored as text.
const DIGITS_KEPT: f64 = 1e15;

pub(super) fn open(input: Box<dyn Read + Send>, mapping: &Mapping, dataset: &Dataset) -> Result<Rows, SourceError> {
    let wrong = |e: &dyn std::fmt::Display| SourceError::Format { format: "XLSX", reason: e.to_string() };
    let mut bytes = Vec::new();
    input.take(XLSX_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|e| wrong(&e))?;
    if bytes.len() as u64 > XLSX_BYTES_MAX {
        return Err(SourceError::TooLarge { what: "the workbook".to_owned(), bytes_max: XLSX_BYTES_MAX });
    }
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|e| wrong(&e))?;
    let names = workbook.sheet_names();
    let sheet = match &mapping.sheet {
        Some(name) if !names.contains(name) => {
            return Err(wrong(&format!("no sheet `{name}`; there are {}", names.join(", "))));
        }
        Some(name) => name.clone(),
        None => names.first().cloned().ok_or_else(|| wrong(&"the workbook has no sheet"))?,
    };
    let range = workbook.worksheet_range(&sheet).map_err(|e| wrong(&e))?;
    let first_row = u64::from(range.start().map_or(0, |(row, _)| row)) + 1;
    let mut table: Vec<Vec<Data>> = range.rows().map(<[Data]>::to_vec).collect();
    drop(range);
    if table.is_empty() {
        return Err(SourceError::NoHeader);
    }
    let header: Vec<String> = table.remove(0).iter().map(|cell| text(cell).unwrap_or_default()).collect();
    let targets = targets(header.iter().map(String::as_str), mapping, dataset)?;
    let mapping = mapping.clone();
    let rows = table
        .into_iter()
        .zip(first_row + 1..)
        .filter(|(cells, _)| cells.iter().any(|c| !matches!(c, Data::Empty)))
        .map(move |(row, line)| Ok(self::row(&row, line, &targets, &mapping)));
    Ok(Rows::new(Some(rejected::line(header.iter().map(String::as_str))), rows))
}

fn row(row: &[Data], line: u64, targets: &[Target], mapping: &Mapping) -> SourceRow {
    let mut unreadable = None;
    let texts: Vec<String> = row
        .iter()
        .zip(targets)
        .map(|(cell, target)| {
            text(cell).unwrap_or_else(|(rule, message)| {
                let field = if let Target::Field { name, .. } = target { name.clone() } else { String::new() };
                unreadable.get_or_insert((field, rule.to_owned(), message.to_owned()));
                String::new()
            })
        })
        .collect();
    let cells =
        if unreadable.is_some() { Vec::new() } else { cells(targets, texts.iter().map(String::as_str), mapping) };
    SourceRow {
        line,
        cells,
        original: rejected::line(texts.iter().map(String::as_str)),
        unreadable,
        repaired: Vec::new(),
    }
}

/// A cell as text; numbers without a needless `.0`, dates as ISO 8601.
fn text(cell: &Data) -> Result<String, (&'static str, &'static str)> {
    match cell {
        Data::Empty => Ok(String::new()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Ok(text.clone()),
        Data::Int(number) => Ok(number.to_string()),
        Data::Bool(yes) => Ok(yes.to_string()),
        Data::Float(number) if number.abs() >= DIGITS_KEPT => Err((
            "number_as_float",
            "a spreadsheet keeps 15 digits of a number; format the column as text and enter it again",
        )),
        Data::Float(number) => Ok(number.to_string()),
        Data::DateTime(stamp) => {
            let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            let midnight = (hour, minute, second) == (0, 0, 0);
            Ok(if midnight { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}+08:00") })
        }
        Data::Error(_) => Err(("cell_error", "the cell holds a spreadsheet error")),
    }
}
