//! What can be asked of the gateway, as data: parsed by `http/`, `portal/` and `cli/`, answered by `flow`.
//!
//! Names are as the client wrote them (field names, not numbers); [`crate::flow`]'s plan step gives them meaning.

mod accesses;
mod accounts;
mod act;
mod compiling;
mod correction;
mod evaluation;
mod export;
mod import;
mod search;
mod sharing;
mod tile;

pub use accesses::AccessesRequest;
pub use accounts::{AccountsRequest, Change, Holder, NewAccount};
pub use act::Act;
pub use compiling::{CompilingRequest, DraftFile, DraftFormat, EntryForm};
pub use correction::{CorrectionRequest, DoubtFiled};
pub use evaluation::EvaluationRequest;
pub use export::{ExportRequest, FileFormat, JobsRequest};
pub use import::{ImportRequest, Upload, UploadFormat};
pub use search::{SearchRequest, Wanted};
pub use sharing::{SandboxWanted, SharingRequest, StepTaken};
pub use tile::{Grid, LEVEL_MAX, TileRequest};

use foundation::dataset::DatasetName;
use foundation::record::BatchId;
use foundation::value::{Day, Instant};

/// A language for labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// The times asked for; absent = today, and what is known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskTimes {
    /// The valid day.
    pub valid_at: Option<Day>,
    /// The known instant.
    pub known_at: Option<Instant>,
}

/// How records are to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Field names wanted; `None` = all that may be read.
    pub fields: Option<Vec<String>>,
    /// Labels of codes.
    pub labels: Option<Language>,
}

/// One record.
#[derive(Debug, Clone)]
pub struct RecordRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
    /// Times.
    pub times: AskTimes,
    /// Shown how.
    pub shown: Shown,
}

/// Records by natural key.
#[derive(Debug, Clone)]
pub struct LookupRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Natural keys: member name → text.
    pub keys: Vec<Vec<(String, String)>>,
    /// Times.
    pub times: AskTimes,
    /// Shown how.
    pub shown: Shown,
}

/// Grouped figures.
#[derive(Debug, Clone)]
pub struct StatisticsRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Fields to group by.
    pub group_by: Vec<String>,
    /// `count`, `sum(f)`, `avg(f)`, `min(f)`, `max(f)`.
    pub measures: Vec<String>,
    /// CQL2 text.
    pub filter: Option<String>,
    /// Times.
    pub times: AskTimes,
    /// Labels of group codes.
    pub labels: Option<Language>,
}

/// The change log.
#[derive(Debug, Clone)]
pub struct ChangesRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Encrypted position; `None` = from the beginning.
    pub after: Option<String>,
    /// Most changes.
    pub limit: usize,
}

/// Claims about people to be verified against the population database.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
    /// Per item: member name → text (`id_type`, `number`, `name`, …).
    pub items: Vec<Vec<(String, String)>>,
    /// Times.
    pub times: AskTimes,
}

/// The member of an item that names an enterprise by its credit code.
pub const REPRESENTATIVE_OF: &str = "legal_representative_of";

impl VerifyRequest {
    /// Whether an item asks who represents an enterprise.
    #[must_use]
    pub fn asks_of_enterprises(&self) -> bool {
        self.items.iter().flatten().any(|(member, _)| member == REPRESENTATIVE_OF)
    }
}

/// Somebody to be found in the population database.
#[derive(Debug, Clone)]
pub struct FindRequest {
    /// Who.
    pub sought: population::ask::Sought,
    /// Times.
    pub times: AskTimes,
    /// What is shown.
    pub shown: Shown,
}

/// Which way ownership is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Who owns it.
    Owners,
    /// What it owns.
    Owned,
    /// Both.
    Both,
}

impl Direction {
    /// As in the query parameter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::Owned => "owned",
            Self::Both => "both",
        }
    }
}

/// Who owns a legal entity, or what it owns.
#[derive(Debug, Clone)]
pub struct OwnershipRequest {
    /// Unified social credit code.
    pub credit_code: String,
    /// Most steps away.
    pub depth: u8,
    /// Way.
    pub direction: Direction,
    /// Times.
    pub times: AskTimes,
}

/// A slice of a statistical series, one value a period.
#[derive(Debug, Clone)]
pub struct SeriesRequest {
    /// Which series, which stretch, as published when.
    pub slice: macroeconomy::ask::Slice,
    /// Times.
    pub times: AskTimes,
    /// Language of the labels of codes.
    pub labels: Option<Language>,
}

/// Audit entries, newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditRequest {
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub to: Option<Instant>,
    /// Subject or department code of the caller.
    pub caller: Option<String>,
    /// Dataset.
    pub dataset: Option<DatasetName>,
    /// Entries before this number.
    pub before: Option<u64>,
    /// Most entries.
    pub limit: usize,
}

/// What is to be proved of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofRequest {
    /// Its state, signed.
    Checkpoint,
    /// That an entry is in it.
    Inclusion(u64),
    /// That it only grew since it held so many entries.
    Consistency(u64),
}

/// Addresses or names to be located, up to 10,000.
#[derive(Debug, Clone)]
pub struct GeocodeRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// Times.
    pub times: AskTimes,
}

/// A question to the gateway.
#[derive(Debug)]
pub enum Ask {
    /// Search over one or many datasets.
    Search(Box<SearchRequest>),
    /// List or filter one dataset.
    List(Box<SearchRequest>),
    /// One record by id.
    Get(RecordRequest),
    /// Records by natural key.
    Lookup(LookupRequest),
    /// Versions of a record.
    History(RecordRequest),
    /// Claims of a record.
    Claims(RecordRequest),
    /// Edges of a record.
    Links(RecordRequest),
    /// Grouped figures.
    Statistics(Box<StatisticsRequest>),
    /// The change log.
    Changes(ChangesRequest),
    /// A batch of rows.
    Import(Box<ImportRequest>),
    /// A batch's report.
    ImportReport(BatchId),
    /// A batch's refused rows.
    Rejected(BatchId),
    /// Takes a batch back.
    Withdraw(BatchId),
    /// Verifies claims about people.
    Verify(VerifyRequest),
    /// Persons by name, date of birth and division.
    FindPersons(Box<FindRequest>),
    /// Ownership of a legal entity.
    Ownership(OwnershipRequest),
    /// The division of a point: longitude, latitude.
    DivisionAt {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// Times.
        times: AskTimes,
    },
    /// Where addresses and names are.
    Geocode(GeocodeRequest),
    /// What became of the division that had a code.
    Successors {
        /// The code.
        code: String,
        /// A day on which it was that division's.
        from: Option<Day>,
        /// Times.
        times: AskTimes,
    },
    /// A slice of a statistical series.
    Series(SeriesRequest),
    /// A map tile.
    Tile(Box<TileRequest>),
    /// A code list.
    CodeList {
        /// Its id.
        id: String,
        /// Only codes valid on this day.
        valid_at: Option<Day>,
    },
    /// All catalogue entries the caller may see.
    Catalogue,
    /// One catalogue entry.
    CatalogueEntry(DatasetName),
    /// Why an act on a dataset is permitted to the caller, or not.
    Explain(DatasetName, Act),
    /// Audit entries.
    Audit(AuditRequest),
    /// A signed state of the audit log, and what proves it.
    AuditProof(ProofRequest),
    /// Sharing between departments.
    Sharing(SharingRequest),
    /// Says that a value is wrong.
    Correct(Box<DoubtFiled>),
    /// Corrections.
    Correction(CorrectionRequest),
    /// The evaluation of departments.
    Evaluation(EvaluationRequest),
    /// Signing in, and what is done with accounts.
    Accounts(Box<AccountsRequest>),
    /// Compiling the catalogue.
    Compiling(Box<CompilingRequest>),
    /// Who looked at the caller's own record.
    MyAccesses(AccessesRequest),
    /// Asks for records as a file.
    Export(Box<ExportRequest>),
    /// A page of such a file: asked by the job of this id alone.
    ExportRows(Box<SearchRequest>, String),
    /// Jobs that make files.
    Jobs(JobsRequest),
}

impl Ask {
    /// The name of the act: the Cedar action, the audit entry's word, the metric's label.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Search(_) | Self::Geocode(_) => Act::Search,
            Self::List(_) | Self::Tile(_) => Act::List,
            Self::Get(_) => Act::Get,
            Self::Lookup(_) => Act::Lookup,
            Self::History(_) | Self::Successors { .. } => Act::History,
            Self::Claims(_) => Act::Claims,
            Self::Links(_) => Act::Links,
            Self::Statistics(_) => Act::Statistics,
            Self::Changes(_) => Act::Changes,
            Self::Import(_) => Act::Import,
            Self::ImportReport(_) | Self::Rejected(_) => Act::ImportReport,
            Self::Withdraw(_) => Act::Withdraw,
            Self::Verify(_) => Act::Verify,
            Self::FindPersons(_) => Act::FindPersons,
            Self::Ownership(_) => Act::Ownership,
            Self::DivisionAt { .. } => Act::DivisionAt,
            Self::Series(_) => Act::Series,
            Self::CodeList { .. } => Act::CodeList,
            Self::Catalogue | Self::CatalogueEntry(_) | Self::Explain(..) => Act::Catalogue,
            Self::Audit(_) | Self::AuditProof(_) => Act::Audit,
            Self::Sharing(
                SharingRequest::Begin(_) | SharingRequest::BeginReturnFlow { .. } | SharingRequest::Step(_),
            )
            | Self::Correction(CorrectionRequest::Step { .. }) => Act::Share,
            Self::Sharing(SharingRequest::Notice(_)) => Act::Calendar,
            Self::Sharing(SharingRequest::ImportGrants { .. }) => Act::ImportGrants,
            Self::Sharing(SharingRequest::Sandbox(_)) => Act::Sandbox,
            Self::Sharing(_) | Self::Correction(_) => Act::Sharing,
            Self::Correct(_) => Act::Correct,
            Self::Evaluation(EvaluationRequest::File { .. } | EvaluationRequest::Step { .. }) => Act::Evaluate,
            Self::Evaluation(_) => Act::Evaluation,
            Self::Accounts(request) => request.act(),
            Self::Compiling(r) => r.act(),
            Self::MyAccesses(_) => Act::MyAccesses,
            Self::Export(_) => Act::Export,
            Self::ExportRows(..) => Act::ExportRows,
            Self::Jobs(r) => r.act(),
        }
    }
}
