//! A small identity provider on this machine, with keys of its own. It keeps the rules until it is told how to break one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

pub(super) const CLIENT: &str = "natbase";
pub(super) const SECRET: &str = "a secret: of + signs & äöü";

type Change = Box<dyn Fn(&mut Value) + Send + Sync>;

/// How an answer of the token endpoint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Way {
    #[default]
    Sound,
    Status(u16),
    Slow,
    Huge,
    Elsewhere,
    Html,
    Cut,
    Twice,
}

/// How an ID token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Signing {
    #[default]
    Ed,
    Es,
    Rs,
    Ps,
    /// With another key, under the name of the first.
    Stranger,
    /// With the key of `es-1`, under the name and algorithm of `ed-1`.
    OfAnother,
    /// `none`, without a signature.
    None,
    /// HS256 with the public key as the secret.
    Public,
}

/// What is changed about the provider's answers.
#[derive(Default)]
pub(super) struct Script {
    pub(super) header: Option<Change>,
    pub(super) claims: Option<Change>,
    pub(super) discovery: Option<Change>,
    pub(super) keys: Option<Change>,
    pub(super) answer: Option<Change>,
    /// The whole ID token, changed last.
    pub(super) token: Option<Box<dyn Fn(String) -> String + Send + Sync>>,
    pub(super) signing: Signing,
    pub(super) way: Way,
    pub(super) discovery_way: Way,
    pub(super) keys_way: Way,
}

/// What was asked at the authorization endpoint.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) query: HashMap<String, String>,
    pub(super) subject: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) discovery: usize,
    pub(super) keys: usize,
    pub(super) token: usize,
    /// Questions that came to where no question should.
    pub(super) elsewhere: usize,
}

pub(super) struct Inner {
    pub(super) issuer: String,
    pub(super) elsewhere: String,
    pub(super) script: Mutex<Script>,
    pub(super) now_s: Mutex<i64>,
    pub(super) counts: Mutex<Counts>,
    /// `amr` of the ID tokens.
    pub(super) amr: Mutex<Vec<&'static str>>,
    /// Names of the Ed25519 keys in the set; the last signs.
    pub(super) kid: Mutex<String>,
    codes: Mutex<HashMap<String, Asked>>,
    client_key: Vec<u8>,
    ed: Ed25519KeyPair,
    es: EcdsaKeyPair,
    rs: RsaKeyPair,
    stranger: Ed25519KeyPair,
}

#[derive(Clone)]
pub(super) struct Idp(pub(super) Arc<Inner>);

impl Idp {
    /// Starts it on a free port; `client_key` is the public key of the client's assertions.
    pub(super) async fn start(client_key: Vec<u8>, now_s: i64) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let random = SystemRandom::new();
        let es = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let inner = Inner {
            issuer: format!("http://{}", listener.local_addr().expect("an address")),
            elsewhere: format!("http://{}", other.local_addr().expect("an address")),
            script: Mutex::default(),
            now_s: Mutex::new(now_s),
            counts: Mutex::default(),
            amr: Mutex::new(vec!["pwd", "mfa"]),
            kid: Mutex::new("ed-1".to_owned()),
            codes: Mutex::default(),
            client_key,
            ed: Ed25519KeyPair::generate().expect("a key"),
            es: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, es.as_ref()).expect("a key"),
            rs: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
            stranger: Ed25519KeyPair::generate().expect("a key"),
        };
        let idp = Self(Arc::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(idp.clone());
        let strange = Router::new().fallback(elsewhere).with_state(idp.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::spawn(async move { axum::serve(other, strange).await });
        idp
    }

    pub(super) fn keep_the_rules(&self) {
        *self.0.script.lock().expect("a lock") = Script::default();
    }

    pub(super) fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.0.script.lock().expect("a lock"));
    }

    pub(super) fn counts(&self) -> Counts {
        self.0.counts.lock().expect("a lock").clone()
    }

    /// What the authorization endpoint does once `subject` has signed in there: a code for what the browser asks.
    pub(super) fn authorize(&self, location: &str, subject: &str) -> (String, HashMap<String, String>) {
        let (front, query) = location.split_once('?').expect("a query");
        assert_eq!(front, format!("{}/authorize", self.0.issuer));
        let query = pairs(query);
        assert_eq!(query.get("code_challenge_method").map(String::as_str), Some("S256"));
        assert_eq!(query.get("response_type").map(String::as_str), Some("code"));
        assert_eq!(query.get("client_id").map(String::as_str), Some(CLIENT));
        for (drawn, bytes) in [("state", 64), ("nonce", 64), ("code_challenge", 43)] {
            assert_eq!(query.get(drawn).map(String::len), Some(bytes), "{drawn}");
        }
        let mut codes = self.0.codes.lock().expect("a lock");
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), Asked { query: query.clone(), subject: subject.to_owned() });
        (code, query)
    }

    fn count(&self, of: impl FnOnce(&mut Counts)) {
        of(&mut self.0.counts.lock().expect("a lock"));
    }

    fn keys(&self) -> Value {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let point = self.0.es.public_key().as_ref();
        let rs = self.0.rs.public_key();
        let (n, e) = (rs.modulus().big_endian_without_leading_zero(), rs.exponent().big_endian_without_leading_zero());
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": *self.0.kid.lock().expect("a lock"),
             "x": b64(self.0.ed.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "es-1", "x": b64(&point[1..33]), "y": b64(&point[33..])},
            {"kty": "RSA", "kid": "rs-1", "n": b64(n), "e": b64(e)},
            {"kty": "RSA", "use": "enc", "kid": "enc-1", "n": b64(n), "e": b64(e)},
            {"kty": "oct", "kid": "oct-1", "k": b64(b"a secret that everybody knows....")},
            {"kty": "new", "kid": "new-1"},
        ]})
    }

    /// The ID token of a code.
    fn id_token(&self, asked: &Asked) -> String {
        let script = self.0.script.lock().expect("a lock");
        let now_s = *self.0.now_s.lock().expect("a lock");
        let kid = self.0.kid.lock().expect("a lock").clone();
        let (alg, kid) = match script.signing {
            Signing::Es => ("ES256", "es-1".to_owned()),
            Signing::Rs => ("RS256", "rs-1".to_owned()),
            Signing::Ps => ("PS256", "rs-1".to_owned()),
            Signing::None => ("none", kid),
            Signing::Public => ("HS256", kid),
            Signing::Ed | Signing::Stranger | Signing::OfAnother => ("EdDSA", kid),
        };
        let mut header = json!({"alg": alg, "kid": kid, "typ": "JWT", "x5t": "not looked at"});
        let mut claims = json!({
            "iss": self.0.issuer, "aud": CLIENT, "sub": asked.subject, "nonce": asked.query["nonce"],
            "iat": now_s, "exp": now_s + 300, "acr": "urn:example:silver", "amr": *self.0.amr.lock().expect("a lock"),
        });
        for (change, value) in [(&script.header, &mut header), (&script.claims, &mut claims)] {
            if let Some(change) = change {
                change(value);
            }
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let random = SystemRandom::new();
        let rsa = |padding| {
            let mut signature = vec![0; self.0.rs.public_modulus_len()];
            self.0.rs.sign(padding, &random, message.as_bytes(), &mut signature).expect("signed");
            signature
        };
        let signature = match script.signing {
            Signing::Ed => self.0.ed.sign(message.as_bytes()).as_ref().to_vec(),
            Signing::Stranger => self.0.stranger.sign(message.as_bytes()).as_ref().to_vec(),
            Signing::Es | Signing::OfAnother => {
                self.0.es.sign(&random, message.as_bytes()).expect("signed").as_ref().to_vec()
            }
            Signing::Rs => rsa(&RSA_PKCS1_SHA256),
            Signing::Ps => rsa(&RSA_PSS_SHA256),
            Signing::None => Vec::new(),
            Signing::Public => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.ed.public_key().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
        };
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        script.token.as_ref().map_or(token.clone(), |change| change(token))
    }

    /// Whether the client proves itself as it should.
    fn knows(&self, headers: &HeaderMap, form: &HashMap<String, String>) -> Result<(), String> {
        if let Some(basic) = headers.get("authorization") {
            let pair = basic.to_str().ok().and_then(|text| text.strip_prefix("Basic ")).ok_or("not basic")?;
            let pair = String::from_utf8(STANDARD.decode(pair).map_err(|e| e.to_string())?).expect("text");
            let (id, secret) = pair.split_once(':').ok_or("no pair")?;
            return if (decoded(id).as_str(), decoded(secret).as_str()) == (CLIENT, SECRET) {
                Ok(())
            } else {
                Err(format!("{id} {secret}"))
            };
        }
        let assertion = form.get("client_assertion").ok_or("no proof")?;
        let (message, signature) = assertion.rsplit_once('.').ok_or("no signature")?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|e| e.to_string())?;
        let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, &self.0.client_key);
        key.verify(message.as_bytes(), &signature).map_err(|_| "the signature does not hold".to_owned())?;
        let read = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
        };
        let (header, claims) = message.split_once('.').map(|(h, c)| (read(h), read(c))).ok_or("no claims")?;
        assert_eq!((header["alg"].as_str(), header["kid"].as_str()), (Some("EdDSA"), Some("natbase-1")));
        let now_s = *self.0.now_s.lock().expect("a lock");
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(CLIENT), Some(CLIENT)));
        assert_eq!(claims["aud"].as_str(), Some(self.0.issuer.as_str()));
        assert!(claims["exp"].as_i64().is_some_and(|at| at > now_s && at <= now_s + 60));
        assert_eq!(claims["jti"].as_str().map(str::len), Some(32));
        Ok(())
    }
}

pub(super) fn pairs(query: &str) -> HashMap<String, String> {
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (decoded(n), decoded(v))).collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

async fn written(idp: &Idp, way: Way, body: Value) -> Response<Body> {
    let json = |status: u16, text: String| {
        let response = Response::builder().status(status).header("content-type", "application/json; charset=utf-8");
        response.body(Body::from(text)).expect("an answer")
    };
    match way {
        Way::Sound => json(200, body.to_string()),
        Way::Status(status) => json(status, json!({"error": "invalid_grant"}).to_string()),
        Way::Slow => {
            tokio::time::sleep(Duration::from_secs(6)).await;
            json(200, body.to_string())
        }
        Way::Huge => {
            let mut body = body;
            body["padding"] = json!("x".repeat(300 << 10));
            json(200, body.to_string())
        }
        Way::Elsewhere => {
            let to = format!("{}/taken", idp.0.elsewhere);
            Response::builder().status(302).header("location", to).body(Body::empty()).expect("an answer")
        }
        Way::Html => Response::builder()
            .header("content-type", "text/html")
            .body(Body::from(body.to_string()))
            .expect("an answer"),
        Way::Cut => json(200, body.to_string().chars().take(20).collect()),
        Way::Twice => json(200, body.to_string().replacen('{', "{\"token_type\":\"Bearer\",", 1)),
    }
}

async fn elsewhere(State(idp): State<Idp>) -> &'static str {
    idp.count(|counts| counts.elsewhere += 1);
    "{}"
}

async fn discovery(State(idp): State<Idp>) -> Response<Body> {
    idp.count(|counts| counts.discovery += 1);
    let issuer = &idp.0.issuer;
    let mut document = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["EdDSA", "RS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
    });
    let way = {
        let script = idp.0.script.lock().expect("a lock");
        if let Some(change) = &script.discovery {
            change(&mut document);
        }
        script.discovery_way
    };
    written(&idp, way, document).await
}

async fn jwks(State(idp): State<Idp>) -> Response<Body> {
    idp.count(|counts| counts.keys += 1);
    let mut keys = idp.keys();
    let way = {
        let script = idp.0.script.lock().expect("a lock");
        if let Some(change) = &script.keys {
            change(&mut keys);
        }
        script.keys_way
    };
    written(&idp, way, keys).await
}

async fn token(State(idp): State<Idp>, headers: HeaderMap, body: String) -> Response<Body> {
    idp.count(|counts| counts.token += 1);
    let refused = async |why: &str| written(&idp, Way::Status(400), json!({"error_description": why})).await;
    let form = pairs(&body);
    if let Err(why) = idp.knows(&headers, &form) {
        return refused(&why).await;
    }
    let asked = form.get("code").and_then(|code| idp.0.codes.lock().expect("a lock").remove(code));
    let Some(asked) = asked else { return refused("no such code").await };
    let verifier = form.get("code_verifier").map_or("", String::as_str);
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
    if asked.query["code_challenge"] != challenge || form.get("redirect_uri") != asked.query.get("redirect_uri") {
        return refused("another verifier").await;
    }
    let mut answer = json!({
        "access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": idp.id_token(&asked),
    });
    let way = {
        let script = idp.0.script.lock().expect("a lock");
        if let Some(change) = &script.answer {
            change(&mut answer);
        }
        script.way
    };
    written(&idp, way, answer).await
}

/// A client's key in PEM (PKCS #8), and the public half of it.
pub(super) fn client_key() -> (String, Vec<u8>) {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).expect("DER");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    (pem, pair.public_key().as_ref().to_vec())
}
