//! The token stream of documents: characters, bigrams and words with their true positions.

use std::str::Chars;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{Class, WORD_CHARS_MAX, class, normalise};

/// Which terms of a text a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::index) enum Grams {
    /// Single Han characters only.
    Characters,
    /// Bigrams and words.
    Pairs,
    /// All of them (names).
    Both,
}

/// Makes [`RunStream`]s.
#[derive(Debug, Clone)]
pub(in crate::index) struct RunTokenizer {
    grams: Grams,
    token: Token,
}

impl RunTokenizer {
    /// A tokenizer for fields that hold `grams`.
    pub(in crate::index) fn new(grams: Grams) -> Self {
        Self { grams, token: Token::default() }
    }
}

impl Tokenizer for RunTokenizer {
    type TokenStream<'a> = RunStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> RunStream<'a> {
        self.token.reset();
        RunStream {
            grams: self.grams,
            chars: text.chars(),
            length: text.len(),
            position: 0,
            previous: None,
            held: None,
            token: &mut self.token,
        }
    }
}

/// The terms of one text, in order. Position = number of the Han character or word in the text; a bigram has that of
/// its first character.
pub(in crate::index) struct RunStream<'a> {
    grams: Grams,
    chars: Chars<'a>,
    length: usize,
    position: usize,
    /// The Han character just before, at `position - 1`.
    previous: Option<char>,
    /// A bigram to be given next.
    held: Option<(char, char)>,
    token: &'a mut Token,
}

impl RunStream<'_> {
    fn give(&mut self, position: usize, from: usize) {
        self.token.position = position;
        self.token.offset_from = from;
        self.token.offset_to = self.length - self.chars.as_str().len();
    }
}

impl TokenStream for RunStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some((first, second)) = self.held.take() {
            self.token.text.clear();
            self.token.text.push(first);
            self.token.text.push(second);
            let from = self.token.offset_from;
            self.give(self.position.saturating_sub(2), from);
            return true;
        }
        loop {
            let from = self.length - self.chars.as_str().len();
            let Some(c) = self.chars.next().map(normalise) else { return false };
            match class(c) {
                Class::Gap => self.previous = None,
                Class::Han => {
                    let pair = self.previous.replace(c).map(|first| (first, c));
                    let position = self.position;
                    self.position += 1;
                    match (self.grams, pair) {
                        (Grams::Characters, _) | (Grams::Both, None) => {}
                        (Grams::Pairs, None) => continue,
                        (Grams::Pairs, Some((first, second))) => {
                            self.token.text.clear();
                            self.token.text.push(first);
                            self.token.text.push(second);
                            self.give(position - 1, from);
                            return true;
                        }
                        (Grams::Both, pair) => self.held = pair,
                    }
                    self.token.text.clear();
                    self.token.text.push(c);
                    self.give(position, from);
                    return true;
                }
                Class::Letter => {
                    self.previous = None;
                    self.token.text.clear();
                    self.token.text.push(c);
                    let mut length = 1;
                    loop {
                        let rest = self.chars.clone();
                        match self.chars.next().map(normalise) {
                            Some(next) if class(next) == Class::Letter => {
                                length += 1;
                                if length <= WORD_CHARS_MAX {
                                    self.token.text.push(next);
                                }
                            }
                            _ => {
                                self.chars = rest;
                                break;
                            }
                        }
                    }
                    let position = self.position;
                    self.position += 1;
                    if self.grams == Grams::Characters {
                        continue;
                    }
                    self.give(position, from);
                    return true;
                }
            }
        }
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(grams: Grams, text: &str) -> Vec<(String, usize)> {
        let mut tokenizer = RunTokenizer::new(grams);
        let mut stream = tokenizer.token_stream(text);
        let mut all = Vec::new();
        while stream.advance() {
            all.push((stream.token().text.clone(), stream.token().position));
        }
        all
    }

    #[test]
    fn a_run_gives_characters_and_pairs_at_their_places() {
        let named = |list: &[(&str, usize)]| list.iter().map(|(t, p)| ((*t).to_owned(), *p)).collect::<Vec<_>>();
        assert_eq!(terms(Grams::Both, "靜夜思"), named(&[("静", 0), ("夜", 1), ("静夜", 0), ("思", 2), ("夜思", 1)]));
        assert_eq!(
            terms(Grams::Pairs, "床前明月光，A3号"),
            named(&[("床前", 0), ("前明", 1), ("明月", 2), ("月光", 3), ("a3", 5)])
        );
        assert_eq!(terms(Grams::Characters, "李 b白"), named(&[("李", 0), ("白", 2)]));
        assert_eq!(terms(Grams::Both, " ，。"), named(&[]));
    }
}
