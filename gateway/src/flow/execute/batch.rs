//! Import batches: a body streamed through the reader of its format into the base database, a chunk at a time.

use std::io::{self, Read};

use axum::body::Body;
use bytes::Bytes;
use foundation::record::BatchId;
use foundation::service::{ImportBegin, ImportFinish, ImportReport, ImportRows, RejectedRow, SourceRow};
use foundation::write::source::{self, Declared, Format, Mapping, SourceError};
use futures::StreamExt as _;
use tokio::sync::{mpsc, oneshot};

use super::super::Permit;
use super::super::plan::{ImportBounds, Service};
use crate::ask::{ImportRequest, UploadFormat};
use crate::problem::{Code, Problem};

/// Most refused rows in one download.
const REJECTED_MAX: usize = 200_000;
/// Rows, and bytes of their text, handed over at once.
const CHUNK: (usize, usize) = (2_000, 4 << 20);
/// The same of a first load, where each makes a file.
const CHUNK_OF_FIRST_LOAD: (usize, usize) = (20_000, 16 << 20);

/// Streams a body into a batch. The work goes on when the client goes away, so that the report says how far it came.
pub(super) async fn import(
    service: &Service,
    permit: &Permit,
    request: ImportRequest,
    bounds: ImportBounds,
) -> Result<ImportReport, Problem> {
    let dataset = permit.dataset()?.facts.dataset.clone();
    let declared: Declared = request.encoding.as_deref().unwrap_or("auto").parse().map_err(|e| unreadable(&e))?;
    let mapping = match &request.mapping {
        Some(text) => Mapping::from_toml(text, "mapping", &dataset).map_err(|e| unreadable(&e).about("mapping"))?,
        None => Mapping::default(),
    };
    let body = request.body.take().unwrap_or_default();
    let format = match request.format {
        UploadFormat::Csv => Format::Csv,
        UploadFormat::Ndjson => Format::Ndjson,
        UploadFormat::GeoJson => Format::GeoJson,
        UploadFormat::Xlsx => Format::Xlsx,
    };
    let begin = ImportBegin {
        dataset: dataset.name.clone(),
        source: bounds.source,
        mode: request.mode,
        as_of: request.as_of,
        key: request.key.unwrap_or_else(|| format!("request {}", permit.request())),
        actor: bounds.actor,
        dry_run: request.dry_run,
        first_load: request.first_load,
    };
    let sizes = if request.first_load { CHUNK_OF_FIRST_LOAD } else { CHUNK };
    let (bytes, taken) = mpsc::channel::<io::Result<Bytes>>(4);
    let feeder = tokio::spawn(feed(body, bytes, bounds.bytes_max));
    let (chunks, mut arriving) = mpsc::channel::<Chunk>(2);
    let (opened, header) = oneshot::channel();
    let reader = tokio::task::spawn_blocking(move || {
        let input = Box::new(Incoming { taken, left: Bytes::new() });
        match source::open(input, format, declared, &mapping, &dataset) {
            Ok(rows) => {
                let _ = opened.send(Ok(rows.header().map(str::to_owned)));
                cut(rows, sizes, &chunks);
            }
            Err(error) => drop(opened.send(Err(error))),
        }
    });
    let header = header.await.map_err(|_| Problem::new(Code::Internal, "the reader stopped"))?;
    let mut header = header.map_err(|error| unreadable(&error))?;
    let service = service.clone();
    let confirm = request.confirm;
    let whole = tokio::spawn(async move {
        let batch = service.import_begin(begin).await?;
        let mut cut_off = None;
        while let Some(chunk) = arriving.recv().await {
            match chunk {
                Chunk::Rows(rows) => {
                    service.import_rows(ImportRows { batch, rows, header: header.take() }).await?;
                }
                Chunk::Broken(why) => cut_off = Some(why),
            }
        }
        service.import_finish(ImportFinish { batch, cut_off, confirm }).await
    });
    let report =
        whole.await.map_err(|e| Problem::new(Code::Internal, "the import stopped").because(e.to_string()))??;
    let _ = reader.await;
    feeder.abort();
    Ok(report)
}

fn unreadable(error: &SourceError) -> Problem {
    Problem::new(Code::InvalidBody, error.to_string())
}

enum Chunk {
    Rows(Vec<SourceRow>),
    Broken(String),
}

/// Cuts the rows into chunks; blocks while two are waiting.
fn cut(rows: source::Rows, (rows_max, bytes_max): (usize, usize), chunks: &mpsc::Sender<Chunk>) {
    let (mut chunk, mut size) = (Vec::new(), 0);
    for row in rows {
        match row {
            Ok(row) => {
                size += row.original.len() + 64;
                chunk.push(row);
                if chunk.len() >= rows_max || size >= bytes_max {
                    size = 0;
                    if chunks.blocking_send(Chunk::Rows(std::mem::take(&mut chunk))).is_err() {
                        return;
                    }
                }
            }
            Err(error) => {
                if !chunk.is_empty() {
                    let _ = chunks.blocking_send(Chunk::Rows(std::mem::take(&mut chunk)));
                }
                let _ = chunks.blocking_send(Chunk::Broken(error.to_string()));
                return;
            }
        }
    }
    if !chunk.is_empty() {
        let _ = chunks.blocking_send(Chunk::Rows(chunk));
    }
}

/// Passes the body on, piece by piece, up to the bound.
async fn feed(body: Body, bytes: mpsc::Sender<io::Result<Bytes>>, bytes_max: u64) {
    let mut stream = body.into_data_stream();
    let mut total = 0_u64;
    while let Some(piece) = stream.next().await {
        let piece = match piece {
            Ok(piece) => {
                total += piece.len() as u64;
                if total > bytes_max {
                    Err(io::Error::other(format!("the body is larger than {bytes_max} bytes")))
                } else {
                    Ok(piece)
                }
            }
            Err(_) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the body broke off")),
        };
        let last = piece.is_err();
        if bytes.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// The body as a blocking reader.
struct Incoming {
    taken: mpsc::Receiver<io::Result<Bytes>>,
    left: Bytes,
}

impl Read for Incoming {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            match self.taken.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.left = piece?,
            }
        }
        let part = self.left.split_to(self.left.len().min(out.len()));
        out.get_mut(..part.len()).unwrap_or_default().copy_from_slice(&part);
        Ok(part.len())
    }
}

/// A batch's refused rows.
pub(super) async fn rejected(service: &Service, batch: BatchId) -> Result<Vec<RejectedRow>, Problem> {
    let mut all: Vec<RejectedRow> = Vec::new();
    loop {
        let after = all.last().map_or(0, |r| r.line);
        let part = service.import_rejected(batch, after, 1_000).await?;
        let done = part.len() < 1_000;
        all.extend(part);
        if done || all.len() >= REJECTED_MAX {
            return Ok(all);
        }
    }
}
