//! One character in, one character out, so that places in the normalised text are places in the text.

use std::collections::HashMap;
use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// What a character is to the analyser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::index) enum Class {
    /// Written without spaces between words: Han, kana, hangul.
    Han,
    /// A letter or digit of other scripts.
    Letter,
    /// Anything else.
    Gap,
}

/// What `c` (normalised) is.
pub(in crate::index) fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' | 'A'..='Z' => Class::Letter,
        c if c.is_ascii() => Class::Gap,
        '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{2e80}'..='\u{2fdf}' => Class::Han,
        c if c.is_alphanumeric() => Class::Letter,
        _ => Class::Gap,
    }
}

/// The character that stands for `c` in terms: half width, lower case, simplified.
pub(in crate::index) fn normalise(c: char) -> char {
    match c {
        c if c.is_ascii() => c.to_ascii_lowercase(),
        '\u{3000}' => ' ',
        // Full-width forms stand at a fixed distance from ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).map_or(c, |half| half.to_ascii_lowercase()),
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => simplified(c),
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

/// `text`, character by character.
pub(in crate::index) fn normalised(text: &str) -> String {
    text.chars().map(normalise).collect()
}

/// The table of single characters whose simplified form differs; read from the dictionary once.
struct Simplified {
    /// For U+3400…U+9FFF by place; 0 = the same.
    common: Vec<u32>,
    /// Beyond.
    rare: HashMap<char, char>,
}

fn simplified(c: char) -> char {
    static TABLE: OnceLock<Simplified> = OnceLock::new();
    let table = TABLE.get_or_init(read_table);
    let code = u32::from(c);
    if let Some(place) = code.checked_sub(0x3400).filter(|place| *place < 0x6c00) {
        let to = table.common.get(place as usize).copied().unwrap_or(0);
        return if to == 0 { c } else { char::from_u32(to).unwrap_or(c) };
    }
    table.rare.get(&c).copied().unwrap_or(c)
}

/// Cost: one conversion of every Han character, once a process (about 0.1 s).
fn read_table() -> Simplified {
    let mut table = Simplified { common: vec![0; 0x6c00], rare: HashMap::new() };
    let Ok(dictionary) = OpenCC::from_config(BuiltinConfig::T2s) else {
        // The dictionary is compiled in; without it text is still found as it is written.
        tracing::error!("the table of simplified characters could not be read");
        return table;
    };
    for code in (0x3400..0xa000).chain(0xf900..0xfb00).chain(0x20000..0x2ebf0) {
        let Some(c) = char::from_u32(code) else { continue };
        let mut buffer = [0_u8; 4];
        let simple = dictionary.convert(c.encode_utf8(&mut buffer));
        let mut chars = simple.chars();
        let (Some(to), None) = (chars.next(), chars.next()) else { continue };
        if to == c {
            continue;
        }
        match table.common.get_mut(code.wrapping_sub(0x3400) as usize) {
            Some(slot) if code < 0xa000 => *slot = u32::from(to),
            _ => {
                table.rare.insert(c, to);
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_script_fall_together() {
        for (text, expected) in [
            ("靜夜思", "静夜思"),
            ("ＡＢＣ１２３", "abc123"),
            ("Ürümqi", "ürümqi"),
            ("國務院", "国务院"),
            ("𠮷野家", "𠮷野家"),
        ] {
            assert_eq!(normalised(text), expected);
        }
    }

    #[test]
    fn every_character_stays_one() {
        for c in '\0'..=char::MAX {
            let _ = class(normalise(c));
        }
    }
}
