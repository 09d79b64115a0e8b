//! Answers over the rows: by id, by key, by the ordinary evaluation of filters.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use foundation::filter::{Filter, Prepared, Spatial, Truth};
use foundation::service::{
    Count, Facet, Hit, LookupItem, Near, ReadAt, RecordView, Scope, SearchAnswer, SearchAsk, ServiceError, SortTuple,
    SortValue,
};
use foundation::value::{Day, FieldType, Fields, Instant, PartialDate, Shape, Span, Value, parse};

use super::rows::{Row, key_of};
use super::{SyntheticRows, not_here};

/// Mean radius of the earth, metres.
const RADIUS_M: f64 = 6_371_008.8;
/// Values of a facet at most.
const FACET_VALUES_MAX: usize = 100;

impl SyntheticRows {
    /// A row by id.
    pub(super) fn record(&self, id: &str, scopes: &[Scope]) -> Option<RecordView> {
        self.rows.iter().find(|row| row.id == id).and_then(|row| self.view(row, scopes))
    }

    /// A row by natural key.
    pub(super) fn by_key(&self, members: &[(String, String)], scopes: &[Scope], at: ReadAt) -> LookupItem {
        let key = match self.key(members, at.valid_at) {
            Ok(key) => key,
            Err(refused) => return refused,
        };
        let same = |row: &&Row| key_of(self.dataset(), &row.fields).into_iter().eq(key.iter().cloned().map(Some));
        let found = self.rows.iter().find(same).and_then(|row| self.view(row, scopes));
        found.map_or(LookupItem::NotFound, |view| LookupItem::Found(Box::new(view)))
    }

    /// The values of a natural key, read as an ordinary look-up reads them.
    fn key(&self, members: &[(String, String)], day: Day) -> Result<Vec<Value>, LookupItem> {
        let refused = |field: &str, rule: &str, message: String| LookupItem::Refused {
            field: field.to_owned(),
            rule: rule.to_owned(),
            message,
        };
        let names = &self.dataset().natural_key;
        if let Some((name, _)) = members.iter().find(|(name, _)| !names.contains(name)) {
            let message = format!("`{name}` is no part of the natural key ({})", names.join(", "));
            return Err(refused(name, "unknown_member", message));
        }
        let one = |name: &String| {
            let given = members.iter().find(|(member, _)| member == name);
            let (Some(field), Some((_, text))) = (self.dataset().field(name), given) else {
                return Err(refused(
                    name,
                    "required",
                    format!("`{name}` is part of the natural key and must be given"),
                ));
            };
            parse::from_text(field, text, &self.lists, day)
                .map(|parsed| parsed.value)
                .map_err(|problem| refused(name, problem.rule, problem.message))
        };
        names.iter().map(one).collect()
    }

    /// Rows that a question picks, in its order.
    pub(super) fn found(&self, ask: &SearchAsk) -> Result<SearchAnswer, ServiceError> {
        if ask.by_distance {
            return not_here();
        }
        let filter = ask.filter.as_ref().map(Prepared::new);
        let within = ask.within.as_ref().map(|shape| self.touching(shape));
        let words = words(ask.q.as_deref());
        let mut hits = Vec::new();
        for row in &self.rows {
            let holds = |prepared: &Prepared| prepared.matches(&row.fields) == Truth::True;
            let fits = filter.as_ref().is_none_or(holds)
                && within.as_ref().is_none_or(|any| any.iter().any(holds))
                && ask.bbox.is_none_or(|bbox| self.shape(&row.fields).is_some_and(|shape| meets(&shape, bbox)))
                && ask.near.is_none_or(|near| self.shape(&row.fields).is_some_and(|shape| is_near(&shape, near)));
            if !fits {
                continue;
            }
            let Some(view) = self.view(row, &ask.scopes) else { continue };
            if !words.iter().all(|word| says(&view.fields, word)) {
                continue;
            }
            hits.push(self.hit(view, ask));
        }
        let descending: Vec<bool> = ask.sort.iter().map(|key| key.descending).collect();
        hits.sort_by(|a, b| order(&a.position, &b.position, &descending));
        let total = Count::of(hits.len() as u64, ask.counts_allowed);
        let facets = ask.facets.iter().map(|field| facet(*field, &hits, ask.counts_allowed)).collect();
        if let Some(after) = &ask.after {
            hits.retain(|hit| order(&hit.position, after, &descending) == Ordering::Greater);
        }
        let more = hits.len().saturating_sub(ask.skip) > ask.limit;
        let mut hits: Vec<Hit> = hits.into_iter().skip(ask.skip).take(ask.limit).collect();
        if let Some(wanted) = &ask.fields {
            for hit in &mut hits {
                narrow(&mut hit.record, wanted);
            }
        }
        Ok(SearchAnswer { hits, total, facets, more, at: self.at(ask.times), generation: 0 })
    }

    fn hit(&self, view: RecordView, ask: &SearchAsk) -> Hit {
        let sort_value = |number: u16| view.fields.get(number).and_then(sort_value);
        let values = ask.sort.iter().map(|key| sort_value(key.field)).collect();
        let position = SortTuple { score: 0, values, id: view.id.clone() };
        let named = |name: &String| view.fields.get(self.dataset().field(name)?.number).and_then(shown);
        let title = self.dataset().title_fields.iter().find_map(named).unwrap_or_else(|| view.id.clone());
        let geometry = self.shape(&view.fields);
        Hit { record: view, title, snippet: String::new(), geometry, distance: None, position }
    }

    /// The row as the scopes show it; `None` if none of them does.
    fn view(&self, row: &Row, scopes: &[Scope]) -> Option<RecordView> {
        let sees = |scope: &&Scope| {
            scope.rows.as_ref().is_none_or(|rows| Prepared::new(rows).matches(&row.fields) == Truth::True)
        };
        let seeing: Vec<&Scope> = scopes.iter().filter(sees).collect();
        if seeing.is_empty() {
            return None;
        }
        let of = |numbers: &dyn Fn(&Scope) -> &Vec<u16>| -> Fields {
            let named = seeing.iter().flat_map(|scope| numbers(scope).iter().copied());
            named.filter_map(|number| Some((number, row.fields.get(number)?.clone()))).collect()
        };
        let dataset = self.dataset();
        Some(RecordView {
            dataset: dataset.name.clone(),
            dataset_version: dataset.version,
            id: row.id.clone(),
            fields: of(&|scope| &scope.readable),
            to_mask: of(&|scope| &scope.masked),
            version: 1,
            valid: Span { from: Day::MIN, to: Day::MAX },
            recorded: Span { from: Instant(0), to: Instant::MAX },
            disputed: Vec::new(),
        })
    }

    /// The first geometry.
    fn shape(&self, fields: &Fields) -> Option<Shape> {
        let of = self.dataset().fields.iter().filter(|field| field.kind == FieldType::Geometry);
        of.filter_map(|field| fields.get(field.number)).find_map(|value| match value {
            Value::Geometry(shape) => Some(shape.clone()),
            _ => None,
        })
    }

    /// Whether any geometry shares a point with a shape.
    fn touching(&self, shape: &Shape) -> Vec<Prepared> {
        let of = self.dataset().fields.iter().filter(|field| field.kind == FieldType::Geometry);
        of.map(|field| {
            Prepared::new(&Filter::Spatial { field: field.number, op: Spatial::Intersects, shape: shape.clone() })
        })
        .collect()
    }
}

/// Keeps the fields wanted.
fn narrow(view: &mut RecordView, wanted: &[u16]) {
    for part in [&mut view.fields, &mut view.to_mask] {
        *part = part.iter().filter(|(number, _)| wanted.contains(number)).map(|(n, v)| (n, v.clone())).collect();
    }
}

/// Words looked for, in small letters.
fn words(q: Option<&str>) -> Vec<String> {
    q.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect()
}

/// Whether a text of a row holds a word.
fn says(fields: &Fields, word: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(word);
    fields.iter().any(|(_, value)| match value {
        Value::Text(text) | Value::Code(text) => holds(text),
        Value::Texts(texts) => texts.iter().any(|(_, text)| holds(text)),
        Value::List(all) => all.iter().any(|one| matches!(one, Value::Text(text) | Value::Code(text) if holds(text))),
        _ => false,
    })
}

/// As the gateway orders hits of several datasets: absent values last, whichever way.
fn order(a: &SortTuple, b: &SortTuple, descending: &[bool]) -> Ordering {
    for ((x, y), down) in a.values.iter().zip(&b.values).zip(descending) {
        let by_value = match (x, y) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(x), Some(y)) => {
                let up = x.partial_cmp(y).unwrap_or(Ordering::Equal);
                if *down { up.reverse() } else { up }
            }
        };
        if by_value != Ordering::Equal {
            return by_value;
        }
    }
    a.id.cmp(&b.id)
}

fn sort_value(value: &Value) -> Option<SortValue> {
    let date = |date: &PartialDate| SortValue::Integer(date.span().from.0);
    Some(match value {
        Value::Integer(n) => SortValue::Integer(*n),
        Value::Date(day) => date(day),
        Value::Era(era) => SortValue::Integer(era.span().from.0),
        Value::Period(period) => SortValue::Integer(period.span().from.0),
        Value::Timestamp(at) => SortValue::Integer(at.0),
        Value::Boolean(holds) => SortValue::Integer(i64::from(*holds)),
        Value::Decimal(number) | Value::Measure(number, _) => SortValue::Number(number.to_f64()),
        Value::Text(text) | Value::Code(text) | Value::Link(text) => SortValue::Text(text.clone()),
        _ => return None,
    })
}

fn facet(field: u16, hits: &[Hit], allowed: bool) -> Facet {
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for hit in hits {
        let values = match hit.record.fields.get(field) {
            Some(Value::List(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for text in values.iter().filter_map(shown) {
            *counted.entry(text).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, u64)> = counted.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(FACET_VALUES_MAX);
    Facet { field, counts: counts.into_iter().map(|(text, n)| (text, Count::of(n, allowed))).collect() }
}

/// Whether boxes share a point; one whose west is east of its east goes over the antimeridian.
fn meets(shape: &Shape, [west, south, east, north]: [f64; 4]) -> bool {
    let [w, s, e, n] = shape.bounding_box();
    let across = if west <= east { w <= east && e >= west } else { w <= east || e >= west };
    across && s <= north && n >= south
}

/// Whether a point lies within a circle.
fn is_near(shape: &Shape, near: Near) -> bool {
    let Some((lon, lat)) = shape.as_point() else { return false };
    let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
    let h = half(lat, near.lat) + lat.to_radians().cos() * near.lat.to_radians().cos() * half(lon, near.lon);
    2.0 * RADIUS_M * h.sqrt().min(1.0).asin() <= near.metres
}

/// A value as a title or a facet shows it.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => Some(text.clone()),
        Value::Texts(texts) => {
            texts.iter().find(|(tag, _)| tag == "zh").or(texts.first()).map(|(_, text)| text.clone())
        }
        Value::Integer(n) => Some(n.to_string()),
        Value::Boolean(holds) => Some(holds.to_string()),
        Value::Date(date) => Some(date.to_string()),
        Value::Period(period) => Some(period.to_string()),
        _ => None,
    }
}
