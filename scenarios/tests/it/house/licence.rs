//! Whether a licence expression can be met with a list of allowed licences.

/// SPDX `OR`, `AND`, parentheses, and the older `/` for `OR`.
pub(crate) fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "_WITH_");
    let words: Vec<String> = spaced.split_whitespace().map(|w| w.replace("_WITH_", " WITH ")).collect();
    let mut at = 0;
    any(&words, &mut at, allowed)
}

fn any(words: &[String], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at).is_some_and(|w| w == "OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[String], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at).is_some_and(|w| w == "AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[String], at: &mut usize, allowed: &[&str]) -> bool {
    let word = words[*at].as_str();
    *at += 1;
    if word == "(" {
        let met = any(words, at, allowed);
        *at += 1;
        return met;
    }
    allowed.contains(&word)
}

#[test]
fn expressions_are_read_as_spdx_says() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
    assert!(is_met("MIT", &allowed));
    assert!(is_met("GPL-3.0 OR MIT", &allowed));
    assert!(is_met("Unlicense/MIT", &allowed));
    assert!(is_met("ISC AND (GPL-3.0 OR MIT)", &allowed));
    assert!(is_met("Apache-2.0 WITH LLVM-exception", &allowed));
    assert!(!is_met("GPL-3.0", &allowed));
    assert!(!is_met("MIT AND GPL-3.0", &allowed));
}
