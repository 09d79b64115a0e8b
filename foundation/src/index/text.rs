//! What is asked in words, as a query over readable fields.
//!
//! Every word must be found in some field; inside a field a Han run is found as its consecutive bigrams (a phrase where
//! positions are kept), or, when it is long, as all of its dictionary words. Codes are found whole and by their start, names
//! by their pinyin too. What is typed is read in `question.rs`.

use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, FuzzyTermQuery, InvertedIndexRangeQuery, Occur, PhraseQuery, Query,
    TermQuery, TermSetQuery,
};
use tantivy::schema::{Field as Column, IndexRecordOption, Term};
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::analysis::{Grams, Part, RunTokenizer, Syllable, Word, forms, normalised, readings, words as words_of};
use super::mapping::{Mapped, Mapping, TextForm};
use super::question::{Clause, Fit, Sought, clauses};
use super::scoring::{OfLength, Rounded, WHOLE};
use super::spelled::SpelledQuery;
use crate::dataset::Dataset;
use crate::value::FieldType;
use crate::value::credit_code::CreditCode;

/// Shortest start of a code that finds it, characters.
const PREFIX_FROM: usize = 2;
/// What the start of a code is worth, and the whole of it.
const PREFIX_SCORE: f32 = 256.0;
const CODE_SCORE: f32 = 2_048.0;
/// What a credit code is worth that differs from what was typed by one character, where that was none.
const REPAIRED_SCORE: f32 = 128.0;
/// What a word with one wrong letter is worth, and the fewest letters of one that is looked for so.
const NEAR_SCORE: f32 = 64.0;
const NEAR_FROM: usize = 4;
/// What another form of a word is worth: less than the word as it was typed, however common that is.
const FORM_SCORE: f32 = 1.0;
/// What a name found by its pinyin is worth, and besides if it is the whole name.
const PINYIN_SCORE: f32 = 64.0;
const PINYIN_WHOLE_SCORE: f32 = 1_024.0;

/// The query of `question` over the fields in `readable`; `None` when nothing can match (no word, no field).
pub(super) fn query(
    question: &str,
    dataset: &Dataset,
    mapping: &Mapping,
    readable: &[u16],
    names_only: bool,
) -> Option<Box<dyn Query>> {
    let running = |field: &Mapped| matches!(field.text, Some(TextForm::Text { .. }));
    let fields: Vec<&Mapped> = mapping
        .fields
        .iter()
        .filter(|f| readable.binary_search(&f.number).is_ok() && is_searched(f) && !(names_only && running(f)))
        .collect();
    let asked = clauses(question);
    if fields.is_empty() || asked.is_empty() {
        return None;
    }
    let mut found: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for Clause { not, any: alternatives } in &asked {
        let alternatives: Vec<Box<dyn Query>> =
            alternatives.iter().filter_map(|sought| one(sought, dataset, &fields)).collect();
        match (alternatives.is_empty(), not) {
            (true, true) => {}
            (true, false) => return None,
            (false, true) => found.push((Occur::MustNot, any(alternatives))),
            (false, false) => found.push((Occur::Must, any(alternatives))),
        }
    }
    if found.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        found.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))));
    }
    let whole: Vec<Box<dyn Query>> = fields.iter().filter_map(|field| as_whole(question, field)).collect();
    if !whole.is_empty() {
        found.push((Occur::Should, Box::new(ConstScoreQuery::new(any(whole), WHOLE))));
    }
    Some(Box::new(BooleanQuery::new(found)))
}

/// Words that must all be found, each in some field; or in the one named, if there is a field of that name.
fn one(sought: &Sought, dataset: &Dataset, fields: &[&Mapped]) -> Option<Box<dyn Query>> {
    let named = sought.field.as_deref().and_then(|name| {
        let field = dataset.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name) || f.title.zh == name)?;
        fields.iter().find(|mapped| mapped.number == field.number)
    });
    // What looks like a field and is none is looked for as it was typed.
    let typed;
    let (words, fields) = match (&sought.field, named) {
        (None, _) => (&sought.words, fields),
        (Some(_), Some(field)) => (&sought.words, std::slice::from_ref(field)),
        (Some(name), None) => {
            let values: Vec<&str> = sought.words.iter().map(|word| word.whole.as_str()).collect();
            typed = words_of(&format!("{name}:{}", values.join(" ")));
            (&typed, fields)
        }
    };
    let each = words.iter().map(|word| {
        // Once a word, not once a field.
        let ways = match (word.parts.as_slice(), sought.fit) {
            ([Part::Letters(letters)], Fit::Whole) => readings(letters),
            _ => Vec::new(),
        };
        let found = fields.iter().flat_map(|field| {
            let mut found = in_field(word, field, sought.fit);
            if let Some(TextForm::Name { all: column }) = field.text {
                found.extend(in_pinyin(&ways, column, field.weight));
            }
            found
        });
        let anywhere: Vec<Box<dyn Query>> = found.collect();
        (!anywhere.is_empty()).then(|| any(anywhere))
    });
    each.collect::<Option<Vec<_>>>().map(all)
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

fn in_field(word: &Word, field: &Mapped, fit: Fit) -> Vec<Box<dyn Query>> {
    let mut found = Vec::new();
    if let Some(form) = field.text {
        let parts: Option<Vec<_>> = word.parts.iter().map(|part| in_text(part, form, field.weight, fit)).collect();
        if let Some(parts) = parts {
            found.push(all(parts));
        }
        if !word.cut.is_empty() {
            // Worth less than the run as a whole, which adds its own score where it is found.
            let cut = word.cut.iter().map(|run| in_text(&Part::Run(run.clone()), form, field.weight, fit));
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
        if field.kind == FieldType::CreditCode {
            let repaired = CreditCode::repairs(&word.whole).into_iter();
            let terms: Vec<Term> = repaired.map(|code| Term::from_field_text(column, code.as_str())).collect();
            if !terms.is_empty() {
                let close = Box::new(TermSetQuery::new(terms));
                found.push(Box::new(ConstScoreQuery::new(close, REPAIRED_SCORE * f32::from(field.weight))));
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

/// Names that a word spells in pinyin: every two syllables that follow each other are a bigram. A name of just these
/// characters comes first.
fn in_pinyin(ways: &[Vec<Syllable>], column: Column, weight: u8) -> Vec<Box<dyn Query>> {
    let mut found: Vec<Box<dyn Query>> = Vec::new();
    for way in ways {
        let pairs =
            || all(way.windows(2).map(|pair| Box::new(SpelledQuery::new(column, pair)) as Box<dyn Query>).collect());
        found.push(Box::new(ConstScoreQuery::new(pairs(), PINYIN_SCORE * f32::from(weight))));
        // A name of n characters has n characters and n - 1 bigrams.
        let tokens = u32::try_from(way.len() * 2 - 1).unwrap_or(u32::MAX);
        let whole = OfLength::boxed(pairs(), column, tokens);
        found.push(Box::new(ConstScoreQuery::new(whole, PINYIN_WHOLE_SCORE * f32::from(weight))));
    }
    found
}

/// Letters as they are, as a beginning, or with one letter wrong.
fn letters_in(column: Column, letters: &str, weight: u8, fit: Fit) -> Box<dyn Query> {
    let score = |query: Box<dyn Query>, score: f32| Box::new(ConstScoreQuery::new(query, score * f32::from(weight)));
    match fit {
        Fit::Start if letters.chars().count() >= PREFIX_FROM => score(starting_with(column, letters), PREFIX_SCORE),
        Fit::Near if letters.chars().count() >= NEAR_FROM => {
            let near = FuzzyTermQuery::new(Term::from_field_text(column, letters), 1, true);
            any(vec![term(column, letters, weight), score(Box::new(near), NEAR_SCORE)])
        }
        _ => term(column, letters, weight),
    }
}

/// As [`letters_in`], and in running text other forms of an English word, which are worth less. Names have no other forms.
fn letters_in_running(column: Column, letters: &str, weight: u8, fit: Fit) -> Box<dyn Query> {
    let typed = letters_in(column, letters, weight, fit);
    let forms = if fit == Fit::Whole { forms(letters) } else { Vec::new() };
    if forms.is_empty() {
        return typed;
    }
    let forms = Box::new(TermSetQuery::new(forms.iter().map(|form| Term::from_field_text(column, form))));
    any(vec![typed, Box::new(ConstScoreQuery::new(forms, FORM_SCORE * f32::from(weight)))])
}

/// A part in a text field.
fn in_text(part: &Part, form: TextForm, weight: u8, fit: Fit) -> Option<Box<dyn Query>> {
    let run = match part {
        Part::Letters(letters) => {
            return Some(match form {
                TextForm::Name { all } => letters_in(all, letters, weight, fit),
                TextForm::Text { pairs, .. } => letters_in_running(pairs, letters, weight, fit),
            });
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
