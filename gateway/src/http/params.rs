//! Reading parameters: query and body members alike become named texts; unknown and repeated ones are refused by name.

use std::borrow::Cow;

use axum::body::Body as HttpBody;
use axum::http::HeaderMap;
use foundation::dataset::DatasetName;
use foundation::filter::{FilterError, convert_coordinates, json_to_text};
use foundation::value::{Day, Instant};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::routes::{Body, Route};
use crate::ask::{AskTimes, Language, Shown};
use crate::ogc::crs::Crs;
use crate::problem::{Code, Problem};

/// Values of `filter-lang`; GDAL calls CQL2 text by its older name.
pub(crate) const FILTER_LANGS: &[&str] = &["cql2-text", "cql2-json", "cql-text"];

/// A request as a route's reader sees it.
pub(super) struct Input<'a> {
    pub(super) path: Vec<(String, String)>,
    pub(super) params: Params,
    pub(super) list: Vec<Value>,
    pub(super) headers: &'a HeaderMap,
    pub(super) upload: Option<HttpBody>,
}

/// Named texts, each at most once.
#[derive(Debug, Default)]
pub(super) struct Params {
    known: Vec<(&'static str, String)>,
    /// Those that an open route takes besides: names of fields.
    pub(super) others: Vec<(String, String)>,
}

impl Params {
    /// Reads a query string against a route's parameters.
    pub(super) fn from_query(query: Option<&str>, route: &Route) -> Result<Self, Problem> {
        let mut params = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.put(&decode(name)?, decode(value)?, route)?;
        }
        Ok(params)
    }

    /// Reads the members of a JSON body; gives back the list member, if the route has one.
    pub(super) fn add_members(&mut self, body: &[u8], route: &Route) -> Result<Vec<Value>, Problem> {
        if body.is_empty() && route.body == Body::Members {
            return Ok(Vec::new());
        }
        let json = crate::json::strict(body).map_err(|reason| {
            let code = if reason.starts_with("repeated") { Code::RepeatedParameter } else { Code::InvalidBody };
            Problem::new(code, reason)
        })?;
        let Value::Object(members) = json else {
            return Err(Problem::new(Code::InvalidBody, "the body is not a JSON object"));
        };
        let mut list = None;
        for (name, value) in members {
            if let (Body::List(member), Value::Array(items)) = (route.body, &value)
                && name == member
            {
                list = Some(items.clone());
                continue;
            }
            if name.contains('-') {
                return Err(unknown(&name, route));
            }
            if let Some(text) = member_text(&name, value)? {
                self.put(&name.replace('_', "-"), text, route)?;
            }
        }
        match (route.body, list) {
            (Body::List(member), None) => {
                Err(Problem::new(Code::MissingParameter, format!("`{member}` (a list) is missing")).about(member))
            }
            (_, list) => Ok(list.unwrap_or_default()),
        }
    }

    /// Reads the members of a form; those that the route does not know are ignored.
    pub(super) fn add_form(&mut self, body: &[u8], route: &Route) -> Result<(), Problem> {
        let text = std::str::from_utf8(body).map_err(|_| Problem::new(Code::InvalidBody, "the form is not UTF-8"))?;
        for pair in text.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if route.params.iter().any(|known| known.name == name) {
                self.put(&name, decode(value)?, route)?;
            }
        }
        Ok(())
    }

    pub(super) fn put(&mut self, name: &str, value: String, route: &Route) -> Result<(), Problem> {
        if self.known.iter().any(|(n, _)| *n == name) || self.others.iter().any(|(n, _)| n == name) {
            return Err(Problem::new(Code::RepeatedParameter, format!("`{name}` stands more than once")).about(name));
        }
        match route.params.iter().find(|p| p.name == name) {
            Some(known) => self.known.push((known.name, value)),
            None if route.open => self.others.push((name.to_owned(), value)),
            None => return Err(unknown(name, route)),
        }
        Ok(())
    }

    /// The text of `name`; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.known.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The text of `name`, owned.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Read by `read`; `what` says what would do.
    pub(super) fn read<T>(
        &self,
        name: &str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| read(text).ok_or_else(|| invalid(name, what))).transpose()
    }

    /// A list by commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        self.text(name).map(|text| text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect())
    }

    /// Numbers by commas, exactly `N`.
    pub(super) fn numbers<const N: usize>(&self, name: &str, what: &str) -> Result<Option<[f64; N]>, Problem> {
        self.read(name, what, |text| {
            let all: Vec<f64> = text.split(',').map(|t| t.trim().parse().ok()).collect::<Option<_>>()?;
            let fixed: [f64; N] = all.try_into().ok()?;
            fixed.iter().all(|n| n.is_finite()).then_some(fixed)
        })
    }

    /// A yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        let read = self.read(name, "must be true or false", |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })?;
        Ok(read.unwrap_or(false))
    }

    /// `limit`.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        let read = self.read("limit", "must be a whole number from 1 to 1000", |text| {
            text.parse::<usize>().ok().filter(|n| (1..=1_000).contains(n))
        })?;
        Ok(read.unwrap_or(100))
    }

    /// `filter` in the language that `filter-lang` names, as CQL2 text.
    pub(super) fn filter(&self) -> Result<Option<String>, Problem> {
        self.filter_in(Crs::Crs84)
    }

    /// `filter` in CQL2 text, its geometries given in a system.
    pub(super) fn filter_in(&self, crs: Crs) -> Result<Option<String>, Problem> {
        let lang = self.read("filter-lang", "must be cql2-text or cql2-json", |t| {
            FILTER_LANGS.contains(&t).then_some(t == "cql2-json")
        })?;
        let Some(filter) = self.text("filter") else { return Ok(None) };
        let wrong = |error: FilterError| Problem::new(Code::InvalidFilter, error.to_string()).about("filter");
        if lang == Some(true) {
            let json =
                if crs == Crs::Crs84 { Cow::Borrowed(filter) } else { Cow::Owned(crs.filter_from_json(filter)?) };
            return json_to_text(&json).map(Some).map_err(wrong);
        }
        if crs == Crs::Crs84 {
            return Ok(Some(filter.to_owned()));
        }
        convert_coordinates(filter, &|pair| crs.lon_lat(pair)).map(Some).map_err(wrong)
    }

    /// `valid-at` and `known-at`.
    pub(super) fn times(&self) -> Result<AskTimes, Problem> {
        Ok(AskTimes {
            valid_at: self.read("valid-at", "must be a date YYYY-MM-DD", Day::parse)?,
            known_at: self.read("known-at", "must be a date or an RFC 3339 instant", Instant::parse)?,
        })
    }

    /// `fields` and `labels`.
    pub(super) fn shown(&self) -> Result<Shown, Problem> {
        Ok(Shown { fields: self.list("fields"), labels: self.labels()? })
    }

    /// `labels`.
    pub(super) fn labels(&self) -> Result<Option<Language>, Problem> {
        self.read("labels", "must be zh or en", |text| match text {
            "zh" => Some(Language::Zh),
            "en" => Some(Language::En),
            _ => None,
        })
    }
}

impl Input<'_> {
    /// A part of the path.
    pub(super) fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// The dataset that the path names.
    pub(super) fn dataset(&self) -> Result<DatasetName, Problem> {
        let text = format!("{}/{}", self.part("database"), self.part("dataset"));
        text.parse().map_err(|_| Problem::new(Code::NotFound, "there is no such dataset"))
    }

    /// The list member's items as named texts: numbers and booleans count as their text.
    pub(super) fn items(&self, member: &str, items_max: usize) -> Result<Vec<Vec<(String, String)>>, Problem> {
        if self.list.len() > items_max {
            let detail = format!("`{member}` has {} items; at most {items_max} are taken", self.list.len());
            return Err(Problem::new(Code::InvalidParameter, detail).about(member));
        }
        self.list
            .iter()
            .map(|item| {
                let object = item.as_object().ok_or_else(|| invalid(member, "holds an item that is not an object"))?;
                object
                    .iter()
                    .map(|(name, value)| match value {
                        Value::String(text) => Ok((name.clone(), text.clone())),
                        Value::Number(n) => Ok((name.clone(), n.to_string())),
                        Value::Bool(b) => Ok((name.clone(), b.to_string())),
                        _ => Err(invalid(member, "holds a member that is not text, number or boolean")),
                    })
                    .collect()
            })
            .collect()
    }
}

/// A wrong value. The value itself is not repeated: it may be personal.
pub(super) fn invalid(name: &str, what: &str) -> Problem {
    Problem::new(Code::InvalidParameter, format!("`{name}` {what}")).about(name)
}

fn unknown(name: &str, route: &Route) -> Problem {
    let known: Vec<_> = route.params.iter().map(|p| p.name).collect();
    let detail = if known.is_empty() {
        format!("`{name}` is not taken here; this path takes no parameters")
    } else {
        format!("`{name}` is not taken here; known are {}", known.join(", "))
    };
    Problem::new(Code::UnknownParameter, detail).about(name)
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Problem::new(Code::InvalidParameter, "the query is not UTF-8"))
}

/// A body member as the text its query parameter would have; `None` for null.
fn member_text(name: &str, value: Value) -> Result<Option<String>, Problem> {
    Ok(match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::Array(items) => {
            let texts = items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Ok(text),
                    Value::Number(n) => Ok(n.to_string()),
                    _ => Err(invalid(name, "holds something other than texts and numbers")),
                })
                .collect::<Result<Vec<_>, _>>()?;
            Some(texts.join(","))
        }
        object @ Value::Object(_) => Some(object.to_string()),
    })
}
