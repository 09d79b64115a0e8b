//! Addresses of the portal's pages, and reading their parameters strictly.

use foundation::dataset::DatasetName;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::ask::Language;

/// What is kept as it is in a path segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\');

/// What is kept as it is in a value of a query: RFC 3986's unreserved characters, so that a cursor stays as it is.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A record's page.
pub(super) fn record(dataset: &str, id: &str, rest: &[(&str, &str)]) -> String {
    format!("/datasets/{dataset}/records/{}{}", utf8_percent_encode(id, SEGMENT), query(rest))
}

/// A path segment.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A dataset's page.
pub(super) fn dataset(name: &DatasetName, language: Language) -> String {
    format!("/datasets/{name}{}", query(&[("lang", code(language))]))
}

/// `?a=b&c=d`; pairs with an empty value are left out.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, VALUE));
    }
    out
}

/// Longest address to go on to, bytes.
const ONWARD_BYTES_MAX: usize = 1_024;
/// First segments of the pages that one goes on to.
const PAGES: [&str; 8] = ["", "search", "datasets", "lookup", "accesses", "about", "sharing", "entries"];

/// The address to go on to, if it is one of this site's pages and nothing that a browser could take for another site's.
pub(super) fn onward(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/').filter(|_| text.len() <= ONWARD_BYTES_MAX)?;
    let first = rest.split(['/', '?']).next()?;
    // A second slash at the front is another host; a backslash is a slash to browsers.
    let sound = PAGES.contains(&first) && !rest.starts_with('/');
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\\\"<>#;".contains(&b));
    (sound && plain).then_some(text)
}

/// Reads `a=b&c=d` (a query string or a form).
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// `zh` or `en`.
pub(super) fn code(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh",
        Language::En => "en",
    }
}

/// The language asked for: the parameter `lang`, else the first of `Accept-Language` that is one of the two, else Chinese.
pub(super) fn language(asked: Option<&str>, accepted: Option<&str>) -> Language {
    let known = |tag: &str| match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("zh") => Some(Language::Zh),
        Some("en") => Some(Language::En),
        _ => None,
    };
    asked.and_then(known).or_else(|| accepted?.split(',').find_map(|tag| known(tag.trim()))).unwrap_or(Language::Zh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_the_way_there_and_back() {
        let address = query(&[("q", "杜甫 & 李白"), ("none", ""), ("where", "genre:五言=a")]);
        let read = pairs(address.trim_start_matches('?'));
        assert_eq!(read, [("q".into(), "杜甫 & 李白".into()), ("where".into(), "genre:五言=a".into())]);
    }

    #[test]
    fn one_goes_on_to_pages_of_this_site_alone() {
        for page in ["/", "/accesses", "/accesses?lang=en", "/datasets/culture/works/records/a%2Fb?x=1", "/?lang=zh"] {
            assert_eq!(onward(page), Some(page));
        }
        for other in [
            "",
            "accesses",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\evil.example",
            "/\tevil.example",
            "/ /evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/sign-out",
            "/api/v1/datasets",
            "/%2f/evil.example",
            "/accesses#x",
            "/accesses\r\nSet-Cookie: a=b",
            "/accesses; url=//evil.example",
        ] {
            assert_eq!(onward(other), None, "{other}");
        }
        let long = format!("/search?q={}", "a".repeat(ONWARD_BYTES_MAX));
        assert_eq!(onward(&long), None);
    }

    #[test]
    fn the_language_is_the_one_asked_for() {
        assert_eq!(language(Some("en"), Some("zh-CN")), Language::En);
        assert_eq!(language(None, Some("fr, en-GB;q=0.8")), Language::En);
        assert_eq!(language(None, None), Language::Zh);
    }

    #[test]
    fn ids_are_kept_readable_in_paths() {
        assert_eq!(record("culture/works", "a~b/c", &[]), "/datasets/culture/works/records/a~b%2Fc");
    }
}
