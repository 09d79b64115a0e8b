//! Writes the template, empty or filled with an entry.

use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet, XlsxError};

use super::super::check::{FIELDS_MAX, UPDATE_CYCLES};
use super::super::items::{Item, Items};
use super::{FIELD_LINES, FIELDS, FIELDS_FROM, ITEM_LINES, ITEMS, Line, OPENNESS, SHARING, TYPES, VALUE, word};

/// The template as the bytes of a workbook; `items` stand in it, if given.
///
/// # Errors
/// Whatever the workbook cannot hold, such as a text over 32,767 characters.
pub fn template(items: Option<&Items>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let text = Format::new().set_num_format("@").set_text_wrap();
    of_items(book.add_worksheet().set_name(ITEMS)?, items, &bold, &text)?;
    of_fields(book.add_worksheet().set_name(FIELDS)?, items, &bold, &text)?;
    book.save_to_buffer()
}

fn of_items(sheet: &mut Worksheet, items: Option<&Items>, bold: &Format, text: &Format) -> Result<(), XlsxError> {
    for (column, (head, width)) in (0..).zip([("项", 22), ("名称", 22), ("值", 60), ("说明", 60)]) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, bold)?;
    }
    for (row, (key, name, about)) in (1..).zip(ITEM_LINES) {
        sheet.write_string(row, 0, *key)?.write_string(row, 1, *name)?.write_string(row, 3, *about)?;
        let value = items.map(|items| item_text(items, key)).unwrap_or_default();
        sheet.write_string_with_format(row, VALUE, value, text)?;
        if let Some(words) = choices(key) {
            sheet.add_data_validation(row, VALUE, row, VALUE, &DataValidation::new().allow_list_strings(&words)?)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn of_fields(sheet: &mut Worksheet, items: Option<&Items>, bold: &Format, text: &Format) -> Result<(), XlsxError> {
    let last = FIELDS_FROM + u32::try_from(FIELDS_MAX).unwrap_or(u32::MAX) - 1;
    for (column, line) in (0..).zip(FIELD_LINES) {
        let (key, name, about): Line = *line;
        sheet.set_column_width(column, 18)?;
        sheet.set_column_format(column, text)?;
        sheet.write_string_with_format(0, column, key, bold)?;
        let shown = if about.is_empty() { name.to_owned() } else { format!("{name}（{about}）") };
        sheet.write_string_with_format(1, column, shown, bold)?;
        if let Some(words) = choices(key) {
            let choice = DataValidation::new().allow_list_strings(&words)?;
            sheet.add_data_validation(FIELDS_FROM, column, last, column, &choice)?;
        }
        for (row, field) in (FIELDS_FROM..).zip(items.iter().flat_map(|items| &items.fields)) {
            sheet.write_string_with_format(row, column, field_text(field, key), text)?;
        }
    }
    sheet.set_freeze_panes(FIELDS_FROM, 0)?;
    Ok(())
}

/// The words that a cell takes, where they are few.
fn choices(key: &str) -> Option<Vec<&'static str>> {
    match key {
        "update_cycle" => Some(UPDATE_CYCLES.to_vec()),
        "sharing" => Some(SHARING.iter().map(|(word, _)| *word).collect()),
        "openness" => Some(OPENNESS.iter().map(|(word, _)| *word).collect()),
        "type" => Some(TYPES.iter().map(|(word, _)| *word).collect()),
        _ => None,
    }
}

fn item_text(items: &Items, key: &str) -> String {
    let sound: &str = match key {
        "dataset" => &items.dataset,
        "title" => &items.title,
        "title_en" => &items.title_en,
        "summary" => &items.summary,
        "summary_en" => &items.summary_en,
        "class_code" => &items.class_code,
        "classification" => &items.classification,
        "provider" => &items.provider,
        "provider_code" => &items.provider_code,
        "source_department" => &items.source_department,
        "format" => &items.format,
        "update_cycle" => &items.update_cycle,
        "data_class" => &items.data_class,
        "data_grade" => return items.data_grade.map(|grade| grade.to_string()).unwrap_or_default(),
        "sharing" => items.sharing.map_or("", |sharing| word(&SHARING, sharing)),
        "sharing_scope" => &items.sharing_scope,
        "sharing_uses" => &items.sharing_uses,
        "sharing_ground" => &items.sharing_ground,
        "sharing_modes" => return items.sharing_modes.join("、"),
        "openness" => items.openness.map_or("", |openness| word(&OPENNESS, openness)),
        "openness_condition" => &items.openness_condition,
        "conditions_of_use" => &items.conditions_of_use,
        "impact_assessment" => &items.impact_assessment,
        "related" => return items.related.join("、"),
        _ => "",
    };
    sound.to_owned()
}

fn field_text(field: &Item, key: &str) -> String {
    let sound: &str = match key {
        "name" => &field.name,
        "title" => &field.title,
        "type" => word(&TYPES, field.kind),
        "length" => return field.length.map(|length| length.to_string()).unwrap_or_default(),
        "code_list" => &field.code_list,
        "standard" => &field.standard,
        "grade" => return field.grade.to_string(),
        "sharing" => field.sharing.map_or("", |sharing| word(&SHARING, sharing)),
        "sharing_condition" => &field.sharing_condition,
        "openness" => field.openness.map_or("", |openness| word(&OPENNESS, openness)),
        _ => "",
    };
    sound.to_owned()
}
