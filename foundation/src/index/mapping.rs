//! A dataset's definition as an index schema.
//!
//! Nothing is stored: a document is its record's key and version number (to read the record from the store), times, a
//! digest, and per data field only what the definition says it is asked by. `current` and `closed` have one schema.

use std::fmt::Write as _;

use tantivy::schema::{
    BytesOptions, Field as Column, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TextAnalyzer, TokenizerManager};
use xxhash_rust::xxh3::xxh3_64;

use super::analysis::{ANALYSIS_VERSION, Grams, RunTokenizer};
use crate::dataset::{Dataset, Field, Openness, SearchUse};
use crate::value::{Day, FieldType};

/// Raised whenever the same definition would give another schema or other documents.
const MAPPING_VERSION: u32 = 2;
/// Days beyond these stand for ±∞ in columns (the engine packs a column by its range).
const DAYS_END: i64 = 40_000_000;

/// The day as a column holds it.
pub(super) fn column_day(day: Day) -> i64 {
    day.0.clamp(-DAYS_END, DAYS_END)
}

/// The day a column's value stands for.
pub(super) fn day_of_column(value: i64) -> Day {
    match value {
        value if value >= DAYS_END => Day::MAX,
        value if value <= -DAYS_END => Day::MIN,
        value => Day(value),
    }
}

/// Names of the system columns.
pub(super) const PARTITION: &str = "_p";
/// Start of valid time; no value = open.
pub(super) const VALID_FROM: &str = "_from";
/// End of valid time; no value = open.
pub(super) const VALID_TO: &str = "_to";
/// Start of recorded time.
pub(super) const RECORDED_FROM: &str = "_rfrom";
/// End of recorded time; only in `closed`.
pub(super) const RECORDED_TO: &str = "_rto";
/// Digest of the document.
pub(super) const DIGEST: &str = "_digest";
/// Version number in the record.
pub(super) const VERSION: &str = "_version";
/// Bytes of the key after the dataset number and partition.
pub(super) const KEY_LENGTH: &str = "_klen";
/// Words of eight key bytes.
pub(super) const KEY_WORDS: [&str; 4] = ["_k0", "_k1", "_k2", "_k3"];

/// The system fields.
#[derive(Debug, Clone)]
pub(super) struct System {
    pub(super) record: Column,
    pub(super) partition: Column,
    pub(super) key_length: Option<Column>,
    pub(super) key_words: Vec<Column>,
    pub(super) version: Column,
    pub(super) digest: Column,
    pub(super) valid_from: Column,
    pub(super) valid_to: Column,
    pub(super) recorded_from: Column,
    pub(super) recorded_to: Column,
    /// Numbers of fields that are absent or null.
    pub(super) silent: Column,
    /// Numbers of decimal fields whose value an f64 does not tell exactly.
    pub(super) rounded: Column,
}

/// How a text field is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextForm {
    /// Characters, bigrams and words in one field, without positions.
    Name { all: Column },
    /// Bigrams and words with positions; characters beside them.
    Text { pairs: Column, characters: Column },
}

/// The column a scalar stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    /// i64: whole numbers, instants, yes and no.
    Integer(String, Column),
    /// f64: decimals and measures.
    Number(String, Column),
    /// Two columns of days: first and the one after the last.
    Stretch { from: (String, Column), to: (String, Column) },
}

/// How one data field is indexed.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own about the field")]
pub(super) struct Mapped {
    pub(super) number: u16,
    pub(super) kind: FieldType,
    pub(super) list: bool,
    pub(super) weight: u8,
    /// Open to everybody in every row: its words may be counted in the published statistics.
    pub(super) public: bool,
    /// Whether its values are searched as codes.
    pub(super) exact_search: bool,
    /// The whole value as a term; `true` = exactly as it is, else normalised.
    pub(super) term: Option<(Column, bool)>,
    pub(super) text: Option<TextForm>,
    pub(super) scalar: Option<Scalar>,
    /// The value's text as a column, for facets, groups and sorting texts.
    pub(super) strings: Option<(String, Column)>,
    pub(super) facet: bool,
    pub(super) sortable: bool,
}

/// A dataset's schema and how its fields stand in it.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub(super) schema: Schema,
    pub(super) system: System,
    pub(super) fields: Vec<Mapped>,
    /// Where the geometries are handed to the spatial plugin; `None` without a geometry field.
    pub(super) shapes: Option<Column>,
    /// Changes when a generation must be made anew.
    pub(super) hash: u64,
}

impl Mapping {
    /// The mapping of a dataset.
    pub(super) fn of(dataset: &Dataset) -> Self {
        let mut schema = Schema::builder();
        // Rows that follow fields of the natural key have longer keys (record/keys.rs).
        let long_key = !dataset.partition_by.is_empty() || !dataset.cluster_by.is_empty();
        let fast = || NumericOptions::default().set_fast();
        let system = System {
            record: schema.add_bytes_field("_record", BytesOptions::default().set_indexed()),
            partition: schema.add_u64_field(PARTITION, fast()),
            key_length: long_key.then(|| schema.add_u64_field(KEY_LENGTH, fast())),
            key_words: KEY_WORDS
                .iter()
                .take(if long_key { 4 } else { 2 })
                .map(|name| schema.add_u64_field(name, fast()))
                .collect(),
            version: schema.add_u64_field(VERSION, fast()),
            digest: schema.add_u64_field(DIGEST, fast()),
            valid_from: schema.add_i64_field(VALID_FROM, fast()),
            valid_to: schema.add_i64_field(VALID_TO, fast()),
            recorded_from: schema.add_i64_field(RECORDED_FROM, fast()),
            recorded_to: schema.add_i64_field(RECORDED_TO, fast()),
            silent: schema.add_u64_field("_silent", NumericOptions::default().set_indexed()),
            rounded: schema.add_u64_field("_rounded", NumericOptions::default().set_indexed()),
        };
        let fields: Vec<Mapped> = dataset
            .fields
            .iter()
            .map(|field| Mapped { public: is_public(dataset, field), ..map_field(field, &mut schema) })
            .collect();
        let shapes = dataset
            .fields
            .iter()
            .any(|f| f.kind == FieldType::Geometry)
            .then(|| schema.add_custom_field("_shapes", super::space::TYPE_NAME, serde_json::Value::Null));
        let schema = schema.build();
        let mut described = serde_json::to_string(&schema).unwrap_or_default();
        for field in &fields {
            let _ = write!(described, "{}:{:?}:{};", field.number, field.kind, field.list);
        }
        let _ = write!(described, "{MAPPING_VERSION} {ANALYSIS_VERSION} {}", super::space::FORMAT);
        let hash = xxh3_64(described.as_bytes());
        Self { schema, system, fields, shapes, hash }
    }

    /// This mapping, of an earlier definition, where `new` rules now: what `new` no longer shows is no longer shown.
    #[must_use]
    pub(super) fn under(mut self, new: &Self) -> Self {
        for field in &mut self.fields {
            let now = new.field(field.number);
            field.public &= now.is_some_and(|f| f.public);
            field.weight = now.map_or(field.weight, |f| f.weight);
        }
        self
    }

    /// Engine fields whose words are counted in the published statistics.
    pub(super) fn counted(&self) -> impl Iterator<Item = Column> {
        self.fields
            .iter()
            .filter(|f| f.public)
            .filter_map(|f| f.text)
            .flat_map(|form| match form {
                TextForm::Name { all } => [Some(all), None],
                TextForm::Text { pairs, characters } => [Some(pairs), Some(characters)],
            })
            .flatten()
    }

    /// How field `number` is indexed.
    pub(super) fn field(&self, number: u16) -> Option<&Mapped> {
        self.fields.iter().find(|f| f.number == number)
    }

    /// The analysers its fields name.
    pub(super) fn tokenizers() -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        for (name, grams) in [("both", Grams::Both), ("pairs", Grams::Pairs), ("characters", Grams::Characters)] {
            tokenizers.register(name, TextAnalyzer::builder(RunTokenizer::new(grams)).build());
        }
        tokenizers
    }
}

fn indexed(tokenizer: &str, option: IndexRecordOption, norms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(norms),
    )
}

/// Whether everybody may read a field in every row.
fn is_public(dataset: &Dataset, field: &Field) -> bool {
    let openness = field.openness.unwrap_or(dataset.openness);
    openness == Openness::Unconditional && field.grade <= 2 && dataset.embargo.is_none()
}

fn map_field(field: &Field, schema: &mut SchemaBuilder) -> Mapped {
    let n = field.number;
    let fast = || NumericOptions::default().set_fast();
    let scalar = match field.kind {
        FieldType::Integer | FieldType::Boolean | FieldType::Timestamp => {
            let name = format!("f{n}i");
            let column = schema.add_i64_field(&name, fast());
            Some(Scalar::Integer(name, column))
        }
        FieldType::Decimal | FieldType::Measure => {
            let name = format!("f{n}d");
            let column = schema.add_f64_field(&name, fast());
            Some(Scalar::Number(name, column))
        }
        FieldType::Date | FieldType::Interval | FieldType::Period => {
            let (from, to) = (format!("f{n}l"), format!("f{n}h"));
            let columns = (schema.add_i64_field(&from, fast()), schema.add_i64_field(&to, fast()));
            Some(Scalar::Stretch { from: (from, columns.0), to: (to, columns.1) })
        }
        _ => None,
    };
    let texts = matches!(field.kind, FieldType::Text | FieldType::Texts | FieldType::Party);
    let whole = match field.kind {
        FieldType::Code
        | FieldType::Division
        | FieldType::CitizenId
        | FieldType::CreditCode
        | FieldType::Document
        | FieldType::Link => Some(true),
        FieldType::Text if field.search == SearchUse::Exact => Some(false),
        FieldType::Text if field.facet => Some(true),
        _ => None,
    };
    let term = whole.map(|as_is| {
        (schema.add_text_field(&format!("f{n}t"), indexed(RAW_TOKENIZER_NAME, IndexRecordOption::Basic, false)), as_is)
    });
    let text = match field.search {
        SearchUse::Name if texts => {
            let all = schema.add_text_field(&format!("f{n}n"), indexed("both", IndexRecordOption::Basic, true));
            Some(TextForm::Name { all })
        }
        SearchUse::Text if texts => {
            let positions = IndexRecordOption::WithFreqsAndPositions;
            let pairs = schema.add_text_field(&format!("f{n}g"), indexed("pairs", positions, true));
            let characters =
                schema.add_text_field(&format!("f{n}c"), indexed("characters", IndexRecordOption::Basic, false));
            Some(TextForm::Text { pairs, characters })
        }
        _ => None,
    };
    let strings = (field.facet || field.sortable && scalar.is_none()).then(|| {
        let name = format!("f{n}s");
        let column = schema.add_text_field(&name, TextOptions::default().set_fast(RAW_TOKENIZER_NAME));
        (name, column)
    });
    Mapped {
        number: n,
        kind: field.kind,
        list: field.list,
        weight: field.weight.clamp(1, 10),
        public: false,
        exact_search: field.search == SearchUse::Exact && term.is_some(),
        term,
        text,
        scalar,
        strings,
        facet: field.facet,
        sortable: field.sortable,
    }
}
