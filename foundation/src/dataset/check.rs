//! What must hold of a definition. One rule a sentence; the message names file, field and what to write instead.
//!
//! The order is from the whole to the parts: catalogue items, fields, keys, sharing and openness.

mod statistics;

use std::collections::{BTreeMap, BTreeSet};

use super::{Database, Dataset, DatasetError, DatasetName, Disclosure, Field, IdKind, Mask, Openness, SearchUse};
use super::{Sharing, Unit, Zone};
use crate::value::codec::key_part_width;
use crate::value::credit_code::CreditCode;
use crate::value::{Day, Decimal, FieldType, Instant, PartialDate, Period};

/// Most bytes that `cluster_by` may take in a key.
const CLUSTER_BYTES_MAX: usize = 24;
/// Most characters of a text that can be counted by value.
const FACET_TEXT_MAX: usize = 100;
/// Most partitions of a dataset.
const PARTITIONS_MAX: u16 = 4_096;

struct Check<'a> {
    dataset: &'a Dataset,
    file: &'a str,
}

/// Checks a definition.
pub(super) fn check(dataset: &Dataset, file: &str) -> Result<(), DatasetError> {
    let check = Check { dataset, file };
    check.catalogue()?;
    check.numbers_and_names()?;
    dataset.fields.iter().try_for_each(|field| check.field(field))?;
    check.keys()?;
    check.partitioning()?;
    check.sharing_and_openness()?;
    statistics::check(dataset, file)?;
    check.map_approval()
}

impl Check<'_> {
    fn whole<T>(&self, rule: impl Into<String>) -> Result<T, DatasetError> {
        Err(DatasetError::Dataset { file: self.file.to_owned(), rule: rule.into() })
    }
    fn of<T>(&self, field: &Field, rule: impl Into<String>) -> Result<T, DatasetError> {
        let rule = rule.into();
        Err(DatasetError::Field { file: self.file.to_owned(), field: field.name.clone(), rule })
    }

    fn catalogue(&self) -> Result<(), DatasetError> {
        let d = self.dataset;
        for (item, text) in [
            ("title.zh", &d.title.zh),
            ("title.en", &d.title.en),
            ("summary.zh", &d.summary.zh),
            ("resource-code", &d.resource_code),
            ("classification", &d.classification),
            ("provider", &d.provider),
            ("format", &d.format),
            ("update-cycle", &d.update_cycle),
        ] {
            if text.trim().is_empty() {
                return self.whole(format!("`{item}` is empty; every catalogue entry says it"));
            }
        }
        if d.version == 0 {
            return self.whole("`version` counts from 1");
        }
        if Day::parse(&d.published).is_none() {
            return self.whole(format!("`published` is a date like 2026-01-31, not `{}`", d.published));
        }
        for (item, code) in std::iter::once(("provider-code", &d.provider_code))
            .chain(d.authority.iter().map(|code| ("authority", code)))
            .chain(d.fields.iter().flat_map(|f| f.authority.iter().map(|code| ("authority of a field", code))))
        {
            if let Err(error) = CreditCode::parse(code) {
                return self.whole(format!("`{item}` `{code}`: {error}"));
            }
        }
        for name in &d.title_fields {
            if d.field(name).is_none() {
                return self.whole(format!("`title-fields` names `{name}`, which is no field"));
            }
        }
        Ok(())
    }

    fn numbers_and_names(&self) -> Result<(), DatasetError> {
        if self.dataset.fields.is_empty() {
            return self.whole("a dataset has at least one `[[field]]`");
        }
        let mut numbers: BTreeMap<u16, &str> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for field in &self.dataset.fields {
            if field.number == 0 {
                return self.of(field, "field numbers count from 1");
            }
            if let Some(other) = numbers.insert(field.number, &field.name) {
                return self.of(field, format!("number {} is already that of `{other}`", field.number));
            }
            if !names.insert(field.name.as_str()) {
                return self.of(field, "the name is given twice");
            }
            let sound = field.name.len() <= 64
                && field.name.starts_with(|c: char| c.is_ascii_lowercase())
                && field.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !sound {
                return self.of(field, "a name is snake_case: a-z first, then a-z, 0-9, _; at most 64 characters");
            }
            if field.title.zh.trim().is_empty() || field.title.en.trim().is_empty() {
                return self.of(field, "`title` has both `zh` and `en`");
            }
        }
        Ok(())
    }

    fn field(&self, field: &Field) -> Result<(), DatasetError> {
        if !(1..=5).contains(&field.grade) {
            return self
                .of(field, "`grade` is 1 to 4 for general data, 5 for important data; core data is not kept here");
        }
        let coded = matches!(field.kind, FieldType::Code | FieldType::Division);
        if coded != field.code_list.as_deref().is_some_and(|id| !id.is_empty()) {
            return self.of(
                field,
                if coded {
                    "a code or division needs a `code-list`"
                } else {
                    "only codes and divisions have a `code-list`"
                },
            );
        }
        let pointing = matches!(field.kind, FieldType::Link | FieldType::Party);
        match (&field.target, pointing) {
            (None, true) => return self.of(field, "a link or party needs a `target`, such as population/persons"),
            (Some(_), false) => return self.of(field, "only links and parties have a `target`"),
            (Some(target), true) => {
                if let Err(error) = target.parse::<DatasetName>() {
                    return self.of(field, format!("`target`: {error}"));
                }
            }
            (None, false) => {}
        }
        if field.erased_with_target {
            let own = field.target.as_deref().and_then(|target| target.split_once('/'));
            let here = own.is_some_and(|(database, _)| database == self.dataset.name.database().as_str());
            if !here || !matches!(field.kind, FieldType::Link | FieldType::Party) {
                return self.of(field, "`erased-with-target` is for links to records of the same base database");
            }
        }
        if field.required && field.deprecated.is_some() {
            return self.of(field, "a required field cannot be deprecated; loosen `required` first");
        }
        self.bounds(field)?;
        self.uses(field)
    }

    fn bounds(&self, field: &Field) -> Result<(), DatasetError> {
        let text = matches!(field.kind, FieldType::Text | FieldType::Texts);
        if field.max_length.is_some_and(|longest| !text || longest == 0) {
            return self.of(field, "`max-length` is a number of characters, from 1, of a text");
        }
        for (name, bound) in [("min", &field.min), ("max", &field.max)] {
            let Some(bound) = bound else { continue };
            let fits = match field.kind {
                FieldType::Integer | FieldType::Decimal | FieldType::Measure => bound.parse::<Decimal>().is_ok(),
                FieldType::Date => PartialDate::parse(bound).is_some(),
                FieldType::Period => Period::parse(bound).is_some(),
                FieldType::Timestamp => Instant::parse(bound).is_some(),
                _ => return self.of(field, format!("`{name}` bounds numbers, dates, periods and timestamps only")),
            };
            if !fits {
                return self.of(field, format!("`{name}` `{bound}` is not a value of the field's type"));
            }
        }
        let measured = matches!(field.kind, FieldType::Integer | FieldType::Decimal | FieldType::Measure);
        if field.unit.is_some() && !measured {
            return self.of(field, "only numbers have a `unit`");
        }
        Ok(())
    }

    fn uses(&self, field: &Field) -> Result<(), DatasetError> {
        use FieldType as T;
        if !(1..=10).contains(&field.weight) {
            return self.of(field, "`weight` is 1 to 10");
        }
        let words = matches!(field.kind, T::Text | T::Texts | T::Party);
        let exact = matches!(
            field.kind,
            T::Text | T::Code | T::Division | T::CitizenId | T::Document | T::CreditCode | T::Link
        );
        match field.search {
            SearchUse::Name | SearchUse::Text if !words => {
                return self.of(field, "`search = \"name\"` and `\"text\"` are for text, texts and party");
            }
            SearchUse::Exact if !exact => {
                return self.of(field, "`search = \"exact\"` is for text, codes, document numbers and links");
            }
            _ => {}
        }
        let short = field.kind == T::Text && field.max_length.is_some_and(|longest| longest <= FACET_TEXT_MAX);
        let countable = matches!(field.kind, T::Code | T::Division | T::Boolean | T::CreditCode | T::Link | T::Period);
        if field.facet && !countable && !short {
            return self.of(
                field,
                format!(
                    "`facet` is for codes, divisions, booleans, periods, links, and texts with `max-length` ≤ {FACET_TEXT_MAX}"
                ),
            );
        }
        let unsortable = matches!(field.kind, T::Texts | T::Geometry | T::Media | T::Link | T::Party);
        if field.sortable && (unsortable || field.list) {
            return self.of(field, "`sortable` is for single values with an order: texts, codes, numbers, times");
        }
        let masked = match field.mask {
            Mask::Hide => true,
            Mask::Name => matches!(field.kind, T::Text | T::Party),
            Mask::Number => matches!(field.kind, T::Text | T::CitizenId | T::Document | T::CreditCode | T::Code),
            Mask::Address => matches!(field.kind, T::Text | T::Division),
            Mask::Year => matches!(field.kind, T::Date | T::Interval | T::Period | T::Timestamp),
            Mask::Cell => field.kind == T::Geometry,
        };
        if masked { Ok(()) } else { self.of(field, "`mask` does not fit the type of the field") }
    }

    fn keys(&self) -> Result<(), DatasetError> {
        let d = self.dataset;
        for name in &d.natural_key {
            let Some(field) = d.field(name) else {
                return self.whole(format!("`natural-key` names `{name}`, which is no field"));
            };
            if !field.required || field.list {
                return self.of(field, "a field of the natural key is `required = true` and no list");
            }
            let kinds = matches!(
                field.kind,
                FieldType::Texts
                    | FieldType::Measure
                    | FieldType::Decimal
                    | FieldType::Geometry
                    | FieldType::Media
                    | FieldType::Party
                    | FieldType::Interval
            );
            if kinds {
                return self.of(field, "a value of this type cannot be part of the natural key");
            }
        }
        if d.natural_key.iter().collect::<BTreeSet<_>>().len() != d.natural_key.len() {
            return self.whole("`natural-key` names a field twice");
        }
        if d.id == IdKind::Readable && d.natural_key.is_empty() {
            return self.whole("`id = \"readable\"` needs a `natural-key`");
        }
        if d.id == IdKind::Readable && d.key_is_personal() {
            return self.whole("the natural key is personal (grade 3 and above): write `id = \"keyed\"`");
        }
        Ok(())
    }

    fn partitioning(&self) -> Result<(), DatasetError> {
        let d = self.dataset;
        if !d.partitions.is_power_of_two() || d.partitions > PARTITIONS_MAX {
            return self.whole(format!("`partitions` is a power of two up to {PARTITIONS_MAX}, not {}", d.partitions));
        }
        if let Some(name) = &d.embargo
            && !d.field(name).is_some_and(|f| f.kind == FieldType::Timestamp && f.sortable)
        {
            return self.whole(format!("`embargo` names a sortable timestamp field; `{name}` is none"));
        }
        let named = d.partition_by.iter().chain(&d.cluster_by);
        for name in named.clone() {
            if !d.natural_key.contains(name) {
                return self.whole(format!(
                    "`partition-by` and `cluster-by` name fields of the natural key; `{name}` is none"
                ));
            }
        }
        if named.count() > 0 && d.id != IdKind::Readable {
            return self
                .whole("`partition-by` and `cluster-by` need `id = \"readable\"`: the key must be told by the id");
        }
        let mut bytes = 0;
        for field in d.cluster_by.iter().filter_map(|name| d.field(name)) {
            bytes += match (field.kind, key_part_width(field.kind)) {
                (_, Some(width)) => width,
                (FieldType::Text, _) => field.max_length.unwrap_or(CLUSTER_BYTES_MAX + 1),
                (FieldType::Code | FieldType::Division, _) => 7,
                _ => return self.of(field, "rows cannot be ordered by a field of this type"),
            };
        }
        if bytes > CLUSTER_BYTES_MAX {
            return self.whole(format!("`cluster-by` takes {bytes} bytes of a key; at most {CLUSTER_BYTES_MAX} fit"));
        }
        Ok(())
    }

    fn sharing_and_openness(&self) -> Result<(), DatasetError> {
        let d = self.dataset;
        let condition = d.sharing_condition.trim();
        match d.sharing {
            Sharing::None if condition.is_empty() => {
                return self
                    .whole("`sharing = \"none\"` needs its ground of law in `sharing-condition` (Decree 809 art 15)");
            }
            Sharing::Conditional if condition.is_empty() => {
                return self.whole("`sharing = \"conditional\"` needs scope and uses in `sharing-condition`");
            }
            _ => {}
        }
        if d.openness == Openness::Conditional && d.openness_condition.trim().is_empty() {
            return self.whole("`openness = \"conditional\"` needs `openness-condition`");
        }
        if d.zone == Zone::Public && d.openness == Openness::None {
            return self.whole("the public zone holds open datasets only: write `zone = \"extranet\"`");
        }
        for field in &d.fields {
            let open = field.openness.unwrap_or(d.openness) == Openness::Unconditional;
            if open && field.grade >= 3 {
                return self.of(
                    field,
                    format!(
                        "grade {} cannot be opened unconditionally: give the field `openness = \"none\"`",
                        field.grade
                    ),
                );
            }
        }
        if d.units != Unit::None && d.openness != Openness::Unconditional && d.disclosure == Disclosure::Open {
            return self.whole(
                "counts over persons, households or entities that are not open data need `disclosure = \"protected\"`",
            );
        }
        Ok(())
    }

    /// A dataset of boundaries carries its 审图号. Taken for boundaries: a dataset of the geospatial database with a geometry
    /// and a division in its key, and any dataset with a geometry whose name speaks of boundaries.
    fn map_approval(&self) -> Result<(), DatasetError> {
        let d = self.dataset;
        let drawn = d.fields.iter().any(|f| f.kind == FieldType::Geometry);
        let keyed_by_division = d.name.database() == Database::Geospatial
            && d.natural_key.iter().filter_map(|k| d.field(k)).any(|f| f.kind == FieldType::Division);
        let named = ["boundar", "border", "division", "countr"].iter().any(|word| d.name.table().contains(word));
        if drawn && (keyed_by_division || named) && d.map_approval.trim().is_empty() {
            return self.whole("a dataset of boundaries needs `map-approval`: its 审图号, or \"demonstration only\"");
        }
        Ok(())
    }
}
