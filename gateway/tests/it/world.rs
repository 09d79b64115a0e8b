//! A gateway with callers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use foundation::clock::FixedClock;
use foundation::service::BaseDatabase;
use foundation::store::memory::MemoryStore;
use foundation::value::Instant;
use gateway::accounts::{Kind, Secret};
use gateway::app::{App, Parts};
use gateway::ask::{AccountsRequest, Ask, Holder, NewAccount};
use gateway::catalogue::definitions::Definitions;
use gateway::config::Config;
use gateway::flow::{AccountsAnswer, Content, Envelope};
use gateway::token::{Issuer, Role, Subject};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::base::{COMPANY, Table};

/// The day on which all tests play: 2026-11-23, noon in the country.
pub(crate) const NOON: Instant = Instant(1_795_406_400_000_000);
/// Provider of `population/persons`.
pub(crate) const POLICE: &str = "11100000PDY00001X7";
/// Provider of `legal-entity/enterprises`.
pub(crate) const REGISTRAR: &str = "11100000PDY0000287";
/// A department that provides nothing.
pub(crate) const OTHER: &str = "11100000PDY0000999";

/// An authority for sharing.
pub(crate) const AUTHORITY: &str = "11100000PDY00003X1";

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) router: Router,
    pub(crate) issuer: Issuer,
    pub(crate) dir: Arc<TempDir>,
    pub(crate) store: Arc<MemoryStore>,
    databases: Vec<Arc<dyn BaseDatabase>>,
    /// Tokens of those who sign in with accounts, and their recovery codes that are left, by name.
    signed: std::sync::Mutex<BTreeMap<&'static str, (String, Vec<String>)>>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Public,
    Department,
    Granted,
    Accountable,
    Police,
    Registrar,
    Auditor,
    Administrator,
    Authority,
    Security,
    /// The department of culture: not among those of the matrix.
    Culture,
    /// Record `one` as himself; signed in by [`World::sign_in`].
    Citizen,
    /// Somebody of a company who may sign for it; signed in by [`World::sign_in`].
    Company,
}

pub(crate) const EVERYBODY: [Who; 10] = [
    Who::Public,
    Who::Department,
    Who::Accountable,
    Who::Granted,
    Who::Police,
    Who::Registrar,
    Who::Auditor,
    Who::Administrator,
    Who::Authority,
    Who::Security,
];

/// The file of grants.
pub(crate) const GRANTS: &str = r#"
[[grant]]
id = "G-1"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["citizen_id", "name", "sex", "birth_date"]
masked = ["domicile_address"]
purpose = "办理社会保险登记"
ground = "社会保险法第五十八条"
from = "2026-01-01"
to = "2027-01-01"
rows-per-answer-max = 100
rows-per-day-max = 50

[[grant]]
id = "G-OVER"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["name"]
purpose = "过期"
ground = "过期"
from = "2025-01-01"
to = "2026-01-01"
"#;

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        let databases = vec![
            Table::serve(population::domain().expect("definitions")),
            Table::serve(legal_entity::domain().expect("definitions")),
            Table::serve(macroeconomy::domain().expect("definitions")),
            Table::serve(culture::domain().expect("definitions")),
            Table::serve(geospatial::domain().expect("definitions")),
        ];
        Self::over(databases, config, GRANTS)
    }

    /// A gateway over base databases, with the grants of a file.
    pub(crate) fn over(databases: Vec<Arc<dyn BaseDatabase>>, config: Config, grants: &str) -> Self {
        let none = tempfile::tempdir().expect("a directory");
        Self::over_with_keys(databases, config, grants, none.path())
    }

    /// The same, with the node's keys of a directory.
    pub(crate) fn over_with_keys(
        databases: Vec<Arc<dyn BaseDatabase>>,
        config: Config,
        grants: &str,
        keys: &std::path::Path,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("keys")).expect("made");
        for item in std::fs::read_dir(keys).expect("keys") {
            let path = item.expect("a key").path();
            std::fs::copy(&path, dir.path().join("keys").join(path.file_name().expect("a name"))).expect("copied");
        }
        let issuer = Issuer::open(&dir.path().join("issuer.key")).expect("an issuer");
        std::fs::write(dir.path().join("jwks.json"), issuer.jwks()).expect("written");
        std::fs::write(dir.path().join("grants.toml"), grants).expect("written");
        Self::opened(databases, config, Arc::new(dir), issuer)
    }

    fn opened(
        databases: Vec<Arc<dyn BaseDatabase>>,
        config: Config,
        dir: Arc<tempfile::TempDir>,
        issuer: Issuer,
    ) -> Self {
        let clock = Arc::new(FixedClock::at(NOON));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let parts = Parts {
            master_keys: None,
            databases: databases.clone(),
            store: store.clone(),
            config,
            definitions: Definitions::new(dir.path(), databases.iter().flat_map(|database| database.datasets())),
            data: dir.path().to_owned(),
            clock: clock.clone(),
            demo: true,
        };
        let app = futures::executor::block_on(App::open(parts)).map_err(|e| e.to_string()).expect("a gateway");
        let signed = std::sync::Mutex::default();
        Self { router: gateway::http::router(&app), app, clock, issuer, dir, store, databases, signed }
    }

    /// The gateway after a restart: everything is read from its directory again.
    pub(crate) fn again(&self) -> Self {
        self.app.audit.shutdown();
        let issuer = Issuer::open(&self.dir.path().join("issuer.key")).expect("an issuer");
        Self::opened(self.databases.clone(), self.app.config.clone(), Arc::clone(&self.dir), issuer)
    }

    /// A token for `who`, if he has one.
    pub(crate) fn token(&self, who: Who) -> Option<String> {
        let (department, roles): (Option<&str>, &[Role]) = match who {
            Who::Public => return None,
            Who::Citizen | Who::Company => {
                return self.signed.lock().expect("unbroken").get(name_of(who)).map(|(token, _)| token.clone());
            }
            Who::Department | Who::Granted | Who::Accountable => (Some(OTHER), &[Role::Department]),
            Who::Police => (Some(POLICE), &[Role::Department, Role::Owner]),
            Who::Registrar => (Some(REGISTRAR), &[Role::Department, Role::Owner]),
            Who::Culture => (Some("11100000PDY000044W"), &[Role::Department, Role::Owner]),
            Who::Auditor => (None, &[Role::Auditor]),
            Who::Administrator => (None, &[Role::Administrator]),
            Who::Authority => (Some(AUTHORITY), &[Role::Authority]),
            Who::Security => (None, &[Role::Security]),
        };
        let subject = Subject {
            subject: format!("{who:?}").to_lowercase(),
            department: department.map(str::to_owned),
            roles: roles.to_vec(),
            officer: None,
            record: None,
            company: None,
        };
        Some(self.issuer.issue(&self.app.config.tokens, &subject, NOON.0 / 1_000_000, 3_600))
    }

    /// Signs the citizen or the company in; the first time the account is opened.
    pub(crate) async fn sign_in(&self, who: Who) {
        let name = name_of(who);
        let password = "Lotus-Pond-1932";
        let ask = async |path: &str, body: serde_json::Value| {
            let (status, said) = self.ask(Who::Public, "POST", path, &body.to_string()).await;
            assert_eq!(status, 200, "{path}: {said}");
            said
        };
        let mut codes = self.signed.lock().expect("unbroken").remove(name).map(|(_, codes)| codes).unwrap_or_default();
        if codes.is_empty() {
            let holder = (who == Who::Citizen)
                .then(|| Holder { id_type: "citizen_id".into(), number: Secret::new("11010519491231002X") });
            let (kind, company, roles): (_, _, &[Role]) = match who {
                Who::Citizen => (Kind::Citizen, None, &[Role::Citizen]),
                _ => (Kind::Person, Some(COMPANY.to_owned()), &[Role::Company, Role::Signatory]),
            };
            let account = NewAccount {
                kind,
                name: name.into(),
                department: None,
                company,
                roles: roles.iter().copied().collect(),
                officer: None,
                level: None,
                ends_us: None,
                jwks: None,
                oidc_subject: None,
                holder,
            };
            let (parts, ()) = Request::builder().uri("/").body(()).expect("a request").into_parts();
            let envelope = Envelope::of(&self.app, &parts, "natbase account add").with_token(self.token(Who::Security));
            let found = Ask::Accounts(Box::new(AccountsRequest::Found(Box::new(account))));
            let masked = gateway::flow::answer(&self.app, &envelope, Ok(found)).await.expect("an account");
            let Content::Accounts(AccountsAnswer::Taken(taken)) = masked.content() else { panic!("another answer") };
            let initial = taken.secret.as_ref().expect("a secret").reveal().to_owned();
            let body = json!({"name": name, "password": initial, "new_password": password});
            ask("/api/v1/sign-in:change-password", body).await;
            let drawn = ask("/api/v1/sign-in:enrol", json!({"name": name, "password": password})).await;
            let seed = totp_rs::Secret::try_from_base32(drawn["seed"].as_str().expect("a seed")).expect("base 32");
            let totp = totp_rs::Builder::new().with_secret(seed).build().expect("a factor");
            let code = totp.generate(u64::try_from(self.app.clock.now().0 / 1_000_000).expect("a time")).to_string();
            let body = json!({"name": name, "password": password, "new_code": code});
            let given = ask("/api/v1/sign-in:confirm", body).await;
            codes = serde_json::from_value(given["recovery_codes"].clone()).expect("codes");
        }
        let body = json!({"name": name, "password": password, "code": codes.pop()});
        let tokens = ask("/api/v1/sign-in", body).await;
        let token = tokens["access_token"].as_str().expect("a token").to_owned();
        self.signed.lock().expect("unbroken").insert(name, (token, codes));
    }

    pub(crate) fn request(&self, who: Who, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = self.token(who) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if matches!(who, Who::Granted) {
            request = request.header("natbase-grant", "G-1");
        }
        if matches!(who, Who::Granted | Who::Accountable) {
            request = request.header("natbase-case", "C-1").header("natbase-officer", "007");
        }
        request
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    /// Status and body as JSON (or text in a JSON string).
    pub(crate) async fn ask(&self, who: Who, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let mut request = self.request(who, method, path);
        if !body.is_empty() {
            let kind = match path {
                "/oauth/token" => "application/x-www-form-urlencoded",
                path if path.contains("records:import") => "application/x-ndjson",
                path if path.contains("entries:import") => "application/toml",
                _ => "application/json",
            };
            request = request.header("content-type", kind);
        }
        read(self.send(request.body(Body::from(body.to_owned())).expect("a request")).await).await
    }

    /// Entries in the log.
    pub(crate) fn entries(&self) -> Vec<(u64, gateway::audit::Entry)> {
        let all = gateway::audit::EntryFilter::default();
        gateway::audit::entries(self.app.audit.directory(), &all, 100_000).expect("a log")
    }
}

/// The name of the account of who signs in with one.
fn name_of(who: Who) -> &'static str {
    if who == Who::Citizen { "du.fu" } else { "yang.guo" }
}

pub(crate) async fn read(response: Response<Body>) -> (u16, serde_json::Value) {
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await.expect("a body");
    // Tiles are no text.
    let text = String::from_utf8_lossy(&bytes);
    (status, serde_json::from_str(&text).unwrap_or_else(|_| serde_json::Value::String(text.into_owned())))
}
