//! The provider's document and its keys: followed no further than the issuer's origin, asked for with restraint.

use serde_json::{Value, json};

use super::provider::Way;
use super::{SUBJECT, Scene};

/// A change of the document.
type Change = Box<dyn Fn(&mut Value) + Send + Sync>;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_points_elsewhere_is_not_followed() {
    let scene = Scene::new().await;
    let elsewhere = scene.idp.0.elsewhere.clone();
    let to = |member: &'static str, address: String| -> Change { Box::new(move |d| d[member] = json!(address)) };
    let mut cases: Vec<(&str, Change)> = vec![
        ("another issuer", to("issuer", "http://127.0.0.1:1".into())),
        ("another issuer", to("issuer", format!("{}/", scene.idp.0.issuer))),
        ("not offer the code flow", Box::new(|d| d["response_types_supported"] = json!(["id_token"]))),
        ("not offer PKCE", Box::new(|d| d["code_challenge_methods_supported"] = json!(["plain"]))),
        ("not offer PKCE", Box::new(|d| super::hostile::remove(d, "code_challenge_methods_supported"))),
        (
            "does not take the proof",
            Box::new(|d| d["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"])),
        ),
        ("does not take the proof", Box::new(|d| super::hostile::remove(d, "token_endpoint_auth_methods_supported"))),
        ("misses an address", Box::new(|d| super::hostile::remove(d, "jwks_uri"))),
        ("http and not on this machine", to("token_endpoint", "http://id.example/token".into())),
        ("not https", to("jwks_uri", "ftp://127.0.0.1/jwks".into())),
        (
            "names a user",
            to("token_endpoint", format!("http://{}@127.0.0.1/x", scene.idp.0.issuer.trim_start_matches("http://"))),
        ),
        ("origin that is not the issuer's", to("token_endpoint", "https://169.254.169.254/latest".into())),
    ];
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        cases.push(("origin that is not the issuer's", to(member, format!("{elsewhere}/x"))));
    }
    let count = cases.len();
    for (why, change) in cases {
        scene.pass(700);
        scene.idp.keep_the_rules();
        scene.idp.script(|script| script.discovery = Some(change));
        let answer = scene.begin_with("").await;
        assert_eq!(answer.status, 401, "{why}");
        assert!(answer.headers.get("refresh").is_none() && answer.cookie("natbase-oidc").is_none(), "{why}");
        let entry = scene.last();
        assert_eq!((entry.route.as_str(), entry.code.as_str()), ("POST /sign-in/oidc", "sign_in_refused"), "{why}");
        assert!(entry.cause.contains(why), "{why}: {}", entry.cause);
    }
    for (way, status) in [
        (Way::Elsewhere, 401),
        (Way::Huge, 401),
        (Way::Html, 401),
        (Way::Cut, 401),
        (Way::Slow, 503),
        (Way::Status(500), 503),
    ] {
        scene.pass(700);
        scene.idp.keep_the_rules();
        scene.idp.script(|script| script.discovery_way = way);
        assert_eq!(scene.begin_with("").await.status, status, "{way:?}");
        // While it is down it is not asked again at once.
        let before = scene.idp.counts().discovery;
        assert_eq!(scene.begin_with("").await.status, 503, "{way:?}");
        assert_eq!(scene.idp.counts().discovery, before, "{way:?}");
    }
    assert_eq!(scene.idp.counts().elsewhere, 0, "nothing was asked elsewhere");
    println!("{count} documents and 6 answers that were not followed");
}

#[tokio::test]
async fn keys_are_rotated_by_their_name_and_asked_for_once_a_minute() {
    let scene = Scene::new().await;
    scene.sign_in(SUBJECT).await.token();
    *scene.idp.0.kid.lock().expect("a lock") = "ed-2".to_owned();
    assert_eq!(scene.sign_in(SUBJECT).await.status, 401, "within a minute of the last reading");
    assert_eq!(scene.idp.counts().keys, 1);
    scene.pass(61);
    scene.sign_in(SUBJECT).await.token();
    assert_eq!(scene.idp.counts().keys, 2, "a name that is not known is asked for");
    for _ in 0..5 {
        scene.idp.script(|script| script.header = Some(Box::new(|h| h["kid"] = json!("ed-9"))));
        assert_eq!(scene.sign_in(SUBJECT).await.status, 401);
    }
    assert_eq!(scene.idp.counts().keys, 2, "however many come");
    scene.idp.keep_the_rules();
    // A key that the provider has taken back is trusted no longer than ten minutes.
    *scene.idp.0.kid.lock().expect("a lock") = "ed-3".to_owned();
    scene.idp.script(|script| script.header = Some(Box::new(|h| h["kid"] = json!("ed-2"))));
    scene.sign_in(SUBJECT).await.token();
    scene.pass(600);
    assert_eq!(scene.sign_in(SUBJECT).await.status, 401, "read again");
}
