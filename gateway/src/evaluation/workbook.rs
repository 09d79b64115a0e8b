//! The report of a period as an XLSX workbook: scores, indicators, formulas, what was contested.

use std::collections::BTreeMap;

use foundation::value::Instant;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::document::Document;
use super::measures::Measure;
use super::objection::{Objection, ObjectionSaid};
use super::points::Points;
use super::scheme::{Scheme, Schemes};
use crate::sharing::limits::division_of;

/// Media type of a workbook (ISO/IEC 29500).
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Writes the workbook; the same document and time give the same bytes. `places` are the ranks that may be told.
///
/// # Errors
/// Of the writer: a sheet that is too long.
pub fn write(
    document: &Document,
    schemes: &Schemes,
    objections: &[&Objection],
    places: &BTreeMap<String, usize>,
    now: Instant,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let at = ExcelDateTime::from_timestamp(now.0.div_euclid(1_000_000))?;
    book.set_properties(
        &DocProperties::new().set_title(format!("绩效评价 {}", document.period)).set_creation_datetime(&at),
    );
    scores(book.add_worksheet(), document, places)?;
    indicators(book.add_worksheet(), document)?;
    formulas(book.add_worksheet(), document, schemes)?;
    contested(book.add_worksheet(), objections)?;
    book.save_to_buffer()
}

/// A sheet that is filled row by row.
struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
}

/// A cell.
enum Cell<'a> {
    Text(&'a str),
    Number(f64),
    Points(Option<Points>),
}

impl<'a> Sheet<'a> {
    fn begin(sheet: &'a mut Worksheet, name: &str, head: &[&str]) -> Result<Self, XlsxError> {
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (column, title) in (0_u16..).zip(head) {
            sheet.write_string_with_format(0, column, *title, &bold)?;
            sheet.set_column_width(column, 22)?;
        }
        Ok(Self { sheet, row: 0 })
    }

    fn put(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        self.row += 1;
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => self.sheet.write_string(self.row, column, *text)?,
                Cell::Number(number) => self.sheet.write_number(self.row, column, *number)?,
                Cell::Points(Some(points)) => {
                    self.sheet.write_number(self.row, column, f64::from(points.hundredths()) / 100.0)?
                }
                Cell::Points(None) => continue,
            };
        }
        Ok(())
    }
}

fn scores(sheet: &mut Worksheet, document: &Document, places: &BTreeMap<String, usize>) -> Result<(), XlsxError> {
    let mut head = vec!["部门 department", "得分 score", "更正后得分 corrected score"];
    if !places.is_empty() {
        head.push("名次 rank");
    }
    let mut sheet = Sheet::begin(sheet, "scores", &head)?;
    for one in &document.departments {
        let mut cells = vec![Cell::Text(&one.department), Cell::Points(one.score), Cell::Points(one.corrected_score)];
        if let Some(place) = places.get(one.department.as_str()) {
            cells.push(Cell::Number(f64::from(u32::try_from(*place).unwrap_or(u32::MAX))));
        }
        sheet.put(&cells)?;
    }
    Ok(())
}

fn indicators(sheet: &mut Worksheet, document: &Document) -> Result<(), XlsxError> {
    let mut head = vec![
        "部门 department",
        "指标 indicator",
        "权重 weight",
        "值 value",
        "得分 points",
        "更正后得分 corrected points",
        "异议 objection",
    ];
    head.extend(Measure::ALL.iter().map(|measure| measure.name()));
    let mut sheet = Sheet::begin(sheet, "indicators", &head)?;
    for one in &document.departments {
        for judged in &one.indicators {
            let corrected = judged.corrected.as_ref();
            let mut cells = vec![
                Cell::Text(&one.department),
                Cell::Text(&judged.indicator),
                Cell::Number(f64::from(judged.weight)),
                Cell::Text(judged.value.as_deref().unwrap_or("—")),
                Cell::Points(judged.points),
                Cell::Points(corrected.map(|c| c.points)),
                Cell::Text(corrected.map_or("", |c| c.objection.as_str())),
            ];
            cells.extend(Measure::ALL.iter().map(|measure| {
                // A spreadsheet's numbers are floats.
                #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
                Cell::Number(one.measures.get(*measure) as f64)
            }));
            sheet.put(&cells)?;
        }
    }
    Ok(())
}

fn formulas(sheet: &mut Worksheet, document: &Document, schemes: &Schemes) -> Result<(), XlsxError> {
    let head =
        ["方案 scheme", "依据 ground", "指标 indicator", "名称 title", "权重 weight", "公式 formula", "折线 corners"];
    let mut sheet = Sheet::begin(sheet, "formulas", &head)?;
    let period = super::EvaluationPeriod::parse(&document.period);
    let mut applied: Vec<&Scheme> = Vec::new();
    for one in &document.departments {
        let scheme = period.and_then(|period| schemes.of(division_of(&one.department), period.from()));
        if let Some(scheme) = scheme.filter(|scheme| !applied.contains(scheme)) {
            applied.push(scheme);
        }
    }
    for scheme in applied {
        let name = format!("{} ({}, {})", scheme.title, scheme.jurisdiction, scheme.from);
        for indicator in &scheme.indicators {
            let corner = |(at, points): &(super::exact::Exact, Points)| {
                format!("{} → {points}", super::exact::shown(*at).unwrap_or_default())
            };
            let corners = indicator.corners.iter().map(corner).collect::<Vec<_>>().join("; ");
            sheet.put(&[
                Cell::Text(&name),
                Cell::Text(&scheme.law),
                Cell::Text(&indicator.id),
                Cell::Text(&indicator.title),
                Cell::Number(f64::from(indicator.weight)),
                Cell::Text(&indicator.formula_text),
                Cell::Text(&corners),
            ])?;
        }
    }
    Ok(())
}

fn contested(sheet: &mut Worksheet, objections: &[&Objection]) -> Result<(), XlsxError> {
    let head = [
        "异议 objection",
        "部门 department",
        "指标 indicator",
        "原得分 points",
        "状态 standing",
        "时间 at",
        "步骤 step",
        "理由 reason",
        "证据 evidence",
        "依据 ground",
        "更正后得分 corrected points",
    ];
    let mut sheet = Sheet::begin(sheet, "contested", &head)?;
    for objection in objections {
        for event in &objection.events {
            let ObjectionSaid { reason, evidence, ground, points } = &event.said;
            let at = event.at().to_string();
            sheet.put(&[
                Cell::Text(&objection.id),
                Cell::Text(&objection.department),
                Cell::Text(&objection.indicator),
                Cell::Points(Some(objection.points)),
                Cell::Text(objection.standing.as_str()),
                Cell::Text(&at),
                Cell::Text(event.step.rule().name),
                Cell::Text(reason.as_deref().unwrap_or_default()),
                Cell::Text(evidence.as_deref().unwrap_or_default()),
                Cell::Text(ground.as_deref().unwrap_or_default()),
                Cell::Points(*points),
            ])?;
        }
    }
    Ok(())
}
