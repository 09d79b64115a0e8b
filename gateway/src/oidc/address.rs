//! Addresses of the provider: of one form, and of one origin.

use std::net::IpAddr;

use axum::http::Uri;

/// Longest address, bytes.
const BYTES_MAX: usize = 2_048;

/// An address that may be asked: https, or http on this machine. Without user, without fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    text: String,
    origin: String,
    host: String,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        if text.len() > BYTES_MAX {
            return Err("an address is longer than 2,048 bytes");
        }
        // `Uri` drops what follows the sign.
        if text.contains('#') {
            return Err("an address has a fragment");
        }
        let uri: Uri = text.parse().map_err(|_| "an address cannot be read")?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("an address is not whole");
        };
        if authority.as_str().contains('@') {
            return Err("an address names a user");
        }
        let host = authority.host().to_ascii_lowercase();
        let port = match (scheme, authority.port_u16()) {
            _ if host.is_empty() => return Err("an address has no host"),
            ("https", port) => port.unwrap_or(443),
            ("http", port) if is_loopback(&host) => port.unwrap_or(80),
            ("http", _) => return Err("an address is http and not on this machine"),
            _ => return Err("an address is not https"),
        };
        Ok(Self { text: text.to_owned(), origin: format!("{scheme}://{host}:{port}"), host })
    }

    /// As it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The host.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is asked over TLS.
    pub(super) fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_of_this_machine() {
        for (text, origin) in [
            ("https://id.example/realm", "https://id.example:443"),
            ("https://ID.example:8443", "https://id.example:8443"),
            ("http://127.0.0.1:9000/x?y=z", "http://127.0.0.1:9000"),
            ("http://[::1]:9000", "http://[::1]:9000"),
            ("http://localhost", "http://localhost:80"),
        ] {
            assert_eq!(Address::read(text).expect("sound").origin(), origin);
        }
        for text in [
            "http://id.example",
            "http://127.0.0.1.example",
            "http://127.0.0.1@id.example/",
            "https://user@id.example",
            "https://id.example/#x",
            "ftp://id.example",
            "file:///etc/passwd",
            "/token",
            "id.example",
            "https://",
            "",
        ] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }
}
