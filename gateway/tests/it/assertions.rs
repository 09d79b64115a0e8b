//! Programs that get tokens by assertion (RFC 7523), and those that do not.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::token::Issuer;
use serde_json::{Value, json};

use crate::house::House;
use crate::world::OTHER;

const ENDPOINT: &str = "http://127.0.0.1:8080/oauth/token";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A program's key of either kind.
enum Key {
    Ed25519(Issuer),
    P256(EcdsaKeyPair),
}

impl Key {
    fn ed25519() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self::Ed25519(Issuer::open(&dir.path().join("k")).expect("a key"))
    }

    fn p256() -> Self {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
        Self::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("a key"))
    }

    fn kid(&self) -> &str {
        match self {
            Self::Ed25519(issuer) => issuer.kid(),
            Self::P256(_) => "p256",
        }
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::P256(_) => "ES256",
        }
    }

    fn jwks(&self) -> String {
        match self {
            Self::Ed25519(issuer) => issuer.jwks(),
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
                json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "p256", "x": x, "y": y}]})
                    .to_string()
            }
        }
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        match self {
            Self::Ed25519(issuer) => issuer.sign(header, claims),
            Self::P256(pair) => {
                let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
                let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).expect("signed");
                format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
            }
        }
    }
}

/// A sound assertion of `program`, changed.
fn assertion(
    house: &House,
    key: &Key,
    program: &str,
    once: &str,
    change: impl FnOnce(&mut Value, &mut Value),
) -> String {
    let now = house.now_s();
    let mut header = json!({"alg": key.alg(), "typ": "JWT", "kid": key.kid()});
    let mut claims = json!({
        "iss": program, "sub": program, "aud": ENDPOINT, "iat": now, "exp": now + 240, "jti": format!("once-{once}"),
    });
    change(&mut header, &mut claims);
    key.sign(&header.to_string(), &claims.to_string())
}

async fn token(house: &House, assertion: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut pairs =
        vec![("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", assertion)];
    pairs.extend_from_slice(more);
    house.form(&pairs).await
}

/// A house with a program of each kind of key: `tax-office` (Ed25519) and `rail` (P-256).
async fn programs(house: &mut House) -> ([(crate::house::Person, crate::house::Signed); 2], Key, Key) {
    let two = house.two().await;
    let (ed, p256) = (Key::ed25519(), Key::p256());
    for (name, key) in [("tax-office", &ed), ("rail", &p256)] {
        let body = json!({
            "kind": "program", "name": name, "department": OTHER, "roles": ["department", "signatory"], "level": 3,
            "jwks": key.jwks(),
        });
        house.open(&two, body).await;
    }
    (two, ed, p256)
}

fn gone(value: &mut Value, member: &str) {
    value.as_object_mut().expect("an object").remove(member);
}

#[tokio::test]
async fn an_assertion_that_is_not_sound_gets_no_token_and_no_reason() {
    let mut house = House::new();
    let (_, ed, p256) = programs(&mut house).await;
    let now = house.now_s();
    let stranger = Key::ed25519();
    let make = |once: &str, change: &dyn Fn(&mut Value, &mut Value)| {
        assertion(&house, &ed, "tax-office", once, |header, claims| change(header, claims))
    };
    let good = make("good", &|_, _| {});
    let parts: Vec<&str> = good.split('.').collect();
    let hmac = {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": ed.kid()}).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), parts[1]);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, ed.jwks().as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref()))
    };
    let unsigned = |alg: &str| {
        let header = json!({"alg": alg, "kid": ed.kid()}).to_string();
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), parts[1])
    };
    let as_rail_by_tax = assertion(&house, &ed, "rail", "cross", |_, _| {});
    let claims_twice = {
        let claims =
            json!({"iss": "tax-office", "sub": "tax-office", "aud": ENDPOINT, "exp": now + 60, "jti": "once-twice"});
        let header = json!({"alg": "EdDSA", "kid": ed.kid()}).to_string();
        ed.sign(&header, &claims.to_string().replacen('{', "{\"sub\":\"rail\",", 1))
    };
    let cases: Vec<(&str, String)> = vec![
        ("one part", "abc".into()),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.x")),
        ("no base64", format!("{}.!!.{}", parts[0], parts[2])),
        ("alg none", unsigned("none")),
        ("alg NONE", unsigned("NONE")),
        ("HS256 with the public key", hmac),
        ("alg of another kind", make("1", &|h, _| h["alg"] = json!("ES256"))),
        ("alg RS256", make("2", &|h, _| h["alg"] = json!("RS256"))),
        ("no kid", make("3", &|h, _| gone(h, "kid"))),
        ("another kid", make("4", &|h, _| h["kid"] = json!("p256"))),
        ("kid as a path", make("5", &|h, _| h["kid"] = json!("../keys/sign-in-0.key"))),
        ("jwk in the header", make("6", &|h, _| h["jwk"] = json!({"kty": "OKP"}))),
        ("jku in the header", make("7", &|h, _| h["jku"] = json!("http://127.0.0.1/"))),
        ("crit in the header", make("8", &|h, _| h["crit"] = json!(["exp"]))),
        ("another's key", assertion(&house, &stranger, "tax-office", "9", |_, _| {})),
        (
            "another's key under its kid",
            assertion(&house, &stranger, "tax-office", "10", |h, _| h["kid"] = json!(ed.kid())),
        ),
        ("one program as another", as_rail_by_tax),
        ("one program as another under its kid", assertion(&house, &ed, "rail", "11", |h, _| h["kid"] = json!("p256"))),
        ("signature cut", good[..good.len() - 4].to_owned()),
        (
            "claims changed",
            format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(json!({"sub": "tax-office"}).to_string()), parts[2]),
        ),
        ("claims twice", claims_twice),
        ("unknown program", make("12", &|_, c| (c["iss"], c["sub"]) = (json!("nobody"), json!("nobody")))),
        ("a person", make("13", &|_, c| (c["iss"], c["sub"]) = (json!("li.shan"), json!("li.shan")))),
        ("iss of another", make("14", &|_, c| c["iss"] = json!("rail"))),
        ("no iss", make("15", &|_, c| gone(c, "iss"))),
        ("no sub", make("16", &|_, c| gone(c, "sub"))),
        ("no aud", make("17", &|_, c| gone(c, "aud"))),
        ("aud of another", make("18", &|_, c| c["aud"] = json!("https://elsewhere.example/oauth/token"))),
        ("aud the gateway, not the endpoint", make("19", &|_, c| c["aud"] = json!("natbase"))),
        ("aud for two", make("20", &|_, c| c["aud"] = json!([ENDPOINT, "https://elsewhere.example"]))),
        ("no exp", make("21", &|_, c| gone(c, "exp"))),
        ("exp as text", make("22", &|_, c| c["exp"] = json!("9999999999"))),
        ("expired", make("23", &|_, c| c["exp"] = json!(now - 31))),
        ("exp too far", make("24", &|_, c| (c["exp"], c["iat"]) = (json!(now + 331), json!(now)))),
        ("made for too long", make("25", &|_, c| (c["exp"], c["iat"]) = (json!(now + 200), json!(now - 101)))),
        ("iat ahead", make("26", &|_, c| c["iat"] = json!(now + 31))),
        ("not yet", make("27", &|_, c| c["nbf"] = json!(now + 31))),
        ("no jti", make("28", &|_, c| gone(c, "jti"))),
        ("jti too short", make("29", &|_, c| c["jti"] = json!("1"))),
        ("jti a number", make("30", &|_, c| c["jti"] = json!(12_345_678))),
        ("longer than 8 KiB", make("31", &|_, c| c["pad"] = json!("x".repeat(9_000)))),
        ("nested", make("32", &|h, _| h["cty"] = json!("JWT"))),
        ("of the gateway's own key", {
            let issuer = Issuer::open(&house.dir.path().join("keys").join("sign-in-0.key")).expect("the key");
            assertion(&house, &Key::Ed25519(issuer), "tax-office", "33", |_, _| {})
        }),
    ];
    let before = house.entries().len();
    for (what, assertion) in &cases {
        let (status, said) = token(&house, assertion, &[]).await;
        assert_eq!((status, said["error"].as_str()), (401, Some("invalid_client")), "{what}: {said}");
        assert_eq!(said["error_description"], "the assertion is not accepted", "{what}");
    }
    assert_eq!(house.entries().len() - before, cases.len(), "each refusal has its entry");
    assert!(house.entries().iter().take(cases.len()).all(|e| e.code == "invalid_client" && !e.cause.is_empty()));
    let (status, given) = token(&house, &good, &[]).await;
    assert_eq!(status, 200, "{given}");
    let (status, given) = token(&house, &assertion(&house, &p256, "rail", "rail", |_, _| {}), &[]).await;
    assert_eq!(status, 200, "{given}");
    println!("assertions: {} unsound ones refused", cases.len());
}

#[tokio::test]
async fn an_assertion_is_good_once_and_a_restart_does_not_forget_it() {
    let mut house = House::new();
    let (_, ed, p256) = programs(&mut house).await;
    let one = assertion(&house, &ed, "tax-office", "one", |_, _| {});
    assert_eq!(token(&house, &one, &[]).await.0, 200);
    assert_eq!(token(&house, &one, &[]).await.0, 401);
    house.restart();
    house.app.roster.sweep(house.app.clock.now()).await.expect("swept");
    assert_eq!(token(&house, &one, &[]).await.0, 401, "after a restart and a sweep");
    let other = assertion(&house, &ed, "tax-office", "one", |_, c| c["nbf"] = json!(0));
    assert_eq!(token(&house, &other, &[]).await.0, 401, "the same jti in another assertion");
    let rail = assertion(&house, &p256, "rail", "one", |_, _| {});
    assert_eq!(token(&house, &rail, &[]).await.0, 200, "a jti is its program's alone");
    // At the same moment: one of them.
    let at_once = assertion(&house, &ed, "tax-office", "at-once", |_, _| {});
    let all = futures::future::join_all((0..16).map(|_| token(&house, &at_once, &[]))).await;
    assert_eq!(all.iter().filter(|(status, _)| *status == 200).count(), 1);
    // Once it is too old to be believed, it need not be remembered.
    house.pass(600);
    house.app.roster.sweep(house.app.clock.now()).await.expect("swept");
    assert_eq!(token(&house, &one, &[]).await.0, 401, "expired");
}

#[tokio::test]
async fn scope_narrows_and_errors_have_the_form_of_the_standard() {
    let mut house = House::new();
    let (two, ed, _) = programs(&mut house).await;
    let mut number = 0;
    let mut fresh = || {
        number += 1;
        assertion(&house, &ed, "tax-office", &format!("number-{number}"), |_, _| {})
    };
    for (scope, outcome) in [
        ("department", Ok("department")),
        ("department signatory", Ok("department signatory")),
        ("signatory department", Ok("department signatory")),
        ("department owner", Err("invalid_scope")),
        ("owner", Err("invalid_scope")),
        ("security", Err("invalid_scope")),
        ("signatory", Err("invalid_scope")),
        ("everything", Err("invalid_scope")),
    ] {
        let (status, said) = token(&house, &fresh(), &[("scope", scope)]).await;
        match outcome {
            Ok(given) => {
                assert_eq!((status, said["scope"].as_str()), (200, Some(given)), "{scope}");
                assert_eq!((said["token_type"].as_str(), said["expires_in"].as_i64()), (Some("Bearer"), Some(600)));
                assert!(said["refresh_token"].is_null());
            }
            Err(error) => assert_eq!((status, said["error"].as_str()), (400, Some(error)), "{scope}"),
        }
    }
    let sound = fresh();
    let all = [("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", &sound)];
    /// What, the form, status and error.
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, u16, &'a str);
    let cases: [Case<'_>; 7] = [
        ("no grant", all[1..].to_vec(), 400, "invalid_request"),
        ("another grant", vec![("grant_type", "password"), all[1], all[2]], 400, "unsupported_grant_type"),
        ("no assertion", all[..2].to_vec(), 401, "invalid_client"),
        ("a secret", vec![all[0], ("client_id", "tax-office"), ("client_secret", "x")], 401, "invalid_client"),
        ("another type", vec![all[0], ("client_assertion_type", "saml"), all[2]], 401, "invalid_client"),
        ("twice", vec![all[0], all[0], all[1], all[2]], 400, "invalid_request"),
        ("another's client_id", vec![all[0], all[1], all[2], ("client_id", "rail")], 401, "invalid_client"),
    ];
    for (what, pairs, status, error) in cases {
        let (got, said) = house.form(&pairs).await;
        assert_eq!((got, said["error"].as_str()), (status, Some(error)), "{what}: {said}");
        assert!(said["error_description"].is_string() && said["code"].is_null(), "{what}");
    }
    let (status, said) = token(&house, &sound, &[("client_id", "tax-office"), ("resource", "x")]).await;
    assert_eq!(status, 200, "unknown parameters are ignored (RFC 6749 section 3.2): {said}");
    let json = house.ask("", "POST", "/oauth/token", json!({"grant_type": "client_credentials"})).await;
    assert_eq!((json.0, json.1["error"].as_str()), (400, Some("invalid_request")));
    let (status, metadata) = house.ask("", "GET", "/.well-known/oauth-authorization-server", Value::Null).await;
    assert_eq!((status, &metadata["token_endpoint"]), (200, &json!(ENDPOINT)));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
    // The token is the program's; it ends with the program, and with its keys.
    let access = said["access_token"].as_str().expect("a token");
    let works = |token: String| {
        let house = &house;
        async move { house.ask(&token, "GET", "/api/v1/sharing/requests", Value::Null).await.0 }
    };
    assert_eq!(works(access.to_owned()).await, 200);
    house.change(&two, "program:tax-office", "replace_keys", json!({"jwks": Key::ed25519().jwks()})).await;
    assert_eq!(works(access.to_owned()).await, 401, "tokens of the keys of before");
    let (status, _) = token(&house, &assertion(&house, &ed, "tax-office", "old-key", |_, _| {}), &[]).await;
    assert_eq!(status, 401, "assertions of the keys of before");
    house.change(&two, "program:tax-office", "replace_keys", json!({"jwks": ed.jwks()})).await;
    let (_, given) = token(&house, &assertion(&house, &ed, "tax-office", "again", |_, _| {}), &[]).await;
    let access = given["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(works(access.clone()).await, 200);
    house.change(&two, "program:tax-office", "disable", json!({})).await;
    assert_eq!(works(access).await, 401);
    assert_eq!(token(&house, &assertion(&house, &ed, "tax-office", "off", |_, _| {}), &[]).await.0, 401);
}

#[tokio::test]
async fn keys_of_programs_are_public_strong_and_named() {
    let mut house = House::new();
    let two = house.two().await;
    let key = Key::p256();
    let sound: Value = serde_json::from_str(&key.jwks()).expect("JSON");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut set = sound.clone();
        change(&mut set["keys"][0]);
        set.to_string()
    };
    let rsa = json!({"kty": "RSA", "kid": "r", "n": "x".repeat(342), "e": "AQAB"});
    let cases = [
        ("none", json!({"keys": []}).to_string()),
        ("no set", "[]".to_owned()),
        ("no JSON", "x".to_owned()),
        ("private", with(&|k| k["d"] = json!("x"))),
        ("symmetric", json!({"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}).to_string()),
        ("RSA", json!({ "keys": [rsa] }).to_string()),
        ("another curve", with(&|k| k["crv"] = json!("P-384"))),
        ("for encryption", with(&|k| k["use"] = json!("enc"))),
        ("without kid", with(&|k| gone(k, "kid"))),
        ("alg of another kind", with(&|k| k["alg"] = json!("EdDSA"))),
        ("twice", json!({"keys": [sound["keys"][0], sound["keys"][0]]}).to_string()),
    ];
    for (what, jwks) in cases {
        let body = json!({
            "kind": "program", "name": "rail", "department": OTHER, "roles": ["department"], "level": 2, "jwks": jwks,
        });
        let (status, said) = house.ask(&two[0].1.access, "POST", "/api/v1/accounts", body).await;
        assert_eq!((status, said["code"].as_str()), (422, Some("unprocessable")), "{what}: {said}");
    }
    for (what, level, roles) in [
        ("level 2 above readers", json!(2), json!(["department", "owner"])),
        ("no level", json!(null), json!(["department"])),
    ] {
        let body = json!({"kind": "program", "name": "rail", "department": OTHER, "roles": roles, "level": level, "jwks": key.jwks()});
        assert_eq!(house.ask(&two[0].1.access, "POST", "/api/v1/accounts", body).await.0, 422, "{what}");
    }
}
