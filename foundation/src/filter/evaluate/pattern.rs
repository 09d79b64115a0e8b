//! `LIKE` patterns: `%` any run, `_` one character, `\` takes the next as it is.

/// A pattern, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    casei: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Run,
    One,
    Same(char),
}

impl Pattern {
    /// Compiles `pattern`; with `casei` letter case is ignored.
    pub(super) fn new(pattern: &str, casei: bool) -> Self {
        let folded = if casei { pattern.to_lowercase() } else { pattern.to_owned() };
        let mut parts = Vec::with_capacity(folded.len());
        let mut rest = folded.chars();
        while let Some(c) = rest.next() {
            let part = match c {
                '%' => Part::Run,
                '_' => Part::One,
                '\\' => Part::Same(rest.next().unwrap_or('\\')),
                c => Part::Same(c),
            };
            // Runs in a row are one.
            if part != Part::Run || parts.last() != Some(&Part::Run) {
                parts.push(part);
            }
        }
        Self { parts, casei }
    }

    /// Whether `text` fits. Cost: at most length of text × length of pattern; in one pass without runs.
    pub(super) fn fits(&self, text: &str) -> bool {
        if self.casei { self.fits_folded(&text.to_lowercase()) } else { self.fits_folded(text) }
    }

    fn fits_folded(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut at = 0;
        // Where to go on after the last run: the part after it, and the text it has not swallowed yet.
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.parts.get(at), rest.next()) {
                (Some(Part::Run), _) => {
                    at += 1;
                    rest = before.clone();
                    again = Some((at, before));
                }
                (Some(Part::One), Some(_)) => at += 1,
                (Some(Part::Same(wanted)), Some(c)) if *wanted == c => at += 1,
                (None, None) => return true,
                // The text is at its end and more is wanted: no longer run can help.
                (Some(_), None) => return false,
                _ => match &mut again {
                    None => return false,
                    Some((after, left)) => {
                        left.next();
                        at = *after;
                        rest = left.clone();
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Straight from the definition.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['%', rest @ ..] => (0..=text.len()).any(|n| naive(rest, &text[n..])),
            ['_', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            ['\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn fits_as_defined(pattern in "[ab%_]{0,7}", text in "[ab]{0,8}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(Pattern::new(&pattern, false).fits(&text), naive(&p, &t), "{} {}", pattern, text);
        }
    }

    #[test]
    fn escapes_and_case() {
        assert!(Pattern::new(r"100\%", false).fits("100%") && !Pattern::new(r"100\%", false).fits("1000"));
        assert!(Pattern::new("DU%", true).fits("du fu") && !Pattern::new("DU%", false).fits("du fu"));
        assert!(Pattern::new("杜_", false).fits("杜甫") && !Pattern::new("杜_", false).fits("杜"));
        let slow = format!("{}b", "%a".repeat(400));
        assert!(!Pattern::new(&slow, false).fits(&"a".repeat(20_000)));
    }
}
