//! Router and server.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, get};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::{endpoint, operations, routes};
use crate::app::App;
use crate::flow;
use crate::problem::{Code, Problem};

/// Everything the gateway serves.
pub fn router(app: &Arc<App>) -> Router {
    let mut by_path: BTreeMap<&'static str, (MethodRouter<Arc<App>>, Vec<&'static str>)> = BTreeMap::new();
    for route in routes::all() {
        let handler = move |State(app): State<Arc<App>>, request: Request| endpoint::serve(app, route, request);
        let filter = match route.method {
            "GET" => MethodFilter::GET,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::POST,
        };
        let (methods, names) = by_path.entry(route.path).or_default();
        *methods = std::mem::take(methods).on(filter, handler);
        names.push(route.method);
    }
    let mut router = Router::new();
    for (path, (methods, names)) in by_path {
        let allow = allow(&names);
        let methods = methods.fallback(move |State(app): State<Arc<App>>, request: Request| {
            let allow = allow.clone();
            async move { other_method(&app, request, allow).await }
        });
        router = router.route(path, methods);
    }
    // Clients write the root of an OGC API with a slash at its end, or without.
    let landing = routes::all().find(|route| route.path == crate::ogc::ROOT);
    if let Some(landing) = landing {
        let handler = move |State(app): State<Arc<App>>, request: Request| endpoint::serve(app, landing, request);
        router = router.route("/ogc/", get(handler));
    }
    router
        .route("/health/live", get(operations::live))
        .route("/health/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/openapi.json", get(operations::openapi))
        .route("/problems", get(operations::problems))
        .merge(crate::portal::routes())
        .fallback(nowhere)
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(broken))
        .with_state(Arc::clone(app))
}

fn allow(names: &[&'static str]) -> HeaderValue {
    let mut all: Vec<&str> = names.to_vec();
    if names.contains(&"GET") {
        all.push("HEAD");
    }
    all.push("OPTIONS");
    HeaderValue::from_str(&all.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("GET, OPTIONS"))
}

async fn other_method(app: &App, request: Request, allow: HeaderValue) -> Response {
    let (parts, _) = request.into_parts();
    let mut response = if parts.method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let problem = Problem::new(Code::MethodNotAllowed, "this path does not take this method");
        endpoint::refuse(app, &parts, "other method", problem).await
    };
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// A panic is a bug: the client hears no more than that; the log's trace says which request it was.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer calls")]
fn broken(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|t| (*t).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = text, "a request panicked");
    let problem = Problem::new(Code::Internal, "something broke that should not").to_json("");
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::INTERNAL_SERVER_ERROR, kind, problem.to_string()).into_response()
}

async fn nowhere(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    endpoint::refuse(&app, &parts, "no such path", Problem::new(Code::NotFound, "there is nothing at this path")).await
}

/// Serves until `shutdown` comes, then lets requests in flight finish within the time configured.
///
/// # Errors
/// Of the listener.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let keeper = tokio::spawn(keep(Arc::clone(&app)));
    let eraser = tokio::spawn(erase(Arc::clone(&app)));
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (told, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopping = Arc::clone(&app);
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        shutdown.await;
        // Idle connections are closed, requests in flight go on, streams end at their next look.
        stopping.stop();
        let _ = told.send(());
    });
    let grace = Duration::from_secs(app.config.http.shutdown_s);
    let outcome = tokio::select! {
        outcome = server => outcome,
        () = async { let _ = stopped.await; tokio::time::sleep(grace).await } => {
            tracing::warn!("requests were still in flight when the time for going down was over");
            Ok(())
        }
    };
    keeper.abort();
    // What is broken off goes on at the next start.
    eraser.abort();
    app.stop();
    app.sweep().await;
    app.audit.shutdown();
    app.keep_checkpoint(true);
    for database in app.catalogue.databases() {
        database.shutdown().await;
    }
    outcome
}

/// Carries out what two people decided about records and their keys, and goes on with what was broken off.
async fn erase(app: Arc<App>) {
    crate::erasing::go_on(&app).await;
    loop {
        let mut done = crate::erasing::carry_out(&app).await;
        if let Some(keys) = &app.master_keys {
            keys.refresh().await;
            if let Err(error) = keys.rotate_if_due().await {
                done = false;
                tracing::error!(%error, "keys of records are not wrapped anew; it will be tried again");
            }
        }
        // Every attempt at an erasure stands in the log: what fails is not tried every second.
        tokio::time::sleep(Duration::from_secs(if done { 1 } else { AGAIN_S })).await;
    }
}

/// Seconds until what failed is tried again.
const AGAIN_S: u64 = 60;

/// Seconds between sweeps of what has run out.
const SWEEP_S: u64 = 60;

/// Looks once a second whether key set or grants have changed, what is new in the log, and whether it is due for a checkpoint.
async fn keep(app: Arc<App>) {
    let mut stamp = app.grants_stamp();
    let mut seconds = 0_u64;
    let mut decided = (app.policy.load_full(), app.clock.today());
    loop {
        seconds += 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        app.refresh(&mut stamp);
        app.adopt_policies().await;
        app.index_accesses().await;
        // Those whose answer was cut off before it was sent.
        flow::start(&app);
        let now = (app.policy.load_full(), app.clock.today());
        if !Arc::ptr_eq(&now.0, &decided.0) || now.1 != decided.1 || seconds.is_multiple_of(SWEEP_S) {
            decided = now;
            app.review_jobs().await;
        }
        if seconds.is_multiple_of(SWEEP_S) {
            app.sweep().await;
        }
        let own = Arc::clone(&app);
        let _ = tokio::task::spawn_blocking(move || own.keep_checkpoint(false)).await;
    }
}
