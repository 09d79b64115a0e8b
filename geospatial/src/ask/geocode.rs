//! Gazetteer: a written address or a name → where it is, how surely, and its parts.

use foundation::dataset::DatasetName;
use foundation::filter::{Comparison, Filter};
use foundation::service::{BaseDatabase, ErrorKind, Hit, Scope, SearchAsk, ServiceError, Times};
use foundation::value::{Shape, Value};
use geo::InteriorPoint;

use super::address::{Level, parts};
use crate::rules::division as field;

/// Hits that are looked at for the one that is meant.
const LOOKED_AT: usize = 10;
/// Longest text, characters.
pub const TEXT_MAX: usize = 200;

/// What the caller may read.
pub struct Permits {
    /// Divisions.
    pub divisions: Vec<Scope>,
    /// Standard addresses; empty = none.
    pub addresses: Vec<Scope>,
    /// Places; empty = none.
    pub places: Vec<Scope>,
}

/// Where a text is.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The part of the text's characters that what was found explains, 0 to 1.
    pub score: f64,
    /// How exact: the level of the smallest thing that was found.
    pub level: &'static str,
    /// Longitude and latitude; inside the area for a division.
    pub at: (f64, f64),
    /// The record found.
    pub dataset: DatasetName,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Code of the division it lies in, as far as it is known.
    pub division: Option<String>,
}

/// A text's parts, and where it is if that was found.
pub type Answer = (Vec<(Level, String)>, Option<Located>);

/// Locates a text.
///
/// The standard address is sought first, then the place, then the smallest division named.
/// Cost: at most three searches.
/// # Errors
/// Those of the search.
pub async fn geocode(
    database: &dyn BaseDatabase,
    text: &str,
    times: Times,
    permits: &Permits,
) -> Result<Answer, ServiceError> {
    let search = Search { database, times };
    let parts = parts(text);
    let total = parts.iter().map(|(_, part)| part.chars().count()).sum::<usize>();
    if total == 0 {
        return Ok((parts, None));
    }
    // A name before other parts is a division's without its ending: 成都 红星路93号.
    let leading = usize::from(parts.len() > 1 && parts.first().is_some_and(|(level, _)| *level == Level::Site));
    let is_division = |(at, (level, _)): &(usize, &(Level, String))| level.is_division() || *at < leading;
    let divisions: Vec<&str> =
        parts.iter().enumerate().filter(is_division).map(|(_, (_, part))| part.as_str()).collect();
    let division = search.division(&divisions, &permits.divisions).await?;
    let rest: Vec<&(Level, String)> =
        parts.iter().enumerate().filter(|part| !is_division(part)).map(|(_, part)| part).collect();
    let explained = if division.is_some() { divisions.iter().map(|part| part.chars().count()).sum() } else { 0 };
    let mut found = None;
    if rest.iter().any(|(level, _)| matches!(level, Level::Road | Level::Door)) {
        found = search.address(text, &rest, explained, total, &permits.addresses).await?;
    }
    if let [(Level::Site, name)] = parts.as_slice() {
        // A bare name is a division's without its ending before it is a place's: 成都, 武侯.
        let hit = search.division(&[name], &permits.divisions).await?;
        found = hit.and_then(|hit| located(&hit, level_of(&hit), total, total));
    }
    let site = rest.iter().find(|(level, _)| *level == Level::Site).map(|(_, name)| name.as_str());
    if let (None, Some(name)) = (&found, site) {
        found = search.place(name, division.as_ref(), explained, total, &permits.places).await?;
    }
    if found.is_none() {
        found = division.as_ref().and_then(|hit| located(hit, level_of(hit), explained, total));
    }
    Ok((parts, found))
}

struct Search<'a> {
    database: &'a dyn BaseDatabase,
    times: Times,
}

impl Search<'_> {
    async fn hits(
        &self,
        table: &str,
        q: &str,
        scopes: &[Scope],
        filter: Option<Filter>,
    ) -> Result<Vec<Hit>, ServiceError> {
        if scopes.is_empty() {
            return Ok(Vec::new());
        }
        let dataset =
            format!("geospatial/{table}").parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
        let ask = SearchAsk {
            q: Some(q.to_owned()),
            filter,
            counts_allowed: false,
            ..SearchAsk::of(dataset, self.times, scopes.to_vec(), LOOKED_AT)
        };
        Ok(self.database.search(ask).await?.hits)
    }

    /// The smallest division of those named that lies in the others.
    async fn division(&self, named: &[&str], scopes: &[Scope]) -> Result<Option<Hit>, ServiceError> {
        let statistics =
            Filter::Compare { field: field::SYSTEM, op: Comparison::NotEqual, value: Value::Code("nbs".to_owned()) };
        // The last names are left out until the rest is found: a village may not be in the register.
        for count in (1..=named.len()).rev() {
            let Some((last, before)) = named.get(..count).and_then(<[_]>::split_last) else { break };
            let q = format!("{} {last}", before.join(" "));
            let hits = self.hits("divisions", q.trim(), scopes, Some(statistics.clone())).await?;
            let best = hits.into_iter().filter(|hit| is_named(hit, last)).min_by_key(|hit| {
                // The larger of two of one name, unless a larger one was named before.
                (level_number(hit), hit.record.id.clone())
            });
            if best.is_some() {
                return Ok(best);
            }
        }
        Ok(None)
    }

    async fn address(
        &self,
        text: &str,
        rest: &[&(Level, String)],
        explained: usize,
        total: usize,
        scopes: &[Scope],
    ) -> Result<Option<Located>, ServiceError> {
        let part = |wanted: Level| rest.iter().find(|(level, _)| *level == wanted).map(|(_, part)| part.as_str());
        let asked: String = rest.iter().map(|(_, part)| part.as_str()).collect::<Vec<_>>().join(" ");
        for hit in self.hits("addresses", &asked, scopes, None).await? {
            let standard = hit.title.clone();
            if standard == text {
                return Ok(located(&hit, "door", total, total));
            }
            let holds = |part: Option<&str>| part.is_none_or(|part| standard.contains(part));
            if holds(part(Level::Road)) && holds(part(Level::Door)) {
                let more: usize = rest
                    .iter()
                    .filter(|(_, part)| standard.contains(part.as_str()))
                    .map(|(_, p)| p.chars().count())
                    .sum();
                let level = if part(Level::Door).is_some() { "door" } else { "road" };
                return Ok(located(&hit, level, explained + more, total));
            }
        }
        Ok(None)
    }

    async fn place(
        &self,
        name: &str,
        division: Option<&Hit>,
        explained: usize,
        total: usize,
        scopes: &[Scope],
    ) -> Result<Option<Located>, ServiceError> {
        let inside = division.map(|hit| own_code(hit).trim_end_matches("00").to_owned());
        let mut hits = self.hits("places", name, scopes, None).await?;
        if let Some(inside) = &inside {
            hits.retain(|hit| division_of(hit).is_none_or(|code| code.starts_with(inside.as_str())));
        }
        let exact = hits.iter().find(|hit| hit.title == name);
        let Some(hit) = exact.or(hits.first()) else { return Ok(None) };
        let length = name.chars().count();
        let same = if exact.is_some() { length } else { length / 2 };
        Ok(located(hit, "place", explained + same, total))
    }
}

/// Whether a division has this name, or has it but for the ending.
fn is_named(hit: &Hit, name: &str) -> bool {
    let Some(Value::Text(own)) = hit.record.fields.get(field::NAME) else { return false };
    let ending = |c: char| matches!(c, '省' | '市' | '县' | '区' | '旗' | '盟' | '镇' | '乡' | '村');
    own == name || own.strip_suffix(ending).is_some_and(|bare| bare == name)
}

fn located(hit: &Hit, level: &'static str, explained: usize, total: usize) -> Option<Located> {
    let at = inner_point(hit.geometry.as_ref()?)?;
    #[expect(clippy::cast_precision_loss, reason = "at most a few hundred characters")]
    let score = (explained.min(total) as f64 / total.max(1) as f64 * 100.0).round() / 100.0;
    Some(Located {
        score,
        level,
        at,
        dataset: hit.record.dataset.clone(),
        id: hit.record.id.clone(),
        title: hit.title.clone(),
        division: division_of(hit).or_else(|| (hit.record.dataset.table() == "divisions").then(|| own_code(hit))),
    })
}

fn inner_point(shape: &Shape) -> Option<(f64, f64)> {
    shape.as_point().or_else(|| shape.to_geo().interior_point().map(|point| (point.x(), point.y())))
}

/// The division code that a place or an address gives.
fn division_of(hit: &Hit) -> Option<String> {
    let number = match hit.record.dataset.table() {
        "places" => field::OF_PLACE,
        "addresses" => field::OF_ADDRESS,
        _ => return None,
    };
    match hit.record.fields.get(number) {
        Some(Value::Code(code)) => Some(code.clone()),
        _ => None,
    }
}

fn own_code(hit: &Hit) -> String {
    match hit.record.fields.get(field::CODE) {
        Some(Value::Text(code) | Value::Code(code)) => code.clone(),
        _ => String::new(),
    }
}

fn level_number(hit: &Hit) -> String {
    match hit.record.fields.get(field::LEVEL) {
        Some(Value::Code(code)) => code.clone(),
        _ => String::new(),
    }
}

fn level_of(hit: &Hit) -> &'static str {
    match level_number(hit).as_str() {
        "0" => "country",
        "1" => "province",
        "2" => "city",
        "3" => "county",
        "4" => "township",
        "5" => "village",
        _ => "division",
    }
}
