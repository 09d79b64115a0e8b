//! Questions only this domain asks: does what is claimed of a person agree with the register?
//!
//! The answer is one word an item. A number nobody has reads like a mismatch, so that verifying tells nobody who exists.

mod find;
mod questions;

pub use find::{FOUND_MAX, Sought, find};
pub use questions::QUESTIONS;

use std::sync::Arc;

use questions::Question;

use foundation::dataset::{Dataset, DatasetName};
use foundation::service::{BaseDatabase, ErrorKind, LookupAsk, LookupItem, RecordView, Scope, ServiceError, Times};
use foundation::value::{Day, Fields, Value, parse};
use serde::{Deserialize, Serialize};

use crate::rules::field;

/// Most items of one question.
pub const ITEMS_MAX: usize = 10_000;
/// Numbers looked up at a time.
const LOOKED_UP: usize = 1_000;

/// Members that can be compared, besides the number; each is a field of `population/persons`.
pub const COMPARED: [&str; 6] = ["name", "sex", "ethnic_group", "birth_date", "domicile_division", "life_status"];

/// What is claimed of one person: member name → text (`id_type`, `number`, `name`, any of [`COMPARED`] and [`QUESTIONS`]).
pub type Item = Vec<(String, String)>;

/// The one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything claimed agrees with the register.
    Match,
    /// Something differs.
    Mismatch,
    /// Nobody has this number. Whoever may not know that is told [`Self::Mismatch`].
    NotFound,
    /// Nothing differs, but the register is silent on something claimed, or keeps no document of this kind.
    Unavailable,
}

/// A verdict, and the record that it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The word.
    pub verdict: Verdict,
    /// Id of the record compared.
    pub record: Option<String>,
}

/// Compares claims with the register, item by item, in their order.
///
/// `scopes` is the permit: a member may be compared if its field is readable or masked in it (comparing shows less than a
/// masked value). Names are compared without regard to the form of the interpunct, width and canonical form.
/// Cost: lookups of all numbers, 1,000 at a time; no search.
///
/// # Errors
/// [`ErrorKind::Invalid`] names the item and member that cannot be compared; errors of the lookup as they are.
pub async fn verify(
    database: &dyn BaseDatabase,
    items: &[Item],
    times: Times,
    scopes: Vec<Scope>,
) -> Result<Vec<Verified>, ServiceError> {
    let dataset = &persons(database)?;
    if items.len() > ITEMS_MAX {
        return Err(invalid(format!("{} items were given; at most {ITEMS_MAX} are verified at once", items.len())));
    }
    let claims = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            Claimed::read(item, dataset, database, times).map_err(|reason| invalid(format!("item {at}: {reason}")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let open = |number: u16| scopes.iter().any(|s| s.readable.contains(&number) || s.masked.contains(&number));
    if let Some(closed) = claims.iter().flat_map(Claimed::needs).find(|n| !open(*n)) {
        let name = dataset.field_by_number(closed).map_or("", |f| f.name.as_str());
        return Err(invalid(format!("`{name}` may not be compared under this permit")));
    }
    let keys = claims.iter().filter_map(Claimed::key).collect::<Vec<_>>();
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(LOOKED_UP) {
        let ask = LookupAsk { dataset: dataset.name.clone(), keys: keys.to_vec(), times, scopes: scopes.clone() };
        found.extend(database.lookup(ask).await?.items);
    }
    let mut found = found.into_iter();
    let one = |claim: &Claimed| {
        let item = if claim.citizen { found.next() } else { None }.unwrap_or(LookupItem::NotFound);
        let verdict = claim.verdict(&item, times.valid_at);
        let record = if let LookupItem::Found(record) = item { Some(record.id) } else { None };
        Verified { verdict, record }
    };
    Ok(claims.iter().map(one).collect())
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::Invalid, message)
}

fn persons(database: &dyn BaseDatabase) -> Result<Arc<Dataset>, ServiceError> {
    let name: DatasetName = "population/persons".parse().map_err(invalid)?;
    let found = database.datasets().into_iter().find(|d| d.name == name);
    found.ok_or_else(|| ServiceError::new(ErrorKind::NotFound, format!("no dataset `{name}` here")))
}

/// An item, read: the number as sent, and the values claimed. `fields` is `None`-free; an unreadable value cannot match.
struct Claimed {
    citizen: bool,
    number: String,
    fields: Fields,
    questions: Vec<Question>,
    unreadable: bool,
}

impl Claimed {
    fn read(item: &Item, dataset: &Dataset, database: &dyn BaseDatabase, times: Times) -> Result<Self, String> {
        let mut claimed = Self {
            citizen: true,
            number: String::new(),
            fields: Fields::new(),
            questions: Vec::new(),
            unreadable: false,
        };
        for (member, text) in item {
            match member.as_str() {
                "id_type" => claimed.citizen = matches!(text.as_str(), "citizen_id" | "citizen-id"),
                "number" => claimed.number.clone_from(text),
                name if COMPARED.contains(&name) => {
                    let field = dataset.field(name).ok_or_else(|| format!("`{name}` is no field"))?;
                    match parse::from_text(field, text, database.code_lists(), times.valid_at) {
                        Ok(parsed) => drop(claimed.fields.set(field.number, parsed.value)),
                        Err(_) => claimed.unreadable = true,
                    }
                }
                question if QUESTIONS.contains(&question) => claimed.questions.push(Question::read(question, text)?),
                other => {
                    return Err(format!(
                        "`{other}` is not compared; known are id_type, number, {}, {}",
                        COMPARED.join(", "),
                        QUESTIONS.join(", ")
                    ));
                }
            }
        }
        if claimed.number.is_empty() {
            return Err("`number` is missing".to_owned());
        }
        if claimed.fields.get(field::NAME).is_none() && !claimed.unreadable {
            // A number alone would tell whether somebody has it.
            return Err("`name` is missing: a number is verified together with a name".to_owned());
        }
        Ok(claimed)
    }

    fn key(&self) -> Option<Vec<(String, String)>> {
        self.citizen.then(|| vec![("citizen_id".to_owned(), self.number.clone())])
    }

    /// The fields that are compared or asked about.
    fn needs(&self) -> impl Iterator<Item = u16> {
        self.fields.iter().map(|(number, _)| number).chain(self.questions.iter().map(Question::field))
    }

    fn verdict(&self, found: &LookupItem, day: Day) -> Verdict {
        if !self.citizen {
            return Verdict::Unavailable;
        }
        let LookupItem::Found(record) = found else { return Verdict::NotFound };
        if self.unreadable {
            return Verdict::Mismatch;
        }
        let mut silent = false;
        for (number, claimed) in self.fields.iter() {
            match shown(record, number) {
                None | Some(Value::Null) => silent = true,
                Some(known) if agrees(number, claimed, known) => {}
                Some(_) => return Verdict::Mismatch,
            }
        }
        for question in &self.questions {
            match question.holds(record, day) {
                None => silent = true,
                Some(true) => {}
                Some(false) => return Verdict::Mismatch,
            }
        }
        if silent { Verdict::Unavailable } else { Verdict::Match }
    }
}

fn shown(record: &RecordView, number: u16) -> Option<&Value> {
    record.fields.get(number).or_else(|| record.to_mask.get(number))
}

fn agrees(number: u16, claimed: &Value, known: &Value) -> bool {
    match (claimed, known) {
        (Value::Text(a), Value::Text(b)) if number == field::NAME => plain_name(a).eq(plain_name(b)),
        // A claim to the year or month agrees with any day in it.
        (Value::Date(a), Value::Date(b)) => {
            let (a, b) = (a.span(), b.span());
            a.from <= b.from && b.to <= a.to
        }
        _ => claimed == known,
    }
}

/// Whether two names are one, without regard to their typing.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    plain_name(a).eq(plain_name(b))
}

/// A name's characters without spaces between Han characters' parts, with one form of the interpunct, letters lower case.
/// The texts are NFC and trimmed already.
fn plain_name(name: &str) -> impl Iterator<Item = char> {
    let half = parse::half_width(name).into_owned();
    half.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '•' | '‧' | '∙' | '・' | '･' | '⋅' | '●' | '．' | '.' | '᛫' | '▪' => '·',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_their_typing() {
        for (a, b) in [
            ("买买提·艾力", "买买提•艾力"),
            ("买买提・艾力", "买买提．艾力"),
            ("Ｌi Ming", "li ming"),
            ("王 伟", "王伟"),
        ] {
            assert!(plain_name(a).eq(plain_name(b)), "{a} {b}");
        }
        assert!(!plain_name("王伟").eq(plain_name("王玮")));
    }

    #[test]
    fn one_word_an_item() {
        let view = |fields: Fields| {
            LookupItem::Found(Box::new(RecordView {
                dataset: "population/persons".parse().expect("a name"),
                dataset_version: 1,
                id: "0".into(),
                fields,
                to_mask: Fields::new(),
                version: 1,
                valid: foundation::value::Span { from: foundation::value::Day::MIN, to: foundation::value::Day::MAX },
                recorded: foundation::value::Span {
                    from: foundation::value::Instant(0),
                    to: foundation::value::Instant(i64::MAX),
                },
                disputed: Vec::new(),
            }))
        };
        let name = |text: &str| [(field::NAME, Value::Text(text.into()))].into_iter().collect::<Fields>();
        let mut with_sex = name("王伟");
        with_sex.set(field::SEX, Value::Code("1".into()));
        let claim = |fields: Fields| Claimed {
            citizen: true,
            number: "x".into(),
            fields,
            questions: Vec::new(),
            unreadable: false,
        };
        let today = Day::parse("2026-11-28").expect("a day");
        assert_eq!(claim(name("王伟")).verdict(&view(name("王伟")), today), Verdict::Match);
        assert_eq!(claim(name("王玮")).verdict(&view(name("王伟")), today), Verdict::Mismatch);
        assert_eq!(claim(name("王伟")).verdict(&LookupItem::NotFound, today), Verdict::NotFound);
        assert_eq!(claim(with_sex.clone()).verdict(&view(name("王伟")), today), Verdict::Unavailable);
        assert_eq!(claim(with_sex).verdict(&view(name("李娜")), today), Verdict::Mismatch);
    }
}
