//! Who is signed in to the portal: token and grant in cookies that scripts and other sites cannot use.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What the browser sends back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) token: Option<String>,
    pub(super) grant: Option<String>,
    pub(super) case: Option<String>,
    pub(super) officer: Option<String>,
}

const NAMES: [&str; 4] = ["natbase-token", "natbase-grant", "natbase-case", "natbase-officer"];
/// Longest token taken, in bytes: browsers keep 4 KiB a cookie.
const TOKEN_BYTES_MAX: usize = 3_500;

impl Session {
    /// Reads the portal's cookies; others are left alone.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut session = Self::default();
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        for (name, value) in pairs.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('=')) {
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            let value = Some(value).filter(|v| !v.is_empty());
            match name {
                "natbase-token" => session.token = value,
                "natbase-grant" => session.grant = value,
                "natbase-case" => session.case = value,
                "natbase-officer" => session.officer = value,
                _ => {}
            }
        }
        session
    }

    /// From the sign-in form's members; blanks are absent.
    ///
    /// # Errors
    /// If the token is too long to be kept, or holds a blank.
    pub(super) fn from_form(form: &[(String, String)]) -> Result<Self, &'static str> {
        let member = |name: &str| {
            let value = form.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned());
            value.filter(|v| !v.is_empty())
        };
        let token = member("token").map(|t| t.strip_prefix("Bearer ").map_or(t.clone(), str::to_owned));
        if token.as_ref().is_some_and(|t| t.len() > TOKEN_BYTES_MAX || t.contains(char::is_whitespace)) {
            return Err("the token is too long or holds blanks");
        }
        Ok(Self { token, grant: member("grant"), case: member("case"), officer: member("officer") })
    }

    /// The cookies that keep this session until the browser closes; absent members are cleared.
    pub(super) fn cookies(&self, secure: bool) -> Vec<HeaderValue> {
        let values = [&self.token, &self.grant, &self.case, &self.officer];
        let mut cookies = Vec::with_capacity(NAMES.len());
        for (name, value) in NAMES.iter().zip(values) {
            let kept = value.as_deref().unwrap_or_default();
            let life = if kept.is_empty() { "; Max-Age=0" } else { "" };
            let secure = if secure { "; Secure" } else { "" };
            let text = format!(
                "{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}{life}",
                utf8_percent_encode(kept, NON_ALPHANUMERIC)
            );
            cookies.extend(HeaderValue::from_str(&text));
        }
        cookies
    }

    /// What the token says, unverified: display only, nothing is decided by it.
    fn claims(&self) -> Option<serde_json::Value> {
        let payload = self.token.as_deref()?.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// Whether the token says that it is a department's: whether the head of a page names the desk of sharing.
    pub(super) fn says_department(&self) -> bool {
        self.claims().is_some_and(|claims| claims.get("department").is_some())
    }

    /// Whether the token says that it is a company's: then a request is for what is opened conditionally.
    pub(super) fn says_company(&self) -> bool {
        self.claims().is_some_and(|claims| claims.get("company").is_some())
    }

    /// The caller's name for the page's head, as the token says.
    pub(super) fn shown_as(&self) -> Option<String> {
        let claims = self.claims()?;
        let mut name = claims.get("sub")?.as_str()?.chars().take(40).collect::<String>();
        if let Some(grant) = &self.grant {
            name.push_str(" · ");
            name.extend(grant.chars().take(40));
        }
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_back_as_they_were_set() {
        let form = [("token", "aaa.bbb.ccc"), ("grant", "G-1 甲"), ("case", ""), ("officer", " 0007 ")];
        let form: Vec<(String, String)> = form.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let session = Session::from_form(&form).expect("sound");
        assert_eq!(session.officer.as_deref(), Some("0007"));
        let mut headers = HeaderMap::new();
        for cookie in session.cookies(false) {
            let text = cookie.to_str().expect("ascii");
            assert!(text.contains("HttpOnly; SameSite=Strict"));
            headers.append(header::COOKIE, text.split(';').next().expect("pair").parse().expect("header"));
        }
        assert_eq!(Session::of(&headers), session);
    }

    #[test]
    fn a_token_with_blanks_is_refused() {
        let form = [("token".to_owned(), "a b".to_owned())];
        assert!(Session::from_form(&form).is_err());
    }
}
