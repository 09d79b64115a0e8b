//! A job's file on its way to who asked for it: whole, or a range of it (RFC 9110 section 14).
//!
//! Its entry is in the log before the first byte leaves. Before every block it is looked whether the file may still be given:
//! a right that is taken away, or an end of the job, cuts the answer off.

use std::io::SeekFrom;
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::app::App;
use crate::exports::Job;
use crate::flow::Envelope;
use crate::problem::{Code, Problem};

/// RFC 9530.
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// Bytes between two looks.
const BLOCK: usize = 64 << 10;

/// What of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    Whole,
    /// From, and how many bytes.
    Part(u64, u64),
    /// It begins after the end.
    Beyond,
}

/// Gives a job's file.
pub(super) async fn give(app: &Arc<App>, parts: &Parts, envelope: &Envelope, job: &Job) -> Result<Response, Problem> {
    let lost = |error: std::io::Error| {
        Problem::new(Code::Unavailable, "the file cannot be read now").because(error.to_string())
    };
    let tag = format!("\"{}\"", job.sha256);
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    // A part of another file is of no use.
    let same = text(header::IF_RANGE).is_none_or(|wanted| wanted == tag);
    let range = text(header::RANGE).filter(|_| same).map_or(Range::Whole, |wanted| range(wanted, job.bytes));
    let (from, count) = match range {
        Range::Whole => (0, job.bytes),
        Range::Part(from, count) => (from, count),
        Range::Beyond => {
            let detail = format!("the file has {} bytes", job.bytes);
            let problem = Problem::new(Code::RangeNotSatisfiable, detail).about("Range");
            let mut response = super::respond_problem(&problem, envelope);
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", job.bytes));
            return Ok(response);
        }
    };
    let mut file = File::open(app.exports.file(job)).await.map_err(lost)?;
    file.seek(SeekFrom::Start(from)).await.map_err(lost)?;
    let state = (Arc::clone(app), job.id.clone(), file, count);
    let blocks = stream::try_unfold(state, |(app, id, mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        if !app.exports.stands(&id) {
            return Err(std::io::Error::other("the file is not given any more"));
        }
        let mut block = vec![0_u8; usize::try_from(left).unwrap_or(BLOCK).min(BLOCK)];
        file.read_exact(&mut block).await?;
        let left = left - block.len() as u64;
        Ok(Some((Bytes::from(block), (app, id, file, left))))
    });
    let mut response = Response::new(Body::from_stream(blocks));
    if let Range::Part(from, count) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = from.saturating_add(count).saturating_sub(1);
        put(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{last}/{}", job.bytes));
    }
    super::endpoint::common(response.headers_mut(), envelope);
    let whole = STANDARD.encode(digest(&job.sha256));
    put(&mut response, header::CONTENT_TYPE, job.format.media_type());
    put(&mut response, header::CONTENT_LENGTH, &count.to_string());
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::ETAG, &tag);
    put(&mut response, header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{}\"", job.file_name()));
    put(&mut response, REPR_DIGEST, &format!("sha-256=:{whole}:"));
    Ok(response)
}

fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The bytes of a digest in hexadecimal.
fn digest(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// One range of bytes. What is not understood, and several ranges at once, are answered with the whole (RFC 9110 14.2).
fn range(wanted: &str, length: u64) -> Range {
    let Some((first, last)) = wanted.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Range::Whole;
    };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (first, last) {
        ("", last) => match number(last) {
            None => Range::Whole,
            Some(0) => Range::Beyond,
            Some(_) if length == 0 => Range::Beyond,
            Some(count) => Range::Part(length.saturating_sub(count), count.min(length)),
        },
        (first, last) => {
            let to = if last.is_empty() { Some(u64::MAX) } else { number(last) };
            match (number(first), to) {
                (Some(from), Some(to)) if from > to => Range::Whole,
                (Some(from), Some(_)) if from >= length => Range::Beyond,
                (Some(from), Some(to)) => Range::Part(from, to.min(length - 1) - from + 1),
                _ => Range::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_part_of_the_file_or_none() {
        for (wanted, range_of_ten) in [
            ("bytes=0-0", Range::Part(0, 1)),
            ("bytes=2-5", Range::Part(2, 4)),
            ("bytes=2-", Range::Part(2, 8)),
            ("bytes=2-99", Range::Part(2, 8)),
            ("bytes=-3", Range::Part(7, 3)),
            ("bytes=-99", Range::Part(0, 10)),
            ("bytes=10-", Range::Beyond),
            ("bytes=-0", Range::Beyond),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,4-5", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("bytes=-", Range::Whole),
            ("lines=1-2", Range::Whole),
            ("bytes=99999999999999999999-", Range::Whole),
        ] {
            assert_eq!(range(wanted, 10), range_of_ten, "{wanted}");
        }
        assert_eq!((range("bytes=0-", 0), range("bytes=-1", 0)), (Range::Beyond, Range::Beyond));
        assert_eq!(digest("00ff"), [0, 255]);
    }
}
