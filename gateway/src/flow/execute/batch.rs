//! Import batches.

use foundation::record::BatchId;
use foundation::service::{ImportReport, RejectedRow};

use super::super::Permit;
use super::super::plan::{ImportBounds, Service};
use crate::ask::ImportRequest;
use crate::problem::{Code, Problem};

/// Most refused rows in one download.
const REJECTED_MAX: usize = 200_000;

/// Streams a body into a batch.
pub(super) async fn import(
    service: &Service,
    permit: &Permit,
    request: ImportRequest,
    bounds: ImportBounds,
) -> Result<ImportReport, Problem> {
    let _ = (service, permit, request, bounds.source, bounds.actor, bounds.bytes_max);
    Err(Problem::new(Code::NotImplemented, "imports over HTTP are not served yet"))
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
