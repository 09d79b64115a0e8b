//! Accounts over HTTP: signing in, two people, separation, revocation.

use axum::http::Request;
use serde_json::{Value, json};

use crate::house::{House, Person, Signed};
use crate::world::{OTHER, POLICE};

const CATALOGUE: &str = "/api/v1/datasets";

/// How a token does on a question that anybody may ask: 200, or 401 if it is not accepted.
async fn accepted(house: &House, token: &str) -> bool {
    match house.ask(token, "GET", CATALOGUE, Value::Null).await.0 {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

async fn try_in(house: &House, person: &Person, code: &str) -> (u16, Value) {
    let body = json!({"name": person.name, "password": person.password, "code": code});
    house.ask("", "POST", "/api/v1/sign-in", body).await
}

#[tokio::test]
async fn the_first_sign_in_takes_another_password_and_a_second_factor() {
    let mut house = House::new();
    let initial = house.found("li.shan").await.expect("founded");
    let with = |password: &str| json!({"name": "li.shan", "password": password});
    let ask = |path: &'static str, body: Value| house.ask("", "POST", path, body);
    let (status, said) = ask("/api/v1/sign-in", with(&initial)).await;
    assert_eq!(
        (status, said["code"].as_str(), said["member"].as_str()),
        (403, Some("sign_in_incomplete"), Some("new_password"))
    );
    let (status, said) = ask("/api/v1/sign-in:enrol", with(&initial)).await;
    assert_eq!((status, said["member"].as_str()), (403, Some("new_password")), "{said}");
    for (weak, rule) in [("short-1A", "12 to 128"), ("li.shan-Lotus-1932", "name"), ("Password-2026!!", "guessed")] {
        let mut body = with(&initial);
        body["new_password"] = json!(weak);
        let (status, said) = ask("/api/v1/sign-in:change-password", body).await;
        assert_eq!((status, said["code"].as_str()), (422, Some("unprocessable")), "{weak}");
        assert!(said["detail"].as_str().is_some_and(|detail| detail.contains(rule)), "{said}");
    }
    let mut body = with(&initial);
    body["new_password"] = json!("Lotus-Pond-1932");
    assert_eq!(ask("/api/v1/sign-in:change-password", body).await.0, 200);
    assert_eq!(ask("/api/v1/sign-in", with(&initial)).await.0, 401, "the initial password is gone");
    let (status, said) = ask("/api/v1/sign-in", with("Lotus-Pond-1932")).await;
    assert_eq!((status, said["member"].as_str()), (403, Some("code")), "{said}");
    let (status, _) = ask("/api/v1/sign-in:enrol", with("Lotus-Pond-1932")).await;
    assert_eq!(status, 200);
    assert_eq!(ask("/api/v1/sign-in", with("Lotus-Pond-1932")).await.0, 403, "not confirmed yet");
    // An initial password that nobody used lapses.
    let late = house.found("wang.he").await.expect("founded");
    house.pass(7 * 86_400);
    let body = json!({"name": "wang.he", "password": late, "new_password": "Lotus-Pond-1932"});
    assert_eq!(house.ask("", "POST", "/api/v1/sign-in:change-password", body).await.0, 401);
}

#[tokio::test]
async fn a_password_ages() {
    let mut house = House::new();
    let [(person, _), _] = house.two().await;
    house.pass(90 * 86_400);
    let (status, said) = try_in(&house, &person, &house.code(&person.seed)).await;
    assert_eq!((status, said["member"].as_str()), (403, Some("new_password")), "{said}");
    house.pass(30);
    let code = house.code(&person.seed);
    let body =
        json!({"name": person.name, "password": person.password, "code": code, "new_password": "Autumn-Pond-77"});
    assert_eq!(house.ask("", "POST", "/api/v1/sign-in:change-password", body).await.0, 200);
    let changed = Person { password: "Autumn-Pond-77".into(), ..person };
    house.sign_in(&changed).await;
}

#[tokio::test]
async fn five_failures_lock_a_name_known_or_not_and_a_restart_forgets_nothing() {
    let mut house = House::new();
    let [(person, signed), _] = house.two().await;
    let wrong = |name: &str| json!({"name": name, "password": "Wrong-Pond-1932", "code": "123456"});
    let known = person.name.clone();
    house.pass(30);
    for round in 0..7 {
        let mut answers = Vec::new();
        for name in [known.as_str(), "nobody.here"] {
            let (status, mut said) = house.ask("", "POST", "/api/v1/sign-in", wrong(name)).await;
            said["instance"] = Value::Null;
            answers.push((status, said));
        }
        assert_eq!(answers[0], answers[1], "round {round}: the same for a name that is known and one that is not");
        assert_eq!(answers[0].0, if round < 5 { 401 } else { 429 }, "round {round}");
        if round == 2 {
            house.restart();
        }
    }
    assert_eq!(try_in(&house, &person, &house.code(&person.seed)).await.0, 429, "nor with the right password");
    house.restart();
    house.app.roster.sweep(house.app.clock.now()).await.expect("swept");
    assert_eq!(try_in(&house, &person, &house.code(&person.seed)).await.0, 429, "nor after a restart and a sweep");
    assert!(accepted(&house, &signed.access).await, "who is signed in goes on");
    house.pass(600);
    assert_eq!(try_in(&house, &person, &house.code(&person.seed)).await.0, 200);
}

/// However many come at the same moment, no more are tried than the limit.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_same_moment_are_counted_one_by_one() {
    let mut house = House::new();
    let [(person, _), _] = house.two().await;
    house.pass(30);
    let body = json!({"name": person.name, "password": "Wrong-Pond-1932"});
    let all = (0..24).map(|_| house.ask("", "POST", "/api/v1/sign-in", body.clone()));
    let statuses: Vec<u16> = futures::future::join_all(all).await.into_iter().map(|(status, _)| status).collect();
    let of = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((of(401), of(429)), (5, 19), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_so_is_a_recovery_code() {
    let mut house = House::new();
    let [(person, _), _] = house.two().await;
    house.pass(60);
    let before = house.clock.clone();
    house.pass(-30);
    let earlier = house.code(&person.seed);
    house.pass(30);
    let code = house.code(&person.seed);
    // Two at the same moment with one code: one of them.
    let both = futures::future::join(try_in(&house, &person, &code), try_in(&house, &person, &code)).await;
    let mut statuses = [both.0.0, both.1.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{both:?}");
    assert_eq!(try_in(&house, &person, &code).await.0, 401, "used");
    assert_eq!(try_in(&house, &person, &earlier).await.0, 401, "older than one that was used");
    house.restart();
    assert_eq!(try_in(&house, &person, &code).await.0, 401, "used, after a restart");
    drop(before);
    assert_eq!(try_in(&house, &person, "").await.0, 401, "none at all");
    house.pass(600);
    assert_eq!(try_in(&house, &person, &person.recovery[3]).await.0, 200);
    assert_eq!(try_in(&house, &person, &person.recovery[3]).await.0, 401);
    assert_eq!(try_in(&house, &person, &person.recovery[4]).await.0, 200);
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session() {
    let mut house = House::new();
    let [(person, first), _] = house.two().await;
    let other = house.sign_in(&person).await;
    let refresh = |token: &str| json!({ "refresh_token": token });
    let ask = |body: Value| house.ask("", "POST", "/api/v1/sign-in:refresh", body);
    let (status, second) = ask(refresh(&first.refresh)).await;
    assert_eq!(status, 200, "{second}");
    let text = |member: &str| second[member].as_str().expect("a token").to_owned();
    let (second, renewed) = (Signed { access: text("access_token"), refresh: text("refresh_token") }, true);
    assert!(renewed && second.refresh != first.refresh);
    assert!(accepted(&house, &first.access).await && accepted(&house, &second.access).await);
    // Whoever has stolen the first is found out, whichever of the two comes second.
    let (status, said) = ask(refresh(&first.refresh)).await;
    assert_eq!((status, said["code"].as_str()), (401, Some("sign_in_refused")));
    assert_eq!(ask(refresh(&second.refresh)).await.0, 401, "the whole family");
    assert!(!accepted(&house, &first.access).await && !accepted(&house, &second.access).await);
    assert!(accepted(&house, &other.access).await, "another session goes on");
    // Out, and over.
    assert_eq!(house.ask(&other.access, "POST", "/api/v1/sign-out", json!({})).await.0, 200);
    assert!(!accepted(&house, &other.access).await);
    assert_eq!(ask(refresh(&other.refresh)).await.0, 401);
    // A session ends by itself.
    let last = house.sign_in(&person).await;
    house.pass(8 * 3_600);
    assert_eq!(house.ask("", "POST", "/api/v1/sign-in:refresh", refresh(&last.refresh)).await.0, 401);
    for unsound in ["", "x", "nbr_00_11", "nbr_0000000000000000000000000000000_x"] {
        let status = house.ask("", "POST", "/api/v1/sign-in:refresh", refresh(unsound)).await.0;
        assert_eq!(status, if unsound.is_empty() { 400 } else { 401 }, "{unsound}");
    }
}

#[tokio::test]
async fn nobody_holds_two_administrators_roles_and_none_reads_data() {
    let mut house = House::new();
    let two = house.two().await;
    let titles = ["administrator", "auditor", "security"];
    for (at, roles) in [
        ["administrator", "auditor"],
        ["administrator", "security"],
        ["auditor", "security"],
        ["security", "department"],
        ["auditor", "department"],
        ["administrator", "owner"],
        ["security", "authority"],
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"kind": "person", "name": format!("two.{at}"), "roles": roles, "department": OTHER});
        let (status, said) = house.ask(&two[0].1.access, "POST", "/api/v1/accounts", body).await;
        assert_eq!((status, said["code"].as_str()), (422, Some("unprocessable")), "{roles:?}: {said}");
    }
    for (kind, extra) in [("program", json!({"level": 4})), ("key", json!({"level": 4, "to": "2027-01-01"}))] {
        for title in titles {
            let mut body = json!({"kind": kind, "name": "machine", "roles": [title], "department": OTHER});
            if kind == "program" {
                body["jwks"] = json!(house.issuer.jwks());
            }
            body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            let (status, said) = house.ask(&two[0].1.access, "POST", "/api/v1/accounts", body).await;
            assert_eq!(status, 422, "administrators are people: {kind} {title}: {said}");
        }
    }
    let questions = [
        ("GET", "/api/v1/datasets/population/persons/records/one", json!(null), [403, 403, 403]),
        ("GET", "/api/v1/datasets/legal-entity/enterprises/records/one", json!(null), [403, 403, 403]),
        (
            "POST",
            "/api/v1/datasets/population/persons/records:lookup",
            json!({"keys": [{"citizen_id": "1"}]}),
            [403, 403, 403],
        ),
        ("GET", "/api/v1/search?q=x&dataset=legal-entity/enterprises", json!(null), [403, 403, 403]),
        ("GET", "/api/v1/audit/entries", json!(null), [403, 200, 403]),
        ("GET", "/api/v1/accounts", json!(null), [403, 403, 200]),
        ("GET", "/api/v1/approvals", json!(null), [403, 403, 200]),
        ("POST", "/api/v1/accounts/person:li.shan:disable", json!({"x": 1}), [400, 400, 400]),
        ("POST", "/api/v1/accounts/person:nobody:disable", json!({}), [403, 403, 404]),
        ("POST", "/api/v1/sharing/calendar", json!({"notice": "date,kind,name"}), [400, 403, 403]),
    ];
    let mut decided = 0;
    for (at, title) in titles.into_iter().enumerate() {
        let body = json!({"kind": "person", "name": format!("one.{title}"), "roles": [title]});
        let (id, initial) = house.open(&two, body).await;
        let person = house.settle(id.trim_start_matches("person:"), &initial).await;
        let signed = house.sign_in(&person).await;
        for (method, path, body, wanted) in &questions {
            let (status, said) = house.ask(&signed.access, method, path, body.clone()).await;
            assert_eq!(status, wanted[at], "{title} {method} {path}: {said}");
            decided += 1;
        }
    }
    println!("separation: {decided} questions, 13 pairs of roles refused");
}

#[tokio::test]
async fn what_takes_two_takes_two_people_within_three_days_and_the_very_content() {
    let mut house = House::new();
    let two = house.two().await;
    let [first, second] = [&two[0].1.access, &two[1].1.access];
    let key = |name: &str, roles: &[&str]| json!({"kind": "key", "name": name, "department": POLICE, "roles": roles, "level": 3, "to": "2027-06-30"});
    let (status, taken) =
        house.ask(first, "POST", "/api/v1/accounts", key("night-run", &["department", "owner"])).await;
    assert_eq!((status, taken["proposal"]["state"].as_str()), (200, Some("open")), "{taken}");
    let (half, proposal) = (taken["secret"].as_str().expect("a half").to_owned(), taken["proposal"].clone());
    assert!(!accepted(&house, &half).await, "not in force");
    let path = format!("/api/v1/approvals/{}:approve", proposal["number"]);
    let digest = json!({"digest": proposal["digest"]});
    let (status, said) = house.ask(first, "POST", &path, digest.clone()).await;
    assert_eq!((status, said["code"].as_str()), (403, Some("forbidden")), "the proposer: {said}");
    // A token of the department's issuer with the role is not a second person.
    let subject = gateway::token::Subject {
        subject: "person:zhao".into(),
        roles: vec![gateway::token::Role::Security],
        ..gateway::token::Subject::default()
    };
    let forged = house.issuer.issue(&house.app.config.tokens, &subject, house.now_s(), 600);
    assert_eq!(house.ask(&forged, "POST", &path, digest.clone()).await.0, 401, "another key speaks for an account");
    let subject = gateway::token::Subject { subject: "zhao".into(), ..subject };
    let outside = house.issuer.issue(&house.app.config.tokens, &subject, house.now_s(), 600);
    assert_eq!(house.ask(&outside, "POST", &path, digest.clone()).await.0, 403);
    for (path, body) in [
        ("/api/v1/approvals", json!({"act": "rotate_signing_key"})),
        ("/api/v1/accounts/person:li.shan:disable", json!({})),
        ("/api/v1/approvals/1:reject", json!({})),
    ] {
        assert_eq!(house.ask(&outside, "POST", path, body).await.0, 403, "{path}");
    }
    let (status, said) = house.ask(second, "POST", &path, json!({"digest": "00"})).await;
    assert_eq!(status, 409, "other content: {said}");
    house.restart();
    let approved = house.approve(second, &proposal).await;
    assert_eq!(approved["proposal"]["state"], "approved");
    let whole = format!("{half}.{}", approved["secret"].as_str().expect("the other half"));
    assert!(!accepted(&house, &half).await, "half a key is none");
    assert!(accepted(&house, &whole).await);
    assert_eq!(house.ask(second, "POST", &path, digest).await.0, 409, "approved already");
    // Rejected, or waited for in vain.
    let (_, taken) = house.ask(first, "POST", "/api/v1/accounts", key("evening-run", &["department", "owner"])).await;
    let number = taken["proposal"]["number"].clone();
    assert_eq!(house.ask(second, "POST", &format!("/api/v1/approvals/{number}:reject"), json!({})).await.0, 200);
    let path = format!("/api/v1/approvals/{number}:approve");
    let digest = json!({"digest": taken["proposal"]["digest"]});
    assert_eq!(house.ask(second, "POST", &path, digest).await.0, 409, "rejected");
    let (_, taken) = house.ask(first, "POST", "/api/v1/accounts", key("morning-run", &["department", "owner"])).await;
    house.pass(72 * 3_600);
    let again = house.sign_in(&two[1].0).await;
    let path = format!("/api/v1/approvals/{}:approve", taken["proposal"]["number"]);
    let digest = json!({"digest": taken["proposal"]["digest"]});
    let (status, said) = house.ask(&again.access, "POST", &path, digest).await;
    assert!(status == 409 && said["detail"].as_str().is_some_and(|d| d.contains("lapsed")), "{said}");
    // A reader's key takes one.
    let again_first = house.sign_in(&two[0].0).await;
    let (_, taken) = house.ask(&again_first.access, "POST", "/api/v1/accounts", key("noon-run", &["department"])).await;
    assert!(taken["proposal"].is_null(), "{taken}");
    assert!(accepted(&house, taken["secret"].as_str().expect("a key")).await);
    // The keys of the third administrator are not the second's: founding ends at two.
    let problem = house.found("third").await.expect_err("two are there");
    assert_eq!(problem.status(), 409);
}

#[tokio::test]
async fn what_is_revoked_is_refused_with_the_next_request_and_after_a_restart() {
    let mut house = House::new();
    let two = house.two().await;
    let reader =
        json!({"kind": "person", "name": "zhang.san", "department": OTHER, "roles": ["department"], "officer": "007"});
    let (id, initial) = house.open(&two, reader).await;
    let person = house.settle("zhang.san", &initial).await;
    let signed = house.sign_in(&person).await;
    assert!(accepted(&house, &signed.access).await);
    house.change(&two, &id, "disable", json!({})).await;
    assert!(!accepted(&house, &signed.access).await, "at once");
    house.restart();
    assert!(!accepted(&house, &signed.access).await, "after a restart");
    let body = json!({"refresh_token": signed.refresh});
    assert_eq!(house.ask("", "POST", "/api/v1/sign-in:refresh", body).await.0, 401);
    house.pass(30);
    assert_eq!(try_in(&house, &person, &house.code(&person.seed)).await.0, 401);
    house.change(&two, &id, "enable", json!({})).await;
    assert!(!accepted(&house, &signed.access).await, "what was issued before stays refused");
    let signed = house.sign_in(&person).await;
    house.change(&two, &id, "change_rights", json!({"department": POLICE, "roles": ["department", "owner"]})).await;
    assert!(!accepted(&house, &signed.access).await, "rights of before");
    let signed = house.sign_in(&person).await;
    let taken = house.change(&two, &id, "reset", json!({})).await;
    assert!(taken["secret"].is_string() && !accepted(&house, &signed.access).await, "reset: {taken}");
    // A key.
    let key = json!({"kind": "key", "name": "night-run", "department": OTHER, "roles": ["department"], "level": 2, "to": "2026-12-31"});
    let (key_id, key) = house.open(&two, key).await;
    assert!(accepted(&house, &key).await);
    let (_, listed) = house.ask(&two[0].1.access, "GET", "/api/v1/accounts?kind=key", Value::Null).await;
    assert!(listed["items"][0]["last_use"].is_string() && !listed.to_string().contains(&key), "{listed}");
    house.app.roster.sweep(house.app.clock.now()).await.expect("swept");
    house.restart();
    let (_, again) = house.ask(&two[0].1.access, "GET", "/api/v1/accounts?kind=key", Value::Null).await;
    assert_eq!(again["items"], listed["items"], "the last use is kept");
    let cut = &key[..key.len() - 1];
    for wrong in [
        cut.to_owned(),
        format!("{cut}g"),
        format!("{key}.x"),
        key.replace("nbk_", "nbk_0"),
        format!("nbk_00000000_{}", "0".repeat(64)),
    ] {
        assert!(!accepted(&house, &wrong).await, "{wrong}");
    }
    house.change(&two, &key_id, "disable", json!({})).await;
    assert!(!accepted(&house, &key).await);
    let key = json!({"kind": "key", "name": "day-run", "department": OTHER, "roles": ["department"], "level": 2, "to": "2026-11-24"});
    let (_, key) = house.open(&two, key).await;
    assert!(accepted(&house, &key).await);
    // The signing key is rotated: the tokens of before are refused, sessions go on.
    let (_, taken) =
        house.ask(&two[0].1.access, "POST", "/api/v1/approvals", json!({"act": "rotate_signing_key"})).await;
    house.approve(&two[1].1.access, &taken["proposal"]).await;
    assert!(!accepted(&house, &two[0].1.access).await && !accepted(&house, &two[1].1.access).await);
    let body = json!({"refresh_token": two[0].1.refresh});
    let (status, renewed) = house.ask("", "POST", "/api/v1/sign-in:refresh", body).await;
    assert_eq!(status, 200);
    let renewed = renewed["access_token"].as_str().expect("a token").to_owned();
    assert!(accepted(&house, &renewed).await);
    house.restart();
    assert!(accepted(&house, &renewed).await && !accepted(&house, &two[1].1.access).await);
    house.pass(2 * 86_400);
    assert!(!accepted(&house, &key).await, "the key has run out");
}

#[tokio::test]
async fn the_log_says_who_and_holds_no_secret() {
    let mut house = House::new();
    let two = house.two().await;
    let body = json!({"name": two[0].0.name, "password": "Wrong-Pond-1932", "code": "654321"});
    house.ask("", "POST", "/api/v1/sign-in", body).await;
    let body = json!({"name": "A-Password-Typed-As-Name", "password": "Wrong-Pond-1932"});
    house.ask("", "POST", "/api/v1/sign-in", body).await;
    house
        .open(
            &two,
            json!({"kind": "person", "name": "zhang.san", "department": POLICE, "roles": ["department", "owner"]}),
        )
        .await;
    house.secrets.extend(["Wrong-Pond-1932".to_owned(), "654321".to_owned(), "A-Password-Typed-As-Name".to_owned()]);
    let entries = house.entries();
    let of = |route: &str| entries.iter().filter(|e| e.route == route).cloned().collect::<Vec<_>>();
    let signed = of("POST /api/v1/sign-in");
    assert_eq!((signed[0].subject.as_str(), signed[0].cause.as_str()), ("", "there is no such account"));
    assert_eq!((signed[1].subject.as_str(), signed[1].status), ("person:li.shan", 401));
    assert!(signed[1].cause.contains("password"));
    assert_eq!((signed[2].subject.as_str(), signed[2].status), ("person:wang.he", 200));
    let opened = of("POST /api/v1/accounts");
    assert_eq!(
        (opened[0].subject.as_str(), opened[0].records.as_slice()),
        ("person:li.shan", &["person:zhang.san".to_owned()][..])
    );
    assert_eq!(of("POST /api/v1/approvals/{proposal}")[0].subject, "person:wang.he");
    assert_eq!(of("natbase account add").len(), 2);
    let text = format!("{entries:?}");
    let halves = house.secrets.iter().flat_map(|secret| secret.split('.')).filter(|part| part.len() >= 6);
    let searched: Vec<&str> = halves.chain(house.secrets.iter().map(String::as_str)).collect();
    for secret in &searched {
        assert!(!text.contains(secret), "a secret stands in the log");
    }
    // Nor do the files under the data directory hold one, the keys apart.
    let mut bytes = Vec::new();
    for item in std::fs::read_dir(house.app.audit.directory()).expect("a log") {
        bytes.extend(std::fs::read(item.expect("a file").path()).expect("readable"));
    }
    let kept = String::from_utf8_lossy(&bytes);
    assert!(searched.iter().all(|secret| !kept.contains(secret)));
    println!("{} secrets looked for in {} entries", searched.len(), entries.len());
}

#[tokio::test]
async fn the_portal_signs_in_by_account_and_out_for_good() {
    let mut house = House::new();
    let two = house.two().await;
    let reader = json!({"kind": "person", "name": "zhang.san", "department": OTHER, "roles": ["department"]});
    let (_, initial) = house.open(&two, reader).await;
    let person = house.settle("zhang.san", &initial).await;
    house.pass(30);
    let form = |code: &str| format!("name=zhang.san&password={}&code={code}&token=", person.password);
    let post = |path: &str, cookie: &str, body: String| {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        request.header("cookie", cookie.to_owned()).body(body.into()).expect("a request")
    };
    assert_eq!(house.raw(post("/sign-in", "", form("000000"))).await.status(), 401);
    let response = house.raw(post("/sign-in", "natbase-token=stale", form(&house.code(&person.seed)))).await;
    assert_eq!(response.status(), 303);
    let cookies: Vec<&str> = response.headers().get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).collect();
    let token = cookies.iter().find(|c| c.starts_with("natbase-token=")).expect("a cookie");
    assert!(token.contains("HttpOnly") && token.contains("SameSite=Strict"), "{token}");
    let cookie = token.split(';').next().expect("a pair").to_owned();
    let page = |cookie: &str| {
        Request::get("/datasets").header("cookie", cookie.to_owned()).body("".into()).expect("a request")
    };
    let (status, text) = house.send(page(&cookie)).await;
    assert!(status == 200 && text.as_str().is_some_and(|t| t.contains("person:zhang.san")), "{status}");
    house.pass(3_600);
    assert_eq!(house.send(page(&cookie)).await.0, 200, "as long as the session");
    assert_eq!(house.raw(post("/sign-out", &cookie, String::new())).await.status(), 303);
    assert_eq!(house.send(page(&cookie)).await.0, 401, "the cookie that somebody kept is worth nothing");
}
