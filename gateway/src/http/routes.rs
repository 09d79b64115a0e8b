//! The table of routes.

use super::params::{FILTER_LANGS, Input};
use super::{
    accesses, accounts, batches, changes, compiling, correction, evaluation, exports, governance, oauth, people,
    records, search, sharing,
};
use crate::ask::Ask;
use crate::problem::Problem;

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ParamKind {
    Text,
    Integer,
    Number,
    Boolean,
    Day,
    Instant,
    List,
    Dataset,
    Object,
    OneOf(&'static [&'static str]),
}

/// A query parameter, and the body member of the same name in `snake_case`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Name, `kebab-case`.
    pub name: &'static str,
    /// Kind.
    pub kind: ParamKind,
    /// What it does.
    pub about: &'static str,
}

pub(super) const fn param(name: &'static str, kind: ParamKind, about: &'static str) -> Param {
    Param { name, kind, about }
}

/// What a route takes as body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A JSON object whose members are the parameters.
    Members,
    /// A JSON object with one list member of this name, besides the parameters.
    List(&'static str),
    /// A form (`application/x-www-form-urlencoded`); members that are not known are ignored, as RFC 6749 has it.
    Form,
    /// A file, streamed.
    Upload,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the API's own JSON.
    Own,
    /// As OAuth 2.0 has it: errors as `error` and `error_description` (RFC 6749 section 5.2).
    OAuth,
    /// As a resource of the OGC API.
    Ogc(crate::ogc::Page),
}

/// A route.
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path template.
    pub path: &'static str,
    /// Method and template: the label in logs, metrics and audit entries.
    pub label: &'static str,
    /// Name in `/openapi.json`.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Parameters.
    pub params: &'static [Param],
    /// Whether names of fields are parameters too.
    pub open: bool,
    /// Body.
    pub body: Body,
    /// Name of the answer's schema.
    pub answer: &'static str,
    /// How the answer is written.
    pub(super) form: Form,
    pub(super) read: fn(&mut Input<'_>) -> Result<Ask, Problem>,
}

/// Forms are OAuth's.
const fn form_of(body: Body) -> Form {
    if matches!(body, Body::Form) { Form::OAuth } else { Form::Own }
}

macro_rules! routes {
    ($($method:literal $path:literal $id:literal $summary:literal, $params:expr, $body:expr, $answer:literal, $read:path;)*) => {
        /// Every route of the API of its own.
        pub(crate) const ALL: &[Route] = &[$(Route {
            method: $method,
            path: $path,
            label: concat!($method, " ", $path),
            id: $id,
            summary: $summary,
            params: $params,
            open: false,
            body: $body,
            answer: $answer,
            form: form_of($body),
            read: $read,
        },)*];
    };
}

/// Every route that is a question to the gateway: the API's own, and the OGC API's.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    ALL.iter().chain(super::ogc::ROUTES)
}

use ParamKind as K;

pub(super) const VALID_AT: Param = param("valid-at", K::Day, "the day on which it is valid; default today");
pub(super) const KNOWN_AT: Param =
    param("known-at", K::Instant, "as known at this instant (a date: the end of that day); default now");
pub(super) const FIELDS: Param = param("fields", K::List, "fields wanted; default all that may be read");
pub(super) const LABELS: Param = param("labels", K::OneOf(&["zh", "en"]), "adds the labels of codes in this language");
pub(super) const FILTER: Param = param("filter", K::Text, "CQL2; in `filter-lang`");
pub(super) const FILTER_LANG: Param = param("filter-lang", K::OneOf(FILTER_LANGS), "language of `filter`");
const BBOX: Param = param("bbox", K::List, "west,south,east,north");
const NEAR: Param = param("near", K::List, "longitude,latitude,metres");
const WITHIN: Param = param("within", K::Text, "intersects this WKT or GeoJSON geometry");
const SORT: Param =
    param("sort", K::List, "fields to sort by; `-f` largest first; with `near`, `distance` alone: the nearest first");
const FACETS: Param = param("facets", K::List, "fields to count by value");
const LIMIT: Param = param("limit", K::Integer, "most items, 1 to 1,000; default 100");
const CURSOR: Param = param("cursor", K::Text, "`next` of the page before");
const Q: Param = param("q", K::Text, "text to search for, at most 500 characters");

const SEARCH: &[Param] = &[
    Q,
    param("database", K::List, "base databases to search; default all"),
    param("dataset", K::List, "datasets to search, as `database/dataset`"),
    FILTER,
    FILTER_LANG,
    BBOX,
    NEAR,
    WITHIN,
    VALID_AT,
    KNOWN_AT,
    FACETS,
    SORT,
    FIELDS,
    LABELS,
    LIMIT,
    CURSOR,
];
const LIST: &[Param] =
    &[Q, FILTER, FILTER_LANG, BBOX, WITHIN, NEAR, SORT, FACETS, FIELDS, LABELS, VALID_AT, KNOWN_AT, LIMIT, CURSOR];
const RECORD: &[Param] = &[FIELDS, LABELS, VALID_AT, KNOWN_AT];
const PAST: &[Param] = &[FIELDS, LABELS, KNOWN_AT];
const STATISTICS: &[Param] = &[
    param("group-by", K::List, "up to 3 facet fields"),
    param("measure", K::List, "count, sum(f), avg(f), min(f), max(f); default count"),
    FILTER,
    FILTER_LANG,
    LABELS,
    VALID_AT,
    KNOWN_AT,
];
const CHANGES: &[Param] = &[param("after", K::Text, "`next` of the answer before; default from the beginning"), LIMIT];
const IMPORT: &[Param] = &[
    param("mode", K::OneOf(&["delta", "snapshot"]), "delta: only what is sent changes; snapshot: what is missing ends"),
    param("as-of", K::Day, "the day from which changes without `_valid_from` hold"),
    param("source", K::Text, "credit code of the source; default the caller's department"),
    param("encoding", K::OneOf(&["utf-8", "gb18030"]), "default: detected"),
    param("mapping", K::Text, "TOML: how columns become fields"),
    param("confirm", K::Boolean, "snapshot: go ahead although more than 5 % would end"),
    param("dry-run", K::Boolean, "validate only"),
    param("first-load", K::Boolean, "into an empty dataset, all at once when the batch ends"),
];
const OWNERSHIP: &[Param] = &[
    param("depth", K::Integer, "most steps, 1 to 10; default 3"),
    param("direction", K::OneOf(&["owners", "owned", "both"]), "default owners"),
    VALID_AT,
    KNOWN_AT,
];
const SERIES: &[Param] = &[
    param("indicator", K::Text, "indicator code"),
    param("region", K::Text, "region code"),
    param("dimensions", K::Text, "`age=Y0T4;sex=F`; default none"),
    param("period-from", K::Text, "periods that begin in this one or later"),
    param("period-to", K::Text, "periods that end by the end of this one"),
    param("vintage-at", K::Day, "the figures as they were published by this day; default the newest"),
    LABELS,
    VALID_AT,
    KNOWN_AT,
];
const AUDIT: &[Param] = &[
    param("from", K::Instant, "closed at or after"),
    param("to", K::Instant, "closed before"),
    param("caller", K::Text, "subject or department code"),
    param("dataset", K::Dataset, "dataset"),
    param("before", K::Integer, "entries before this number"),
    LIMIT,
];

routes! {
    "GET" "/api/v1/search" "search" "Search all base databases", SEARCH, Body::None, "Page", search::get_search;
    "POST" "/api/v1/search" "searchByPost" "Search all base databases; personal words belong here", SEARCH, Body::Members, "Page", search::post_search;
    "GET" "/api/v1/suggest" "suggest" "Names and codes that what is typed so far may mean", &[Q, param("dataset", K::List, "datasets"), param("database", K::List, "base databases"), param("limit", K::Integer, "1 to 20, default 8")], Body::None, "Page", search::suggest;
    "GET" "/api/v1/datasets" "catalogue" "The data catalogue, as the caller may see it", &[], Body::None, "Catalogue", governance::catalogue;
    "GET" "/api/v1/datasets/{database}/{dataset}" "catalogueEntry" "One catalogue entry", &[], Body::None, "CatalogueEntry", governance::catalogue_entry;
    "GET" "/api/v1/datasets/{database}/{dataset}/explanation" "explain" "Why the caller may do this with the dataset, or why not; field by field", &[param("act", K::Text, "the act; default get")], Body::None, "Explanation", governance::explain;
    "GET" "/api/v1/datasets/{database}/{dataset}/records" "list" "List and filter records", LIST, Body::None, "Page", search::get_records;
    "POST" "/api/v1/datasets/{database}/{dataset}/records:query" "query" "List and filter records; personal words belong here", LIST, Body::Members, "Page", search::post_records;
    "POST" "/api/v1/datasets/{database}/{dataset}/records:lookup" "lookup" "Records by natural key, up to 1,000", RECORD, Body::List("keys"), "Lookup", records::lookup;
    "POST" "/api/v1/datasets/{database}/{dataset}/records:import" "import" "Import rows: CSV, NDJSON, GeoJSON, XLSX", IMPORT, Body::Upload, "ImportReport", batches::import;
    "POST" "/api/v1/datasets/{database}/{dataset}/records:export" "export" "Records as a file: begins a job", exports::EXPORT, Body::Members, "Job", exports::export;
    "GET" "/api/v1/jobs" "jobs" "The caller's own jobs, the newest first", &[], Body::None, "Jobs", exports::all;
    "GET" "/api/v1/jobs/{job}" "job" "One job: how far it is, what became of it", &[], Body::None, "Job", exports::one;
    "GET" "/api/v1/jobs/{job}/file" "jobFile" "The file of a job; ranges of bytes are taken", &[], Body::None, "File", exports::file;
    "DELETE" "/api/v1/jobs/{job}" "jobCancel" "Ends a job and deletes its file", &[], Body::None, "Job", exports::cancel;
    "GET" "/api/v1/datasets/{database}/{dataset}/records/{id}" "record" "One record", RECORD, Body::None, "Record", records::get;
    "GET" "/api/v1/datasets/{database}/{dataset}/records/{id}/history" "history" "All versions of a record in both times", PAST, Body::None, "History", records::history;
    "GET" "/api/v1/datasets/{database}/{dataset}/records/{id}/claims" "claims" "Who says what of a record", PAST, Body::None, "Claims", records::claims;
    "GET" "/api/v1/datasets/{database}/{dataset}/records/{id}/links" "links" "Edges of a record, both ways", &[VALID_AT, KNOWN_AT], Body::None, "Links", records::links;
    "GET" "/api/v1/datasets/{database}/{dataset}/statistics" "statistics" "Grouped figures", STATISTICS, Body::None, "Statistics", records::statistics;
    "GET" "/api/v1/datasets/{database}/{dataset}/changes" "changes" "The change log; JSON or server-sent events", CHANGES, Body::None, "Changes", changes::read;
    "GET" "/api/v1/imports/{batch}" "importReport" "A batch's report", &[], Body::None, "ImportReport", batches::report;
    "GET" "/api/v1/imports/{batch}/rejected.csv" "rejected" "A batch's refused rows", &[], Body::None, "Csv", batches::rejected;
    "POST" "/api/v1/imports/{batch}" "withdraw" "Takes a batch back: `{batch}:withdraw`", &[], Body::None, "ImportReport", batches::withdraw;
    "POST" "/api/v1/population/verify" "verify" "Verify claims about persons; a signed receipt", &[VALID_AT, KNOWN_AT], Body::List("items"), "Verified", people::verify;
    "POST" "/api/v1/population/persons:search" "findPersons" "Who somebody is: by name, date of birth and division together; at most 10, more are an error", people::FIND, Body::Members, "Found", people::find;
    "GET" "/api/v1/legal-entity/{credit_code}/ownership" "ownership" "Who owns a legal entity, or what it owns", OWNERSHIP, Body::None, "Ownership", governance::ownership;
    "GET" "/api/v1/geospatial/divisions:at" "divisionAt" "The divisions that a point lies in", &[param("lon", K::Number, "longitude"), param("lat", K::Number, "latitude"), VALID_AT, KNOWN_AT], Body::None, "Divisions", governance::division_at;
    "GET" "/api/v1/geospatial/divisions:successors" "divisionSuccessors" "What became of the division that had a code: the steps, up to today's", &[param("code", K::Text, "code of 民政部"), param("from", K::Day, "a day on which it was the division's; default the last"), VALID_AT, KNOWN_AT], Body::None, "Divisions", governance::successors;
    "GET" "/api/v1/geospatial/geocode" "geocode" "Where an address or a named place is", &[param("q", K::Text, "the address or name"), VALID_AT, KNOWN_AT], Body::None, "Located", governance::geocode;
    "POST" "/api/v1/geospatial/geocode" "geocodeMany" "Where addresses or named places are, up to 10,000", &[VALID_AT, KNOWN_AT], Body::List("items"), "Located", governance::geocode_many;
    "GET" "/api/v1/macroeconomy/series" "series" "A slice of a statistical series, one value a period", SERIES, Body::None, "Series", governance::series;
    "GET" "/api/v1/code-lists/{id}" "codeList" "A code list", &[VALID_AT], Body::None, "CodeList", governance::code_list;
    "GET" "/api/v1/sharing/requests" "sharingCases" "Requests for data and what became of them, newest first", sharing::CASES, Body::None, "SharingCases", sharing::cases;
    "POST" "/api/v1/sharing/requests" "sharingBegin" "Begins a request for data", sharing::BEGIN, Body::Members, "SharingCase", sharing::begin;
    "GET" "/api/v1/sharing/requests/{case}" "sharingCase" "One case: its events, clocks and alerts", &[], Body::None, "SharingCase", sharing::case;
    "POST" "/api/v1/sharing/requests/{case}" "sharingStep" "Takes a step: `{case}:{step}`", sharing::STEP, Body::Members, "SharingCase", sharing::step;
    "GET" "/api/v1/sharing/corrections" "corrections" "Values said to be wrong and what became of them, newest first", correction::ALL, Body::None, "Corrections", correction::all;
    "POST" "/api/v1/sharing/corrections" "correctionFile" "Says that a value the caller sees is wrong", correction::FILE, Body::Members, "Correction", correction::file;
    "GET" "/api/v1/sharing/corrections/{correction}" "correction" "One correction: its events, clocks and alerts", &[], Body::None, "Correction", correction::one;
    "POST" "/api/v1/sharing/corrections/{correction}" "correctionStep" "Takes a step: `{correction}:{step}`", correction::STEP, Body::Members, "Correction", correction::step;
    "GET" "/api/v1/sharing/alerts" "sharingAlerts" "What is overdue or amiss, each with its article", sharing::ALERTS, Body::None, "SharingAlerts", sharing::alerts;
    "GET" "/api/v1/sharing/working-days" "workingDays" "The day so many working days on", sharing::WORKING_DAYS, Body::None, "WorkingDays", sharing::working_days;
    "POST" "/api/v1/sharing/calendar" "calendarNotice" "Takes in a year's notice of holidays", sharing::NOTICE, Body::Members, "WorkingDays", sharing::notice;
    "POST" "/api/v1/sharing/return-flows" "returnFlowBegin" "Begins a return flow: what an upper level holds of the caller's own area, whole and without end", sharing::RETURN_FLOW, Body::Members, "SharingCase", sharing::return_flow;
    "POST" "/api/v1/sharing/sandbox" "sandbox" "Gives a sandbox at once: synthetic rows of a dataset's schema, under the id given as `Natbase-Grant`", sharing::SANDBOX, Body::Members, "Sandbox", sharing::sandbox;
    "POST" "/api/v1/sharing/grants:import" "grantsImport" "Takes in grants that were reviewed elsewhere: each becomes a case in force; all or none", sharing::GRANTS, Body::Members, "GrantsTakenIn", sharing::grants;
    "GET" "/api/v1/evaluation/{period}" "evaluation" "Scores of a period: of all departments for an authority, else the caller's own", &[], Body::None, "Evaluation", evaluation::scores;
    "GET" "/api/v1/evaluation/{period}/measures" "evaluationMeasures" "What the scores are made of, to be recomputed by anybody; nothing personal", &[], Body::None, "EvaluationMeasures", evaluation::measures;
    "GET" "/api/v1/evaluation/{period}/report.xlsx" "evaluationReport" "The report of a period as a workbook", &[], Body::None, "Workbook", evaluation::report;
    "GET" "/api/v1/evaluation/{period}/objections" "evaluationObjections" "Objections to scores of a period", &[], Body::None, "EvaluationObjections", evaluation::objections;
    "POST" "/api/v1/evaluation/{period}/objections" "evaluationObject" "Objects to the points of an indicator", evaluation::FILE, Body::Members, "EvaluationObjection", evaluation::file;
    "POST" "/api/v1/evaluation/{period}/objections/{objection}" "evaluationStep" "Takes a step of an objection: `{objection}:{step}`", evaluation::STEP, Body::Members, "EvaluationObjection", evaluation::step;
    "POST" "/api/v1/sign-in" "signIn" "Signs a person in: an access token and a refresh token", accounts::SIGN_IN, Body::Members, "Tokens", accounts::sign_in;
    "POST" "/api/v1/sign-in:refresh" "signInRefresh" "Changes a refresh token for new tokens; good once", accounts::REFRESH, Body::Members, "Tokens", accounts::refresh;
    "POST" "/api/v1/sign-in:change-password" "changePassword" "Sets another password; all sessions of the account end", accounts::NEW_PASSWORD, Body::Members, "AccountDone", accounts::change_password;
    "POST" "/api/v1/sign-in:enrol" "secondFactorEnrol" "Draws a second factor (RFC 6238)", accounts::SIGN_IN, Body::Members, "Enrolment", accounts::enrol;
    "POST" "/api/v1/sign-in:confirm" "secondFactorConfirm" "Takes the second factor in force; gives the recovery codes once", accounts::CONFIRM, Body::Members, "RecoveryCodes", accounts::confirm;
    "POST" "/api/v1/sign-out" "signOut" "Ends the session; its tokens are refused from then on", accounts::REFRESH, Body::Members, "AccountDone", accounts::sign_out;
    "GET" "/api/v1/accounts" "accounts" "People, programs and keys; for security administrators", accounts::ACCOUNTS, Body::None, "Accounts", accounts::accounts;
    "POST" "/api/v1/accounts" "accountOpen" "Opens an account, or proposes it; its secret is shown once", accounts::OPEN, Body::Members, "AccountTaken", accounts::open;
    "POST" "/api/v1/accounts/{account}" "accountChange" "Changes an account, or proposes it: `{account}:{step}`", accounts::CHANGE, Body::Members, "AccountTaken", accounts::change;
    "GET" "/api/v1/approvals" "approvals" "Proposals that take two people, newest first", accounts::APPROVALS, Body::None, "Approvals", accounts::approvals;
    "POST" "/api/v1/approvals" "approvalPropose" "Proposes what is of no one account", accounts::PROPOSE, Body::Members, "AccountTaken", accounts::propose;
    "GET" "/api/v1/master-keys" "masterKeys" "Generations of the master keys and what each wraps; for security administrators", &[], Body::None, "MasterKeys", accounts::master_keys;
    "GET" "/api/v1/erasures" "erasures" "What is left of the erased records of a dataset; for security administrators", accounts::ERASED, Body::None, "Erasures", accounts::erased;
    "POST" "/api/v1/approvals/{proposal}" "approvalJudge" "Approves or rejects a proposal: `{proposal}:{step}`", accounts::JUDGE, Body::Members, "AccountTaken", accounts::judge;
    "POST" "/oauth/token" "oauthToken" "A token for a program (RFC 6749, RFC 7523)", oauth::TOKEN, Body::Form, "Tokens", oauth::token;
    "GET" "/.well-known/oauth-authorization-server" "oauthMetadata" "What programs need to know to get tokens (RFC 8414)", &[], Body::None, "OAuthMetadata", oauth::metadata;
    "GET" "/api/v1/catalogue/entries" "entries" "Entries of the catalogue: what is announced, and the caller's own drafts", compiling::ENTRIES, Body::None, "Entries", compiling::entries;
    "POST" "/api/v1/catalogue/entries" "entryBegin" "Begins an entry", compiling::BEGIN, Body::Members, "Entry", compiling::begin;
    "POST" "/api/v1/catalogue/entries:import" "entryFile" "Begins an entry, or a change of one, from a file: the template (XLSX), a definition (TOML), metadata of GB/T 21063.3 (XML)", compiling::FILE, Body::Upload, "Entry", compiling::file;
    "GET" "/api/v1/catalogue/entries/{entry}" "entry" "One entry as it holds on a day, as announced by an instant", compiling::ENTRY, Body::None, "Entry", compiling::entry;
    "POST" "/api/v1/catalogue/entries/{entry}" "entryStep" "Takes a step: `{entry}:{step}`", compiling::STEP, Body::Members, "Entry", compiling::step;
    "GET" "/api/v1/catalogue/entries/{entry}/metadata" "entryMetadata" "One entry as metadata of GB/T 21063.3", compiling::ENTRY, Body::None, "Xml", compiling::metadata;
    "GET" "/api/v1/catalogue/alerts" "entryAlerts" "What is overdue or amiss with entries and demands, each with its article", &[], Body::None, "EntryAlerts", compiling::alerts;
    "GET" "/api/v1/catalogue/demands" "demands" "Data that departments need and find in no catalogue, newest first", compiling::DEMANDS, Body::None, "Demands", compiling::demands;
    "POST" "/api/v1/catalogue/demands" "demandAsk" "Asks for data that is in no catalogue", compiling::ASK, Body::Members, "Demand", compiling::ask;
    "GET" "/api/v1/catalogue/demands/{demand}" "demand" "One demand", &[], Body::None, "Demand", compiling::demand;
    "POST" "/api/v1/catalogue/demands/{demand}" "demandStep" "Takes a step: `{demand}:{step}`", compiling::DEMAND_STEP, Body::Members, "Demand", compiling::demand_step;
    "GET" "/api/v1/me/accesses" "myAccesses" "Who looked at the caller's own record, the newest first, each with a proof that it is in the log; for citizens", accesses::ACCESSES, Body::None, "Accesses", accesses::mine;
    "GET" "/api/v1/audit/entries" "auditEntries" "Audit entries, newest first; for auditors", AUDIT, Body::None, "AuditEntries", governance::audit;
    "GET" "/api/v1/audit/checkpoint" "auditCheckpoint" "The signed state of the audit log (C2SP tlog-checkpoint)", &[], Body::None, "AuditCheckpoint", governance::audit_checkpoint;
    "GET" "/api/v1/audit/inclusion" "auditInclusion" "Proof that an entry is in the log (RFC 9162)", &[param("entry", K::Integer, "number of the entry")], Body::None, "AuditProof", governance::audit_inclusion;
    "GET" "/api/v1/audit/consistency" "auditConsistency" "Proof that the log only grew since a checkpoint (RFC 9162)", &[param("from", K::Integer, "size of the older checkpoint")], Body::None, "AuditProof", governance::audit_consistency;
}
