//! How text becomes terms: the same steps for documents and for what is asked.
//!
//! normalise (`normalise.rs`, character by character) → runs of Han, words of letters and digits → terms (`terms.rs`).
//! A Han run gives its characters and its bigrams with true positions; a word gives itself. Dictionary words are found
//! on the side of the question only (`words.rs`): the index holds no term for them, so documents need no segmentation. So are
//! the characters that a word in pinyin can stand for (`pinyin.rs`) and the other forms of an English word (`inflected.rs`).

mod inflected;
mod normalise;
mod pinyin;
mod terms;
mod words;

pub(super) use inflected::forms;
pub(super) use normalise::{Class, class, normalise, normalised};
pub(super) use pinyin::{Syllable, readings};
pub(super) use terms::{Grams, RunTokenizer};
pub(super) use words::{Part, Word, words};

/// Raised whenever the same text would give other terms; a generation of another version is rebuilt.
pub(super) const ANALYSIS_VERSION: u32 = 1;

/// Longest word of letters and digits, in characters; the rest of a longer one is cut off, in documents and questions.
pub(super) const WORD_CHARS_MAX: usize = 48;
