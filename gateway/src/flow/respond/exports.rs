//! Jobs.

use axum::http::HeaderName;
use axum::http::header::LOCATION;
use foundation::value::Instant;

use super::json::{array, object};
use crate::exports::{Job, JobState};
use crate::flow::execute::JobsAnswer;

/// An answer about jobs; gives its headers. A file itself is streamed: `gateway/src/http/delivery.rs`.
pub(super) fn answer(out: &mut Vec<u8>, answer: &JobsAnswer) -> Vec<(HeaderName, String)> {
    match answer {
        JobsAnswer::Begun(job) => {
            one(out, job);
            vec![(LOCATION, format!("/api/v1/jobs/{}", job.id))]
        }
        JobsAnswer::One(job) | JobsAnswer::File(job) => {
            one(out, job);
            Vec::new()
        }
        JobsAnswer::All(jobs) => {
            let mut o = object(out);
            let mut list = array(o.member("items"));
            for job in jobs {
                one(list.item(), job);
            }
            Vec::new()
        }
    }
}

fn one(out: &mut Vec<u8>, job: &Job) {
    let mut o = object(out);
    o.text("id", &job.id);
    o.text("state", job.state.as_str());
    o.text("dataset", &job.dataset);
    o.text("format", job.format.as_str());
    o.text_if("grant", &job.grant);
    o.text_if("purpose", &job.purpose);
    if let Some(number) = job.proposal {
        o.plain("proposal", number);
    }
    o.plain("rows", job.rows);
    o.plain("bytes", job.bytes);
    o.text_if("sha256", &job.sha256);
    o.instant("asked_at", Instant(job.asked_us));
    if let Some(at) = job.ended_us {
        o.instant("ended_at", Instant(at));
    }
    o.instant("expires_at", Instant(job.expires_us));
    if let Some(day) = job.valid_at {
        o.day("valid_at", day);
    }
    if let Some(at) = job.known_at {
        o.instant("known_at", at);
    }
    o.text_if("code", &job.code);
    o.text_if("detail", &job.detail);
    if job.state == JobState::Done {
        o.text("file", &format!("/api/v1/jobs/{}/file", job.id));
        o.text("file_name", &job.file_name());
    }
}
