//! Reads a filled template. Every fault is told, with sheet, row, column and rule.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

use super::super::check::{FIELDS_MAX, violations};
use super::super::items::{Item, Items, Place};
use super::fault::{Faults, SheetFault, SheetFaults};
use super::{FIELD_LINES, FIELDS, FIELDS_FROM, ITEM_LINES, ITEMS, Line, OPENNESS, SHARING, TYPES, VALUE, meant};

/// Most cells read of a sheet.
const CELLS_MAX: usize = FIELDS_MAX * 12;

/// The items of a filled template, whole: one that breaks a rule of entries is refused with the cell.
///
/// # Errors
/// [`SheetFaults`], all of them.
pub fn read(bytes: &[u8]) -> Result<Items, SheetFaults> {
    let whole = |sheet: &str, rule: String| {
        SheetFaults(vec![SheetFault { sheet: sheet.to_owned(), row: 0, column: String::new(), rule }])
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| whole("", "is no XLSX workbook".to_owned()))?;
    let mut faults = Faults(Vec::new());
    let mut cells = Vec::new();
    for sheet in [ITEMS, FIELDS] {
        if !book.sheet_names().iter().any(|name| name == sheet) {
            return Err(whole("", format!("has no sheet `{sheet}`")));
        }
        cells.push(texts(&mut book, sheet, &mut faults).map_err(|rule| whole(sheet, rule))?);
    }
    let (on_fields, on_items) = (cells.pop().unwrap_or_default(), cells.pop().unwrap_or_default());
    let rows = item_rows(&on_items, &mut faults);
    let mut items = items(&on_items, &rows, &mut faults);
    let columns = field_columns(&on_fields, &mut faults);
    let field_rows = fields(&on_fields, &columns, &mut items, &mut faults);
    if faults.0.is_empty() {
        for broken in violations(&items) {
            let rule = format!("`{}` {}", broken.place, broken.rule);
            match broken.place {
                Place::Item("fields") => faults.put(FIELDS, FIELDS_FROM, None, rule),
                Place::Item(key) => faults.put(ITEMS, rows.get(key).copied().unwrap_or(0), Some(VALUE), rule),
                Place::Field(at, member) => {
                    let row = field_rows.get(at).copied().unwrap_or(FIELDS_FROM);
                    faults.put(FIELDS, row, columns.get(member).copied(), rule);
                }
            }
        }
    }
    if faults.0.is_empty() { Ok(items) } else { Err(SheetFaults(faults.0)) }
}

type Cells = BTreeMap<(u32, u16), String>;

/// The texts of a sheet by row and column; empty cells are left out.
fn texts(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, faults: &mut Faults) -> Result<Cells, String> {
    let unreadable = |_| "cannot be read".to_owned();
    let mut reader = book.worksheet_cells_reader(sheet).map_err(unreadable)?;
    let mut cells = Cells::new();
    let mut seen = 0_usize;
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let Ok(column) = u16::try_from(column) else { continue };
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Int(number) => number.to_string(),
            DataRef::Float(number) => number.to_string(),
            DataRef::Bool(yes) => yes.to_string(),
            DataRef::DateTime(_) => {
                faults.put(sheet, row, Some(column), "holds a date; format the cell as text");
                continue;
            }
            DataRef::Error(_) => {
                faults.put(sheet, row, Some(column), "holds a spreadsheet error");
                continue;
            }
        };
        seen += 1;
        if seen > CELLS_MAX {
            return Err(format!("has more than {CELLS_MAX} cells"));
        }
        if !text.trim().is_empty() {
            cells.insert((row, column), text.trim().to_owned());
        }
    }
    Ok(cells)
}

/// The row of each item, by the key in column A.
fn item_rows(cells: &Cells, faults: &mut Faults) -> BTreeMap<&'static str, u32> {
    let mut rows = BTreeMap::new();
    for ((row, _), key) in cells.iter().filter(|((row, column), _)| *row > 0 && *column == 0) {
        match known(ITEM_LINES, key) {
            None => faults.put(ITEMS, *row, Some(0), format!("`{key}` is no item")),
            Some(key) if rows.insert(key, *row).is_some() => {
                faults.put(ITEMS, *row, Some(0), format!("`{key}` stands twice"));
            }
            Some(_) => {}
        }
    }
    for (row, _) in cells.keys().filter(|(row, column)| *row > 0 && *column == VALUE) {
        if !cells.contains_key(&(*row, 0)) {
            faults.put(ITEMS, *row, Some(0), "is empty beside a value: the key of the item is missing");
        }
    }
    for (key, ..) in ITEM_LINES {
        if !rows.contains_key(key) {
            faults.put(ITEMS, 0, Some(0), format!("the row of `{key}` is missing"));
        }
    }
    rows
}

fn known(lines: &[Line], key: &str) -> Option<&'static str> {
    lines.iter().find(|(known, ..)| *known == key).map(|(known, ..)| *known)
}

fn items(cells: &Cells, rows: &BTreeMap<&'static str, u32>, faults: &mut Faults) -> Items {
    let at = |key: &str| rows.get(key).copied().unwrap_or(0);
    let text = |key: &str| cells.get(&(at(key), VALUE)).filter(|_| rows.contains_key(key)).cloned().unwrap_or_default();
    let list = |key: &str| {
        let split = |c: char| "、，,;；".contains(c);
        text(key).split(split).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let mut cell = |key: &str, wrong: bool, rule: &str| {
        if wrong {
            faults.put(ITEMS, at(key), Some(VALUE), format!("`{key}` {rule}"));
        }
    };
    let grade = text("data_grade");
    let data_grade = grade.parse::<u8>().ok();
    cell("data_grade", data_grade.is_none() && !grade.is_empty(), "is no whole number");
    let sharing = meant(&SHARING, &text("sharing"));
    cell("sharing", sharing.is_none() && !text("sharing").is_empty(), "is none of 无条件共享、有条件共享、不予共享");
    let openness = meant(&OPENNESS, &text("openness"));
    cell("openness", openness.is_none() && !text("openness").is_empty(), "is none of 无条件开放、有条件开放、不予开放");
    Items {
        dataset: text("dataset"),
        title: text("title"),
        title_en: text("title_en"),
        summary: text("summary"),
        summary_en: text("summary_en"),
        class_code: text("class_code"),
        classification: text("classification"),
        provider: text("provider"),
        provider_code: text("provider_code"),
        source_department: text("source_department"),
        format: text("format"),
        update_cycle: text("update_cycle"),
        data_class: text("data_class"),
        data_grade,
        sharing,
        sharing_scope: text("sharing_scope"),
        sharing_uses: text("sharing_uses"),
        sharing_ground: text("sharing_ground"),
        sharing_modes: list("sharing_modes"),
        openness,
        openness_condition: text("openness_condition"),
        conditions_of_use: text("conditions_of_use"),
        impact_assessment: text("impact_assessment"),
        related: list("related"),
        fields: Vec::new(),
    }
}

/// The column of each member of a field, by the key in row 1.
fn field_columns(cells: &Cells, faults: &mut Faults) -> BTreeMap<&'static str, u16> {
    let mut columns = BTreeMap::new();
    for ((_, column), key) in cells.iter().filter(|((row, _), _)| *row == 0) {
        match known(FIELD_LINES, key) {
            None => faults.put(FIELDS, 0, Some(*column), format!("`{key}` is no member of a field")),
            Some(key) if columns.insert(key, *column).is_some() => {
                faults.put(FIELDS, 0, Some(*column), format!("`{key}` stands twice"));
            }
            Some(_) => {}
        }
    }
    for (key, ..) in FIELD_LINES {
        if !columns.contains_key(key) {
            faults.put(FIELDS, 0, None, format!("the column of `{key}` is missing"));
        }
    }
    columns
}

/// Reads the fields; gives the row of each.
fn fields(cells: &Cells, columns: &BTreeMap<&'static str, u16>, items: &mut Items, faults: &mut Faults) -> Vec<u32> {
    let mut rows: Vec<u32> = cells.keys().map(|(row, _)| *row).filter(|row| *row >= FIELDS_FROM).collect();
    rows.dedup();
    for (row, column) in cells.keys().filter(|(row, _)| *row >= FIELDS_FROM) {
        if !columns.values().any(|known| known == column) {
            faults.put(FIELDS, *row, Some(*column), "holds something in a column without a key");
        }
    }
    for row in &rows {
        let at = |key: &str| columns.get(key).copied();
        let text = |key: &str| at(key).and_then(|column| cells.get(&(*row, column))).cloned().unwrap_or_default();
        let mut cell = |key: &str, wrong: bool, rule: &str| {
            if wrong {
                faults.put(FIELDS, *row, at(key), format!("`{key}` {rule}"));
            }
        };
        let kind = meant(&TYPES, &text("type"));
        cell("type", kind.is_none(), "is no type of a field; the list of the cell has them");
        let grade = text("grade").parse::<u8>().ok();
        cell("grade", grade.is_none(), "is no whole number");
        let length = text("length").parse::<u32>().ok();
        cell("length", length.is_none() && !text("length").is_empty(), "is no whole number");
        let sharing = meant(&SHARING, &text("sharing"));
        cell(
            "sharing",
            sharing.is_none() && !text("sharing").is_empty(),
            "is none of 无条件共享、有条件共享、不予共享",
        );
        let openness = meant(&OPENNESS, &text("openness"));
        let rule = "is none of 无条件开放、有条件开放、不予开放";
        cell("openness", openness.is_none() && !text("openness").is_empty(), rule);
        items.fields.push(Item {
            name: text("name"),
            title: text("title"),
            kind: kind.unwrap_or(foundation::value::FieldType::Text),
            length,
            code_list: text("code_list"),
            standard: text("standard"),
            grade: grade.unwrap_or(0),
            sharing,
            sharing_condition: text("sharing_condition"),
            openness,
        });
    }
    rows
}
