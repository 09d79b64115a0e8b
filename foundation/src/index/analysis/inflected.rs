//! The forms of an English word: plural, third person, past, participle. Asked for at query time, so the index holds no stems
//! and a word found as it was typed stays worth more.

/// Fewest letters of a word that has forms.
const LETTERS_FROM: usize = 4;

/// Other forms of a word in small letters; empty for what is no English word.
pub(in crate::index) fn forms(word: &str) -> Vec<String> {
    if word.len() < LETTERS_FROM || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut bases = vec![word.to_owned()];
    let mut base = |stem: &str, ending: &str| {
        if stem.len() + ending.len() >= 3 && stem.bytes().any(is_vowel) {
            bases.push(format!("{stem}{ending}"));
        }
    };
    if let Some(stem) = word.strip_suffix("ies") {
        base(stem, "y");
    } else if let Some(stem) = word.strip_suffix("es") {
        base(stem, "");
        base(stem, "e");
    } else if let Some(stem) = word.strip_suffix('s').filter(|stem| !stem.ends_with(['s', 'u', 'i'])) {
        base(stem, "");
    }
    if let Some(stem) = word.strip_suffix("ied") {
        base(stem, "y");
    }
    for ending in ["ed", "ing"] {
        if let Some(stem) = word.strip_suffix(ending) {
            base(stem, "");
            base(stem, "e");
            base(undoubled(stem), "");
        }
    }
    let mut all: Vec<String> = bases.iter().flat_map(|base| inflected(base)).chain(bases.iter().cloned()).collect();
    all.sort();
    all.dedup();
    all.retain(|form| form != word);
    all
}

fn is_vowel(b: u8) -> bool {
    matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// `runn` → `run`.
fn undoubled(stem: &str) -> &str {
    match stem.as_bytes() {
        [.., a, b] if a == b && !is_vowel(*a) => stem.get(..stem.len() - 1).unwrap_or(stem),
        _ => stem,
    }
}

fn inflected(base: &str) -> Vec<String> {
    if let Some(stem) = base.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return vec![format!("{stem}ies"), format!("{stem}ied"), format!("{base}ing")];
    }
    if let Some(stem) = base.strip_suffix('e') {
        return vec![format!("{base}s"), format!("{base}d"), format!("{stem}ing")];
    }
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|ending| base.ends_with(ending));
    let plural = if sibilant { "es" } else { "s" };
    vec![format!("{base}{plural}"), format!("{base}ed"), format!("{base}ing")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_leads_to_its_other_forms() {
        for (word, other) in [
            ("dynasties", "dynasty"),
            ("dynasty", "dynasties"),
            ("poems", "poem"),
            ("poem", "poems"),
            ("boxes", "box"),
            ("houses", "house"),
            ("running", "run"),
            ("written", "writtens"),
            ("carved", "carve"),
            ("carving", "carved"),
            ("studied", "study"),
        ] {
            assert!(forms(word).iter().any(|form| form == other), "{word}: {:?}", forms(word));
        }
        for word in ["as", "glass", "杜甫", "a3b4", "song", "Poems"] {
            assert!(!forms(word).iter().any(|form| form == "glas" || form == "poem"), "{word}: {:?}", forms(word));
        }
        assert!(forms("song").iter().all(|form| form.starts_with("song")));
    }
}
