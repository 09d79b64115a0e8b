//! A provider, or somebody who speaks for it, that breaks a rule: a table of cases.

use serde_json::{Value, json};

use super::provider::{CLIENT, Script, Signing, Way};
use super::{SUBJECT, Scene, refused};

/// What is wrong, and what the audit entry says of it.
type Case = (&'static str, &'static str, Box<dyn Fn(&mut Script)>);

fn claim(name: &'static str, why: &'static str, change: impl Fn(&mut Value) + Send + Sync + Clone + 'static) -> Case {
    (name, why, Box::new(move |script| script.claims = Some(Box::new(change.clone()))))
}

fn header(name: &'static str, why: &'static str, change: impl Fn(&mut Value) + Send + Sync + Clone + 'static) -> Case {
    (name, why, Box::new(move |script| script.header = Some(Box::new(change.clone()))))
}

fn keys(name: &'static str, why: &'static str, change: impl Fn(&mut Value) + Send + Sync + Clone + 'static) -> Case {
    (name, why, Box::new(move |script| script.keys = Some(Box::new(change.clone()))))
}

fn answer(name: &'static str, why: &'static str, change: impl Fn(&mut Value) + Send + Sync + Clone + 'static) -> Case {
    (name, why, Box::new(move |script| script.answer = Some(Box::new(change.clone()))))
}

fn token(
    name: &'static str,
    why: &'static str,
    change: impl Fn(String) -> String + Send + Sync + Clone + 'static,
) -> Case {
    (name, why, Box::new(move |script| script.token = Some(Box::new(change.clone()))))
}

fn signed(name: &'static str, why: &'static str, signing: Signing) -> Case {
    (name, why, Box::new(move |script| script.signing = signing))
}

fn way(name: &'static str, why: &'static str, way: Way) -> Case {
    (name, why, Box::new(move |script| script.way = way))
}

fn keys_way(name: &'static str, why: &'static str, way: Way) -> Case {
    (name, why, Box::new(move |script| script.keys_way = way))
}

pub(super) fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().expect("an object").remove(name);
}

fn hostile(now_s: i64) -> Vec<Case> {
    vec![
        claim("nonce of another", "`nonce` is another", |c| c["nonce"] = json!("0".repeat(64))),
        claim("no nonce", "no `nonce`", |c| remove(c, "nonce")),
        claim("other issuer", "another issuer", |c| c["iss"] = json!("http://127.0.0.1:1")),
        claim("issuer with a slash", "another issuer", |c| {
            c["iss"] = json!(format!("{}/", c["iss"].as_str().expect("text")));
        }),
        claim("no issuer", "another issuer", |c| remove(c, "iss")),
        claim("other audience", "not for this client alone", |c| c["aud"] = json!("another")),
        claim("two audiences", "not for this client alone", |c| c["aud"] = json!([CLIENT, "another"])),
        claim("two audiences and azp", "not for this client alone", |c| {
            c["aud"] = json!([CLIENT, "another"]);
            c["azp"] = json!(CLIENT);
        }),
        claim("no audience", "not for this client alone", |c| remove(c, "aud")),
        claim("azp of another", "another party", |c| c["azp"] = json!("another")),
        claim("azp that is no text", "another party", |c| c["azp"] = json!([CLIENT])),
        claim("expired", "expired", move |c| c["exp"] = json!(now_s)),
        claim("no exp", "no `exp`", |c| remove(c, "exp")),
        claim("exp as text", "whole seconds", |c| c["exp"] = json!("9999999999")),
        claim("exp with a fraction", "whole seconds", |c| c["exp"] = json!(9_999_999_999.5)),
        claim("iat ahead", "`iat` of the ID token is ahead", |c| {
            c["iat"] = json!(c["iat"].as_i64().expect("a time") + 61);
        }),
        claim("iat of before", "older than the sign-in", |c| c["iat"] = json!(c["iat"].as_i64().expect("a time") - 61)),
        claim("no iat", "no `iat`", |c| remove(c, "iat")),
        claim("not valid yet", "not valid yet", |c| c["nbf"] = json!(c["iat"].as_i64().expect("a time") + 61)),
        claim("no subject", "`sub`", |c| remove(c, "sub")),
        claim("an empty subject", "`sub`", |c| c["sub"] = json!("")),
        claim("a subject that is a number", "`sub`", |c| c["sub"] = json!(248_289_761_001_i64)),
        claim("a subject with a character beside", "`sub`", |c| c["sub"] = json!(format!("{SUBJECT}\u{200b}"))),
        claim("amr that is text", "`amr`", |c| c["amr"] = json!("mfa")),
        claim("acr that is a number", "`acr`", |c| c["acr"] = json!(1)),
        header("kid of nobody", "no key of the provider", |h| h["kid"] = json!("ed-9")),
        header("no kid", "no `kid`", |h| remove(h, "kid")),
        header("kid of a key for encryption", "no key of the provider", |h| {
            h["kid"] = json!("enc-1");
            h["alg"] = json!("RS256");
        }),
        header("algorithm of another key", "not that of the key", |h| h["alg"] = json!("ES256")),
        header("RS256 under an Ed25519 key", "not that of the key", |h| h["alg"] = json!("RS256")),
        header("RS512", "none of RS256", |h| h["alg"] = json!("RS512")),
        header("ES384", "none of RS256", |h| h["alg"] = json!("ES384")),
        header("None in capitals", "none of RS256", |h| h["alg"] = json!("None")),
        header("a shared key's", "none of RS256", |h| {
            h["alg"] = json!("HS256");
            h["kid"] = json!("oct-1");
        }),
        header("crit", "`crit`", |h| h["crit"] = json!(["exp"])),
        header("a key of its own", "signature does not hold", |h| {
            h["jwk"] = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
            h["kid"] = json!("es-1");
            h["alg"] = json!("ES256");
        }),
        signed("alg none", "none of RS256", Signing::None),
        signed("HS256 with the public key", "none of RS256", Signing::Public),
        signed("another key under the same name", "signature does not hold", Signing::Stranger),
        signed("a key under the name of another", "signature does not hold", Signing::OfAnother),
        token("a signature cut off", "signature does not hold", |t| t[..t.len() - 4].to_owned()),
        token("no signature", "signature does not hold", |t| format!("{}.", t.rsplit_once('.').expect("parts").0)),
        token("two parts", "JWT of three parts", |t| t.rsplit_once('.').expect("parts").0.to_owned()),
        token("five parts", "JWT of three parts", |t| format!("{t}.a.b")),
        token("claims of another", "signature does not hold", |t| {
            let parts: Vec<&str> = t.split('.').collect();
            format!("{}.e30.{}", parts[0], parts[2])
        }),
        token("a long one", "16 KiB", |t| format!("{t}{}", "A".repeat(17 << 10))),
        token("blanks in it", "base64url", |t| format!(" {t}")),
        answer("token_type is another", "`token_type`", |a| a["token_type"] = json!("DPoP")),
        answer("no token_type", "`token_type`", |a| remove(a, "token_type")),
        answer("no ID token", "no ID token", |a| remove(a, "id_token")),
        answer("an ID token that is none", "base64url", |a| a["id_token"] = json!("§.§.§")),
        way("a member twice", "not JSON", Way::Twice),
        way("cut off", "not JSON", Way::Cut),
        way("the code is not taken", "refuses what the gateway asks", Way::Status(400)),
        way("the client is not taken", "refuses what the gateway asks", Way::Status(401)),
        way("sent on to elsewhere", "sends on", Way::Elsewhere),
        way("HTML", "is not JSON", Way::Html),
        way("a huge answer", "256 KiB", Way::Huge),
        way("broken inside", "does not answer", Way::Status(503)),
        way("slow", "does not answer", Way::Slow),
        keys("a private key in the set", "private key", |k| k["keys"][0]["d"] = json!("AAAA")),
        keys("two keys of one name", "one `kid`", |k| k["keys"][1]["kid"] = k["keys"][0]["kid"].clone()),
        keys("no key in the set", "no key that can be used", |k| k["keys"] = json!([])),
        keys("a set that is none", "is not one", |k| *k = json!({"key": []})),
        keys("another algorithm for the key", "no key of the provider", |k| k["keys"][0]["alg"] = json!("ES256")),
        keys("a key for encryption", "no key of the provider", |k| k["keys"][0]["use"] = json!("enc")),
        keys_way("keys from elsewhere", "sends on", Way::Elsewhere),
        keys_way("huge keys", "256 KiB", Way::Huge),
        keys_way("slow keys", "does not answer", Way::Slow),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hostile_provider_or_token_says_is_refused() {
    let scene = Scene::new().await;
    let cases = hostile(scene.house.now_s());
    for (name, why, change) in &cases {
        // Nothing is known any more: document and keys are read with every case.
        scene.pass(700);
        scene.idp.keep_the_rules();
        let (location, cookie) = scene.begin().await;
        scene.idp.script(change);
        let (code, asked) = scene.idp.authorize(&location, SUBJECT);
        let answer = scene.back(&scene.query(&code, &asked["state"]), &cookie).await;
        refused(&scene, &answer, name, why);
    }
    assert_eq!(scene.idp.counts().elsewhere, 0, "nothing was asked elsewhere");
    println!("{} hostile answers of a provider, each refused", cases.len());
    // The same provider, keeping the rules again.
    scene.pass(700);
    scene.idp.keep_the_rules();
    scene.sign_in(SUBJECT).await.token();
}
