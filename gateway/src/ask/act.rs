//! What kinds of things are done.

/// What kind of thing is done; the Cedar action of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are those of `Ask`")]
pub enum Act {
    Search = 1,
    List = 2,
    Get = 3,
    Lookup = 4,
    History = 5,
    Claims = 6,
    Links = 7,
    Statistics = 8,
    Changes = 9,
    Import = 10,
    ImportReport = 11,
    Withdraw = 12,
    Verify = 13,
    Ownership = 14,
    DivisionAt = 15,
    CodeList = 16,
    Catalogue = 17,
    Audit = 18,
    Series = 19,
    Share = 20,
    Sharing = 21,
    Calendar = 22,
    FindPersons = 23,
    SignIn = 24,
    Accounts = 25,
    AdministerAccounts = 26,
    Evaluation = 27,
    Evaluate = 28,
    Correct = 29,
    Compile = 30,
    Entries = 31,
    Demands = 32,
    MyAccesses = 33,
    ImportGrants = 40,
    Sandbox = 41,
    Export = 42,
    Jobs = 43,
    Delivery = 44,
    ExportRows = 45,
    /// The request was refused before it was known what it asks.
    Unknown = 0,
}

impl Act {
    /// All acts that a policy decides on.
    pub const ALL: [Self; 39] = [
        Self::Search,
        Self::List,
        Self::Get,
        Self::Lookup,
        Self::History,
        Self::Claims,
        Self::Links,
        Self::Statistics,
        Self::Changes,
        Self::Import,
        Self::ImportReport,
        Self::Withdraw,
        Self::Verify,
        Self::Ownership,
        Self::DivisionAt,
        Self::CodeList,
        Self::Catalogue,
        Self::Audit,
        Self::Series,
        Self::Share,
        Self::Sharing,
        Self::Calendar,
        Self::FindPersons,
        Self::Evaluation,
        Self::Evaluate,
        Self::Correct,
        Self::SignIn,
        Self::Accounts,
        Self::AdministerAccounts,
        Self::Compile,
        Self::Entries,
        Self::Demands,
        Self::MyAccesses,
        Self::ImportGrants,
        Self::Sandbox,
        Self::Export,
        Self::Jobs,
        Self::Delivery,
        Self::ExportRows,
    ];

    /// Acts on the gateway itself, not on a dataset.
    pub const ON_THE_SYSTEM: [Self; 21] = [
        Self::CodeList,
        Self::Audit,
        Self::Share,
        Self::Sharing,
        Self::Calendar,
        Self::SignIn,
        Self::Accounts,
        Self::AdministerAccounts,
        Self::Evaluation,
        Self::Evaluate,
        Self::Correct,
        Self::Compile,
        Self::Entries,
        Self::Demands,
        Self::MyAccesses,
        Self::ImportGrants,
        Self::Sandbox,
        Self::Export,
        Self::Jobs,
        Self::Delivery,
        Self::ExportRows,
    ];

    /// Whether it only reads: nothing has happened when its answer is held back.
    #[must_use]
    pub fn reads(self) -> bool {
        !matches!(
            self,
            Self::Import
                | Self::Withdraw
                | Self::Share
                | Self::Calendar
                | Self::Correct
                | Self::Evaluate
                | Self::SignIn
                | Self::Accounts
                | Self::AdministerAccounts
                | Self::Compile
                | Self::ImportGrants
                | Self::Sandbox
                | Self::Export
        )
    }

    /// The action's name in policies and audit entries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::List => "list",
            Self::Get => "get",
            Self::Lookup => "lookup",
            Self::History => "history",
            Self::Claims => "claims",
            Self::Links => "links",
            Self::Statistics => "statistics",
            Self::Changes => "changes",
            Self::Import => "import",
            Self::ImportReport => "import_report",
            Self::Withdraw => "withdraw",
            Self::Verify => "verify",
            Self::Ownership => "ownership",
            Self::DivisionAt => "division_at",
            Self::CodeList => "code_list",
            Self::Catalogue => "catalogue",
            Self::Audit => "audit",
            Self::Series => "series",
            Self::Share => "share",
            Self::Sharing => "sharing",
            Self::Calendar => "calendar",
            Self::FindPersons => "find_persons",
            Self::Evaluation => "evaluation",
            Self::Evaluate => "evaluate",
            Self::Correct => "correct",
            Self::SignIn => "sign_in",
            Self::Accounts => "accounts",
            Self::AdministerAccounts => "administer_accounts",
            Self::Compile => "compile",
            Self::Entries => "entries",
            Self::Demands => "demands",
            Self::MyAccesses => "my_accesses",
            Self::ImportGrants => "import_grants",
            Self::Sandbox => "sandbox",
            Self::Export => "export",
            Self::Jobs => "jobs",
            Self::Delivery => "delivery",
            Self::ExportRows => "export_rows",
            Self::Unknown => "unknown",
        }
    }

    /// The act on a dataset that is called `name`.
    #[must_use]
    pub fn on_a_dataset(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == name && !Self::ON_THE_SYSTEM.contains(act))
    }

    /// The act numbered `number` in the audit log.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.into_iter().find(|a| *a as u8 == number).unwrap_or(Self::Unknown)
    }
}
