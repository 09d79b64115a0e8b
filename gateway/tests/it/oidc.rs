//! Signing in by an identity provider: as it should be, and some hundred ways in which it should not.

mod browser;
mod document;
mod hostile;
mod provider;

use std::os::unix::fs::PermissionsExt as _;

use axum::http::{HeaderMap, Request};
use gateway::audit::Entry;
use gateway::config::{AccountsConfig, OidcConfig};
use gateway::oidc::Provider;
use provider::{CLIENT, Idp, SECRET, Signing, client_key};
use serde_json::{Value, json};

use crate::house::{House, Person, Signed};
use crate::world::OTHER;

const CATALOGUE: &str = "/api/v1/datasets";
const SUBJECT: &str = "248289761001";
/// What a wrong password is answered with.
const REFUSED: &str = "name, password or code are not accepted";

/// A house with its provider, two administrators, and a reader who is `SUBJECT` there.
struct Scene {
    house: House,
    idp: Idp,
    two: [(Person, Signed); 2],
}

fn write(house: &House, name: &str, text: &str, mode: u32) {
    let file = house.dir.path().join(name);
    std::fs::write(&file, text).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
}

fn config(issuer: &str) -> OidcConfig {
    OidcConfig {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        name: Some("部门统一认证".to_owned()),
        client_key: Some("client.pem".into()),
        client_key_id: Some("natbase-1".to_owned()),
        client_secret: None,
        authorities: None,
        redirect_base: None,
        origins: Vec::new(),
        second_factor_acr: Vec::new(),
        second_factor_amr: vec!["mfa".to_owned(), "hwk".to_owned()],
        timeout_s: 4,
    }
}

impl Scene {
    async fn new() -> Self {
        let mut house = House::new();
        let (pem, public) = client_key();
        let idp = Idp::start(public, house.now_s()).await;
        write(&house, "client.pem", &pem, 0o600);
        house.oidc = Some(config(&idp.0.issuer));
        house.restart();
        let two = house.two().await;
        let mut scene = Self { house, idp, two };
        scene.bind("zhang.san", SUBJECT, json!(["department"])).await;
        scene
    }

    async fn bind(&mut self, name: &str, subject: &str, roles: Value) {
        let mut body = json!({"kind": "person", "name": name, "roles": roles, "oidc_subject": subject});
        if body["roles"][0] == "department" {
            body["department"] = json!(OTHER);
        }
        let (_, secret) = self.house.open(&self.two, body).await;
        assert_eq!(secret, "", "there is no password");
    }

    /// Time goes by; the provider's clock goes along.
    fn pass(&self, seconds: i64) {
        self.house.pass(seconds);
        self.tell_time();
    }

    fn tell_time(&self) {
        *self.idp.0.now_s.lock().expect("a lock") = self.house.now_s();
    }

    async fn begin_with(&self, form: &str) -> Answer {
        self.tell_time();
        let request =
            Request::post("/sign-in/oidc?lang=en").header("content-type", "application/x-www-form-urlencoded");
        Answer::of(self.house.raw(request.body(form.to_owned().into()).expect("a request")).await).await
    }

    /// Begins a sign-in; gives where the browser is sent, and its cookie.
    async fn begin(&self) -> (String, String) {
        self.begin_with("").await.sent()
    }

    async fn back(&self, query: &str, cookie: &str) -> Answer {
        let path = format!("/sign-in/oidc/callback?{query}");
        let mut request = Request::get(path).header("accept-language", "en").header("sec-fetch-site", "cross-site");
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        Answer::of(self.house.raw(request.body("".into()).expect("a request")).await).await
    }

    /// The whole way, as `subject`.
    async fn sign_in(&self, subject: &str) -> Answer {
        let (location, cookie) = self.begin().await;
        let (code, asked) = self.idp.authorize(&location, subject);
        self.back(&self.query(&code, &asked["state"]), &cookie).await
    }

    fn query(&self, code: &str, state: &str) -> String {
        format!("code={code}&state={state}&iss={}&session_state=abc", self.idp.0.issuer)
    }

    fn last(&self) -> Entry {
        self.house.entries().remove(0)
    }

    async fn works(&self, token: &str) -> u16 {
        self.house.ask(token, "GET", CATALOGUE, Value::Null).await.0
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    async fn of(response: axum::http::Response<axum::body::Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// The value that a cookie is set to, and the whole text of it.
    fn cookie(&self, name: &str) -> Option<(String, String)> {
        let all = self.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok());
        let mut all = all.filter_map(|c| Some((c.split(';').next()?.strip_prefix(name)?.strip_prefix('=')?, c)));
        all.next().map(|(value, whole)| (value.to_owned(), whole.to_owned()))
    }

    fn goes_to(&self) -> String {
        let refresh = self.headers.get("refresh").expect("it goes on").to_str().expect("text");
        refresh.strip_prefix("0; url=").expect("at once").to_owned()
    }

    fn sent(&self) -> (String, String) {
        assert_eq!(self.status, 200, "{}", self.text);
        let (value, whole) = self.cookie("natbase-oidc").expect("a sign-in");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"] {
            assert!(whole.contains(part), "{whole}");
        }
        (self.goes_to(), format!("natbase-oidc={value}"))
    }

    fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text);
        let (value, whole) = self.cookie("natbase-token").expect("a token");
        assert!(whole.contains("HttpOnly; SameSite=Strict"), "{whole}");
        assert!(self.cookie("natbase-oidc").expect("forgotten").1.contains("Max-Age=0"));
        percent_encoding::percent_decode_str(&value).decode_utf8_lossy().into_owned()
    }
}

/// Nothing but the refusal of a wrong password, no session, the sign-in forgotten, and an entry that says why.
fn refused(scene: &Scene, answer: &Answer, name: &str, why: &str) {
    let down = why == "does not answer";
    assert_eq!(answer.status, if down { 503 } else { 401 }, "{name}: {}", answer.text);
    assert!(answer.cookie("natbase-token").is_none(), "{name}: a session");
    assert!(answer.cookie("natbase-oidc").is_some_and(|(value, _)| value.is_empty()), "{name}: the sign-in stays");
    assert!(down || answer.text.contains(REFUSED), "{name}: other words");
    let entry = scene.last();
    assert_eq!(entry.route, "GET /sign-in/oidc/callback", "{name}");
    let code = if down { "unavailable" } else { "sign_in_refused" };
    assert_eq!((entry.code.as_str(), entry.subject.as_str()), (code, ""), "{name}: {}", entry.cause);
    assert!(entry.cause.contains(why), "{name}: {}", entry.cause);
    assert!(down || !answer.text.contains(&entry.cause), "{name}: the cause is told");
}

#[tokio::test]
async fn a_reader_signs_in_with_every_algorithm_and_has_the_session_that_a_password_gives() {
    let scene = Scene::new().await;
    for signing in [Signing::Ed, Signing::Es, Signing::Rs, Signing::Ps] {
        scene.idp.script(|script| script.signing = signing);
        let answer = scene.sign_in(SUBJECT).await;
        let token = answer.token();
        assert_eq!(answer.goes_to(), "/?lang=en");
        assert_eq!(scene.works(&token).await, 200, "{signing:?}");
        let entries = scene.house.entries();
        let entry = entries.iter().find(|e| e.route == "GET /sign-in/oidc/callback").expect("an entry");
        assert_eq!((entry.subject.as_str(), entry.status), ("person:zhang.san", 200));
    }
    let counts = scene.idp.counts();
    assert_eq!((counts.discovery, counts.keys, counts.token, counts.elsewhere), (1, 1, 4, 0), "what is known is kept");
    // It holds as long as a session, and ends with it, with the account, and with signing out.
    let token = scene.sign_in(SUBJECT).await.token();
    scene.pass(8 * 3_600 - 60);
    assert_eq!(scene.works(&token).await, 200);
    scene.pass(120);
    assert_eq!(scene.works(&token).await, 401, "a session's time");
    let token = scene.sign_in(SUBJECT).await.token();
    let cookie = format!("natbase-token={token}");
    let out = Request::post("/sign-out").header("cookie", cookie).body("".into()).expect("a request");
    assert_eq!(scene.house.raw(out).await.status(), 303);
    assert_eq!(scene.works(&token).await, 401, "signed out");
    // Nothing that is secret stands in the log.
    let text = format!("{:?}", scene.house.entries());
    assert!(!text.contains(&token) && !text.contains("code-") && !text.contains(SUBJECT), "a secret stands in the log");
}

#[tokio::test]
async fn the_account_alone_says_whether_and_as_what() {
    let mut scene = Scene::new().await;
    let refused = async |scene: &Scene, subject: &str, why: &str, who: &str| {
        let answer = scene.sign_in(subject).await;
        assert_eq!(answer.status, 401, "{why}");
        assert!(answer.text.contains(REFUSED) && answer.cookie("natbase-token").is_none(), "{why}");
        let entry = scene.last();
        assert_eq!((entry.code.as_str(), entry.subject.as_str()), ("sign_in_refused", who), "{why}");
        assert!(entry.cause.contains(why), "{}", entry.cause);
    };
    refused(&scene, "somebody.else", "no account is bound", "").await;
    refused(&scene, "248289761001 ", "no account is bound", "").await;
    // An administrator, and by default a reader too: only with a second factor, in the words that are configured.
    scene.bind("zhao.liu", "s-2", json!(["security"])).await;
    for amr in [vec![], vec!["pwd"], vec!["otp", "MFA"]] {
        *scene.idp.0.amr.lock().expect("a lock") = amr;
        refused(&scene, "s-2", "second factor", "person:zhao.liu").await;
        refused(&scene, SUBJECT, "second factor", "person:zhang.san").await;
    }
    *scene.idp.0.amr.lock().expect("a lock") = vec!["hwk"];
    let token = scene.sign_in("s-2").await.token();
    assert_eq!(scene.house.ask(&token, "GET", "/api/v1/accounts", Value::Null).await.0, 200);
    // Both lists, where both are configured; and where none is, nothing is a second factor.
    for (acr, amr, holds) in [
        (vec!["gold"], vec!["hwk"], false),
        (vec!["gold", "urn:example:silver"], vec!["hwk"], true),
        (vec!["urn:example:silver"], vec!["mfa"], false),
        (vec!["urn:example:silver"], vec![], true),
        (vec![], vec![], false),
    ] {
        let mut config = config(&scene.idp.0.issuer);
        config.second_factor_acr = acr.into_iter().map(str::to_owned).collect();
        config.second_factor_amr = amr.into_iter().map(str::to_owned).collect();
        scene.house.oidc = Some(config);
        scene.house.restart();
        if holds {
            scene.sign_in("s-2").await.token();
        } else {
            refused(&scene, "s-2", "second factor", "person:zhao.liu").await;
        }
    }
    scene.house.oidc = Some(config(&scene.idp.0.issuer));
    scene.house.restart();
    // Disabled: no more sign-ins, and none of before.
    let token = scene.sign_in(SUBJECT).await.token();
    scene.house.change(&scene.two, "person:zhang.san", "disable", json!({})).await;
    assert_eq!(scene.works(&token).await, 401);
    refused(&scene, SUBJECT, "disabled", "person:zhang.san").await;
    scene.house.change(&scene.two, "person:zhang.san", "enable", json!({})).await;
    scene.sign_in(SUBJECT).await.token();
    // Given a password, the account is a password's alone, over a restart too.
    scene.house.change(&scene.two, "person:zhang.san", "reset", json!({})).await;
    refused(&scene, SUBJECT, "no account is bound", "").await;
    scene.house.restart();
    refused(&scene, SUBJECT, "no account is bound", "").await;
    // Another issuer's subject of the same name is somebody else.
    let (pem, public) = client_key();
    scene.idp = Idp::start(public, scene.house.now_s()).await;
    write(&scene.house, "client.pem", &pem, 0o600);
    scene.house.oidc = Some(config(&scene.idp.0.issuer));
    scene.house.restart();
    refused(&scene, "s-2", "no account is bound", "").await;
}

#[tokio::test]
async fn an_account_is_bound_to_one_subject_and_has_no_password() {
    let mut scene = Scene::new().await;
    let admin = scene.two[0].1.access.clone();
    let post = |body: Value| scene.house.ask(&admin, "POST", "/api/v1/accounts", body);
    let reader = |name: &str, subject: &str| json!({"kind": "person", "name": name, "department": OTHER, "roles": ["department"], "oidc_subject": subject});
    let (status, said) = post(reader("li.si", SUBJECT)).await;
    assert_eq!((status, said["code"].as_str()), (409, Some("conflict")), "{said}");
    for unsound in ["x".repeat(256), "a\u{1}b".into(), "张三".into()] {
        let (status, said) = post(reader("li.si", &unsound)).await;
        assert!([400, 422].contains(&status), "{unsound}: {said}");
    }
    let jwks = json!({"keys": []});
    for body in [
        json!({"kind": "key", "name": "night.run", "department": OTHER, "roles": ["department"], "level": 2, "to": "2027-01-01", "oidc_subject": "k"}),
        json!({"kind": "program", "name": "tax.office", "department": OTHER, "roles": ["department"], "level": 2, "jwks": jwks, "oidc_subject": "k"}),
        json!({"kind": "citizen", "name": "du.fu", "id_type": "citizen_id", "number": "1", "oidc_subject": "k"}),
    ] {
        let (status, said) = post(body).await;
        assert_eq!((status, said["member"].as_str()), (422, Some("oidc_subject")), "{said}");
    }
    let (_, all) = scene.house.ask(&admin, "GET", "/api/v1/accounts?kind=person", Value::Null).await;
    let bound = all["items"].as_array().expect("a list").iter().find(|one| one["name"] == "zhang.san").expect("shown");
    assert_eq!(
        (bound["oidc_subject"].as_str(), bound["oidc_issuer"].as_str()),
        (Some(SUBJECT), Some(scene.idp.0.issuer.as_str()))
    );
    for step in ["sign-in", "sign-in:enrol", "sign-in:change-password"] {
        for password in ["", SUBJECT, "Lotus-Pond-1932"] {
            let mut body = json!({"name": "zhang.san", "password": password});
            if step == "sign-in:change-password" {
                body["new_password"] = json!("Autumn-Pond-77");
            }
            let status = scene.house.ask("", "POST", &format!("/api/v1/{step}"), body).await.0;
            assert!([400, 401, 429].contains(&status), "{step}: {status}");
        }
    }
    // An administrator's takes two people, and without a provider nobody is bound to one.
    let body = json!({"kind": "person", "name": "qian.qi", "roles": ["auditor"], "oidc_subject": "a-1"});
    let (_, taken) = scene.house.ask(&admin, "POST", "/api/v1/accounts", body.clone()).await;
    assert_eq!(taken["proposal"]["state"], "open", "{taken}");
    assert_eq!(scene.sign_in("a-1").await.status, 401, "not approved");
    scene.house.oidc = None;
    scene.house.restart();
    let (status, said) = scene.house.ask(&admin, "POST", "/api/v1/accounts", reader("li.si", "s-9")).await;
    assert_eq!((status, said["member"].as_str()), (422, Some("oidc_subject")), "{said}");
    assert_eq!(scene.begin_with("").await.status, 404);
    assert_eq!(scene.back("code=a&state=b", "").await.status, 404);
    let page = Request::get("/sign-in").body("".into()).expect("a request");
    assert!(!Answer::of(scene.house.raw(page).await).await.text.contains("/sign-in/oidc"));
}

#[tokio::test]
async fn one_comes_back_to_the_page_that_asked_and_to_no_other_site() {
    let scene = Scene::new().await;
    let page = async |path: &str| {
        let request = Request::get(path).header("accept-language", "en").body("".into()).expect("a request");
        Answer::of(scene.house.raw(request).await).await
    };
    let answer = page("/accesses?lang=en").await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.text.contains("/sign-in?lang=en&amp;next=%2Faccesses%3Flang%3Den")
            || answer.text.contains("/sign-in?lang=en&#38;next=%2Faccesses%3Flang%3Den"),
        "{}",
        answer.text
    );
    let form = page("/sign-in?lang=en&next=%2Faccesses%3Flang%3Den").await;
    assert_eq!(form.text.matches("name=\"next\" value=\"/accesses?lang=en\"").count(), 2, "{}", form.text);
    assert!(form.text.contains("action=\"/sign-in/oidc?lang=en\"") && form.text.contains("Sign in with 部门统一认证"));
    let evil = page("/sign-in?next=%2F%2Fevil.example").await;
    assert!(!evil.text.contains("=\"//evil") && !evil.text.contains("name=\"next\""), "{}", evil.text);
    for (next, to) in [
        ("%2Faccesses%3Flang%3Den", "/accesses?lang=en"),
        ("%2F%2Fevil.example", "/?lang=en"),
        ("https%3A%2F%2Fevil.example", "/?lang=en"),
        ("%2F%5Cevil.example", "/?lang=en"),
        ("%2Fsign-out", "/?lang=en"),
        ("%2Faccesses%0d%0aSet-Cookie:a=b", "/?lang=en"),
        ("", "/?lang=en"),
    ] {
        let (location, cookie) =
            scene.begin_with(&format!("next={next}&grant=G-1&case=C%207&officer=007")).await.sent();
        assert!(location.starts_with(&scene.idp.0.issuer) && !location.contains("evil"), "{location}");
        assert!(location.contains("redirect_uri=http%3A%2F%2F127%2E0%2E0%2E1%3A8080%2Fsign%2Din%2Foidc%2Fcallback"));
        let (code, asked) = scene.idp.authorize(&location, SUBJECT);
        let answer = scene.back(&scene.query(&code, &asked["state"]), &cookie).await;
        answer.token();
        assert_eq!(answer.goes_to(), to, "{next}");
        assert_eq!(answer.cookie("natbase-case").expect("kept").0, "C%207");
        assert!(!answer.text.contains(&code) && !answer.text.contains(&asked["state"]), "they stand in the page");
    }
    // From another site nobody is sent off, and a page is no way to begin.
    let foreign = Request::post("/sign-in/oidc").header("sec-fetch-site", "cross-site");
    let foreign =
        foreign.header("content-type", "application/x-www-form-urlencoded").body("".into()).expect("a request");
    assert_eq!(scene.house.raw(foreign).await.status(), 403);
    assert_eq!(page("/sign-in/oidc").await.status, 405);
    // Nor does the form for passwords lead elsewhere.
    for (next, to) in [("%2Faccesses", "/accesses"), ("%2F%2Fevil.example", "/")] {
        let (person, _) = &scene.two[0];
        scene.pass(30);
        let body = format!(
            "name={}&password={}&code={}&next={next}",
            person.name,
            person.password,
            scene.house.code(&person.seed)
        );
        let request = Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::of(scene.house.raw(request.body(body.into()).expect("a request")).await).await;
        assert_eq!(answer.status, 303);
        let location = answer.headers["location"].to_str().expect("text");
        assert_eq!(location.split('?').next(), Some(to), "{next}");
    }
}

#[tokio::test]
async fn a_secret_proves_the_client_too_and_a_configuration_that_is_not_sound_stops_the_start() {
    let mut scene = Scene::new().await;
    write(&scene.house, "client.secret", &format!("{SECRET}\n"), 0o600);
    let basic = OidcConfig {
        client_key: None,
        client_key_id: None,
        client_secret: Some("client.secret".into()),
        ..config(&scene.idp.0.issuer)
    };
    scene.house.oidc = Some(basic.clone());
    scene.house.restart();
    scene.sign_in(SUBJECT).await.token();
    let dir = scene.house.dir.path().to_owned();
    let open = |config: &OidcConfig| {
        Provider::open(config, &AccountsConfig::default(), &dir).map(|_| ()).map_err(|e| e.to_string())
    };
    let sound = config(&scene.idp.0.issuer);
    assert_eq!(open(&sound), Ok(()));
    write(&scene.house, "open.pem", &std::fs::read_to_string(dir.join("client.pem")).expect("a key"), 0o640);
    write(&scene.house, "rubbish.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600);
    write(&scene.house, "empty", " \n", 0o600);
    let https = "https://id.example".to_owned();
    let cases: Vec<(&str, OidcConfig)> = vec![
        ("issuer", OidcConfig { issuer: "http://id.example".into(), ..sound.clone() }),
        ("issuer", OidcConfig { issuer: "https://id.example?x=y".into(), ..sound.clone() }),
        ("authorities", OidcConfig { issuer: https.clone(), ..sound.clone() }),
        ("authorities", OidcConfig { issuer: https.clone(), authorities: Some("none.pem".into()), ..sound.clone() }),
        ("authorities", OidcConfig { issuer: https, authorities: Some("client.pem".into()), ..sound.clone() }),
        ("client-id", OidcConfig { client_id: String::new(), ..sound.clone() }),
        ("client-key", OidcConfig { client_secret: Some("client.secret".into()), ..sound.clone() }),
        ("client-key", OidcConfig { client_key: None, ..sound.clone() }),
        ("client-key: ", OidcConfig { client_key: Some("open.pem".into()), ..sound.clone() }),
        ("client-key: ", OidcConfig { client_key: Some("rubbish.pem".into()), ..sound.clone() }),
        ("client-key: ", OidcConfig { client_key: Some("absent.pem".into()), ..sound.clone() }),
        ("client-secret: ", OidcConfig { client_secret: Some("empty".into()), ..basic }),
        ("redirect-base", OidcConfig { redirect_base: Some("http://natbase.example".into()), ..sound.clone() }),
        ("origins", OidcConfig { origins: vec!["id.example".into()], ..sound.clone() }),
        ("timeout-s", OidcConfig { timeout_s: 0, ..sound.clone() }),
    ];
    for (key, config) in cases {
        let said = open(&config).expect_err(key);
        assert!(said.starts_with("[oidc] ") && said.contains(key), "{key}: {said}");
    }
    // Over TLS the cookie is one that no other host can set.
    let secure = OidcConfig { redirect_base: Some("https://natbase.example/".into()), ..sound };
    scene.house.oidc = Some(secure);
    scene.house.restart();
    let answer = scene.begin_with("").await;
    let (_, whole) = answer.cookie("__Host-natbase-oidc").expect("a cookie");
    assert!(whole.contains("; Secure") && whole.contains("; Path=/;") && !whole.contains("Domain"), "{whole}");
    assert!(answer.goes_to().contains("redirect_uri=https%3A%2F%2Fnatbase%2Eexample%2Fsign%2Din%2Foidc%2Fcallback"));
}
