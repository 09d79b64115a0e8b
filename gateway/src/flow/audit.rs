//! The audit entry around the steps: opened before policy is asked, closed and synced before the answer leaves.

use aws_lc_rs::hmac;
use foundation::dataset::DatasetName;
use foundation::service::{BatchState, LookupItem};
use foundation::value::{Day, Instant};

use super::execute::{AccountsAnswer, CompilingAnswer, CorrectionAnswer, EvaluationAnswer, JobsAnswer, SharingAnswer};
use super::mask::{Content, RecordShown};
use super::{Caller, Envelope, Masked};
use crate::accounts::Measure;
use crate::alarms::Alarm;
use crate::app::App;
use crate::ask::{Act, Ask, JobsRequest, Wanted};
use crate::audit::{Draft, Opened};
use crate::exports::Job;
use crate::problem::{Code, Problem};

/// An entry that has begun. Made by this step alone.
pub(super) struct Entry<'a> {
    opened: Opened<'a>,
    envelope: &'a Envelope,
    act: Act,
    dataset: String,
    question: Option<[u8; 32]>,
    /// The record that was asked about, where the answer itself does not name it.
    asked: Option<String>,
    refused: Option<Caller>,
}

/// Begins the entry; without a log nothing is answered.
pub(super) fn open<'a>(
    app: &'a App,
    envelope: &'a Envelope,
    caller: &Result<Caller, Problem>,
    ask: &Result<Ask, Problem>,
) -> Result<Entry<'a>, Problem> {
    let subject = caller.as_ref().map_or("", Caller::subject);
    let opened = app.audit.begin(envelope.id, envelope.opened, subject, envelope.route).map_err(|_| unavailable())?;
    let (act, dataset, question) = match ask {
        Ok(ask) => (ask.act(), dataset(app, caller.as_ref().ok(), ask), question(app, ask)),
        Err(_) => (Act::Unknown, String::new(), None),
    };
    // Kept for the entry of a refusal; an answer brings its caller in its permit.
    let refused = caller.as_ref().ok().cloned();
    let asked = match ask {
        Ok(Ask::Claims(r) | Ask::Links(r)) => Some(r.id.clone()),
        _ => None,
    };
    Ok(Entry { opened, envelope, act, dataset, question, asked, refused })
}

/// Completes the entry and waits until it is on disk; only then does the outcome go on.
pub(super) async fn close(app: &App, entry: Entry<'_>, outcome: Result<Masked, Problem>) -> Result<Masked, Problem> {
    let Entry { opened, envelope, act, dataset, question, asked, refused } = entry;
    let closed = app.clock.now();
    let status = outcome.as_ref().map_or_else(Problem::status, |_| 200);
    let took_us = u64::try_from(closed.0.saturating_sub(envelope.opened.0)).unwrap_or(0);
    let mut given = outcome.as_ref().map(|m| Given::of(m.content())).unwrap_or_default();
    // Synthetic rows are nobody's: they stand in no index of who was looked at, and nobody is missed among them.
    if outcome.as_ref().is_ok_and(|masked| masked.permit().is_synthetic()) {
        given.records.clear();
        given.misses = 0;
    }
    // Nobody fits, or too many do: somebody may be trying names.
    let found_nobody = act == Act::FindPersons && given.rows == 0;
    // Nor does an account open for a number that nobody has.
    let is_absent = outcome.as_ref().is_err_and(|problem| problem.code() == Code::NotFound);
    given.misses += u32::from(found_nobody || (act == Act::AdministerAccounts && is_absent));
    if outcome.is_ok() {
        given.records.extend(asked.as_deref());
    }
    let permit = outcome.as_ref().ok().map(Masked::permit);
    let caller = permit.map(super::Permit::caller).or(refused.as_ref());
    let grant = permit.and_then(super::Permit::grant);
    let written = {
        let problem = outcome.as_ref().err();
        // An import names its batch: its report and findings are found by it.
        let batch = outcome.as_ref().ok().and_then(|m| batch(m.content()));
        let named = batch.as_deref().map(|batch| [batch]);
        let records = named.as_ref().map_or(given.records.as_slice(), |batch| batch.as_slice());
        let draft = Draft {
            seed: None,
            opened: envelope.opened,
            closed,
            request: envelope.id,
            roles: caller.map_or(0, |c| c.principal().roles.bits()),
            act: act as u8,
            status,
            rows: given.rows,
            policy_version: permit.map_or_else(|| app.policy_version(), super::Permit::policy_version),
            valid_at: given.valid_at,
            known_at: given.known_at,
            subject: match caller.map_or("", Caller::subject) {
                // Who signs in comes as anybody.
                "" => problem.map_or(given.subject, Problem::subject),
                subject => subject,
            },
            department: caller.map_or("", Caller::body),
            officer: caller.and_then(Caller::officer).unwrap_or_default(),
            grant: grant.map_or_else(|| caller.and_then(Caller::grant).unwrap_or_default(), |g| g.id.as_str()),
            case: caller.and_then(Caller::case).unwrap_or_default(),
            purpose: grant.map_or("", |g| g.purpose.as_str()),
            ground: grant.map_or("", |g| g.ground.as_str()),
            route: envelope.route,
            dataset: &dataset,
            code: problem.map_or("", |p| p.code().as_str()),
            cause: problem.map_or("", Problem::cause),
            question,
            records,
            policies: permit.map_or(&[], super::Permit::policies),
            fields: &given.fields,
            masked: &given.masked,
        };
        app.audit.close(opened, &draft).await
    };
    app.metrics.request(envelope.route, status, took_us);
    // The rows of a file were counted when they were written into it.
    if let (Some(grant), true) = (grant, given.rows > 0 && act != Act::Delivery) {
        app.usage.add(&grant.id, closed.day(), u64::from(given.rows));
    }
    tracing::debug!(route = envelope.route, status, took_us, "answered");
    written.map_err(|_| unavailable())?;
    let subject = caller.map_or("", Caller::subject);
    let alarms =
        [app.alarms.missed(subject, given.misses, closed), app.alarms.given(&dataset, given.records.iter().copied())];
    for alarm in alarms.into_iter().flatten() {
        raise(app, alarm, envelope, caller, &dataset).await?;
    }
    outcome
}

/// Writes an alarm beside the entry of the request that raised it; its cause names that request.
async fn raise(
    app: &App,
    alarm: Alarm,
    envelope: &Envelope,
    caller: Option<&Caller>,
    dataset: &str,
) -> Result<(), Problem> {
    tracing::warn!(code = alarm.code(), dataset, "an alarm stands in the audit log");
    let subject = caller.map_or("", Caller::subject);
    let now = app.clock.now();
    let opened = app.audit.begin(envelope.id, now, subject, envelope.route).map_err(|_| unavailable())?;
    let cause = format!("request {}", crate::http::hex(&envelope.id));
    let draft = Draft {
        opened: now,
        closed: now,
        request: envelope.id,
        subject,
        department: caller.map_or("", Caller::body),
        officer: caller.and_then(Caller::officer).unwrap_or_default(),
        grant: caller.and_then(Caller::grant).unwrap_or_default(),
        case: caller.and_then(Caller::case).unwrap_or_default(),
        roles: caller.map_or(0, |c| c.principal().roles.bits()),
        route: envelope.route,
        dataset,
        code: alarm.code(),
        cause: &cause,
        ..Draft::blank()
    };
    app.audit.close(opened, &draft).await.map_err(|_| unavailable()).map(|_| ())
}

fn unavailable() -> Problem {
    Problem::new(Code::AuditUnavailable, "the audit log cannot be written").retry_after(5)
}

/// What an answer gives away, for its entry.
#[derive(Default)]
struct Given<'a> {
    rows: u32,
    /// Keys that led to nothing.
    misses: u32,
    records: Vec<&'a str>,
    subject: &'a str,
    fields: Vec<u16>,
    masked: Vec<u16>,
    valid_at: Option<Day>,
    known_at: Option<Instant>,
}

/// Ids of more records than this are not listed: the question, its known instant and the count stand for them.
const RECORDS_LISTED_MAX: usize = 10_000;

impl<'a> Given<'a> {
    fn of(content: &'a Content) -> Self {
        let mut given = Self::default();
        match content {
            Content::Page { items, at, .. } => {
                for item in items {
                    given.record(&item.record);
                }
                given.at(at.valid_at, at.known_at);
            }
            Content::Record(record, at) => {
                given.record(record);
                given.at(at.valid_at, at.known_at);
            }
            Content::Lookup(items, at) => {
                items
                    .iter()
                    .filter_map(|i: &Result<RecordShown, LookupItem>| i.as_ref().ok())
                    .for_each(|r| given.record(r));
                given.misses = count(items.iter().filter(|item| matches!(item, Err(LookupItem::NotFound))).count());
                given.at(at.valid_at, at.known_at);
            }
            Content::History(versions, known_at) => {
                for version in versions {
                    given.record(version);
                }
                given.known_at = Some(*known_at);
            }
            Content::Claims(_, claims, known_at) => {
                for (claim, masked) in claims {
                    given.rows += 1;
                    given.note(claim.fields.iter().map(|(n, _)| n), masked);
                }
                given.known_at = Some(*known_at);
            }
            Content::Links(links) => {
                given.rows = count(links.edges.len());
                given.at(links.at.valid_at, links.at.known_at);
            }
            Content::Statistics { answer, .. } => {
                given.rows = count(answer.groups.len());
                given.at(answer.at.valid_at, answer.at.known_at);
            }
            Content::Changes(answer, _) => {
                given.rows = count(answer.changes.len());
                given.records = answer.changes.iter().take(RECORDS_LISTED_MAX).map(|c| c.id.as_str()).collect();
            }
            Content::Import(report) => given.rows = u32::try_from(report.progress.accepted).unwrap_or(u32::MAX),
            Content::Rejected(rows, _) => given.rows = count(rows.len()),
            Content::Verified { verdicts, records, at, .. } => {
                given.rows = count(verdicts.len());
                given.misses = count(verdicts.iter().filter(|word| ["mismatch", "not_found"].contains(word)).count());
                given.records = records.iter().take(RECORDS_LISTED_MAX).map(String::as_str).collect();
                given.at(at.valid_at, at.known_at);
            }
            Content::Located(found, at) => {
                given.at(at.valid_at, at.known_at);
                given.rows = count(found.iter().filter(|(_, located)| located.is_some()).count());
            }
            Content::Ownership(_, at) => given.at(at.valid_at, at.known_at),
            Content::Records(records, at) => {
                for record in records {
                    given.record(record);
                }
                given.at(at.valid_at, at.known_at);
            }
            Content::Tile(dataset, tile) => {
                let (rows, fields) = tile.given();
                given.rows = count(rows);
                let geometry = crate::ogc::geometries(dataset).map(|field| field.number);
                given.note(fields.into_iter().chain(geometry), &[]);
                given.at(tile.answer.at.valid_at, tile.answer.at.known_at);
            }
            Content::Catalogue(datasets) => given.rows = count(datasets.len()),
            Content::CatalogueEntry(_) | Content::CodeList(..) | Content::AuditProof(_) | Content::Explanation(_) => {
                given.rows = 1;
            }
            Content::Sharing(answer) => given.sharing(answer),
            Content::Compiling(CompilingAnswer::Entry(seen) | CompilingAnswer::Metadata(seen)) => {
                given.records.push(&seen.entry.id);
            }
            Content::Compiling(CompilingAnswer::Demand(shown)) => given.records.push(&shown.demand.id),
            Content::Compiling(_) => {}
            Content::Correction(CorrectionAnswer::One(shown)) => {
                given.records.push(&shown.correction.id);
                // Filing reads the record: it counts against the grant's ceilings.
                if shown.read {
                    given.records.push(&shown.correction.doubt.record);
                    given.rows = 1;
                }
            }
            Content::Correction(CorrectionAnswer::All(all, _)) => given.rows = count(all.len()),
            Content::Evaluation(answer) => given.evaluation(answer),
            Content::Accounts(answer) => given.account(answer),
            Content::Audit(entries) => given.rows = count(entries.len()),
            // Whom it is about is told by the subject; reading this is no access to his record.
            Content::Accesses(answer) => given.rows = count(answer.items.len()),
            Content::Jobs(answer) => given.jobs(answer),
        }
        given
    }

    fn at(&mut self, valid_at: Day, known_at: Instant) {
        self.valid_at = Some(valid_at);
        self.known_at = Some(known_at);
    }

    /// Objections are named; scores and measures are counted by department.
    fn evaluation(&mut self, answer: &'a EvaluationAnswer) {
        match answer {
            EvaluationAnswer::Objection(shown) => self.records.push(&shown.objection.id),
            EvaluationAnswer::Objections(all) => self.rows = count(all.len()),
            EvaluationAnswer::Scores(shown) => {
                self.rows = count(shown.document.departments.len());
            }
            EvaluationAnswer::Measures(document) => self.rows = count(document.departments.len()),
            EvaluationAnswer::Report { departments, .. } => self.rows = count(*departments),
        }
    }

    /// The case stands among the records: whoever reads the log finds what was done with it.
    fn sharing(&mut self, answer: &'a SharingAnswer) {
        match answer {
            SharingAnswer::Case(shown) => self.records.push(&shown.case.id),
            SharingAnswer::Sandbox(sandbox) => self.records.push(&sandbox.id),
            SharingAnswer::TakenIn { imported, .. } => {
                self.records = imported.iter().take(RECORDS_LISTED_MAX).map(String::as_str).collect();
            }
            SharingAnswer::Cases(..) | SharingAnswer::Alerts(..) | SharingAnswer::Due(_) | SharingAnswer::Years(_) => {}
        }
    }

    /// A job is named; with its file the digest of what was given, how much of it and which fields.
    fn jobs(&mut self, answer: &'a JobsAnswer) {
        match answer {
            JobsAnswer::All(jobs) => self.rows = count(jobs.len()),
            JobsAnswer::Begun(job) | JobsAnswer::One(job) => self.records.push(&job.id),
            JobsAnswer::File(job) => {
                self.records.extend([job.id.as_str(), job.sha256.as_str()]);
                self.rows = u32::try_from(job.rows).unwrap_or(u32::MAX);
                self.note(job.columns.iter().copied(), &job.masked);
                (self.valid_at, self.known_at) = (job.valid_at, job.known_at);
            }
        }
    }

    /// Who has signed in; what was done with which account.
    fn account(&mut self, answer: &'a AccountsAnswer) {
        match answer {
            AccountsAnswer::Tokens(tokens) | AccountsAnswer::Program(tokens) | AccountsAnswer::Returned(tokens, _) => {
                self.subject = &tokens.account;
            }
            AccountsAnswer::Done(account) => self.subject = account.as_deref().unwrap_or_default(),
            AccountsAnswer::Enrolment(enrolment) => self.subject = &enrolment.account,
            AccountsAnswer::Recovery(account, _) => self.subject = account,
            AccountsAnswer::Metadata(..) | AccountsAnswer::Begun(_) | AccountsAnswer::MasterKeys(_) => {}
            AccountsAnswer::Erased(records, _) => {
                self.rows = count(records.len());
                self.records = records.iter().map(|record| record.id.as_str()).collect();
            }
            AccountsAnswer::Accounts(accounts, _) => self.rows = count(accounts.len()),
            AccountsAnswer::Proposals(proposals, _) => self.rows = count(proposals.len()),
            AccountsAnswer::Taken(taken) => {
                self.records.extend(taken.account.as_deref());
                // Policies are known by their digest.
                if let Some(Measure::ChangePolicies { digest }) = taken.proposal.as_ref().map(|p| &p.proposal.measure) {
                    self.records.push(digest);
                }
            }
        }
    }

    fn record(&mut self, record: &'a RecordShown) {
        self.rows = self.rows.saturating_add(1);
        if self.records.len() < RECORDS_LISTED_MAX && self.records.last() != Some(&record.view.id.as_str()) {
            self.records.push(&record.view.id);
        }
        self.note(record.view.fields.iter().map(|(n, _)| n), &record.masked);
    }

    fn note(&mut self, fields: impl Iterator<Item = u16>, masked: &[u16]) {
        for number in fields {
            let list = if masked.contains(&number) { &mut self.masked } else { &mut self.fields };
            if let Err(at) = list.binary_search(&number) {
                list.insert(at, number);
            }
        }
        for number in masked {
            if let Err(at) = self.masked.binary_search(number) {
                self.masked.insert(at, *number);
            }
        }
    }
}

/// The batch that an import made.
fn batch(content: &Content) -> Option<String> {
    match content {
        Content::Import(report) if report.state != BatchState::DryRun => Some(crate::http::batch_text(report.batch)),
        _ => None,
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The datasets that are wanted.
fn wanted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::All => "*".into(),
        Wanted::Databases(list) => list.iter().map(|d| format!("{d}/*")).collect::<Vec<_>>().join(","),
        Wanted::Datasets(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    }
}

/// The dataset, or datasets, that an ask names.
fn dataset(app: &App, caller: Option<&Caller>, ask: &Ask) -> String {
    match ask {
        Ask::Search(r) | Ask::List(r) | Ask::ExportRows(r, _) => wanted(&r.wanted),
        Ask::Export(r) => wanted(&r.search.wanted),
        Ask::Get(r) | Ask::History(r) | Ask::Claims(r) | Ask::Links(r) => r.dataset.to_string(),
        Ask::Tile(r) => r.dataset.to_string(),
        Ask::Lookup(r) => r.dataset.to_string(),
        Ask::Statistics(r) => r.dataset.to_string(),
        Ask::Changes(r) => r.dataset.to_string(),
        Ask::Import(r) => r.dataset.to_string(),
        Ask::CatalogueEntry(name) | Ask::Explain(name, _) => name.to_string(),
        Ask::Verify(_) | Ask::FindPersons(_) => "population/persons".into(),
        Ask::Ownership(_) => "legal-entity/enterprises".into(),
        Ask::DivisionAt { .. } | Ask::Successors { .. } => "geospatial/divisions".into(),
        Ask::Geocode(_) => "geospatial/*".into(),
        Ask::Series(_) => "macroeconomy/observations".into(),
        Ask::ImportReport(_)
        | Ask::Rejected(_)
        | Ask::Withdraw(_)
        | Ask::CodeList { .. }
        | Ask::Catalogue
        | Ask::Audit(_)
        | Ask::AuditProof(_)
        | Ask::Compiling(_)
        | Ask::Correction(_)
        | Ask::Accounts(_)
        | Ask::MyAccesses(_)
        | Ask::Evaluation(_) => String::new(),
        Ask::Jobs(r) => match r {
            JobsRequest::All => String::new(),
            JobsRequest::One(id) | JobsRequest::File(id) | JobsRequest::Cancel(id) => {
                let own = |job: &Job| caller.is_some_and(|c| job.is_of(c.subject(), c.department()));
                app.exports.job(id).filter(own).map(|job| job.dataset).unwrap_or_default()
            }
        },
        // What cannot be a dataset's name may be a person's.
        Ask::Sharing(r) => r.dataset().parse::<DatasetName>().map(|name| name.to_string()).unwrap_or_default(),
        Ask::Correct(r) => r.dataset.to_string(),
    }
}

/// A keyed commitment to what was asked: whoever holds the text and the node's key can show that it was this question.
fn question(app: &App, ask: &Ask) -> Option<[u8; 32]> {
    let text = match ask {
        Ask::Search(r) | Ask::List(r) | Ask::ExportRows(r, _) => {
            format!("{:?}", (&r.q, &r.filter, &r.bbox, &r.within, &r.near, &r.sort, &r.equal))
        }
        Ask::Export(r) => format!("{:?}", (&r.search.filter, &r.search.shown.fields, r.format)),
        Ask::Tile(r) => format!("{:?}", (r.grid, r.level, r.row, r.column, &r.filter)),
        Ask::Lookup(r) => format!("{:?}", r.keys),
        Ask::Statistics(r) => format!("{:?}", (&r.group_by, &r.measures, &r.filter)),
        Ask::Verify(r) => format!("{:?}", r.items),
        Ask::FindPersons(r) => format!("{:?}", r.sought),
        Ask::Geocode(r) => format!("{:?}", r.texts),
        _ => return None,
    };
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(&app.keys.commitment, text.as_bytes()).as_ref());
    Some(out)
}
