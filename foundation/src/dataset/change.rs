//! What may change between two versions of a definition without touching the records.
//!
//! Compatible: add an optional field, widen a bound, loosen `required`, change titles, search use, order or catalogue items,
//! deprecate a field. A change of grade is a change of policy, effective at once. Whatever changes, the version rises.
//! Everything else needs a new dataset and a migration.

use std::fmt;

use super::{Dataset, Field};
use crate::value::Decimal;

/// A difference that records survive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A new optional field.
    FieldAdded(String),
    /// A bound was widened or dropped.
    BoundWidened(String),
    /// A required field became optional.
    RequiredLoosened(String),
    /// Titles of a field changed.
    Retitled(String),
    /// The field is searched, sorted or counted differently: its index is rebuilt.
    SearchChanged(String),
    /// A match in the field weighs differently.
    WeightChanged(String),
    /// The field's grade, mask, sharing or openness changed: policy, effective at once.
    PolicyChanged(String),
    /// The field is deprecated, or no longer.
    DeprecationChanged(String),
    /// Records are erased with those the field points at, or no longer.
    ErasureChanged(String),
    /// Catalogue items of the dataset changed.
    CatalogueChanged,
}

impl Change {
    /// Whether the search index is made anew, in the background, while the old one serves.
    #[must_use]
    pub fn rebuilds(&self) -> bool {
        matches!(self, Self::FieldAdded(_) | Self::SearchChanged(_))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldAdded(name) => write!(f, "field `{name}` is new"),
            Self::BoundWidened(name) => write!(f, "field `{name}`: a bound is wider"),
            Self::RequiredLoosened(name) => write!(f, "field `{name}` is no longer required"),
            Self::Retitled(name) => write!(f, "field `{name}` has another title"),
            Self::SearchChanged(name) => write!(f, "field `{name}` is searched, sorted or counted differently"),
            Self::WeightChanged(name) => write!(f, "a match in field `{name}` has another weight"),
            Self::PolicyChanged(name) => write!(f, "field `{name}` has another grade, mask, sharing or openness"),
            Self::DeprecationChanged(name) => write!(f, "field `{name}` is deprecated, or no longer"),
            Self::ErasureChanged(name) => {
                write!(f, "records are erased with those that field `{name}` points at, or no longer")
            }
            Self::CatalogueChanged => f.write_str("items of the catalogue entry changed"),
        }
    }
}

/// A difference that records do not survive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{dataset}: {what}")]
pub struct Incompatible {
    /// Dataset.
    pub dataset: String,
    /// What changed, naming the field.
    pub what: String,
}

/// What changed from `old` to `new`, if records made under `old` stay valid under `new`.
///
/// # Errors
/// [`Incompatible`] with the first difference that breaks records.
pub fn compatible(old: &Dataset, new: &Dataset) -> Result<Vec<Change>, Incompatible> {
    let refused = |what: String| Incompatible { dataset: new.name.to_string(), what };
    let incompatible = |what: String| refused(format!("{what}; this needs a new dataset with a migration"));
    let broken = |what: String| Err(incompatible(what));
    for (item, same) in [
        ("name", old.name == new.name),
        ("id", old.id == new.id),
        ("natural-key", old.natural_key == new.natural_key),
        ("partition-by", old.partition_by == new.partition_by),
        ("cluster-by", old.cluster_by == new.cluster_by),
        ("partitions", old.partitions == new.partitions),
    ] {
        if !same {
            return broken(format!("`{item}` is not the same"));
        }
    }
    if new.version < old.version {
        return broken(format!("version {} is older than {}", new.version, old.version));
    }
    let mut changes = Vec::new();
    for was in &old.fields {
        match new.field_by_number(was.number) {
            None => return broken(format!("field `{}` (number {}) is gone", was.name, was.number)),
            Some(is) => field(was, is, &mut changes).map_err(incompatible)?,
        }
    }
    for is in new.fields.iter().filter(|f| old.field_by_number(f.number).is_none()) {
        if is.required {
            return broken(format!("the new field `{}` is required", is.name));
        }
        changes.push(Change::FieldAdded(is.name.clone()));
    }
    let entry = |d: &Dataset| Dataset { fields: Vec::new(), version: 0, ..d.clone() };
    if format!("{:?}", entry(old)) != format!("{:?}", entry(new)) {
        changes.push(Change::CatalogueChanged);
    }
    if let Some(first) = changes.first()
        && new.version == old.version
    {
        let what = format!("{first}, and `version` is still {}; a changed definition has a higher one", old.version);
        return Err(refused(what));
    }
    Ok(changes)
}

fn field(was: &Field, is: &Field, changes: &mut Vec<Change>) -> Result<(), String> {
    let name = || is.name.clone();
    for (item, same) in [
        ("name", was.name == is.name),
        ("type", was.kind == is.kind),
        ("list", was.list == is.list),
        ("code-list", was.code_list == is.code_list),
        ("target", was.target == is.target),
        ("unit", was.unit == is.unit),
    ] {
        if !same {
            return Err(format!("`{item}` of field `{}` is not the same", was.name));
        }
    }
    match (was.required, is.required) {
        (false, true) => return Err(format!("field `{}` became required", was.name)),
        (true, false) => changes.push(Change::RequiredLoosened(name())),
        _ => {}
    }
    let narrower = length_narrowed(was.max_length, is.max_length)
        || narrowed(was.min.as_deref(), is.min.as_deref(), std::cmp::Ordering::Greater)
        || narrowed(was.max.as_deref(), is.max.as_deref(), std::cmp::Ordering::Less);
    if narrower {
        return Err(format!("a bound of field `{}` is narrower", was.name));
    }
    if (was.max_length, &was.min, &was.max) != (is.max_length, &is.min, &is.max) {
        changes.push(Change::BoundWidened(name()));
    }
    if was.title != is.title {
        changes.push(Change::Retitled(name()));
    }
    if (was.search, was.sortable, was.facet) != (is.search, is.sortable, is.facet) {
        changes.push(Change::SearchChanged(name()));
    }
    if was.weight != is.weight {
        changes.push(Change::WeightChanged(name()));
    }
    if was.deprecated != is.deprecated {
        changes.push(Change::DeprecationChanged(name()));
    }
    if was.erased_with_target != is.erased_with_target {
        changes.push(Change::ErasureChanged(name()));
    }
    if (was.grade, was.mask, was.sharing, was.openness) != (is.grade, is.mask, is.sharing, is.openness) {
        changes.push(Change::PolicyChanged(name()));
    }
    Ok(())
}

fn length_narrowed(was: Option<usize>, is: Option<usize>) -> bool {
    is.is_some_and(|is| was.is_none_or(|was| is < was))
}

/// Whether a bound moved in the wrong direction. Bounds of one form compare as numbers, else as ISO texts.
fn narrowed(was: Option<&str>, is: Option<&str>, wrong: std::cmp::Ordering) -> bool {
    match (was, is) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(was), Some(is)) => {
            let order = match (was.parse::<Decimal>(), is.parse::<Decimal>()) {
                (Ok(was), Ok(is)) => is.cmp(&was),
                _ => is.cmp(was),
            };
            order == wrong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::tests::{SAMPLE, sample};

    fn changed(from: &str, to: &str) -> Result<Vec<Change>, Incompatible> {
        assert!(SAMPLE.contains(from), "{from}");
        let new = Dataset::from_toml(&SAMPLE.replacen(from, to, 1), "new.toml").expect("still a definition");
        compatible(&sample(), &Dataset { version: new.version + 1, ..new })
    }

    #[test]
    fn what_records_survive_is_told() {
        let field = "\n[[field]]\nnumber = 90\nname = \"note\"\ntitle = { zh = \"注\", en = \"Note\" }\ntype = \"text\"\ngrade = 1\n";
        for (from, to, change) in [
            (
                "\n[[field]]\nnumber = 2\n",
                &format!("{field}\n[[field]]\nnumber = 2\n"),
                Change::FieldAdded("note".into()),
            ),
            ("min = \"0\"", &"min = \"-10\"".to_owned(), Change::BoundWidened("lines".into())),
            ("max-length = 40", &"max-length = 50".to_owned(), Change::BoundWidened("code".into())),
            ("en = \"Lines\"", &"en = \"Line count\"".to_owned(), Change::Retitled("lines".into())),
            ("search = \"name\"", &"search = \"text\"".to_owned(), Change::SearchChanged("title".into())),
            ("unit = \"cm\"\ngrade = 1", &"unit = \"cm\"\ngrade = 2".to_owned(), Change::PolicyChanged("size".into())),
            ("zh = \"诗文\"", &"zh = \"诗词\"".to_owned(), Change::CatalogueChanged),
            (
                "name = \"price\"",
                &"name = \"price\"\ndeprecated = { zh = \"不用\", en = \"unused\" }".to_owned(),
                Change::DeprecationChanged("price".into()),
            ),
        ] {
            assert_eq!(changed(from, to), Ok(vec![change]), "{from} → {to}");
        }
        assert_eq!(changed("version = 1", "version = 2"), Ok(vec![]));
    }

    #[test]
    fn what_breaks_records_is_refused() {
        for (from, to, word) in [
            ("type = \"decimal\"", "type = \"integer\"", "`type` of field `price`"),
            ("name = \"price\"", "name = \"cost\"", "`name` of field `price`"),
            ("number = 5\n", "number = 55\n", "number 5"),
            ("min = \"0\"", "min = \"1\"", "narrower"),
            ("max-length = 40", "max-length = 30", "narrower"),
            ("name = \"title\"", "required = true\nname = \"title\"", "required"),
            ("map-approval", "partitions = 64\nmap-approval", "partitions"),
        ] {
            let error = changed(from, to).expect_err(to).to_string();
            assert!(error.contains(word), "{to}: {error}");
        }
        let retitled = SAMPLE.replacen("en = \"Lines\"", "en = \"Count of lines\"", 1);
        let same_version = Dataset::from_toml(&retitled, "new.toml").expect("still a definition");
        let error = compatible(&sample(), &same_version).expect_err("a silent change").to_string();
        assert!(error.contains("`version` is still 1"), "{error}");
    }
}
