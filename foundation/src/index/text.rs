//! What is asked in words, as a query over readable fields.
//!
//! Every word must be found in some field; inside a field a Han run is found as its consecutive bigrams (a phrase where
//! positions are kept), or, when it is long, as all of its dictionary words. Codes are found whole and by their start.

use std::ops::Bound;

use tantivy::query::{BooleanQuery, ConstScoreQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field as Column, IndexRecordOption, Term};
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::analysis::{Grams, Part, RunTokenizer, Word, normalised, words};
use super::mapping::{Mapped, Mapping, TextForm};
use super::scoring::{OfLength, Rounded, WHOLE};

/// Shortest start of a code that finds it, characters.
const PREFIX_FROM: usize = 2;
/// What the start of a code is worth, and the whole of it.
const PREFIX_SCORE: f32 = 256.0;
const CODE_SCORE: f32 = 2_048.0;

/// The query of `question` over the fields in `readable`; `None` when nothing can match (no word, no field).
pub(super) fn query(question: &str, mapping: &Mapping, readable: &[u16]) -> Option<Box<dyn Query>> {
    let fields: Vec<&Mapped> =
        mapping.fields.iter().filter(|f| readable.binary_search(&f.number).is_ok() && is_searched(f)).collect();
    let asked = words(question);
    if fields.is_empty() || asked.is_empty() {
        return None;
    }
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for word in &asked {
        let anywhere: Vec<Box<dyn Query>> = fields.iter().flat_map(|field| in_field(word, field)).collect();
        if anywhere.is_empty() {
            return None;
        }
        clauses.push((Occur::Must, any(anywhere)));
    }
    let whole: Vec<Box<dyn Query>> = fields.iter().filter_map(|field| as_whole(question, field)).collect();
    if !whole.is_empty() {
        clauses.push((Occur::Should, Box::new(ConstScoreQuery::new(any(whole), WHOLE))));
    }
    Some(Box::new(BooleanQuery::new(clauses)))
}

fn is_searched(field: &Mapped) -> bool {
    field.text.is_some() || field.exact_search
}

fn any(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(BooleanQuery::union(queries))
        }
        None => Box::new(tantivy::query::EmptyQuery),
    }
}

fn all(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(BooleanQuery::intersection(queries))
        }
        None => Box::new(tantivy::query::EmptyQuery),
    }
}

fn in_field(word: &Word, field: &Mapped) -> Vec<Box<dyn Query>> {
    let mut found = Vec::new();
    if let Some(form) = field.text {
        let parts: Option<Vec<_>> = word.parts.iter().map(|part| in_text(part, form, field.weight)).collect();
        if let Some(parts) = parts {
            found.push(all(parts));
        }
        if !word.cut.is_empty() {
            // Worth less than the run as a whole, which adds its own score where it is found.
            let cut = word.cut.iter().map(|run| in_text(&Part::Run(run.clone()), form, field.weight));
            if let Some(cut) = cut.collect::<Option<Vec<_>>>() {
                found.push(all(cut));
            }
        }
    }
    if let (true, Some((column, as_is))) = (field.exact_search, field.term) {
        for spelling in spellings(&word.whole, as_is) {
            let exactly: Box<dyn Query> =
                Box::new(TermQuery::new(Term::from_field_text(column, &spelling), IndexRecordOption::Basic));
            found.push(Box::new(ConstScoreQuery::new(exactly, CODE_SCORE * f32::from(field.weight))));
            if spelling.chars().count() >= PREFIX_FROM {
                let starting = starting_with(column, &spelling);
                found.push(Box::new(ConstScoreQuery::new(starting, PREFIX_SCORE * f32::from(field.weight))));
            }
        }
    }
    found
}

/// How a code may have been written: as typed, upper case, lower case.
fn spellings(word: &str, as_is: bool) -> Vec<String> {
    if !as_is {
        return vec![normalised(word)];
    }
    let mut all = vec![word.to_owned(), word.to_uppercase(), word.to_lowercase()];
    all.sort();
    all.dedup();
    all
}

/// Documents with a term that starts with `start`.
pub(super) fn starting_with(column: Column, start: &str) -> Box<dyn Query> {
    let after = format!("{start}\u{10ffff}");
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(column, start)),
        Bound::Included(Term::from_field_text(column, &after)),
    ))
}

fn term(column: Column, text: &str, weight: u8) -> Box<dyn Query> {
    let query = TermQuery::new(Term::from_field_text(column, text), IndexRecordOption::WithFreqs);
    Rounded::boxed(Box::new(query), weight)
}

/// A part in a text field.
fn in_text(part: &Part, form: TextForm, weight: u8) -> Option<Box<dyn Query>> {
    let run = match part {
        Part::Letters(letters) => {
            let column = match form {
                TextForm::Name { all } => all,
                TextForm::Text { pairs, .. } => pairs,
            };
            return Some(term(column, letters, weight));
        }
        Part::Run(run) => run,
    };
    let pairs = || run.windows(2).map(|pair| pair.iter().collect::<String>());
    Some(match (form, run.len()) {
        (_, 0) => return None,
        (TextForm::Name { all } | TextForm::Text { characters: all, .. }, 1) => {
            term(all, &run.iter().collect::<String>(), weight)
        }
        (TextForm::Name { all: column }, _) => {
            let mut seen: Vec<String> = pairs().collect();
            seen.sort();
            seen.dedup();
            all(seen.iter().map(|pair| term(column, pair, weight)).collect())
        }
        (TextForm::Text { pairs: column, .. }, 2) => term(column, &run.iter().collect::<String>(), weight),
        (TextForm::Text { pairs: column, .. }, length) => {
            // Every second bigram and the last one cover the run.
            let terms = pairs()
                .enumerate()
                .filter(|(place, _)| place % 2 == 0 || *place == length - 2)
                .map(|(place, pair)| (place, Term::from_field_text(column, &pair)))
                .collect();
            Rounded::boxed(Box::new(PhraseQuery::new_with_offset(terms)), weight)
        }
    })
}

/// The question as a whole name or code.
fn as_whole(question: &str, field: &Mapped) -> Option<Box<dyn Query>> {
    if question.len() > 512 {
        return None;
    }
    if let Some(TextForm::Name { all: column }) = field.text {
        let mut tokenizer = RunTokenizer::new(Grams::Both);
        let mut stream = tokenizer.token_stream(question);
        let (mut tokens, mut terms) = (0_u32, Vec::new());
        while stream.advance() {
            tokens += 1;
            terms.push(stream.token().text.clone());
        }
        if tokens == 0 {
            return None;
        }
        terms.sort();
        terms.dedup();
        let found = terms.iter().map(|text| {
            Box::new(TermQuery::new(Term::from_field_text(column, text), IndexRecordOption::Basic)) as Box<dyn Query>
        });
        return Some(OfLength::boxed(all(found.collect()), column, tokens));
    }
    let (true, Some((column, as_is))) = (field.exact_search, field.term) else { return None };
    let spelled = spellings(question.trim(), as_is).into_iter().map(|spelling| {
        Box::new(TermQuery::new(Term::from_field_text(column, &spelling), IndexRecordOption::Basic)) as Box<dyn Query>
    });
    Some(any(spelled.collect()))
}
