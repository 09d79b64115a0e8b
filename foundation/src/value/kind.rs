//! What kinds of value a field may be declared to hold.

use serde::{Deserialize, Serialize};

/// The type of a field. In TOML: its name in kebab-case, `list-of` and the rest in the field's own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// Free text.
    Text,
    /// Text by language.
    Texts,
    /// A code of the field's code list.
    Code,
    /// A citizen number, GB 11643.
    CitizenId,
    /// Another document's number.
    Document,
    /// A unified social credit code, GB 32100.
    CreditCode,
    /// A division code, GB/T 2260 or statistics codes.
    Division,
    /// A whole number, i64.
    Integer,
    /// An exact decimal number.
    Decimal,
    /// A decimal number with a unit.
    Measure,
    /// Yes or no.
    Boolean,
    /// A date of year, month or day precision.
    Date,
    /// A stretch of history, EDTF.
    Interval,
    /// A statistical period.
    Period,
    /// A point in time.
    Timestamp,
    /// A geometry.
    Geometry,
    /// A file outside the store.
    Media,
    /// A link to a record of the field's target dataset.
    Link,
    /// A party.
    Party,
}
