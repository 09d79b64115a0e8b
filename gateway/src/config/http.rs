//! Address, limits, timeouts.

use serde::{Deserialize, Serialize};

/// How requests are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HttpConfig {
    /// Address and port to listen on.
    pub address: String,
    /// Most requests in flight; more are answered 503.
    pub in_flight_max: usize,
    /// Seconds a request other than an import may take.
    pub timeout_s: u64,
    /// Seconds an import may take.
    pub import_timeout_s: u64,
    /// Bytes of a JSON body.
    pub body_bytes_max: usize,
    /// Bytes of an import body.
    pub import_bytes_max: u64,
    /// Seconds that requests in flight get when the server goes down.
    pub shutdown_s: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8080".into(),
            in_flight_max: 1_024,
            timeout_s: 30,
            import_timeout_s: 4 * 3_600,
            body_bytes_max: 4 << 20,
            import_bytes_max: 64 << 30,
            shutdown_s: 10,
        }
    }
}
