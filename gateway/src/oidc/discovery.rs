//! What the provider says of itself (OpenID Connect Discovery 1.0 section 4; RFC 8414).

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::Address;

/// The provider's addresses, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discovery {
    /// Where people are sent.
    pub(super) authorization: Address,
    /// Where codes are changed for ID tokens.
    pub(super) token: Address,
    /// Where its keys are.
    pub(super) keys: Address,
    /// Whether it names itself in what it sends back (RFC 9207).
    pub(super) names_itself: bool,
}

/// Where the document lies.
pub(super) fn place(issuer: &Address) -> Result<Address, &'static str> {
    Address::read(&format!("{}/.well-known/openid-configuration", issuer.as_str().trim_end_matches('/')))
}

/// Reads the document of `issuer`. Addresses are of the issuer's origin or of one in `origins`, whatever the document says:
/// nothing else is ever asked.
///
/// # Errors
/// The rule that is broken.
pub(super) fn read(
    bytes: &[u8],
    issuer: &Address,
    origins: &BTreeSet<String>,
    method: &str,
) -> Result<Discovery, &'static str> {
    let document = crate::json::strict(bytes).map_err(|_| "the discovery document is not JSON")?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer.as_str()) {
        return Err("the discovery document is of another issuer");
    }
    let address = |name: &str| {
        let address = Address::read(text(name).ok_or("the discovery document misses an address")?)?;
        if address.origin() == issuer.origin() || origins.contains(address.origin()) {
            Ok(address)
        } else {
            Err("the discovery document points to an origin that is not the issuer's")
        }
    };
    let lists = |name: &str, wanted: &str| {
        document.get(name).and_then(Value::as_array).map(|list| list.iter().any(|item| item.as_str() == Some(wanted)))
    };
    if lists("response_types_supported", "code") != Some(true) {
        return Err("the provider does not offer the code flow");
    }
    if lists("code_challenge_methods_supported", "S256") != Some(true) {
        return Err("the provider does not offer PKCE with S256");
    }
    // Without the list it takes `client_secret_basic` alone (Discovery 1.0 section 3).
    let takes = lists("token_endpoint_auth_methods_supported", method);
    if !takes.unwrap_or(method == "client_secret_basic") {
        return Err("the provider does not take the proof that the gateway is configured with");
    }
    Ok(Discovery {
        authorization: address("authorization_endpoint")?,
        token: address("token_endpoint")?,
        keys: address("jwks_uri")?,
        names_itself: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
    })
}
