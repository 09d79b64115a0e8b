//! The one table of problem codes.

use std::fmt::Write as _;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The stable code, `snake_case`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short title, the same for every problem of the code.
    pub title: &'static str,
    /// When it happens and what to do.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($variant:ident $code:literal $status:literal $title:literal $meaning:literal)*) => {
        /// A stable problem code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        /// Every code, in the order of the document.
        pub const ROWS: &[Row] = &[$(Row { code: $code, status: $status, title: $title, meaning: $meaning },)*];

        impl Code {
            /// The code's row.
            #[must_use]
            pub fn row(self) -> Row {
                match self { $(Self::$variant => Row { code: $code, status: $status, title: $title, meaning: $meaning },)* }
            }
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    };
}

codes! {
    UnknownParameter "unknown_parameter" 400 "Unknown parameter"
        "A query parameter or JSON member that the path does not take. `member` names it; nothing is ever ignored."
    RepeatedParameter "repeated_parameter" 400 "Repeated parameter"
        "A parameter, header or member stands more than once. `member` names it."
    MissingParameter "missing_parameter" 400 "Missing parameter"
        "A parameter, header or member that the path needs is absent. `member` names it."
    InvalidParameter "invalid_parameter" 400 "Invalid parameter"
        "A value that cannot be read or is out of its bounds. `member` names the parameter, `detail` says what would do."
    InvalidBody "invalid_body" 400 "Invalid body"
        "The body is not the JSON or the file that its content type says. `detail` gives the place."
    InvalidFilter "invalid_filter" 400 "Invalid filter"
        "The CQL2 filter is not understood. `detail` gives the character and the reason."
    UnknownField "unknown_field" 400 "Unknown field"
        "A field that the dataset does not have. `member` names it."
    UsePost "use_post" 400 "Use POST"
        "The question holds personal data, which may not stand in a URL. Ask by `POST` (`/search`, `records:query`, `records:lookup`)."
    InvalidToken "invalid_token" 401 "Invalid token"
        "The bearer token is malformed, expired, not yet valid, of another issuer or audience, or its signature does not hold. Get a new one."
    SignInRefused "sign_in_refused" 401 "Sign-in refused"
        "Name, password, code or refresh token are not accepted; which of them is not said. The audit entry says why."
    InvalidClient "invalid_client" 401 "Invalid client"
        "A program did not prove itself: its assertion is malformed, expired, used before, for another endpoint, or not signed by its key (RFC 6749)."
    SignInIncomplete "sign_in_incomplete" 403 "Sign-in incomplete"
        "The account is proved, and something comes first: another password (`member` is `new_password`) or a second factor (`code`)."
    UnsupportedGrantType "unsupported_grant_type" 400 "Unsupported grant type"
        "The token endpoint gives tokens for client credentials alone (RFC 6749)."
    InvalidScope "invalid_scope" 400 "Invalid scope"
        "The scope asked for is not within the roles of the program (RFC 6749)."
    Forbidden "forbidden" 403 "Forbidden"
        "No policy permits this, or one forbids it. The audit entry names the policy."
    GrantRequired "grant_required" 403 "Grant required"
        "A department or company asks for data that is not public without naming its grant, case and officer (`Natbase-Grant`, `Natbase-Case`, `Natbase-Officer`)."
    GrantRefused "grant_refused" 403 "Grant refused"
        "The grant named does not exist, is another department's or company's, does not cover the dataset, is not in force today, the company is not in being any more, or the officer is not the token's."
    NotInSandbox "not_in_sandbox" 422 "Not in a sandbox"
        "`Natbase-Grant` names a sandbox, and synthetic rows cannot answer this. `detail` says what a sandbox answers. Real data takes a grant."
    ExportNotApproved "export_not_approved" 403 "Export not approved"
        "A file of data that is not open takes two people. Two security administrators propose and approve `export_in_bulk` (`POST /api/v1/approvals`) for the caller's department, with the very dataset, fields, filter and purpose of the request; then ask again, within 72 hours. One approval serves one file."
    RightsChanged "rights_changed" 403 "Rights changed"
        "What the caller may read has changed since the file was asked for: the file is deleted. Ask for another."
    FieldNotPermitted "field_not_permitted" 403 "Field not permitted"
        "A filter, sort, facet or measure uses a field that the caller may not read. `member` names it."
    SourceNotPermitted "source_not_permitted" 403 "Source not permitted"
        "An import names a source other than the caller's own department that the dataset does not list."
    NotFound "not_found" 404 "Not found"
        "There is nothing here, or nothing that the caller may know of."
    MethodNotAllowed "method_not_allowed" 405 "Method not allowed"
        "The path exists but does not take this method; `Allow` lists those it takes."
    Timeout "timeout" 503 "Timeout"
        "The request was not complete, or not answered, in the time allowed."
    Conflict "conflict" 409 "Conflict"
        "Another write got in between, or the idempotency key was used for another import. Read again and retry."
    NotReady "not_ready" 409 "Not ready"
        "The file is not there yet, or not any more. `GET /api/v1/jobs/{job}` says how the job stands."
    CursorExpired "cursor_expired" 410 "Cursor expired"
        "The cursor is too old, of another caller or question, or the policy has changed since. Begin again from the first page."
    PositionGone "position_gone" 410 "Position gone"
        "The change log no longer reaches back to this position. Take a snapshot and follow from there."
    BodyTooLarge "body_too_large" 413 "Body too large"
        "The body is larger than the path takes; `detail` gives the bound."
    UriTooLong "uri_too_long" 414 "URI too long"
        "The URL is longer than 8 KiB. Ask by `POST`."
    HeadersTooLarge "headers_too_large" 431 "Headers too large"
        "The headers are larger than 16 KiB together."
    RangeNotSatisfiable "range_not_satisfiable" 416 "Range not satisfiable"
        "`Range` begins after the end of the file; `Content-Range` says how long the file is."
    UnsupportedMediaType "unsupported_media_type" 415 "Unsupported media type"
        "The content type is none the path takes; `detail` lists them."
    Unprocessable "unprocessable" 422 "Unprocessable"
        "The parts of the question are each valid and do not go together."
    TooHeavy "too_heavy" 422 "Too heavy"
        "The question would cost more than a request may; it was not run. Narrow it, or ask for an export."
    TooManyRequests "too_many_requests" 429 "Too many requests"
        "Too many failed sign-ins from here. `Retry-After` says when to try again."
    CeilingReached "ceiling_reached" 429 "Ceiling reached"
        "The grant's ceiling of rows a day is used up."
    Internal "internal" 500 "Internal error"
        "Something broke that should not. The request id finds it in the log."
    Damaged "damaged" 500 "Damaged data"
        "Stored data fails its checks. Operators: run `natbase check`."
    Overloaded "overloaded" 503 "Overloaded"
        "Too many requests are in flight. `Retry-After` says when to try again."
    Unavailable "unavailable" 503 "Unavailable"
        "A base database or its index does not answer now."
    AuditUnavailable "audit_unavailable" 503 "Audit unavailable"
        "The audit log cannot be written, so nothing is answered. Operators: see `/health/ready`."
    WritesRefused "writes_refused" 507 "Writes refused"
        "Writes are refused for now (disk full or read-only); reads go on."
}

impl Code {
    /// The code's text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().code
    }
}

/// `docs/problems.md`, made from the table.
#[must_use]
pub fn document() -> String {
    let mut out = String::from(
        "# Problem codes\n\nEvery error is an RFC 9457 problem (`application/problem+json`) with `type`, `title`, `status`, \
         `code`, `detail`,\n`instance` (the request id) and, where one thing is at fault, `member`. \
         `code` is stable; `detail` is for people.\nMade from `gateway/src/problem/code.rs`; a test keeps it equal.\n\n\
         | code | status | meaning |\n|---|---|---|\n",
    );
    for row in ROWS {
        let _ = writeln!(out, "| <a id=\"{0}\"></a>`{0}` | {1} | {2} |", row.code, row.status, row.meaning);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_documented() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let row = code.row();
            assert!(seen.insert(row.code), "{} twice", row.code);
            assert!((400..600).contains(&row.status), "{}", row.code);
            assert!(row.meaning.ends_with('.'), "{}", row.code);
        }
        assert_eq!(seen.len(), ROWS.len());
    }

    #[test]
    fn the_document_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/problems.md");
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs")).expect("docs");
            std::fs::write(path, document()).expect("writable");
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == document(), "docs/problems.md differs: run the test with BLESS=1 and review");
    }
}
