//! CQL2 text as words, with the place of each.

use super::FilterError;

/// Most bytes of a filter.
const BYTES_MAX: usize = 1 << 20;

/// A word and where it begins, in characters from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) at: usize,
    pub(super) kind: Kind<'t>,
    /// Where it begins and ends in the text, in bytes.
    pub(super) bytes: std::ops::Range<usize>,
}

/// What a word is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    /// A name or keyword.
    Word(&'t str),
    /// A name in double quotes.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number without sign.
    Number(&'t str),
    /// `( ) , = <> < <= > >= + -` and whatever else stands alone.
    Symbol(&'t str),
    /// The end of the text.
    End,
}

/// Splits a text; the last token is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, FilterError> {
    if text.len() > BYTES_MAX {
        return Err(FilterError { at: 1, reason: format!("the filter is longer than {BYTES_MAX} bytes") });
    }
    let mut all = Vec::new();
    let mut rest = text.char_indices().enumerate().map(|(place, (byte, c))| (place + 1, byte, c)).peekable();
    while let Some((at, start, c)) = rest.next() {
        if c.is_whitespace() {
            continue;
        }
        // Takes characters while they fit; gives the byte after the last.
        let mut run = |fits: &dyn Fn(char) -> bool| {
            let mut stop = start + c.len_utf8();
            while let Some((_, byte, c)) = rest.next_if(|(_, _, c)| fits(*c)) {
                stop = byte + c.len_utf8();
            }
            stop
        };
        let (kind, stop) = match c {
            '\'' | '"' => {
                let mut inner = String::new();
                let stop = loop {
                    match rest.next() {
                        Some((_, _, q)) if q == c && rest.next_if(|(_, _, next)| *next == c).is_some() => inner.push(c),
                        Some((_, byte, q)) if q == c => break byte + c.len_utf8(),
                        Some((_, _, other)) => inner.push(other),
                        None => {
                            return Err(FilterError {
                                at,
                                reason: format!("the quotation that begins here with {c} does not end"),
                            });
                        }
                    }
                };
                (if c == '"' { Kind::Quoted(inner) } else { Kind::Text(inner) }, stop)
            }
            c if c.is_alphabetic() || c == '_' => {
                let stop = run(&|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
                (Kind::Word(text.get(start..stop).unwrap_or_default()), stop)
            }
            '0'..='9' => {
                let mut stop = run(&|c| c.is_ascii_digit() || c == '.');
                if let Some((_, byte, _)) = rest.next_if(|(_, _, c)| matches!(c, 'e' | 'E')) {
                    stop = byte + 1;
                    if let Some((_, byte, _)) = rest.next_if(|(_, _, c)| matches!(c, '+' | '-')) {
                        stop = byte + 1;
                    }
                    while let Some((_, byte, _)) = rest.next_if(|(_, _, c)| c.is_ascii_digit()) {
                        stop = byte + 1;
                    }
                }
                (Kind::Number(text.get(start..stop).unwrap_or_default()), stop)
            }
            '<' | '>' | '!' => {
                let mut stop = start + 1;
                if let Some((_, byte, _)) = rest.next_if(|(_, _, next)| *next == '=' || (c == '<' && *next == '>')) {
                    stop = byte + 1;
                }
                (Kind::Symbol(text.get(start..stop).unwrap_or_default()), stop)
            }
            c => {
                let stop = start + c.len_utf8();
                (Kind::Symbol(text.get(start..stop).unwrap_or_default()), stop)
            }
        };
        all.push(Token { at, kind, bytes: start..stop });
    }
    all.push(Token { at: text.chars().count() + 1, kind: Kind::End, bytes: text.len()..text.len() });
    Ok(all)
}

impl Token<'_> {
    /// Whether it is this keyword, in whatever letter case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self.kind, Kind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
    /// Whether it is this symbol.
    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.kind, Kind::Symbol(s) if s == symbol)
    }
    /// The word for an error message, at most 30 characters; texts in quotes are not repeated.
    pub(super) fn shown(&self) -> String {
        match &self.kind {
            Kind::Word(word) | Kind::Number(word) | Kind::Symbol(word) => {
                format!("`{}`", word.chars().take(30).collect::<String>())
            }
            Kind::Quoted(name) => format!("`\"{}\"`", name.chars().take(30).collect::<String>()),
            Kind::Text(_) => "a text in quotes".to_owned(),
            Kind::End => "the end".to_owned(),
        }
    }
}
