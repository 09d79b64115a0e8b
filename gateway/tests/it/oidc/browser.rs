//! What a browser brings back: its own, once, in time, from the provider that it was sent to.

use super::provider::{self, Idp, client_key};
use super::{SUBJECT, Scene, config, refused, write};

/// What is wrong, what the audit entry says of it, and the query of a code and a state.
type Case = (&'static str, &'static str, Box<dyn Fn(&str, &str) -> String>);

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_brings_back_is_its_own_and_good_once() {
    let mut scene = Scene::new().await;
    let issuer = scene.idp.0.issuer.clone();
    let state = |of: &str| provider::pairs(of.split_once('?').expect("a query").1)["state"].clone();
    let cases: [Case; 12] = [
        ("no state", "no `state`", Box::new(|code, _| format!("code={code}"))),
        ("another state", "another sign-in", Box::new(|code, _| format!("code={code}&state={}", "0".repeat(64)))),
        ("an empty state", "another sign-in", Box::new(|code, _| format!("code={code}&state="))),
        ("two states", "or two", Box::new(|code, state| format!("code={code}&state={state}&state={state}"))),
        ("no issuer", "does not name itself", Box::new(|code, state| format!("code={code}&state={state}"))),
        (
            "another issuer",
            "another provider's",
            Box::new(|code, state| format!("code={code}&state={state}&iss=https://evil.example")),
        ),
        ("two issuers", "another provider's", {
            let issuer = issuer.clone();
            Box::new(move |code, state| format!("code={code}&state={state}&iss={issuer}&iss={issuer}"))
        }),
        ("the provider refuses", "refuses the sign-in", {
            let issuer = issuer.clone();
            Box::new(move |_, state| format!("error=access_denied&state={state}&iss={issuer}"))
        }),
        ("an error beside a code", "refuses the sign-in", {
            let issuer = issuer.clone();
            Box::new(move |code, state| format!("error=x&code={code}&state={state}&iss={issuer}"))
        }),
        ("no code", "no `code`", {
            let issuer = issuer.clone();
            Box::new(move |_, state| format!("state={state}&iss={issuer}"))
        }),
        ("two codes", "no `code`", {
            let issuer = issuer.clone();
            Box::new(move |code, state| format!("code={code}&code={code}&state={state}&iss={issuer}"))
        }),
        ("a long code", "no `code`", {
            let issuer = issuer.clone();
            Box::new(move |_, state| format!("code={}&state={state}&iss={issuer}", "a".repeat(2_049)))
        }),
    ];
    for (name, why, query) in &cases {
        let (location, cookie) = scene.begin().await;
        let (code, asked) = scene.idp.authorize(&location, SUBJECT);
        refused(&scene, &scene.back(&query(&code, &asked["state"]), &cookie).await, name, why);
    }
    assert_eq!(scene.idp.counts().token, 0, "no code was sent anywhere");
    // Of another browser, of none, of another gateway; changed on the way.
    let (mine, my_cookie) = scene.begin().await;
    let (_, other_cookie) = scene.begin().await;
    let (code, asked) = scene.idp.authorize(&mine, SUBJECT);
    let query = scene.query(&code, &asked["state"]);
    refused(&scene, &scene.back(&query, "").await, "no cookie", "brings no sign-in");
    refused(&scene, &scene.back(&query, &other_cookie).await, "another browser", "another sign-in");
    let mut bent = my_cookie.clone().into_bytes();
    let last = bent.len() - 3;
    bent[last] = if bent[last] == b'A' { b'B' } else { b'A' };
    let bent = String::from_utf8(bent).expect("text");
    refused(&scene, &scene.back(&query, &bent).await, "a bent cookie", "not begun here");
    refused(&scene, &scene.back(&query, "natbase-oidc=%00").await, "rubbish", "not begun here");
    refused(&scene, &scene.back(&query, &format!("natbase-oidc={}", "A".repeat(4_001))).await, "long", "too long");
    // A code that was given for another's sign-in fits no other verifier.
    let (theirs, _) = scene.begin().await;
    let (their_code, _) = scene.idp.authorize(&theirs, "s-2");
    let injected = scene.query(&their_code, &asked["state"]);
    refused(&scene, &scene.back(&injected, &my_cookie).await, "an injected code", "refuses what the gateway asks");
    refused(&scene, &scene.back(&query, &my_cookie).await, "spent by a failure", "finished before");
    // Twice, at once, and over a restart.
    let (location, cookie) = scene.begin().await;
    let (code, asked) = scene.idp.authorize(&location, SUBJECT);
    let query = scene.query(&code, &asked["state"]);
    let both = futures::future::join(scene.back(&query, &cookie), scene.back(&query, &cookie)).await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    refused(&scene, &scene.back(&query, &cookie).await, "again", "finished before");
    scene.house.restart();
    refused(&scene, &scene.back(&query, &cookie).await, "after a restart", "finished before");
    // A code used again under a sign-in of its own.
    let (location, cookie) = scene.begin().await;
    let query = scene.query(&code, &state(&location));
    refused(&scene, &scene.back(&query, &cookie).await, "a code again", "refuses what the gateway asks");
    // Too late; and what was spent is swept.
    let (location, cookie) = scene.begin().await;
    let (code, asked) = scene.idp.authorize(&location, SUBJECT);
    scene.pass(600);
    refused(&scene, &scene.back(&scene.query(&code, &asked["state"]), &cookie).await, "late", "10 minutes ago");
    scene.house.app.roster.sweep(scene.house.app.clock.now()).await.expect("swept");
    refused(&scene, &scene.back(&scene.query(&code, &asked["state"]), &cookie).await, "swept", "10 minutes ago");
    // Begun with a provider that is not the one any more.
    let (location, cookie) = scene.begin().await;
    let (pem, public) = client_key();
    let other = Idp::start(public, scene.house.now_s()).await;
    write(&scene.house, "client.pem", &pem, 0o600);
    scene.house.oidc = Some(config(&other.0.issuer));
    scene.house.restart();
    let query = format!("code=code-0&state={}&iss={}", state(&location), other.0.issuer);
    refused(&scene, &scene.back(&query, &cookie).await, "mixed up", "with another provider");
    assert_eq!(other.counts().token, 0, "the code went to nobody");
}
