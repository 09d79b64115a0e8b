//! What is asked for: words, their parts, and dictionary words inside long Han runs.

use std::sync::OnceLock;

use jieba_rs::Jieba;

use super::{Class, WORD_CHARS_MAX, class, normalise};

/// Most words of a question that count; later ones are left out.
const WORDS_MAX: usize = 16;
/// Most characters of a Han run that count.
const RUN_CHARS_MAX: usize = 64;
/// Shortest run worth cutting into dictionary words.
const CUT_FROM: usize = 4;

/// A part of a word that lies in one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) enum Part {
    /// Consecutive Han characters, normalised; at least one.
    Run(Vec<char>),
    /// Letters and digits, normalised.
    Letters(String),
}

/// A word of a question: what stands between spaces and signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) struct Word {
    /// The word as a code would be written: as typed, half width.
    pub(in crate::index) whole: String,
    /// Its parts; all must be found.
    pub(in crate::index) parts: Vec<Part>,
    /// Dictionary words of its run, when it is one long run: found instead, when the run as a whole is not.
    pub(in crate::index) cut: Vec<Vec<char>>,
}

/// Reads a question. Any text is legal; the number of words and their length are bounded.
pub(in crate::index) fn words(question: &str) -> Vec<Word> {
    question
        .split(|c: char| {
            let c = normalise(c);
            // Signs inside codes (`CN.GDP-2020`, `110~2`) keep the word together for exact fields.
            class(c) == Class::Gap && !matches!(c, '.' | '-' | '_' | '~' | '/' | ':')
        })
        .filter_map(word)
        .take(WORDS_MAX)
        .collect()
}

fn word(text: &str) -> Option<Word> {
    let whole: String = text.chars().map(half_width).take(WORD_CHARS_MAX * 2).collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut open = false;
    for c in text.chars().map(normalise).take(WORD_CHARS_MAX * 2) {
        match (class(c), parts.last_mut()) {
            (Class::Gap, _) => {
                open = false;
                continue;
            }
            (Class::Han, Some(Part::Run(run))) if open => {
                if run.len() < RUN_CHARS_MAX {
                    run.push(c);
                }
            }
            (Class::Letter, Some(Part::Letters(letters))) if open => letters.push(c),
            (Class::Han, _) => parts.push(Part::Run(vec![c])),
            (Class::Letter, _) => parts.push(Part::Letters(c.to_string())),
        }
        open = true;
    }
    for part in &mut parts {
        if let Part::Letters(letters) = part {
            *letters = letters.chars().take(WORD_CHARS_MAX).collect();
        }
    }
    let cut = match parts.as_slice() {
        [Part::Run(run)] if run.len() >= CUT_FROM => dictionary_words(run),
        _ => Vec::new(),
    };
    (!parts.is_empty()).then_some(Word { whole, parts, cut })
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Dictionary words of a run (at least two), or nothing when the dictionary knows it as one.
fn dictionary_words(run: &[char]) -> Vec<Vec<char>> {
    static DICTIONARY: OnceLock<Jieba> = OnceLock::new();
    let dictionary = DICTIONARY.get_or_init(Jieba::new);
    let text: String = run.iter().collect();
    let cut: Vec<Vec<char>> = dictionary.cut(&text, false).iter().map(|token| token.word.chars().collect()).collect();
    if cut.len() < 2 { Vec::new() } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_question_is_words_and_a_word_its_parts() {
        let read = words("杜甫　Ａ3号 91110000-X，");
        let wholes: Vec<&str> = read.iter().map(|w| w.whole.as_str()).collect();
        assert_eq!(wholes, ["杜甫", "A3号", "91110000-X"]);
        assert_eq!(read[1].parts, [Part::Letters("a3".into()), Part::Run(vec!['号'])]);
        assert_eq!(read[2].parts, [Part::Letters("91110000".into()), Part::Letters("x".into())]);
    }

    #[test]
    fn a_long_run_is_also_its_dictionary_words() {
        let cut: Vec<String> = words("成都草堂杜甫诗歌")[0].cut.iter().map(|w| w.iter().collect()).collect();
        assert!(cut.len() >= 2, "{cut:?}");
        assert_eq!(cut.concat(), "成都草堂杜甫诗歌");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,200}") {
            prop_assert!(words(&text).len() <= WORDS_MAX);
        }
    }
}
