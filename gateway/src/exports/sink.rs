//! A file that is being written: a page of masked records after the other, in one of four forms.
//!
//! Memory: a page; of a workbook the rows lie in a file of their own until it is put together. Nothing is written that the
//! mask step has not let through.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use foundation::dataset::{Dataset, Field};
use foundation::value::{FieldType, Instant, Value, json};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::ask::FileFormat;
use crate::flow::{PageItem, RecordShown, line};

/// Columns beside the fields; they begin with a sign that no field's name begins with.
const LEAD: [&str; 3] = ["_id", "_valid_from", "_valid_to"];
/// The column that names the fields of a row that are masked.
const MASKED: &str = "_masked";
/// Rows of a sheet (ISO/IEC 29500), the head among them.
const SHEET_ROWS_MAX: u32 = 1_048_576;

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SinkError {
    /// The disk.
    #[error("the file cannot be written")]
    Io(#[from] io::Error),
    /// A row or value that does not fit the form.
    #[error("the rows do not fit this form: {rule}")]
    Unfit { rule: String },
    /// More bytes than a file may have.
    #[error("the file has more than {most} bytes")]
    TooLarge { most: u64 },
}

/// A file in the making.
pub(crate) struct Sink {
    form: Form,
    dataset: Arc<Dataset>,
    columns: Vec<u16>,
    /// Bytes so far; of a workbook an estimate until it is whole.
    bytes: u64,
    bytes_max: u64,
}

enum Form {
    Csv(BufWriter<File>),
    Ndjson(BufWriter<File>),
    GeoJson(BufWriter<File>, bool),
    Xlsx(Box<Workbook>, File, u32),
}

impl Sink {
    /// Begins a file of mode 0600; one that is there already is an error.
    pub(crate) fn create(
        path: &Path,
        format: FileFormat,
        dataset: Arc<Dataset>,
        columns: Vec<u16>,
        bytes_max: u64,
        now: Instant,
    ) -> Result<Self, SinkError> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let form = match format {
            FileFormat::Csv => Form::Csv(BufWriter::new(file)),
            FileFormat::Ndjson => Form::Ndjson(BufWriter::new(file)),
            FileFormat::GeoJson => Form::GeoJson(BufWriter::new(file), true),
            FileFormat::Xlsx => {
                let mut book = Workbook::new();
                // What waits in a file of its own lies beside the file, for the process alone.
                if let Some(beside) = path.parent() {
                    book.set_tempdir(beside).map_err(|e| unfit(&e))?;
                }
                let at = ExcelDateTime::from_timestamp(now.0.div_euclid(1_000_000)).map_err(|e| unfit(&e))?;
                book.set_properties(&DocProperties::new().set_title(&dataset.title.zh).set_creation_datetime(&at));
                book.add_worksheet_with_constant_memory().set_name("records").map_err(|e| unfit(&e))?;
                Form::Xlsx(Box::new(book), file, 0)
            }
        };
        let mut sink = Self { form, dataset, columns, bytes: 0, bytes_max };
        sink.head()?;
        Ok(sink)
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes a page.
    pub(crate) fn page(&mut self, items: &[PageItem]) -> Result<(), SinkError> {
        for item in items {
            self.record(&item.record)?;
        }
        if self.bytes > self.bytes_max { Err(SinkError::TooLarge { most: self.bytes_max }) } else { Ok(()) }
    }

    /// Ends the file: on disk when this returns. Gives its bytes and its SHA-256, as read back.
    pub(crate) fn finish(self) -> Result<(u64, String), SinkError> {
        let mut file = match self.form {
            Form::Csv(out) | Form::Ndjson(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?,
            Form::GeoJson(mut out, _) => {
                out.write_all(b"]}\n")?;
                out.into_inner().map_err(io::IntoInnerError::into_error)?
            }
            Form::Xlsx(mut book, file, _) => {
                let mut out = BufWriter::new(file);
                book.save_to_writer(&mut out).map_err(|e| unfit(&e))?;
                out.into_inner().map_err(io::IntoInnerError::into_error)?
            }
        };
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        let (mut digest, mut bytes, mut block) = (Context::new(&SHA256), 0, vec![0_u8; 256 << 10]);
        loop {
            let count = file.read(&mut block)?;
            match block.get(..count) {
                Some(read) if count > 0 => digest.update(read),
                _ => break,
            }
            bytes += count as u64;
        }
        if bytes > self.bytes_max {
            return Err(SinkError::TooLarge { most: self.bytes_max });
        }
        Ok((bytes, crate::http::hex(digest.finish().as_ref())))
    }

    fn head(&mut self) -> Result<(), SinkError> {
        match &mut self.form {
            Form::Ndjson(_) => {}
            Form::GeoJson(out, _) => {
                let head: &[u8] = b"{\"type\":\"FeatureCollection\",\"features\":[";
                out.write_all(head)?;
                self.bytes += head.len() as u64;
            }
            Form::Csv(_) | Form::Xlsx(..) => {
                let names = columns(&self.dataset, &self.columns).map(|field| field.name.clone());
                let head: Vec<String> =
                    LEAD.into_iter().map(str::to_owned).chain(names).chain([MASKED.to_owned()]).collect();
                self.row(&head)?;
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &RecordShown) -> Result<(), SinkError> {
        match &mut self.form {
            Form::Ndjson(out) => {
                let mut text = Vec::with_capacity(1_024);
                line(&mut text, record);
                text.push(b'\n');
                out.write_all(&text)?;
                self.bytes += text.len() as u64;
            }
            Form::GeoJson(out, first) => {
                let mut text = if std::mem::take(first) { Vec::new() } else { vec![b','] };
                feature(&mut text, &self.dataset, &self.columns, record);
                out.write_all(&text)?;
                self.bytes += text.len() as u64;
            }
            Form::Csv(_) | Form::Xlsx(..) => {
                let view = &record.view;
                let day = |day: foundation::value::Day| {
                    let open = day == foundation::value::Day::MAX || day == foundation::value::Day::MIN;
                    if open { String::new() } else { day.to_string() }
                };
                let mut row = vec![view.id.clone(), day(view.valid.from), day(view.valid.to)];
                row.extend(self.columns.iter().map(|number| view.fields.get(*number).map(cell).unwrap_or_default()));
                row.push(masked(&self.dataset, record));
                self.row(&row)?;
            }
        }
        Ok(())
    }

    /// A row of texts.
    fn row(&mut self, cells: &[String]) -> Result<(), SinkError> {
        match &mut self.form {
            Form::Csv(out) => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
                writer.write_record(cells).map_err(io::Error::other)?;
                let text = writer.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
                out.write_all(&text)?;
                self.bytes += text.len() as u64;
            }
            Form::Xlsx(book, _, next) => {
                if *next >= SHEET_ROWS_MAX {
                    let rule = format!("a sheet has {SHEET_ROWS_MAX} rows at the most");
                    return Err(SinkError::Unfit { rule });
                }
                let sheet = book.worksheet_from_index(0).map_err(|e| unfit(&e))?;
                for (column, text) in (0_u16..).zip(cells).filter(|(_, text)| !text.is_empty()) {
                    // Texts, all of them: a sheet would take a number's leading zeros away, and run what begins with `=`.
                    sheet.write_string(*next, column, text).map_err(|e| unfit(&e))?;
                    self.bytes += text.len() as u64;
                }
                *next += 1;
            }
            Form::Ndjson(_) | Form::GeoJson(..) => {}
        }
        Ok(())
    }
}

fn unfit(error: &XlsxError) -> SinkError {
    match error {
        XlsxError::IoError(error) => SinkError::Io(io::Error::other(error.to_string())),
        // What is too long is not repeated: it may be personal.
        XlsxError::MaxStringLengthExceeded => {
            SinkError::Unfit { rule: "a cell has 32,767 characters at the most".into() }
        }
        _ => SinkError::Unfit { rule: "a sheet does not take it".into() },
    }
}

fn columns<'a>(dataset: &'a Dataset, numbers: &'a [u16]) -> impl Iterator<Item = &'a Field> {
    numbers.iter().filter_map(|number| dataset.field_by_number(*number))
}

/// A value as an import reads it: a text as it is, a list or an object as JSON.
fn cell(value: &Value) -> String {
    match json::to_json(value) {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Names of the fields of a row that are masked, by spaces.
fn masked(dataset: &Dataset, record: &RecordShown) -> String {
    let names: Vec<&str> = columns(dataset, &record.masked).map(|field| field.name.as_str()).collect();
    names.join(" ")
}

/// `{type, id, geometry, properties}`: the first geometry that is not masked; all features have the same properties.
fn feature(out: &mut Vec<u8>, dataset: &Dataset, numbers: &[u16], record: &RecordShown) {
    let text = |out: &mut Vec<u8>, text: &str| drop(serde_json::to_writer(out, text));
    out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
    text(out, &record.view.id);
    out.extend_from_slice(b",\"geometry\":");
    let shapes = columns(dataset, numbers).filter(|field| field.kind == FieldType::Geometry);
    let mut plain = shapes.filter(|field| !record.masked.contains(&field.number));
    match plain.find_map(|field| record.view.fields.get(field.number)) {
        Some(Value::Geometry(shape)) => shape.write_geojson(out),
        _ => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"properties\":{");
    for field in columns(dataset, numbers).filter(|field| field.kind != FieldType::Geometry) {
        text(out, &field.name);
        out.push(b':');
        match record.view.fields.get(field.number) {
            Some(value) => json::write_value(value, out),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b',');
    }
    text(out, MASKED);
    out.push(b':');
    text(out, &masked(dataset, record));
    out.extend_from_slice(b"}}");
}
