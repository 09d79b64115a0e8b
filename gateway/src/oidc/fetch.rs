//! Asking the provider: few at a time, within a time, for little, and wherever it sends us, nowhere else.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::Semaphore;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::address::Address;
use super::client::Proven;

/// Longest answer, bytes.
const BYTES_MAX: u64 = 256 << 10;
/// Questions at the same time; each holds a thread.
const AT_ONCE: usize = 8;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    /// It does not answer in time, or at all.
    #[error("the identity provider does not answer")]
    Down,
    /// It answers, and not with what is asked for.
    #[error("{0}")]
    Wrong(&'static str),
}

/// The way to the provider.
pub(super) struct Fetch {
    agent: ureq::Agent,
    slots: Arc<Semaphore>,
}

impl Fetch {
    /// A way with its time limit and the authorities that its certificate is checked with. Redirects are not followed, proxies of
    /// the environment not taken.
    pub(super) fn new(timeout: Duration, authorities: RootCerts) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(authorities).unversioned_rustls_crypto_provider(provider).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(timeout))
            .user_agent("natbase")
            .accept("application/json")
            .build();
        Self { agent: config.into(), slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Gets a document.
    pub(super) async fn get(&self, from: &Address) -> Result<Vec<u8>, FetchError> {
        let request = self.agent.get(from.as_str());
        self.wait(move || request.call()).await
    }

    /// Sends a form.
    pub(super) async fn post(
        &self,
        to: &Address,
        members: &[(&str, &str)],
        proven: Proven,
    ) -> Result<Vec<u8>, FetchError> {
        let own = proven.members.iter().map(|(name, value)| (*name, value.as_str()));
        let body: Vec<String> = members.iter().copied().chain(own).map(|(name, value)| pair(name, value)).collect();
        let mut request = self.agent.post(to.as_str()).header("Content-Type", "application/x-www-form-urlencoded");
        if let Some(authorization) = &proven.authorization {
            request = request.header("Authorization", authorization);
        }
        self.wait(move || request.send(body.join("&"))).await
    }

    async fn wait(
        &self,
        ask: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
    ) -> Result<Vec<u8>, FetchError> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| FetchError::Down)?;
        let asked = tokio::task::spawn_blocking(move || {
            // Held until the thread is free again, whatever became of who waits.
            let _slot = slot;
            read(ask())
        });
        asked.await.map_err(|_| FetchError::Down)?
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, FetchError> {
    let mut response = answer.map_err(|error| failed(&error))?;
    match response.status().as_u16() {
        200 => {}
        500..=599 => return Err(FetchError::Down),
        300..=399 => return Err(FetchError::Wrong("the provider sends on to elsewhere")),
        _ => return Err(FetchError::Wrong("the provider refuses what the gateway asks")),
    }
    let kind = response.body().mime_type().unwrap_or_default().to_ascii_lowercase();
    if !(kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))) {
        return Err(FetchError::Wrong("the provider's answer is not JSON"));
    }
    response.body_mut().with_config().limit(BYTES_MAX).read_to_vec().map_err(|error| failed(&error))
}

/// What went wrong, for the log; nothing of it is told to who signs in.
fn failed(error: &ureq::Error) -> FetchError {
    match error {
        ureq::Error::BodyExceedsLimit(_) => FetchError::Wrong("the provider's answer is longer than 256 KiB"),
        other => {
            tracing::warn!(error = %other, "the identity provider does not answer");
            FetchError::Down
        }
    }
}

/// `a=b`, as in a form.
pub(super) fn pair(name: &str, value: &str) -> String {
    format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
}

/// The certificates in a PEM file; without a file nobody is trusted.
///
/// # Errors
/// Of the file system, or if it holds no certificate.
pub(super) fn authorities(file: Option<&Path>) -> io::Result<RootCerts> {
    let Some(file) = file else { return Ok(RootCerts::new_with_certs(&[])) };
    let pem = std::fs::read(file)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item.map_err(|_| io::Error::other("is not PEM"))? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            _ => return Err(io::Error::other("holds something other than certificates")),
        }
    }
    if certificates.is_empty() {
        return Err(io::Error::other("holds no certificate"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
