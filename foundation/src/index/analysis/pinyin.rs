//! Words typed in pinyin: `lidu`, `lǐ dù`, `ld`, `chongq`.
//!
//! Nothing of it is in the index: a word is cut into syllables on the side of the question, and a syllable is the set of
//! characters that are read so; every reading of a character counts (重: chong, zhong). Readings: crate `pinyin`, from Unihan.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use pinyin::ToPinyinMulti as _;

/// Fewest and most syllables of a word that is looked for as pinyin.
const SYLLABLES: std::ops::RangeInclusive<usize> = 2..=12;
/// Most ways to cut a word.
const WAYS_MAX: usize = 8;
/// Most steps of looking for them: a name takes tens, only a word made for it takes thousands.
const STEPS_MAX: u32 = 2_000;
/// Longest syllable, letters.
const SYLLABLE_MAX: usize = 6;
/// What it costs to take letters for the start of a last syllable, and for an initial: the cheapest ways are taken.
const START_COST: u32 = 1;
const INITIAL_COST: u32 = 2;
/// Letters that syllables begin with.
const INITIALS: [&str; 26] = [
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y",
    "w", "a", "o", "e",
];

/// Characters that a syllable, or the start of one, can stand for; sorted.
pub(in crate::index) type Syllable = Arc<[char]>;

struct Table {
    by_reading: BTreeMap<String, Syllable>,
    by_initial: BTreeMap<&'static str, Syllable>,
}

/// Cost: once a process, about 20 ms.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut found: BTreeMap<String, Vec<char>> = BTreeMap::new();
        for c in ('\u{3400}'..='\u{9fff}').chain('\u{20000}'..='\u{323af}') {
            let Some(readings) = c.to_pinyin_multi() else { continue };
            for reading in readings {
                let reading = plain(reading.plain());
                // 呣 and 嗯 are read without a vowel; as syllables they would take the place of initials.
                if !reading.contains(['a', 'e', 'i', 'o', 'u', 'v']) {
                    continue;
                }
                let all = found.entry(reading).or_default();
                if all.last() != Some(&c) {
                    all.push(c);
                }
            }
        }
        let by_initial = INITIALS.into_iter().map(|initial| (initial, starting(&found, initial))).collect();
        Table { by_reading: found.into_iter().map(|(reading, all)| (reading, all.into())).collect(), by_initial }
    })
}

/// Characters with a reading that begins so.
fn starting<T: AsRef<[char]>>(found: &BTreeMap<String, T>, start: &str) -> Syllable {
    let mut all: Vec<char> = found
        .range(start.to_owned()..)
        .take_while(|(r, _)| r.starts_with(start))
        .flat_map(|(_, all)| all.as_ref().iter().copied())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// Letters without tones: marks and tone digits go, ü is v.
fn plain(word: &str) -> String {
    let letter = |c: char| match c {
        'ā' | 'á' | 'ǎ' | 'à' => Some('a'),
        'ē' | 'é' | 'ě' | 'è' | 'ê' => Some('e'),
        'ī' | 'í' | 'ǐ' | 'ì' => Some('i'),
        'ō' | 'ó' | 'ǒ' | 'ò' => Some('o'),
        'ū' | 'ú' | 'ǔ' | 'ù' => Some('u'),
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => Some('v'),
        '1'..='5' | '\'' => None,
        c => Some(c),
    };
    word.chars().filter_map(letter).collect()
}

/// The cheapest ways to read a word (normalised) as syllables; none if it cannot be one of pinyin.
pub(in crate::index) fn readings(word: &str) -> Vec<Vec<Syllable>> {
    let letters = plain(word);
    if letters.len() > SYLLABLE_MAX * *SYLLABLES.end() || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut search = Search { letters: &letters, table: table(), best: u32::MAX, ways: Vec::new(), steps: 0 };
    search.go(0, 0, &mut Vec::new());
    let initials =
        letters.char_indices().map(|(at, c)| search.table.by_initial.get(letters.get(at..at + c.len_utf8())?));
    if search.best > 0
        && SYLLABLES.contains(&letters.len())
        && let Some(each) = initials.collect::<Option<Vec<_>>>()
    {
        // 察哈尔右翼前旗 is `cheyyqq`, although `che` is a syllable.
        let each: Vec<Syllable> = each.into_iter().map(Arc::clone).collect();
        if !search.ways.contains(&each) {
            search.ways.push(each);
        }
    }
    search.ways
}

struct Search<'a> {
    letters: &'a str,
    table: &'static Table,
    best: u32,
    ways: Vec<Vec<Syllable>>,
    steps: u32,
}

impl Search<'_> {
    fn go(&mut self, at: usize, cost: u32, taken: &mut Vec<Syllable>) {
        self.steps += 1;
        if cost > self.best || taken.len() > *SYLLABLES.end() || self.steps > STEPS_MAX {
            return;
        }
        let Some(rest) = self.letters.get(at..).filter(|rest| !rest.is_empty()) else {
            if SYLLABLES.contains(&taken.len()) {
                if cost < self.best {
                    (self.best, self.ways) = (cost, Vec::new());
                }
                if self.ways.len() < WAYS_MAX {
                    self.ways.push(taken.clone());
                }
            }
            return;
        };
        let table = self.table;
        for length in (1..=rest.len().min(SYLLABLE_MAX)).rev() {
            if let Some(syllable) = rest.get(..length).and_then(|part| table.by_reading.get(part)) {
                self.step(at + length, cost, syllable, taken);
            }
        }
        let begun = if rest.len() > 1 { starting(&table.by_reading, rest) } else { Arc::from([]) };
        if !begun.is_empty() {
            self.step(self.letters.len(), cost + START_COST, &begun, taken);
        }
        if let Some((initial, syllable)) =
            INITIALS.iter().find_map(|i| rest.starts_with(i).then(|| table.by_initial.get_key_value(i)).flatten())
        {
            let cost_of = if initial.len() == rest.len() { START_COST } else { INITIAL_COST };
            self.step(at + initial.len(), cost + cost_of, syllable, taken);
        }
    }

    fn step(&mut self, to: usize, cost: u32, syllable: &Syllable, taken: &mut Vec<Syllable>) {
        taken.push(Arc::clone(syllable));
        self.go(to, cost, taken);
        taken.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether some reading of the word fits the characters.
    fn fits(word: &str, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        readings(word).iter().any(|way| {
            way.len() == name.len() && way.iter().zip(&name).all(|(syllable, c)| syllable.binary_search(c).is_ok())
        })
    }

    #[test]
    fn words_are_read_with_and_without_tones_by_initials_and_by_their_start() {
        for (word, name) in [
            ("lidu", "李杜"),
            ("lǐdù", "李杜"),
            ("li3du4", "李杜"),
            ("ld", "李杜"),
            ("chongqing", "重庆"),
            ("zhongqing", "重庆"),
            ("cq", "重庆"),
            ("chq", "重庆"),
            ("xian", "西安"),
            ("xi'an", "西安"),
            ("fangan", "方案"),
            ("lvxun", "吕逊"),
            ("lüxun", "吕逊"),
            ("chengd", "成都"),
            ("jingyesi", "静夜思"),
            ("bjs", "北京市"),
            ("shgq", "山海关区"),
            ("cheyyqq", "察哈尔右翼前旗"),
            ("sntyq", "苏尼特右旗"),
        ] {
            assert!(fits(word, name), "{word} {name}");
        }
        for (word, name) in [("lidu", "李白"), ("xian", "县"), ("cq", "北京")] {
            assert!(!fits(word, name), "{word} {name}");
        }
    }

    #[test]
    fn what_is_no_pinyin_has_no_reading() {
        for word in ["", "li", "a8b", "museum", "重庆", "v", &"li".repeat(40)] {
            assert!(readings(word).is_empty(), "{word}");
        }
    }
}
