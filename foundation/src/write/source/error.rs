//! Why a file cannot be read as rows.

/// A file that is refused as a whole, or broke off.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum SourceError {
    /// A column no field answers to.
    #[error(
        "column {at} `{column}` is no field of `{dataset}`; known are {known}; name it in the mapping's [columns] or `ignore`"
    )]
    UnknownColumn { at: usize, column: String, dataset: String, known: String },
    /// Two columns for one field.
    #[error("column {at} `{column}` is the second one for field `{field}`")]
    RepeatedColumn { at: usize, column: String, field: String },
    /// No header line.
    #[error("the file has no header line")]
    NoHeader,
    /// A mapping that does not load.
    #[error("{file}: {reason}")]
    Mapping { file: String, reason: String },
    /// A coordinate reference system that is not taken.
    #[error("coordinate reference system `{name}` is not taken: {reason}")]
    Crs { name: String, reason: &'static str },
    /// Not of the format it is said to be.
    #[error("not a readable {format} file: {reason}")]
    Format { format: &'static str, reason: String },
    /// Over a limit.
    #[error("{what} is larger than {bytes_max} bytes")]
    TooLarge { what: String, bytes_max: u64 },
    /// An encoding nobody knows.
    #[error("encoding `{0}` is not known; taken are utf-8, gb18030 (also gbk, gb2312) and utf-16")]
    Encoding(String),
    /// The bytes stopped coming.
    #[error("the file breaks off after line {after_line}: {reason}")]
    BrokenOff { after_line: u64, reason: String },
}
