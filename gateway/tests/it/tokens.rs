//! Tokens that are not accepted, and why.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::world::{NOON, OTHER, World};

const PATH: &str = "/api/v1/datasets";

async fn with(world: &World, token: &str) -> (u16, String) {
    let request = axum::http::Request::get(PATH).header("authorization", format!("Bearer {token}"));
    let (status, answer) =
        crate::world::read(world.send(request.body(axum::body::Body::empty()).expect("a request")).await).await;
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

fn claims(change: impl Fn(&mut Value)) -> String {
    let now = NOON.0 / 1_000_000;
    let mut all = json!({
        "iss": "natbase", "aud": "natbase", "sub": "a", "iat": now, "nbf": now, "exp": now + 600,
        "department": OTHER, "roles": ["department"],
    });
    change(&mut all);
    all.to_string()
}

#[tokio::test]
async fn what_is_not_a_sound_token_is_refused_and_its_reason_audited() {
    let mut config = gateway::config::Config::default();
    config.tokens.failures_per_minute_max = 1_000;
    let world = World::with(config);
    let header = |change: &dyn Fn(&mut Value)| {
        let mut all = json!({"alg": "EdDSA", "typ": "JWT", "kid": world.issuer.kid()});
        change(&mut all);
        all.to_string()
    };
    let plain = header(&|_| {});
    let now = NOON.0 / 1_000_000;
    let sign = |h: &str, c: &str| world.issuer.sign(h, c);
    let good = sign(&plain, &claims(|_| {}));
    assert_eq!(with(&world, &good).await.0, 200);
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned =
        |h: &Value| format!("{}.{}.", URL_SAFE_NO_PAD.encode(h.to_string()), URL_SAFE_NO_PAD.encode(claims(|_| {})));
    let hmac_with_public_key = {
        // The classic swap: HS256 keyed with the published key's text.
        let h = json!({"alg": "HS256", "typ": "JWT", "kid": world.issuer.kid()}).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(h), URL_SAFE_NO_PAD.encode(claims(|_| {})));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, world.issuer.jwks().as_bytes());
        let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    };
    let stranger = tempfile::tempdir().expect("a directory");
    let stranger = gateway::token::Issuer::open(&stranger.path().join("k")).expect("an issuer");
    let twice = claims(|_| {}).replacen('{', "{\"sub\":\"root\",", 1);
    let cases: Vec<(&str, String)> = vec![
        ("nothing", String::new()),
        ("one part", "abc".into()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.x")),
        ("no base64", format!("!!.{}.{}", parts[1], parts[2])),
        ("padding", format!("{}=.{}.{}", parts[0], parts[1], parts[2])),
        ("alg none", unsigned(&json!({"alg": "none", "kid": world.issuer.kid()}))),
        ("alg None", unsigned(&json!({"alg": "None", "kid": world.issuer.kid()}))),
        ("alg absent", sign(&header(&|h| drop(h.as_object_mut().expect("an object").remove("alg"))), &claims(|_| {}))),
        ("HS256 with the public key", hmac_with_public_key),
        ("alg of another kind", sign(&header(&|h| h["alg"] = json!("RS256")), &claims(|_| {}))),
        ("alg ES256 for an EdDSA key", sign(&header(&|h| h["alg"] = json!("ES256")), &claims(|_| {}))),
        ("no kid", sign(&header(&|h| drop(h.as_object_mut().expect("an object").remove("kid"))), &claims(|_| {}))),
        ("unknown kid", sign(&header(&|h| h["kid"] = json!("other")), &claims(|_| {}))),
        ("kid as a path", sign(&header(&|h| h["kid"] = json!("../../jwks.json")), &claims(|_| {}))),
        ("jwk in the header", sign(&header(&|h| h["jwk"] = json!({"kty": "OKP"})), &claims(|_| {}))),
        ("jku in the header", sign(&header(&|h| h["jku"] = json!("http://127.0.0.1/")), &claims(|_| {}))),
        ("crit in the header", sign(&header(&|h| h["crit"] = json!(["exp"])), &claims(|_| {}))),
        ("other typ", sign(&header(&|h| h["typ"] = json!("dpop+jwt")), &claims(|_| {}))),
        ("signature of a stranger", stranger.sign(&plain, &claims(|_| {}))),
        ("signature cut", good[..good.len() - 4].to_owned()),
        (
            "claims changed",
            format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims(|c| c["sub"] = json!("b"))), parts[2]),
        ),
        ("claims twice", sign(&plain, &twice)),
        ("claims no object", sign(&plain, "[1]")),
        ("expired", sign(&plain, &claims(|c| c["exp"] = json!(now - 31)))),
        ("exp absent", sign(&plain, &claims(|c| drop(c.as_object_mut().expect("an object").remove("exp"))))),
        ("exp as text", sign(&plain, &claims(|c| c["exp"] = json!("9999999999")))),
        ("exp beyond time", sign(&plain, &claims(|c| c["exp"] = json!(9.9e30)))),
        ("not yet", sign(&plain, &claims(|c| c["nbf"] = json!(now + 31)))),
        ("other issuer", sign(&plain, &claims(|c| c["iss"] = json!("natbase.evil")))),
        ("other audience", sign(&plain, &claims(|c| c["aud"] = json!("other")))),
        ("audience of others", sign(&plain, &claims(|c| c["aud"] = json!(["other", "third"])))),
        ("audience absent", sign(&plain, &claims(|c| drop(c.as_object_mut().expect("an object").remove("aud"))))),
        ("no subject", sign(&plain, &claims(|c| drop(c.as_object_mut().expect("an object").remove("sub"))))),
        ("subject with a line", sign(&plain, &claims(|c| c["sub"] = json!("a\nb")))),
        ("unknown role", sign(&plain, &claims(|c| c["roles"] = json!(["department", "root"])))),
        ("roles as text", sign(&plain, &claims(|c| c["roles"] = json!("owner")))),
        ("owner without department", sign(&plain, &claims(|c| c["roles"] = json!(["owner"])))),
        (
            "department without code",
            sign(&plain, &claims(|c| drop(c.as_object_mut().expect("an object").remove("department")))),
        ),
        ("auditor and owner", sign(&plain, &claims(|c| c["roles"] = json!(["department", "owner", "auditor"])))),
        ("auditor and administrator", sign(&plain, &claims(|c| c["roles"] = json!(["auditor", "administrator"])))),
        ("longer than 8 KiB", sign(&plain, &claims(|c| c["pad"] = json!("x".repeat(9_000))))),
        ("nested", sign(&header(&|h| h["cty"] = json!("JWT")), &format!("{good:?}"))),
    ];
    let before = world.entries().len();
    for (what, token) in &cases {
        assert_eq!(with(&world, token).await, (401, "invalid_token".to_owned()), "{what}");
    }
    let entries = world.entries();
    assert_eq!(entries.len() - before, cases.len(), "each refusal has its entry");
    let (_, last) = entries.first().expect("an entry");
    assert!(last.code == "invalid_token" && last.subject.is_empty() && !last.cause.is_empty());
}

#[tokio::test]
async fn floods_of_wrong_tokens_are_slowed_and_known_tokens_go_on() {
    let mut config = gateway::config::Config::default();
    config.tokens.failures_per_minute_max = 5;
    let world = World::with(config);
    let good = world.token(crate::world::Who::Department).expect("a token");
    assert_eq!(with(&world, &good).await.0, 200);
    for _ in 0..5 {
        assert_eq!(with(&world, "a.b.c").await.0, 401);
    }
    assert_eq!(with(&world, "a.b.c").await.0, 429);
    assert_eq!(with(&world, &good).await.0, 200);
}

#[tokio::test]
async fn a_key_taken_out_ends_its_tokens_and_a_broken_file_changes_nothing() {
    let world = World::new();
    let good = world.token(crate::world::Who::Department).expect("a token");
    assert_eq!(with(&world, &good).await.0, 200);
    let file = world.dir.path().join("jwks.json");
    let mut stamp = world.app.grants_stamp();
    std::fs::write(&file, "{\"keys\": [ broken").expect("written");
    world.app.refresh(&mut stamp);
    assert_eq!(with(&world, &good).await.0, 200);
    std::fs::write(&file, "{\"keys\": []}\n").expect("written");
    world.app.refresh(&mut stamp);
    assert_eq!(with(&world, &good).await.0, 401);
    std::fs::write(&file, world.issuer.jwks()).expect("written");
    world.app.refresh(&mut stamp);
    assert_eq!(with(&world, &good).await.0, 200);
}

#[test]
fn broken_files_stop_the_start_with_file_line_and_reason() {
    let cases: [(&str, &str, &[&str]); 6] = [
        (
            "jwks.json",
            "{\n \"keys\": [\n  {\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}",
            &["jwks.json", "line 3", "private"],
        ),
        ("jwks.json", "{\"keys\":\n[", &["jwks.json", "line 2"]),
        ("grants.toml", "[[grant]]\nid = \"a\"\n", &["grants.toml", "line 1", "missing field"]),
        (
            "grants.toml",
            "\n[[grant]]\nid=\"a\"\ndepartment=\"x\"\ndataset=\"a/b\"\nfields=[]\npurpose=\"p\"\nground=\"g\"\nfrom=\"2026-01-01\"\nto=\"2027-01-01\"\n",
            &["grants.toml", "line 2", "department"],
        ),
        (
            "grants.toml",
            "[[grant]]\nid=\"a\"\ndepartment=\"11100000PDY0000999\"\ndataset=\"culture/works\"\nfields=[\"colour\"]\npurpose=\"p\"\nground=\"g\"\nfrom=\"2026-01-01\"\nto=\"2027-01-01\"\n",
            &["grants.toml", "colour"],
        ),
        ("grants.toml", "colour = 1\n", &["grants.toml", "line 1", "colour"]),
    ];
    for (file, text, words) in cases {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join(file), text).expect("written");
        let clock = std::sync::Arc::new(foundation::clock::FixedClock::at(NOON));
        let parts = gateway::app::Parts {
            master_keys: None,
            databases: vec![crate::base::Table::serve(culture::domain().expect("definitions"))],
            store: std::sync::Arc::new(foundation::store::memory::MemoryStore::new(clock.clone())),
            config: gateway::config::Config::default(),
            definitions: gateway::catalogue::definitions::Definitions::new(dir.path(), []),
            data: dir.path().to_owned(),
            clock,
            demo: false,
        };
        let message =
            futures::executor::block_on(gateway::app::App::open(parts)).map(|_| ()).expect_err(text).to_string();
        for word in words {
            assert!(message.contains(word), "{text}: {message}");
        }
    }
}
