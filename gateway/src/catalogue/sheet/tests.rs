//! The template filled and read again, and each fault with its cell.

use calamine::{Data, Reader, Xlsx};
use foundation::dataset::{Openness, Sharing};
use rust_xlsxwriter::Workbook;

use super::super::items::Items;
use super::super::tests::{field, sound};
use super::{FIELDS, ITEMS, read, template};

#[test]
fn a_filled_template_is_read_as_it_was_written() {
    let mut items = sound();
    items.related = vec!["101001/000001".into(), "102001/000002".into()];
    items.sharing_modes = vec!["服务接口".into(), "批量交换".into()];
    items.fields.push(super::super::Item {
        sharing: Some(Sharing::None),
        sharing_condition: "居民身份证法第六条".into(),
        openness: Some(Openness::None),
        standard: "GB 11643".into(),
        length: None,
        ..field("citizen_id", 3)
    });
    assert_eq!(read(&template(Some(&items)).expect("written")), Ok(items));
    let domain = population::domain().expect("definitions");
    for dataset in domain.datasets {
        let items = Items::of(&dataset);
        let again = read(&template(Some(&items)).expect("written"));
        assert_eq!(again.map_err(|faults| faults.to_string()), Ok(items), "{}", dataset.name);
    }
}

/// The filled template with cells changed: (sheet, row, column, text), rows and columns from 0.
fn with(changes: &[(&str, u32, u16, &str)]) -> Vec<u8> {
    let bytes = template(Some(&sound())).expect("written");
    let mut read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut book = Workbook::new();
    for name in [ITEMS, FIELDS] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        let mut cells = std::collections::BTreeMap::new();
        for (row, column, cell) in read.worksheet_range(name).expect("a sheet").used_cells() {
            if let Data::String(text) = cell {
                let place = (u32::try_from(row).expect("small"), u16::try_from(column).expect("small"));
                cells.insert(place, text.clone());
            }
        }
        for (_, row, column, text) in changes.iter().filter(|(sheet, ..)| *sheet == name) {
            cells.insert((*row, *column), (*text).to_owned());
        }
        for ((row, column), text) in cells.iter().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(*row, *column, text).expect("written");
        }
    }
    book.save_to_buffer().expect("saved")
}

#[test]
fn each_fault_names_sheet_row_column_and_rule() {
    assert_eq!(read(&with(&[])), Ok(sound()));
    for (change, place, rule) in [
        ((ITEMS, 2, 2, ""), "sheet `目录`, row 3, column C", "`title` is missing"),
        ((ITEMS, 2, 0, "titel"), "sheet `目录`, row 3, column A", "`titel` is no item"),
        ((ITEMS, 2, 0, "dataset"), "sheet `目录`, row 3, column A", "`dataset` stands twice"),
        ((ITEMS, 2, 0, ""), "sheet `目录`, row 3, column A", "key of the item is missing"),
        ((ITEMS, 9, 2, "91350100M000100Y4Z"), "sheet `目录`, row 10, column C", "`provider_code` is not a unified"),
        ((ITEMS, 12, 2, "偶尔"), "sheet `目录`, row 13, column C", "`update_cycle` is none of"),
        ((ITEMS, 14, 2, "三"), "sheet `目录`, row 15, column C", "`data_grade` is no whole number"),
        ((ITEMS, 14, 2, "1"), "sheet `目录`, row 15, column C", "the higher grade wins"),
        ((ITEMS, 15, 2, "共享"), "sheet `目录`, row 16, column C", "`sharing` is none of"),
        ((ITEMS, 15, 2, "不予共享"), "sheet `目录`, row 19, column C", "`sharing_ground` names no law"),
        ((ITEMS, 16, 2, ""), "sheet `目录`, row 17, column C", "`sharing_scope` is missing"),
        ((ITEMS, 20, 2, "开放"), "sheet `目录`, row 21, column C", "`openness` is none of"),
        ((FIELDS, 0, 1, "titel"), "sheet `信息项`, row 1, column B", "`titel` is no member"),
        ((FIELDS, 0, 1, ""), "sheet `信息项`, row 1:", "the column of `title` is missing"),
        ((FIELDS, 3, 0, "permit_number"), "sheet `信息项`, row 4, column A", "`fields[1].name` stands twice"),
        ((FIELDS, 3, 0, "Valid To"), "sheet `信息项`, row 4, column A", "is not a name"),
        ((FIELDS, 3, 2, "varchar"), "sheet `信息项`, row 4, column C", "`type` is no type"),
        ((FIELDS, 3, 3, "-1"), "sheet `信息项`, row 4, column D", "`length` is no whole number"),
        ((FIELDS, 3, 6, "high"), "sheet `信息项`, row 4, column G", "`grade` is no whole number"),
        ((FIELDS, 3, 6, "9"), "sheet `信息项`, row 4, column G", "is not 1 to 5"),
        ((FIELDS, 3, 7, "不共享"), "sheet `信息项`, row 4, column H", "`sharing` is none of"),
        ((FIELDS, 3, 7, "不予共享"), "sheet `信息项`, row 4, column I", "names no law"),
        ((FIELDS, 3, 9, "公开"), "sheet `信息项`, row 4, column J", "`openness` is none of"),
        ((FIELDS, 3, 12, "x"), "sheet `信息项`, row 4, column M", "a column without a key"),
    ] {
        let error = read(&with(&[change])).expect_err(rule).to_string();
        assert!(error.contains(place) && error.contains(rule), "{change:?}: {error}");
    }
    let several = read(&with(&[(ITEMS, 15, 2, "共享"), (FIELDS, 3, 2, "varchar")])).expect_err("two");
    assert_eq!(several.0.len(), 2, "{several}");
}

#[test]
fn what_is_no_template_is_refused() {
    let mut other = Workbook::new();
    other.add_worksheet().set_name(ITEMS).expect("a name");
    let other = other.save_to_buffer().expect("saved");
    for (bytes, rule) in [(&b"PK\x03\x04 no"[..], "is no XLSX workbook"), (&other, "has no sheet `信息项`")] {
        let error = read(bytes).expect_err(rule).to_string();
        assert!(error.starts_with("the workbook: ") && error.contains(rule), "{error}");
    }
    let mut wrong = Workbook::new();
    let sheet = wrong.add_worksheet().set_name(ITEMS).expect("a name");
    sheet.write_formula(1, 2, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).expect("written");
    wrong.add_worksheet().set_name(FIELDS).expect("a name");
    assert!(read(&wrong.save_to_buffer().expect("saved")).is_err());
}
