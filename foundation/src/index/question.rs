//! What people type, as clauses. Any text is a question: what is no operator is looked for as it stands.
//!
//! | typed | means |
//! |---|---|
//! | `杜甫 成都` | both |
//! | `"春眠 不觉晓"`, `“…”`, `「…」` | the words as they stand; in a Han run no dictionary words instead |
//! | `杜甫 OR 李白`, `杜甫 \| 李白` | one of them at least |
//! | `-成都`, `NOT 成都` | not this |
//! | `title:静夜思`, `题名：静夜思` | in this field, by name or Chinese title |
//! | `Du*` | words that begin so |
//! | `Chengdo~` | words of letters with one letter wrong |

use super::analysis::{Word, words};

/// Most words of a question that count.
const WORDS_MAX: usize = 16;

/// How the letters of a word are to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As they are, and what is meant by them: other forms, characters by their pinyin.
    Whole,
    /// As they are and no other way: in quotes.
    Exact,
    /// As a beginning.
    Start,
    /// With one letter wrong, missing or too many.
    Near,
}

/// Words that are looked for together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sought {
    /// The field they must stand in, as typed; `None` = any.
    pub(super) field: Option<String>,
    pub(super) words: Vec<Word>,
    pub(super) fit: Fit,
}

/// A condition: one of its alternatives holds, or (`not`) none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) not: bool,
    pub(super) any: Vec<Sought>,
}

/// A piece of the question: what stands between spaces, or between quotes.
struct Piece {
    text: String,
    quoted: bool,
    not: bool,
    field: Option<String>,
}

/// Reads a question; all its clauses must hold.
pub(super) fn clauses(question: &str) -> Vec<Clause> {
    let mut read: Vec<Clause> = Vec::new();
    let (mut or, mut not, mut left) = (false, false, WORDS_MAX);
    for piece in pieces(question) {
        if !piece.quoted && piece.field.is_none() && !piece.not {
            match piece.text.as_str() {
                "AND" | "&&" => continue,
                "OR" | "|" | "||" => {
                    or = !read.is_empty();
                    continue;
                }
                "NOT" => {
                    not = true;
                    continue;
                }
                _ => {}
            }
        }
        let negated = piece.not || not;
        let Some(sought) = sought(&piece, &mut left) else { continue };
        match read.last_mut().filter(|clause| or && !negated && !clause.not) {
            Some(clause) => clause.any.push(sought),
            None => read.push(Clause { not: negated, any: vec![sought] }),
        }
        (or, not) = (false, false);
    }
    read
}

/// The words to be shown where they are found.
pub(super) fn shown(question: &str) -> Vec<Word> {
    let found = clauses(question).into_iter().filter(|clause| !clause.not);
    found.flat_map(|clause| clause.any).flat_map(|sought| sought.words).collect()
}

fn sought(piece: &Piece, left: &mut usize) -> Option<Sought> {
    let (text, fit) = match (piece.quoted, piece.text.strip_suffix('*'), piece.text.strip_suffix('~')) {
        (false, Some(start), _) => (start, Fit::Start),
        (false, _, Some(near)) => (near, Fit::Near),
        (true, ..) => (piece.text.as_str(), Fit::Exact),
        _ => (piece.text.as_str(), Fit::Whole),
    };
    let mut found: Vec<Word> = words(text);
    found.truncate(*left);
    *left -= found.len();
    if piece.quoted {
        for word in &mut found {
            word.cut.clear();
        }
    }
    (!found.is_empty()).then(|| Sought { field: piece.field.clone(), words: found, fit })
}

fn pieces(question: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut rest = question.trim_start();
    while let Some(first) = rest.chars().next() {
        let not = first == '-' && rest.chars().nth(1).is_some_and(|c| !c.is_whitespace() && c != '-');
        let body = if not { rest.get(1..).unwrap_or_default() } else { rest };
        let (field, body) = field(body);
        let (text, quoted, after) = if let Some((text, after)) = quoted(body) {
            (text, true, after)
        } else {
            let (text, after) = body.split_at(body.find(char::is_whitespace).unwrap_or(body.len()));
            (text, false, after)
        };
        all.push(Piece { text: text.to_owned(), quoted, not, field });
        rest = after.trim_start();
    }
    all
}

/// The name of a field before a colon that something follows.
fn field(body: &str) -> (Option<String>, &str) {
    let end = body.find(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '「')).unwrap_or(body.len());
    let Some(colon) = body.get(..end).and_then(|word| word.find([':', '：'])) else { return (None, body) };
    let (name, value) = body.split_at(colon);
    let value = value.trim_start_matches([':', '：']);
    let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if named && !value.is_empty() && !value.starts_with(char::is_whitespace) {
        (Some(name.to_owned()), value)
    } else {
        (None, body)
    }
}

fn quoted(body: &str) -> Option<(&str, &str)> {
    let (open, close) = [('"', '"'), ('“', '”'), ('「', '」')].into_iter().find(|(open, _)| body.starts_with(*open))?;
    let inner = body.get(open.len_utf8()..)?;
    let end = inner.find(close)?;
    Some((inner.get(..end)?, inner.get(end + close.len_utf8()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A question written out again: `-` not, `/` or, `f:` field, `=` (in quotes), `*` and `~` fits.
    fn read(question: &str) -> String {
        let sought = |s: &Sought| {
            let field = s.field.as_ref().map(|f| format!("{f}:")).unwrap_or_default();
            let words: Vec<&str> = s.words.iter().map(|w| w.whole.as_str()).collect();
            let fit = ["", "=", "*", "~"][s.fit as usize];
            format!("{field}{}{fit}", words.join("+"))
        };
        let clause = |c: &Clause| {
            let any: Vec<String> = c.any.iter().map(sought).collect();
            format!("{}{}", if c.not { "-" } else { "" }, any.join("/"))
        };
        clauses(question).iter().map(clause).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn operators_are_read_and_everything_else_is_words() {
        for (question, expected) in [
            ("杜甫 成都", "杜甫 成都"),
            ("杜甫，成都", "杜甫+成都"),
            ("\"春眠 不觉晓\" 孟浩然", "春眠+不觉晓= 孟浩然"),
            ("「静夜思」", "静夜思="),
            ("杜甫 OR 李白 | 王维 成都", "杜甫/李白/王维 成都"),
            ("杜甫 -成都 NOT 草堂", "杜甫 -成都 -草堂"),
            ("title:静夜思 题名：\"夜 思\"", "title:静夜思 题名:夜+思="),
            ("-author:李白", "-author:李白"),
            ("Du* Chengdo~", "Du* Chengdo~"),
            ("10:30 http://x", "10:30 http://x"),
            ("AND OR NOT", ""),
            ("OR 杜甫", "杜甫"),
            ("杜甫 OR", "杜甫"),
            ("- -- \" ： : *", ""),
            ("\"没有完", "没有完"),
            ("or and not", "or and not"),
        ] {
            assert_eq!(read(question), expected, "{question}");
        }
    }

    proptest! {
        #[test]
        fn no_question_is_too_strange(text in "[\\PC\"“：: *~|-]{0,120}") {
            let words: usize = clauses(&text).iter().flat_map(|c| &c.any).map(|s| s.words.len()).sum();
            prop_assert!(words <= WORDS_MAX);
        }
    }
}
