//! Ways around at the edge: paths and methods written otherwise, headers that promise something, two requests in one.

use axum::body::Body;
use axum::http::header::HeaderName;
use gateway::config::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Who, World, read};

/// The ways to write a path that something else might read as `/api/v1/audit/entries`.
const PATHS: [&str; 15] = [
    "//api/v1/audit/entries",
    "/api//v1/audit/entries",
    "/api/v1/audit//entries",
    "/api/v1/audit/entries/",
    "/api/v1/audit/entries.",
    "/api/v1/audit/entries;a=b",
    "/API/V1/AUDIT/ENTRIES",
    "/api/v1/audit/%65ntries",
    "/api/v1/audit%2fentries",
    "/api/v1/audit%5centries",
    "/api/v1/search/../audit/entries",
    "/api/v1/search/%2e%2e/audit/entries",
    "/api/v1/audit/entries%00",
    "/api/v1/audit/entries%20",
    "/api/v1/audit/entries%e2%80%8b",
];

#[tokio::test]
async fn a_path_written_otherwise_is_another_path() {
    let world = World::new();
    for path in PATHS {
        for who in [Who::Public, Who::Auditor] {
            let (status, said) = world.ask(who, "GET", path, "").await;
            assert_eq!((status, said["code"].as_str()), (404, Some("not_found")), "{path}: {said}");
        }
    }
    // Not one of them went by without an entry.
    let entries = world.entries();
    assert_eq!(entries.iter().filter(|(_, entry)| entry.code == "not_found").count(), 2 * PATHS.len());
    // An id written otherwise is nobody's.
    let (_, plain) = world.ask(Who::Public, "GET", "/api/v1/datasets/culture/works/records/nobody", "").await;
    for id in ["ONE", "one%20", "%EF%BD%8Fne", "o%E2%80%8Bne", "%E2%80%AEeno", "one%00", "on%65%CC%81", "one."] {
        let (status, said) =
            world.ask(Who::Public, "GET", &format!("/api/v1/datasets/culture/works/records/{id}"), "").await;
        assert_eq!((status, &said["code"], &said["detail"]), (404, &plain["code"], &plain["detail"]), "{id}");
    }
}

#[tokio::test]
async fn no_header_makes_a_request_another() {
    let world = World::new();
    let path = "/api/v1/search?q=x&dataset=culture/works&limit=2";
    let (status, plain) = world.ask(Who::Public, "GET", path, "").await;
    assert_eq!(status, 200, "{plain}");
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "POST"),
        ("x-method-override", "PUT"),
        ("x-original-url", "/api/v1/audit/entries"),
        ("x-rewrite-url", "/api/v1/audit/entries"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-user", "auditor"),
        ("x-forwarded-prefix", "/admin"),
        ("forwarded", "for=127.0.0.1;host=localhost"),
        ("x-natbase-purpose", "statistics"),
        ("natbase-roles", "auditor"),
        ("content-type", "application/json"),
    ] {
        let request = world.request(Who::Public, "GET", path).header(HeaderName::from_static(name), value);
        let (status, said) = read(world.send(request.body(Body::empty()).expect("a request")).await).await;
        assert_eq!((status, &said["items"]), (200, &plain["items"]), "{name}");
    }
    let (status, said) = world.ask(Who::Public, "GET", "/api/v1/search?q=x&_method=DELETE", "").await;
    assert_eq!((status, said["member"].as_str()), (400, Some("_method")));
}

#[tokio::test]
async fn what_one_caller_was_answered_is_no_other_callers_and_no_caches() {
    let world = World::new();
    for path in ["/api/v1/datasets/legal-entity/enterprises/records/one", "/api/v1/search?q=x"] {
        let before = world.ask(Who::Public, "GET", path, "").await;
        for who in [Who::Registrar, Who::Auditor] {
            let request = world.request(who, "GET", path).body(Body::empty()).expect("a request");
            let response = world.send(request).await;
            let kept = response.headers().get("cache-control").map(|value| value.to_str().expect("text").to_owned());
            assert!(kept.as_deref().is_some_and(|text| text.contains("no-store")), "{path}: {kept:?}");
        }
        let after = world.ask(Who::Public, "GET", path, "").await;
        assert_eq!(
            (before.0, &before.1["items"], &before.1["fields"]),
            (after.0, &after.1["items"], &after.1["fields"])
        );
    }
}

/// What a server answers to bytes, until it closes.
async fn say(address: std::net::SocketAddr, bytes: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(20), read).await.expect("it closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_hidden_in_another_is_not_served() {
    let mut config = Config::default();
    config.http.shutdown_s = 1;
    let world = World::with(config);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = std::sync::Arc::clone(&world.app);
    let server = tokio::spawn(gateway::http::serve(app, listener, async {
        let _ = stopped.await;
    }));
    let hidden = "GET /api/v1/code-lists/smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let head = "POST /api/v1/search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let length = hidden.len() + 5;
    for (what, bytes) in [
        (
            "length and chunks",
            format!("{head}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        ),
        ("two lengths", format!("{head}Content-Length: 2\r\nContent-Length: {length}\r\n\r\n{{}}{hidden}")),
        ("lengths in one", format!("{head}Content-Length: 2, {length}\r\n\r\n{{}}{hidden}")),
        ("chunked, hidden by a space", format!("{head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("another encoding", format!("{head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("a signed length", format!("{head}Content-Length: +2\r\n\r\n{{}}{hidden}")),
        ("a folded header", format!("{head}X-A: b\r\n Content-Length: 0\r\nContent-Length: {length}x\r\n\r\n{hidden}")),
    ] {
        let answer = say(address, &bytes).await;
        let statuses = answer.matches("HTTP/1.1 ").count();
        let smuggled = answer.contains("smuggled") || answer.contains("not_found");
        // With chunks and a length it goes by the chunks and the connection ends (RFC 9112 section 6.3).
        let good = what == "length and chunks" || !answer.contains(" 200 ");
        assert!(statuses <= 1 && !smuggled && good, "{what}: {answer}");
    }
    drop(stop);
    server.await.expect("it ends").expect("well");
}
