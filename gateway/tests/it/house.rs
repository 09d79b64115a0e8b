//! A gateway with accounts, which can be closed and opened again on the same rows.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use foundation::clock::FixedClock;
use foundation::service::BaseDatabase;
use foundation::store::memory::MemoryStore;
use foundation::value::Instant;
use gateway::app::{App, Parts};
use gateway::ask::{AccountsRequest, Ask, NewAccount};
use gateway::config::Config;
use gateway::flow::{AccountsAnswer, Content, Envelope};
use gateway::master_keys::MasterKeys;
use gateway::token::{Issuer, Role, Subject};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::base::Table;
use crate::world::{NOON, read};

/// Rules on what persons are told of accesses, in a house's directory.
pub(crate) const RULES: &str = "access-rules.toml";

pub(crate) struct House {
    store: Arc<MemoryStore>,
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) app: Arc<App>,
    router: Router,
    pub(crate) issuer: Issuer,
    /// The identity provider, from the next start on.
    pub(crate) oidc: Option<gateway::config::OidcConfig>,
    databases: Vec<Arc<dyn BaseDatabase>>,
    config: Config,
    /// Every secret that was given out or used, for the log to be searched for.
    pub(crate) secrets: Vec<String>,
    master_keys: Option<(Arc<MasterKeys>, TempDir)>,
}

/// A person who can sign in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) seed: String,
    pub(crate) recovery: Vec<String>,
}

/// What a sign-in gave.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with("", "")
    }

    /// A house with grants, and rules on what persons are told of accesses; empty = none, and those of the program.
    pub(crate) fn with(grants: &str, rules: &str) -> Self {
        let databases = vec![
            Table::serve(legal_entity::domain().expect("definitions")),
            Table::serve(population::domain().expect("definitions")),
        ];
        Self::over(databases, Config::default(), grants, rules)
    }

    /// The same over other base databases.
    pub(crate) fn over(databases: Vec<Arc<dyn BaseDatabase>>, config: Config, grants: &str, rules: &str) -> Self {
        let clock = Arc::new(FixedClock::at(NOON));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let dir = tempfile::tempdir().expect("a directory");
        let issuer = Issuer::open(&dir.path().join("issuer.key")).expect("an issuer");
        std::fs::write(dir.path().join("jwks.json"), issuer.jwks()).expect("written");
        std::fs::write(dir.path().join("grants.toml"), grants).expect("written");
        if !rules.is_empty() {
            std::fs::write(dir.path().join(RULES), rules).expect("written");
        }
        let (app, router) = open(&store, &dir, &clock, &databases, &config, None).expect("a gateway");
        let (oidc, master_keys) = (None, None);
        Self { store, dir, clock, app, router, issuer, oidc, databases, config, master_keys, secrets: Vec::new() }
    }

    /// A house over these base databases, whose records are sealed; what lies in `outside` lasts as long as the house.
    pub(crate) fn sealed(databases: Vec<Arc<dyn BaseDatabase>>, keys: Arc<MasterKeys>, outside: TempDir) -> Self {
        let mut house = Self::new();
        (house.databases, house.master_keys) = (databases, Some((keys, outside)));
        house.restart();
        house
    }

    /// Closes the gateway, and opens it on the same rows.
    pub(crate) fn restart(&mut self) {
        self.start_again().expect("a gateway");
    }

    /// The same, or why it does not start.
    pub(crate) fn start_again(&mut self) -> Result<(), String> {
        self.app.stop();
        self.app.audit.shutdown();
        let config = Config { oidc: self.oidc.clone(), ..self.config.clone() };
        let keys = self.master_keys.as_ref().map(|(keys, _)| Arc::clone(keys));
        let (app, router) = open(&self.store, &self.dir, &self.clock, &self.databases, &config, keys)?;
        (self.app, self.router) = (app, router);
        Ok(())
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.set(Instant(self.app.clock.now().0 + seconds * 1_000_000));
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.app.clock.now().0 / 1_000_000
    }

    /// A request with a bearer token.
    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(request.body(text.into()).expect("a request")).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (u16, Value) {
        read(self.raw(request).await).await
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> axum::http::Response<Body> {
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    /// A form to the token endpoint.
    pub(crate) async fn form(&self, pairs: &[(&str, &str)]) -> (u16, Value) {
        let escaped =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<String> = pairs.iter().map(|(n, v)| format!("{}={}", escaped(n), escaped(v))).collect();
        let request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.join("&").into()).expect("a request")).await
    }

    /// A security administrator made on the data directory; gives the initial password.
    pub(crate) async fn found(&mut self, name: &str) -> Result<String, gateway::problem::Problem> {
        let subject = Subject { subject: "command".into(), roles: vec![Role::Security], ..Subject::default() };
        let token = self.issuer.issue(&self.app.config.tokens, &subject, self.now_s(), 3_600);
        let (parts, ()) = Request::builder().uri("/").body(()).expect("a request").into_parts();
        let envelope = Envelope::of(&self.app, &parts, "natbase account add").with_token(Some(token));
        let account = NewAccount {
            kind: gateway::accounts::Kind::Person,
            name: name.to_owned(),
            department: None,
            company: None,
            roles: [Role::Security].into_iter().collect(),
            officer: None,
            level: None,
            ends_us: None,
            jwks: None,
            oidc_subject: None,
            holder: None,
        };
        let ask = Ask::Accounts(Box::new(AccountsRequest::Found(Box::new(account))));
        let masked = gateway::flow::answer(&self.app, &envelope, Ok(ask)).await?;
        let Content::Accounts(AccountsAnswer::Taken(taken)) = masked.content() else { panic!("another answer") };
        let secret = taken.secret.as_ref().expect("a secret").reveal().to_owned();
        self.secrets.push(secret.clone());
        Ok(secret)
    }

    /// From the initial password to the first sign-in: another password, a second factor.
    pub(crate) async fn settle(&mut self, name: &str, initial: &str) -> Person {
        let password = format!("Lotus-Pond-{}", name.len() * 7919);
        let body = json!({"name": name, "password": initial, "new_password": password});
        let (status, said) = self.ask("", "POST", "/api/v1/sign-in:change-password", body).await;
        assert_eq!(status, 200, "{name}: {said}");
        let body = json!({"name": name, "password": password});
        let (status, drawn) = self.ask("", "POST", "/api/v1/sign-in:enrol", body).await;
        assert_eq!(status, 200, "{drawn}");
        let seed = drawn["seed"].as_str().expect("a seed").to_owned();
        assert!(drawn["url"].as_str().is_some_and(|url| url.starts_with("otpauth://totp/")), "{drawn}");
        let body = json!({"name": name, "password": password, "new_code": self.code(&seed)});
        let (status, given) = self.ask("", "POST", "/api/v1/sign-in:confirm", body).await;
        assert_eq!(status, 200, "{given}");
        let recovery: Vec<String> = serde_json::from_value(given["recovery_codes"].clone()).expect("codes");
        self.secrets.extend([password.clone(), seed.clone()]);
        self.secrets.extend(recovery.clone());
        Person { name: name.to_owned(), password, seed, recovery }
    }

    /// The code of a second factor now.
    pub(crate) fn code(&self, seed: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(seed).expect("base 32");
        let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a factor");
        totp.generate(u64::try_from(self.now_s()).expect("a time")).to_string()
    }

    /// Signs in with the next code.
    pub(crate) async fn sign_in(&mut self, person: &Person) -> Signed {
        self.pass(30);
        let code = self.code(&person.seed);
        let body = json!({"name": person.name, "password": person.password, "code": code});
        let (status, tokens) = self.ask("", "POST", "/api/v1/sign-in", body).await;
        assert_eq!(status, 200, "{}: {tokens}", person.name);
        let text = |member: &str| tokens[member].as_str().expect("a token").to_owned();
        let signed = Signed { access: text("access_token"), refresh: text("refresh_token") };
        self.secrets.extend([signed.access.clone(), signed.refresh.clone()]);
        signed
    }

    /// Two security administrators, signed in.
    pub(crate) async fn two(&mut self) -> [(Person, Signed); 2] {
        let mut both = Vec::new();
        for name in ["li.shan", "wang.he"] {
            let initial = self.found(name).await.expect("founded");
            let person = self.settle(name, &initial).await;
            let signed = self.sign_in(&person).await;
            both.push((person, signed));
        }
        both.try_into().expect("two")
    }

    /// Opens an account, the second administrator approving where it takes two; gives id and secret.
    pub(crate) async fn open(&mut self, two: &[(Person, Signed); 2], body: Value) -> (String, String) {
        let (status, taken) = self.ask(&two[0].1.access, "POST", "/api/v1/accounts", body).await;
        assert_eq!(status, 200, "{taken}");
        let mut secret = taken["secret"].as_str().unwrap_or_default().to_owned();
        if taken["proposal"]["state"] == "open" {
            let half = self.approve(&two[1].1.access, &taken["proposal"]).await;
            if let Some(half) = half["secret"].as_str() {
                secret = format!("{secret}.{half}");
            }
        }
        self.secrets.push(secret.clone());
        (taken["account"].as_str().expect("an id").to_owned(), secret)
    }

    pub(crate) async fn approve(&self, token: &str, proposal: &Value) -> Value {
        let path = format!("/api/v1/approvals/{}:approve", proposal["number"]);
        let (status, taken) = self.ask(token, "POST", &path, json!({"digest": proposal["digest"]})).await;
        assert_eq!(status, 200, "{taken}");
        taken
    }

    /// A change of an account, approved by the other where it takes two.
    pub(crate) async fn change(&self, two: &[(Person, Signed); 2], id: &str, step: &str, body: Value) -> Value {
        let path = format!("/api/v1/accounts/{id}:{step}");
        let (status, taken) = self.ask(&two[0].1.access, "POST", &path, body).await;
        assert_eq!(status, 200, "{taken}");
        if taken["proposal"]["state"] == "open" {
            return self.approve(&two[1].1.access, &taken["proposal"]).await;
        }
        taken
    }

    /// Entries in the log, newest first.
    pub(crate) fn entries(&self) -> Vec<gateway::audit::Entry> {
        let all = gateway::audit::EntryFilter::default();
        let entries = gateway::audit::entries(self.app.audit.directory(), &all, 100_000).expect("a log");
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

fn open(
    store: &Arc<MemoryStore>,
    dir: &TempDir,
    clock: &Arc<FixedClock>,
    databases: &[Arc<dyn BaseDatabase>],
    config: &Config,
    master_keys: Option<Arc<MasterKeys>>,
) -> Result<(Arc<App>, Router), String> {
    let mut config = config.clone();
    config.tokens.failures_per_minute_max = 10_000;
    config.people.access_rules = Some(RULES.into()).filter(|_| dir.path().join(RULES).exists());
    let parts = Parts {
        databases: databases.to_vec(),
        master_keys,
        store: store.clone(),
        config,
        definitions: gateway::catalogue::definitions::Definitions::new(dir.path(), []),
        data: dir.path().to_owned(),
        clock: clock.clone(),
        demo: true,
    };
    // On a thread and runtime of its own: the log's opening waits, if a request was cut off.
    let opened = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(App::open(parts)).map_err(|e| e.to_string())
    });
    let app = opened.join().expect("no panic")?;
    let router = gateway::http::router(&app);
    Ok((app, router))
}
