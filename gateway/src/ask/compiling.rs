//! Questions and steps of compiling the catalogue.

use foundation::value::{Day, Instant};

use super::{Act, Upload};
use crate::catalogue::{DemandState, DemandVerb, Said, State, Verb, Wish};

/// A question or step of compiling the catalogue.
#[derive(Debug)]
pub enum CompilingRequest {
    /// Begins an entry.
    Begin(Box<Said>),
    /// Begins an entry from a file.
    File(DraftFile),
    /// Takes a step on an entry.
    Step {
        /// The entry.
        entry: String,
        /// The step.
        verb: Verb,
        /// What is said with it.
        said: Box<Said>,
    },
    /// One entry.
    Entry {
        /// Its id.
        id: String,
        /// The day on which it holds; absent = today.
        valid_at: Option<Day>,
        /// As announced by then; absent = now.
        known_at: Option<Instant>,
        /// How it is to be shown.
        shown: EntryForm,
    },
    /// Entries, by id.
    Entries {
        /// Only those in this state.
        state: Option<State>,
        /// Only those of this department.
        provider: Option<String>,
        /// Only those that are behind.
        overdue: bool,
        /// Position of the page before.
        after: Option<String>,
        /// Most entries.
        limit: usize,
    },
    /// What is the matter with the caller's entries and demands.
    Alerts,
    /// Asks for data that is in no catalogue.
    Ask(Box<Wish>),
    /// Takes a step on a demand.
    DemandStep {
        /// The demand.
        demand: String,
        /// The step.
        verb: DemandVerb,
        /// The source named, by credit code.
        source: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// One demand.
    Demand(String),
    /// Demands, newest first.
    Demands {
        /// Only those in this state.
        state: Option<DemandState>,
        /// Position of the page before.
        after: Option<String>,
        /// Most demands.
        limit: usize,
    },
}

impl CompilingRequest {
    /// What kind of act it is.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::Begin(_) | Self::File(_) | Self::Step { .. } | Self::Ask(_) | Self::DemandStep { .. } => Act::Compile,
            Self::Entry { .. } | Self::Entries { .. } => Act::Entries,
            Self::Alerts | Self::Demand(_) | Self::Demands { .. } => Act::Demands,
        }
    }
}

/// How an entry is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryForm {
    /// As the API's own JSON.
    Own,
    /// As metadata of GB/T 21063.3, XML.
    Metadata,
}

/// What a file of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftFormat {
    /// The template as a workbook.
    Xlsx,
    /// A dataset's definition.
    Toml,
    /// Metadata of GB/T 21063.3.
    Xml,
}

/// An entry on its way in as a file.
#[derive(Debug)]
pub struct DraftFile {
    /// What the body is.
    pub format: DraftFormat,
    /// The entry of which it is the next version; absent = a new entry.
    pub entry: Option<String>,
    /// The demand that it answers.
    pub demand: Option<String>,
    /// Why, where it changes an entry.
    pub reason: Option<String>,
    /// The body.
    pub body: Upload,
}
