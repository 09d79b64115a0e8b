//! What HTTP callers can rely on.

use axum::body::Body;
use axum::http::Request;

use crate::world::{Who, World, read};

#[tokio::test]
async fn bad_questions_are_refused_by_name() {
    let world = World::new();
    let works = "/api/v1/datasets/culture/works/records";
    let cases: [(&str, &str, &str, u16, &str, &str); 19] = [
        ("GET", "/api/v1/search?colour=red", "", 400, "unknown_parameter", "colour"),
        ("GET", "/api/v1/search?q=a&q=b", "", 400, "repeated_parameter", "q"),
        ("GET", "/api/v1/search?limit=1001", "", 400, "invalid_parameter", "limit"),
        ("GET", "/api/v1/search?limit=0", "", 400, "invalid_parameter", "limit"),
        ("GET", "/api/v1/search?bbox=1,2,3", "", 400, "invalid_parameter", "bbox"),
        ("GET", "/api/v1/search?valid-at=yesterday", "", 400, "invalid_parameter", "valid-at"),
        ("GET", "/api/v1/search?database=weather", "", 400, "invalid_parameter", "database"),
        ("GET", "/api/v1/search?q=11010519491231002X", "", 400, "use_post", "q"),
        ("GET", "/api/v1/search?q=11010519491231002x&dataset=culture/works", "", 400, "use_post", "q"),
        ("GET", "/api/v1/search?cursor=abc", "", 410, "cursor_expired", "cursor"),
        ("POST", "/api/v1/search", r#"{"q":"a","colour":1}"#, 400, "unknown_parameter", "colour"),
        ("POST", "/api/v1/search", r#"{"q":"a","q":"b"}"#, 400, "repeated_parameter", ""),
        ("POST", "/api/v1/search", r#"{"valid-at":"2026-01-01"}"#, 400, "unknown_parameter", "valid-at"),
        ("POST", "/api/v1/search", "[1]", 400, "invalid_body", ""),
        ("POST", "/api/v1/datasets/culture/works/records:lookup", "{}", 400, "missing_parameter", "keys"),
        ("GET", "/api/v1/datasets/culture/paintings", "", 404, "not_found", ""),
        ("GET", "/api/v1/nowhere", "", 404, "not_found", ""),
        ("DELETE", "/api/v1/search", "", 405, "method_not_allowed", ""),
        ("POST", "/api/v1/imports/b0000000000000007:delete", "", 404, "not_found", ""),
    ];
    for (method, path, body, status, code, member) in cases {
        let (got, answer) = world.ask(Who::Public, method, path, body).await;
        assert_eq!((got, answer["code"].as_str()), (status, Some(code)), "{method} {path} {body}: {answer}");
        assert_eq!(answer["member"].as_str().unwrap_or_default(), member, "{method} {path}");
    }
    let (status, answer) = world.ask(Who::Public, "GET", &format!("{works}?fields=nothing"), "").await;
    assert_eq!((status, answer["code"].as_str()), (400, Some("unknown_field")));
    let long = format!("/api/v1/search?q={}", "x".repeat(9_000));
    assert_eq!(world.ask(Who::Public, "GET", &long, "").await.0, 414);
}

#[tokio::test]
async fn too_large_and_wrong_bodies_are_refused() {
    let world = World::new();
    let path = "/api/v1/search";
    let large = format!("{{\"q\":\"{}\"}}", "x".repeat(5 << 20));
    assert_eq!(world.ask(Who::Public, "POST", path, &large).await.0, 413);
    let long = format!("{path}?q={}", "x".repeat(9 << 10));
    assert_eq!(world.ask(Who::Public, "GET", &long, "").await.1["code"], "uri_too_long");
    let mut request = world.request(Who::Public, "GET", "/api/v1/search?q=x");
    for name in ["x-one", "x-two", "x-three"] {
        request = request.header(name, "x".repeat(6 << 10));
    }
    let (status, refused) = read(world.send(request.body(Body::empty()).expect("a request")).await).await;
    assert_eq!((status, refused["code"].as_str()), (431, Some("headers_too_large")));
    let deep = format!("{{\"q\":\"x\",\"within\":{}1{}}}", "{\"a\":".repeat(300), "}".repeat(300));
    let (status, refused) = world.ask(Who::Public, "POST", path, &deep).await;
    assert_eq!((status, refused["detail"].as_str().is_some_and(|text| text.contains("32 levels"))), (400, true));
    let request = Request::post(path).header("content-type", "text/xml").body(Body::from("<q/>")).expect("a request");
    assert_eq!(read(world.send(request).await).await.0, 415);
    let import = "/api/v1/datasets/legal-entity/enterprises/records:import";
    let request = world.request(Who::Registrar, "POST", import).header("content-type", "text/xml");
    assert_eq!(read(world.send(request.body(Body::empty()).expect("a request")).await).await.0, 415);
}

#[tokio::test]
async fn pages_follow_each_other_over_datasets_and_end() {
    let world = World::new();
    let mut path = "/api/v1/search?q=x&dataset=culture/works,geospatial/places&limit=3".to_owned();
    let mut seen = Vec::new();
    for _ in 0..10 {
        let request = world.request(Who::Public, "GET", &path).body(Body::empty()).expect("a request");
        let response = world.send(request).await;
        let link = response.headers().get("link").map(|l| l.to_str().expect("text").to_owned());
        assert!(response.headers().contains_key("natbase-request-id"));
        let (status, page) = read(response).await;
        assert_eq!(status, 200, "{page}");
        assert!(page["known_at"].is_string() && page["valid_at"].is_string());
        for item in page["items"].as_array().expect("items") {
            seen.push(format!("{}/{}", item["dataset"].as_str().expect("a name"), item["id"].as_str().expect("an id")));
        }
        let Some(link) = link else {
            assert!(page["next"].is_null());
            break;
        };
        assert!(link.ends_with("rel=\"next\""));
        path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
    }
    let expected: Vec<String> = (1..=5).flat_map(|n| [format!("works/r{n}"), format!("places/r{n}")]).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_cursor_is_its_callers_and_questions_alone() {
    let world = World::new();
    let path = "/api/v1/search?q=x&dataset=culture/works&limit=2";
    let (_, page) = world.ask(Who::Public, "GET", path, "").await;
    let next = page["next"].as_str().expect("a cursor");
    let own = format!("{path}&cursor={next}");
    assert_eq!(world.ask(Who::Public, "GET", &own, "").await.0, 200);
    assert_eq!(world.ask(Who::Registrar, "GET", &own, "").await.0, 410);
    let other = format!("/api/v1/search?q=y&dataset=culture/works&limit=2&cursor={next}");
    assert_eq!(world.ask(Who::Public, "GET", &other, "").await.0, 410);
}

#[tokio::test]
async fn the_description_names_every_route_and_every_dataset_the_public_may_know() {
    let world = World::new();
    let (status, document) = world.ask(Who::Public, "GET", "/openapi.json", "").await;
    assert_eq!(status, 200);
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    let described: std::collections::BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("methods").keys().map(|m| m.to_uppercase());
            methods.map(move |m| (m, path.clone()))
        })
        .collect();
    // The OGC API has a description of its own.
    let own = gateway::http::route_list().into_iter().filter(|(_, _, path)| !path.starts_with("/ogc"));
    let routed: std::collections::BTreeSet<(String, String)> = own
        .map(|(method, id, path)| {
            let verb = match id {
                "withdraw" => ":withdraw",
                "sharingStep" | "correctionStep" | "accountChange" | "approvalJudge" | "evaluationStep"
                | "entryStep" | "demandStep" => ":{step}",
                _ => "",
            };
            (method.to_owned(), format!("{path}{verb}"))
        })
        .collect();
    assert_eq!(described, routed);
    let (_, ogc) = world.ask(Who::Public, "GET", "/ogc/api", "").await;
    assert_eq!(ogc["openapi"], "3.0.3");
    for (_, _, path) in gateway::http::route_list().into_iter().filter(|(_, _, path)| path.starts_with("/ogc/")) {
        let path =
            path.trim_start_matches("/ogc").replace("{collection}", "geospatial:places").replace("{id}", "{featureId}");
        assert!(ogc["paths"][&path]["get"].is_object(), "{path}");
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for name in ["CultureWorks", "LegalEntityEnterprises", "GeospatialPlaces", "PopulationPersons"] {
        assert!(schemas[name]["properties"].is_object(), "{name}");
    }
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1).filter_map(|t| t.split('"').next()) {
        assert!(schemas.contains_key(reference), "{reference}");
    }
}

#[tokio::test]
async fn operations_answer_without_data() {
    let world = World::new();
    assert_eq!(world.ask(Who::Public, "GET", "/health/live", "").await.0, 200);
    assert_eq!(world.ask(Who::Public, "GET", "/health/ready", "").await.0, 200);
    world.ask(Who::Public, "GET", "/api/v1/datasets/culture/works/records/one", "").await;
    let (status, text) = world.ask(Who::Public, "GET", "/metrics", "").await;
    let text = text.as_str().expect("text").to_owned();
    assert_eq!(status, 200);
    assert!(
        text.contains(
            "natbase_requests_total{route=\"GET /api/v1/datasets/{database}/{dataset}/records/{id}\",status=\"2xx\"} 1"
        ),
        "{text}"
    );
    let options = Request::builder().method("OPTIONS").uri("/api/v1/search").body(Body::empty()).expect("a request");
    let response = world.send(options).await;
    assert_eq!(response.status().as_u16(), 204);
    assert_eq!(response.headers()["allow"], "GET, POST, HEAD, OPTIONS");
    let head = Request::builder().method("HEAD").uri("/api/v1/datasets").body(Body::empty()).expect("a request");
    assert_eq!(world.send(head).await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_verification_is_signed_by_the_node() {
    use base64::Engine as _;
    let world = World::new();
    let body = r#"{"items":[{"id_type":"citizen_id","number":"11010519491231002X","name":"杜甫"},{"number":"11010519491231002X","name":"李白"}]}"#;
    let (status, answer) = world.ask(Who::Granted, "POST", "/api/v1/population/verify", body).await;
    assert_eq!(status, 200, "{answer}");
    let results: Vec<&str> =
        answer["items"].as_array().expect("items").iter().filter_map(|i| i["result"].as_str()).collect();
    assert_eq!(results, ["match", "mismatch"]);
    let receipt = &answer["receipt"];
    let bytes = |name: &str| {
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(receipt[name].as_str().expect("text"))
            .expect("base64url")
    };
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, bytes("public_key"));
    // The members of the body stand sorted already: its text is the canonical one.
    let signed = receipt["body"].to_string();
    key.verify(signed.as_bytes(), &bytes("signature")).expect("the signature holds");
    assert!(!signed.contains("11010519491231002X") && !signed.contains("杜甫"));
}

#[tokio::test]
async fn an_answer_has_a_receipt_if_one_is_wanted() {
    use gateway::http::receipt;
    let world = World::new();
    let (path, salt) = ("/api/v1/datasets/population/persons/records:lookup", "0123456789abcdef");
    let body = r#"{"keys":[{"citizen_id":"11010519491231002X"}]}"#;
    let ask = |salt: &str| {
        let request = world.request(Who::Granted, "POST", path).header("content-type", "application/json");
        request.header("natbase-receipt", salt).body(Body::from(body)).expect("a request")
    };
    let response = world.send(ask(salt)).await;
    let header = response.headers()["natbase-receipt"].to_str().expect("text").to_owned();
    let answer = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let key = world.app.public_key();
    let opened = receipt::open(&header, &key).expect("a receipt");
    assert_eq!(opened.answer, receipt::hash(&answer));
    assert_eq!(opened.asked, receipt::asked(salt, "POST", path, body.as_bytes()));
    assert_ne!(opened.asked, receipt::asked("another-salt-of-16", "POST", path, body.as_bytes()));
    assert_eq!((opened.grant.as_str(), opened.case.as_str()), ("G-1", "C-1"));
    assert_eq!(opened.request, gateway::http::hex(&world.entries()[0].1.request), "the log has it");
    for at in 0..header.len() {
        let mut forged = header.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("text");
        // The last character of base64 may hold bits that mean nothing.
        if at + 1 < header.len() {
            assert!(receipt::open(&forged, &key).is_err(), "{at}");
        }
    }
    assert!(receipt::open(&header, &[7; 32]).is_err(), "another key");
    assert_eq!(world.send(ask("short")).await.status().as_u16(), 400);
}

#[tokio::test]
async fn changes_can_be_followed_as_events() {
    use futures::StreamExt as _;
    let world = World::new();
    let path = "/api/v1/datasets/culture/works/changes";
    let (status, first) = world.ask(Who::Public, "GET", path, "").await;
    assert_eq!(status, 200);
    assert_eq!(first["items"][0]["id"], "one");
    let next = first["next"].as_str().expect("a position");
    let (_, then) = world.ask(Who::Public, "GET", &format!("{path}?after={next}"), "").await;
    assert_eq!(then["items"].as_array().expect("items").len(), 0);
    let request = world.request(Who::Public, "GET", path).header("accept", "text/event-stream");
    let response = world.send(request.body(Body::empty()).expect("a request")).await;
    let event = response.into_body().into_data_stream().next().await.expect("an event").expect("bytes");
    let text = String::from_utf8(event.to_vec()).expect("text");
    assert!(text.contains("event: changes") && text.contains("\"id\":\"one\""), "{text}");
}
