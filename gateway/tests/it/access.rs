//! The access matrix: every route × caller × outcome, as a reviewed file.

use std::fmt::Write as _;

use crate::world::{EVERYBODY, Who, World};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access_matrix.txt");

/// A question of each route, on a protected and on an open dataset where it names one: (route, path, body).
fn questions() -> Vec<(&'static str, String, &'static str)> {
    let mut all = Vec::new();
    let per_dataset: [(&str, &str, &str); 14] = [
        ("catalogueEntry", "", ""),
        ("list", "/records", ""),
        ("query", "/records:query", "{}"),
        ("lookup", "/records:lookup", r#"{"keys":[{"citizen_id":"11010519491231002X"}]}"#),
        ("import", "/records:import", "{}\n"),
        ("export", "/records:export", r#"{"purpose":"x"}"#),
        ("record", "/records/one", ""),
        ("explain", "/explanation", ""),
        ("history", "/records/one/history", ""),
        ("claims", "/records/one/claims", ""),
        ("links", "/records/one/links", ""),
        ("statistics", "/statistics", ""),
        ("changes", "/changes", ""),
        ("search", "", ""),
    ];
    for dataset in [
        "population/persons",
        "legal-entity/enterprises",
        "culture/works",
        "population/vital-events",
        "legal-entity/beneficial-owners",
        "culture/sites",
        "geospatial/addresses",
    ] {
        for (route, path, body) in per_dataset {
            let path = match route {
                "search" => format!("/api/v1/search?q=x&dataset={dataset}"),
                _ => format!("/api/v1/datasets/{dataset}{path}"),
            };
            all.push((route, path, body));
        }
    }
    let single: [(&str, &str, &str); 80] = [
        ("search", "/api/v1/search?q=x", ""),
        ("searchByPost", "/api/v1/search", r#"{"q":"x"}"#),
        ("suggest", "/api/v1/suggest?q=x", ""),
        ("catalogue", "/api/v1/datasets", ""),
        ("importReport", "/api/v1/imports/b0000000000000007", ""),
        ("rejected", "/api/v1/imports/b0000000000000007/rejected.csv", ""),
        ("withdraw", "/api/v1/imports/b0000000000000007:withdraw", ""),
        (
            "verify",
            "/api/v1/population/verify",
            r#"{"items":[{"id_type":"citizen_id","number":"11010519491231002X","name":"杜甫"}]}"#,
        ),
        (
            "findPersons",
            "/api/v1/population/persons:search",
            r#"{"name":"杜甫","birth_date":"1949-12-31","division":"110105"}"#,
        ),
        ("ownership", "/api/v1/legal-entity/91350100M000100Y43/ownership", ""),
        ("divisionAt", "/api/v1/geospatial/divisions:at?lon=104&lat=30", ""),
        ("divisionSuccessors", "/api/v1/geospatial/divisions:successors?code=110103", ""),
        ("geocode", "/api/v1/geospatial/geocode?q=x", ""),
        ("geocodeMany", "/api/v1/geospatial/geocode", r#"{"items":[{"text":"x"}]}"#),
        ("series", "/api/v1/macroeconomy/series?indicator=NY.GDP.MKTP.CD&region=CHN", ""),
        ("codeList", "/api/v1/code-lists/none", ""),
        ("jobs", "/api/v1/jobs", ""),
        ("job", "/api/v1/jobs/J-0000000000000000", ""),
        ("jobFile", "/api/v1/jobs/J-0000000000000000/file", ""),
        ("jobCancel", "/api/v1/jobs/J-0000000000000000", ""),
        ("myAccesses", "/api/v1/me/accesses", ""),
        ("auditEntries", "/api/v1/audit/entries", ""),
        ("auditCheckpoint", "/api/v1/audit/checkpoint", ""),
        ("auditInclusion", "/api/v1/audit/inclusion?entry=0", ""),
        ("auditConsistency", "/api/v1/audit/consistency?from=1", ""),
        ("sharingCases", "/api/v1/sharing/requests", ""),
        (
            "sharingBegin",
            "/api/v1/sharing/requests",
            r#"{"dataset":"population/persons","fields":["name"],"purpose":"x","ground":"y","from":"2027-01-01","to":"2028-01-01"}"#,
        ),
        (
            "sharingBegin",
            "/api/v1/sharing/requests",
            r#"{"dataset":"geospatial/addresses","fields":["full"],"commitment":"x","purpose":"x","ground":"y","from":"2027-01-01","to":"2028-01-01"}"#,
        ),
        ("sharingCase", "/api/v1/sharing/requests/S-0000000000000000", ""),
        ("sharingStep", "/api/v1/sharing/requests/S-0000000000000000:sign", "{}"),
        ("corrections", "/api/v1/sharing/corrections", ""),
        (
            "correctionFile",
            "/api/v1/sharing/corrections",
            r#"{"dataset":"population/persons","record":"one","field":"name","believed":"x","evidence":"y"}"#,
        ),
        (
            "correctionFile",
            "/api/v1/sharing/corrections",
            r#"{"dataset":"legal-entity/beneficial-owners","record":"one","field":"name","believed":"x","evidence":"y"}"#,
        ),
        ("correction", "/api/v1/sharing/corrections/K-0000000000000000", ""),
        ("correctionStep", "/api/v1/sharing/corrections/K-0000000000000000:withdraw", "{}"),
        ("sharingAlerts", "/api/v1/sharing/alerts", ""),
        ("workingDays", "/api/v1/sharing/working-days?from=2026-09-24&days=10", ""),
        ("signIn", "/api/v1/sign-in", r#"{"name":"nobody.WHO","password":"x"}"#),
        ("signInRefresh", "/api/v1/sign-in:refresh", r#"{"refresh_token":"x"}"#),
        (
            "changePassword",
            "/api/v1/sign-in:change-password",
            r#"{"name":"no-one.WHO","password":"x","new_password":"Lotus-pond-1932"}"#,
        ),
        ("secondFactorEnrol", "/api/v1/sign-in:enrol", r#"{"name":"nemo.WHO","password":"x"}"#),
        (
            "secondFactorConfirm",
            "/api/v1/sign-in:confirm",
            r#"{"name":"nullus.WHO","password":"x","new_code":"123456"}"#,
        ),
        ("signOut", "/api/v1/sign-out", "{}"),
        ("accounts", "/api/v1/accounts", ""),
        ("accountOpen", "/api/v1/accounts", r#"{"kind":"person","name":"x","roles":["public"]}"#),
        ("accountChange", "/api/v1/accounts/person:nobody:disable", "{}"),
        ("approvals", "/api/v1/approvals", ""),
        ("approvalPropose", "/api/v1/approvals", r#"{"act":"rotate_signing_key"}"#),
        (
            "approvalPropose",
            "/api/v1/approvals",
            r#"{"act":"erase","dataset":"population/persons","record":"one","ground":"x"}"#,
        ),
        ("masterKeys", "/api/v1/master-keys", ""),
        ("erasures", "/api/v1/erasures?dataset=population/persons", ""),
        ("approvalJudge", "/api/v1/approvals/1:approve", r#"{"digest":"x"}"#),
        (
            "oauthToken",
            "/oauth/token",
            "grant_type=client_credentials&client_assertion=x&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("oauthMetadata", "/.well-known/oauth-authorization-server", ""),
        ("returnFlowBegin", "/api/v1/sharing/return-flows", r#"{"dataset":"population/persons","purpose":"x"}"#),
        ("sandbox", "/api/v1/sharing/sandbox", r#"{"dataset":"population/persons"}"#),
        ("sandbox", "/api/v1/sharing/sandbox", r#"{"dataset":"legal-entity/beneficial-owners"}"#),
        ("grantsImport", "/api/v1/sharing/grants:import", r#"{"grants":"x","evidence":"y"}"#),
        ("calendarNotice", "/api/v1/sharing/calendar", r#"{"notice":"date,kind,name"}"#),
        ("evaluation", "/api/v1/evaluation/2026-Q3", ""),
        ("evaluationMeasures", "/api/v1/evaluation/2026-Q3/measures", ""),
        ("evaluationReport", "/api/v1/evaluation/2026-Q3/report.xlsx", ""),
        ("evaluationObjections", "/api/v1/evaluation/2026-Q3/objections", ""),
        ("evaluationObject", "/api/v1/evaluation/2026-Q3/objections", r#"{"indicator":"on-time","reason":"x"}"#),
        ("evaluationStep", "/api/v1/evaluation/2026-Q3/objections/O-0000000000000000:uphold", r#"{"reason":"x"}"#),
        ("entries", "/api/v1/catalogue/entries", ""),
        ("entryBegin", "/api/v1/catalogue/entries", r#"{"items":{"title":"x","provider_code":"11100000PDY00001X7"}}"#),
        ("entryFile", "/api/v1/catalogue/entries:import", "x"),
        ("entry", "/api/v1/catalogue/entries/culture:works", ""),
        ("entry", "/api/v1/catalogue/entries/population:persons", ""),
        ("entry", "/api/v1/catalogue/entries/C-0000000000000000", ""),
        ("entryStep", "/api/v1/catalogue/entries/population:persons:amend", r#"{"ends":true,"reason":"x"}"#),
        ("entryStep", "/api/v1/catalogue/entries/C-0000000000000000:submit", "{}"),
        ("entryMetadata", "/api/v1/catalogue/entries/culture:works/metadata", ""),
        ("entryAlerts", "/api/v1/catalogue/alerts", ""),
        ("demands", "/api/v1/catalogue/demands", ""),
        ("demandAsk", "/api/v1/catalogue/demands", r#"{"title":"x","fields":["y"],"purpose":"z","ground":"g"}"#),
        ("demand", "/api/v1/catalogue/demands/N-0000000000000000", ""),
        ("demandStep", "/api/v1/catalogue/demands/N-0000000000000000:reject", r#"{"reason":"x"}"#),
        (
            "demandStep",
            "/api/v1/catalogue/demands/N-0000000000000000:name_source",
            r#"{"source":"11100000PDY00001X7"}"#,
        ),
    ];
    let ogc = [
        ("ogcLanding", "/ogc"),
        ("ogcApi", "/ogc/api"),
        ("ogcConformance", "/ogc/conformance"),
        ("ogcCollections", "/ogc/collections"),
        ("ogcGrids", "/ogc/tileMatrixSets"),
        ("ogcGridWebMercator", "/ogc/tileMatrixSets/WebMercatorQuad"),
        ("ogcGridCgcs2000", "/ogc/tileMatrixSets/CGCS2000Quad"),
        ("ogcFunctions", "/ogc/functions"),
        ("ogcCatalogue", "/ogc/collections/catalogue"),
        ("ogcCatalogueQueryables", "/ogc/collections/catalogue/queryables"),
        ("ogcRecords", "/ogc/collections/catalogue/items"),
        ("ogcRecord", "/ogc/collections/catalogue/items/culture:works"),
        ("ogcRecord", "/ogc/collections/catalogue/items/legal-entity:beneficial-owners"),
    ];
    all.extend(ogc.into_iter().map(|(route, path)| (route, path.to_owned(), "")));
    let per_collection = [
        ("ogcCollection", ""),
        ("ogcQueryables", "/queryables"),
        ("ogcItems", "/items"),
        ("ogcItems", "/items?bbox=100,20,110,40"),
        ("ogcItem", "/items/one"),
        ("ogcTileSets", "/tiles"),
        ("ogcTileSetWebMercator", "/tiles/WebMercatorQuad"),
        ("ogcTileSetCgcs2000", "/tiles/CGCS2000Quad"),
        ("ogcTileWebMercator", "/tiles/WebMercatorQuad/5/13/25"),
        ("ogcTileCgcs2000", "/tiles/CGCS2000Quad/5/10/50"),
        ("ogcTileXyz", "/xyz/5/25/13.pbf"),
        ("ogcTileJson", "/tilejson"),
    ];
    for collection in ["population:persons", "culture:works", "culture:sites", "geospatial:divisions"] {
        let paths = per_collection.map(|(route, path)| (route, format!("/ogc/collections/{collection}{path}"), ""));
        all.extend(paths);
    }
    all.extend(single.into_iter().map(|(route, path, body)| (route, path.to_owned(), body)));
    all
}

#[tokio::test]
async fn every_route_answers_every_caller_as_the_reviewed_matrix_says() {
    // Failed sign-ins are counted by peer; here one peer is everybody.
    let mut config = gateway::config::Config::default();
    config.tokens.failures_per_minute_max = 1_000;
    let world = World::with(config);
    world.sign_in(Who::Citizen).await;
    world.sign_in(Who::Company).await;
    let routes = gateway::http::route_list();
    let mut out = String::from(
        "# Route, path, and for each caller what comes: the status and, of a refusal, its code.\n\
         # department: a department without grant; accountable: it names officer and case; granted: also a grant on persons.\n\
         # citizen: a person as himself, record `one`, signed in with an account. company: somebody of a company, likewise.\n\
         # police and registrar own population and legal entities. Made by the test with BLESS=1; review every changed line.\n",
    );
    let mut covered = std::collections::BTreeSet::new();
    for (id, path, body) in questions() {
        let (method, _) = routes.iter().find(|(_, name, _)| *name == id).map(|(m, n, _)| (*m, *n)).expect("a route");
        covered.insert(id);
        let _ = writeln!(out, "{id} {method} {path}");
        for who in EVERYBODY.into_iter().chain([Who::Citizen, Who::Company]) {
            let body = body.replace("WHO", &format!("{who:?}").to_lowercase());
            let (status, answer) = world.ask(who, method, &path, &body).await;
            if id == "signOut" && [Who::Citizen, Who::Company].contains(&who) {
                world.sign_in(who).await;
            }
            let code = answer["code"].as_str().or(answer["error"].as_str()).unwrap_or_default();
            let what = if status == 200 && id != "jobs" { shown(&answer) } else { code.to_owned() };
            let _ = writeln!(out, "  {:<14} {status} {what}", format!("{who:?}").to_lowercase());
        }
    }
    for (_, id, _) in &routes {
        assert!(covered.contains(id), "route `{id}` is not in the matrix");
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(FILE, &out).expect("written");
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    for (line, (kept, now)) in kept.lines().zip(out.lines()).enumerate() {
        assert_eq!(kept, now, "access_matrix.txt, line {}", line + 1);
    }
    assert_eq!(kept.lines().count(), out.lines().count(), "access_matrix.txt has other lines");
}

/// A6: what the server alone says of a thing is no member of any body, whoever sends it.
#[tokio::test]
async fn members_that_are_the_servers_own_are_refused_everywhere() {
    let mut config = gateway::config::Config::default();
    config.tokens.failures_per_minute_max = 10_000;
    let world = World::with(config);
    let routes = gateway::http::route_list();
    let own = ["version", "id", "owner", "class", "created_at", "recorded_from", "provenance", "policy_version"];
    let mut asked = 0;
    for (id, path, body) in questions() {
        let Ok(serde_json::Value::Object(members)) = serde_json::from_str(body) else { continue };
        if path.contains(":import") {
            // Rows, not members: an unknown column is refused row by row.
            continue;
        }
        let method = routes.iter().find(|(_, name, _)| *name == id).map(|(m, _, _)| *m).expect("a route");
        for name in own.into_iter().filter(|name| !members.contains_key(*name)) {
            let mut more = members.clone();
            more.insert(name.to_owned(), "x".into());
            for who in [Who::Public, Who::Police, Who::Authority] {
                let text = serde_json::Value::Object(more.clone()).to_string();
                let (status, answer) = world.ask(who, method, &path, &text).await;
                let code = answer["code"].as_str().unwrap_or_default();
                assert_eq!(status, 400, "{path} takes `{name}` of {who:?}: {answer}");
                assert!(code == "unknown_parameter" || code == "invalid_body", "{path} `{name}`: {answer}");
                asked += 1;
            }
        }
    }
    println!("A6: {asked} bodies with a member that is the server's own, all refused");
    assert!(asked > 500);
}

/// Names of the fields given, masked ones in brackets; how many items; how counts are given.
fn shown(answer: &serde_json::Value) -> String {
    let mut said = Vec::new();
    let first = &answer["items"][0];
    let record = [answer, first, &first["record"]].into_iter().find(|r| r["fields"].is_object());
    if let Some(record) = record {
        let masked: Vec<&str> =
            record["masked"].as_array().map(|m| m.iter().filter_map(|f| f.as_str()).collect()).unwrap_or_default();
        let names = record["fields"].as_object().expect("fields").keys();
        let names: Vec<String> =
            names.map(|n| if masked.contains(&n.as_str()) { format!("[{n}]") } else { n.clone() }).collect();
        said.push(names.join(" "));
    } else if let Some(items) = answer["items"].as_array() {
        said.push(format!("{} items", items.len()));
    }
    let feature = if answer["features"].is_array() { &answer["features"][0] } else { answer };
    if let Some(properties) = feature["properties"].as_object() {
        let given = properties.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str());
        let place = if feature["geometry"].is_null() { "no geometry" } else { "geometry" };
        said.push(format!("{}; {place}", given.collect::<Vec<_>>().join(" ")));
    }
    if let Some(collections) = answer["collections"].as_array() {
        said.push(collections.iter().filter_map(|c| c["id"].as_str()).collect::<Vec<_>>().join(" "));
    }
    if let Some(kind) = answer["total"]["kind"].as_str() {
        said.push(format!("total {kind}"));
    }
    said.join("; ")
}

#[tokio::test]
async fn four_callers_get_four_answers_about_a_person() {
    let world = World::new();
    let path = "/api/v1/datasets/population/persons/records:lookup";
    let body = r#"{"keys":[{"citizen_id":"11010519491231002X"}]}"#;
    let (status, owner) = world.ask(Who::Police, "POST", path, body).await;
    assert_eq!(status, 200, "{owner}");
    let fields = &owner["items"][0]["record"]["fields"];
    assert_eq!(fields["citizen_id"], "11010519491231002X");
    let (status, granted) = world.ask(Who::Granted, "POST", path, body).await;
    assert_eq!(status, 200, "{granted}");
    let record = &granted["items"][0]["record"];
    assert_eq!(record["masked"], serde_json::json!(["domicile_address"]));
    assert!(record["fields"]["death_date"].is_null() && record["fields"]["name"] == "杜甫");
    let (status, other) = world.ask(Who::Department, "POST", path, body).await;
    assert_eq!((status, other["code"].as_str()), (403, Some("grant_required")));
    let (status, public) = world.ask(Who::Public, "POST", path, body).await;
    assert_eq!((status, public["code"].as_str()), (403, Some("forbidden")));
}

#[tokio::test]
async fn a_grant_holds_for_its_department_dataset_period_act_and_officer_only() {
    let world = World::new();
    let persons = "/api/v1/datasets/population/persons/records/one";
    /// Grant, path, case, officer; status and code.
    type Case = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, u16, &'static str);
    let cases: [Case; 8] = [
        ("G-1", persons, Some("C"), Some("007"), 200, ""),
        ("G-1", persons, None, Some("007"), 403, "grant_required"),
        ("G-1", persons, Some("C"), None, 403, "grant_required"),
        ("G-OVER", persons, Some("C"), Some("007"), 403, "grant_refused"),
        ("G-NONE", persons, Some("C"), Some("007"), 403, "grant_refused"),
        ("G-1", "/api/v1/datasets/culture/works/records/one", Some("C"), Some("007"), 200, ""),
        ("G-1", "/api/v1/datasets/population/persons/records/one/history", Some("C"), Some("007"), 403, "forbidden"),
        ("G-1", "/api/v1/datasets/population/persons/records/none", Some("C"), Some("007"), 404, "not_found"),
    ];
    for (grant, path, case, officer, status, code) in cases {
        let mut request = world.request(Who::Department, "GET", path).header("natbase-grant", grant);
        if let Some(case) = case {
            request = request.header("natbase-case", case);
        }
        if let Some(officer) = officer {
            request = request.header("natbase-officer", officer);
        }
        let request = request.body(axum::body::Body::empty()).expect("a request");
        let (got, answer) = crate::world::read(world.send(request).await).await;
        assert_eq!((got, answer["code"].as_str().unwrap_or_default()), (status, code), "{grant} {path} {answer}");
    }
}

#[tokio::test]
async fn a_grants_rows_a_day_run_out() {
    let world = World::new();
    let path = "/api/v1/datasets/population/persons/records:lookup";
    let keys = vec![r#"{"citizen_id":"11010519491231002X"}"#; 50].join(",");
    let (status, _) = world.ask(Who::Granted, "POST", path, &format!("{{\"keys\":[{keys}]}}")).await;
    assert_eq!(status, 200);
    let (status, answer) = world.ask(Who::Granted, "POST", path, &format!("{{\"keys\":[{keys}]}}")).await;
    assert_eq!((status, answer["code"].as_str()), (429, Some("ceiling_reached")));
}

#[tokio::test]
async fn every_decision_can_be_explained() {
    let world = World::new();
    let base = "/api/v1/datasets/population/persons/explanation";
    let (status, granted) = world.ask(Who::Granted, "GET", &format!("{base}?act=lookup"), "").await;
    assert_eq!((status, &granted["permitted"], &granted["grant"]), (200, &true.into(), &"G-1".into()), "{granted}");
    let field = |answer: &serde_json::Value, name: &str| {
        let fields = answer["fields"].as_array().expect("fields").clone();
        fields.iter().find(|f| f["field"] == name).expect("a field")["seen"].clone()
    };
    assert_eq!((field(&granted, "name"), field(&granted, "domicile_address")), ("plain".into(), "masked".into()));
    assert_eq!(field(&granted, "death_date"), "hidden");
    let policy = &granted["policies"][0];
    assert!(policy["law"].as_str().is_some_and(|law| law.contains("809")), "{policy}");
    for (who, act, detail) in [
        (Who::Department, "lookup", "a grant that covers it"),
        (Who::Granted, "search", "a policy forbids it"),
        (Who::Public, "get", "no policy permits it"),
        (Who::Auditor, "get", "a policy forbids it"),
    ] {
        let (status, answer) = world.ask(who, "GET", &format!("{base}?act={act}"), "").await;
        assert_eq!((status, &answer["permitted"]), (200, &false.into()), "{who:?} {act}");
        let said = answer["detail"].as_str().expect("a reason");
        assert!(said.starts_with(detail), "{who:?} {act}: {said}");
    }
    assert_eq!(world.ask(Who::Police, "GET", &format!("{base}?act=audit"), "").await.0, 400);
    // What is explained is what is done.
    for who in crate::world::EVERYBODY {
        for dataset in
            ["population/persons", "legal-entity/enterprises", "legal-entity/beneficial-owners", "culture/sites"]
        {
            let path = format!("/api/v1/datasets/{dataset}");
            let (_, told) = world.ask(who, "GET", &format!("{path}/explanation?act=get"), "").await;
            let (done, _) = world.ask(who, "GET", &format!("{path}/records/one"), "").await;
            assert_eq!(told["permitted"] == true, done == 200, "{who:?} {dataset}: {told}");
        }
    }
}
