//! From hits to what the permit shows: records read from the store, judged again, titled, with a snippet.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::IndexError;
use super::analysis::{Class, Part, Word, class, normalise};
use super::document::{facet_text, for_each_text};
use crate::dataset::{Dataset, SearchUse};
use crate::filter::{Prepared, Truth};
use crate::record::read::{heads, history, into_resolved, resolved_past};
use crate::record::{Head, History, RecordKey, Version};
use crate::service::{RecordView, Scope};
use crate::store::Snapshot;
use crate::value::{Fields, Shape, Value};

/// Heads read at once.
const HEADS: usize = 1_000;
/// Characters of a snippet.
const SNIPPET_CHARS: usize = 80;
/// Characters before the first match.
const SNIPPET_BEFORE: usize = 20;
/// Most characters of a text that are looked through for a snippet.
const SNIPPET_READ: usize = 20_000;

/// A version as the store has it.
pub(super) struct Loaded {
    pub(super) id: String,
    pub(super) version: Version,
    pub(super) fields: Fields,
}

/// The versions named, in their order; `None` where the record is no more (erased). A version closed since the index
/// was committed is read from the history.
pub(super) async fn load(
    snapshot: &Arc<dyn Snapshot>,
    wanted: &[(RecordKey, u32)],
) -> Result<Vec<Option<Loaded>>, IndexError> {
    let mut all = Vec::with_capacity(wanted.len());
    for chunk in wanted.chunks(HEADS) {
        let keys: Vec<RecordKey> = chunk.iter().map(|(key, _)| key.clone()).collect();
        for ((key, number), head) in chunk.iter().zip(heads(snapshot, &keys).await?) {
            all.push(match head {
                None => None,
                Some(head) => version(snapshot, key, *number, head).await?,
            });
        }
    }
    Ok(all)
}

async fn version(
    snapshot: &Arc<dyn Snapshot>,
    key: &RecordKey,
    number: u32,
    head: Head,
) -> Result<Option<Loaded>, IndexError> {
    if head.versions.iter().any(|v| v.number == number) {
        return Ok(into_resolved(head, number).map(|(id, version, fields)| Loaded { id, version, fields }));
    }
    let superseded = history(snapshot, key).await?;
    let closed = superseded.iter().find_map(|row| match row {
        History::Version(version) if version.number == number => Some(version.clone()),
        _ => None,
    });
    Ok(closed.map(|version| Loaded { fields: resolved_past(&head, &superseded, &version), version, id: head.id }))
}

/// The permit, ready to be judged on many records.
pub(super) struct Permit<'a> {
    scopes: Vec<(&'a Scope, Option<Prepared>)>,
    /// What is shown of every record, where no scope asks for particular rows.
    always: Option<Arc<Shown>>,
}

/// Field numbers that a permit shows of a record.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) readable: BTreeSet<u16>,
    pub(super) masked: BTreeSet<u16>,
}

impl Shown {
    fn of<'s>(scopes: impl Iterator<Item = &'s Scope>) -> Option<Arc<Self>> {
        let mut any = false;
        let mut shown = Self::default();
        for scope in scopes {
            any = true;
            shown.readable.extend(scope.readable.iter().copied());
            shown.masked.extend(scope.masked.iter().copied());
        }
        let Self { readable, masked } = &mut shown;
        masked.retain(|number| !readable.contains(number));
        any.then(|| Arc::new(shown))
    }
}

impl<'a> Permit<'a> {
    /// Prepares the rows of the scopes.
    pub(super) fn new(scopes: &'a [Scope]) -> Self {
        let always = if scopes.iter().all(|scope| scope.rows.is_none()) { Shown::of(scopes.iter()) } else { None };
        Self { scopes: scopes.iter().map(|scope| (scope, scope.rows.as_ref().map(Prepared::new))).collect(), always }
    }

    /// What is shown of a record: the fields of every scope whose rows hold it. `None` = not shown at all.
    pub(super) fn shows(&self, fields: &Fields) -> Option<Arc<Shown>> {
        if let Some(always) = &self.always {
            return Some(Arc::clone(always));
        }
        let holds = |rows: &Option<Prepared>| rows.as_ref().is_none_or(|rows| rows.matches(fields) == Truth::True);
        Shown::of(self.scopes.iter().filter(|(_, rows)| holds(rows)).map(|(scope, _)| *scope))
    }
}

/// The record as the permit shows it; `wanted` narrows its fields.
pub(super) fn view(dataset: &Dataset, loaded: Loaded, shown: &Shown, wanted: Option<&[u16]>) -> RecordView {
    let Shown { readable, masked } = shown;
    let Loaded { id, version, fields: mut rest } = loaded;
    let wanted = |n: &u16| wanted.is_none_or(|wanted| wanted.contains(n));
    let mut pick = |allowed: &BTreeSet<u16>| -> Fields {
        allowed.iter().filter(|n| wanted(n)).filter_map(|n| Some((*n, rest.remove(*n)?))).collect()
    };
    RecordView {
        dataset: dataset.name.clone(),
        dataset_version: dataset.version,
        id,
        fields: pick(readable),
        to_mask: pick(masked),
        version: version.number,
        valid: version.valid,
        recorded: version.recorded,
        disputed: version.disputed.iter().copied().filter(|n| readable.contains(n)).collect(),
    }
}

/// The title: the first title field that is there and readable, else the id.
pub(super) fn title(dataset: &Dataset, loaded: &Loaded, readable: &BTreeSet<u16>) -> String {
    dataset
        .title_fields
        .iter()
        .filter_map(|name| dataset.field(name))
        .filter(|field| readable.contains(&field.number))
        .find_map(|field| text_of(loaded.fields.get(field.number)?))
        .unwrap_or_else(|| loaded.id.clone())
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::List(members) => members.iter().find_map(text_of),
        value => facet_text(value).map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty()),
    }
}

/// The first readable geometry.
pub(super) fn geometry(dataset: &Dataset, loaded: &Loaded, readable: &BTreeSet<u16>) -> Option<Shape> {
    dataset.fields.iter().filter(|f| readable.contains(&f.number)).find_map(|f| match loaded.fields.get(f.number) {
        Some(Value::Geometry(shape)) => Some(shape.clone()),
        _ => None,
    })
}

/// HTML-safe text around the first match in a readable text field, matches in `<em>`; empty if there is none.
pub(super) fn snippet(dataset: &Dataset, fields: &Fields, readable: &BTreeSet<u16>, words: &[Word]) -> String {
    let mut running: Vec<_> = dataset
        .fields
        .iter()
        .filter(|f| matches!(f.search, SearchUse::Text | SearchUse::Name) && readable.contains(&f.number))
        .collect();
    // Running text first: names stand in the title.
    running.sort_by_key(|f| f.search != SearchUse::Text);
    let mut found = String::new();
    for field in running {
        let Some(value) = fields.get(field.number) else { continue };
        let members: &[Value] = match value {
            Value::List(members) => members,
            one => std::slice::from_ref(one),
        };
        for member in members {
            for_each_text(member, |text| {
                if found.is_empty() {
                    found = highlight(text, words).unwrap_or_default();
                }
            });
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

fn highlight(text: &str, words: &[Word]) -> Option<String> {
    let chars: Vec<char> = text.chars().take(SNIPPET_READ).collect();
    let plain: Vec<char> = chars.iter().copied().map(normalise).collect();
    let mut marked = vec![false; chars.len()];
    let mut mark = |needle: &[char], whole_word: bool| -> bool {
        let mut any = false;
        for (at, window) in plain.windows(needle.len().max(1)).enumerate() {
            let bounded = |place: Option<&char>| place.is_none_or(|c| class(*c) != Class::Letter);
            let inside = whole_word
                && !(bounded(at.checked_sub(1).and_then(|p| plain.get(p))) && bounded(plain.get(at + needle.len())));
            if window == needle && !inside {
                any = true;
                marked.iter_mut().skip(at).take(needle.len()).for_each(|m| *m = true);
            }
        }
        any
    };
    for word in words {
        for part in &word.parts {
            match part {
                Part::Letters(letters) => {
                    mark(&letters.chars().collect::<Vec<_>>(), true);
                }
                Part::Run(run) => {
                    if !mark(run, false) {
                        for cut in word.cut.iter().filter(|cut| cut.len() > 1) {
                            mark(cut, false);
                        }
                    }
                }
            }
        }
    }
    let first = marked.iter().position(|m| *m)?;
    let from = first.saturating_sub(SNIPPET_BEFORE);
    let to = chars.len().min(from + SNIPPET_CHARS);
    let mut html = String::with_capacity(SNIPPET_CHARS * 4);
    if from > 0 {
        html.push('…');
    }
    let mut open = false;
    for (c, marked) in chars.iter().zip(&marked).skip(from).take(to - from) {
        if *marked != open {
            html.push_str(if open { "</em>" } else { "<em>" });
            open = *marked;
        }
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if c.is_control() => html.push(' '),
            c => html.push(*c),
        }
    }
    if open {
        html.push_str("</em>");
    }
    if to < text.chars().count() {
        html.push('…');
    }
    Some(html)
}

#[cfg(test)]
mod tests {
    use super::super::analysis::words;
    use super::*;

    #[test]
    fn matches_are_marked_in_the_script_they_stand_in() {
        let html = highlight("床前明月光，疑是地上霜。舉頭望明月", &words("举头 明月")).unwrap();
        assert_eq!(html, "床前<em>明月</em>光，疑是地上霜。<em>舉頭</em>望<em>明月</em>");
        assert_eq!(highlight("<b>a&A3</b>", &words("a3")).unwrap(), "&lt;b&gt;a&amp;<em>A3</em>&lt;/b&gt;");
        assert_eq!(highlight("abc", &words("ab")), None);
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_match() {
        let text = format!("{}月{}", "山".repeat(100), "水".repeat(100));
        let html = highlight(&text, &words("月")).unwrap();
        assert!(html.starts_with("…山") && html.ends_with("水…") && html.contains("<em>月</em>"));
        assert!(html.chars().count() < 120);
    }
}
