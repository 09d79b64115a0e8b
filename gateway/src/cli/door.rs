//! How a command reaches the data: through the server that holds the directory, or by opening it itself.
//!
//! Both ways take the same requests and give the same answers: a request to an unserved directory runs through the same
//! router, policies and audit log in this process.

use std::io::{Read, Write as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::body::Body;
use axum::http::{Method, Request};
use bytes::Bytes;
use clap::Args;
use foundation::dataset::Dataset;
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tower::ServiceExt as _;

use super::data_dir::{self, DataDir, Wanted};
use super::node::{self, Node};
use super::{Context, sign_in};
use crate::http::router;

/// What is kept as it is in a query or path segment.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1 << 30;

/// Escapes a path segment or a query value.
pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Where to ask, and as whom.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Access {
    /// Ask this server instead of the data directory's.
    #[arg(long, value_name = "URL")]
    pub(super) server: Option<String>,
    /// Bearer token; better in the variable `NATBASE_TOKEN`. Default: none, which is the public (imports and exports: the
    /// dataset's provider, with this node's key).
    #[arg(long)]
    pub(super) token: Option<String>,
    /// The grant asked under.
    #[arg(long, value_name = "ID")]
    pub(super) grant: Option<String>,
    /// The business case.
    #[arg(long, value_name = "NUMBER")]
    pub(super) case: Option<String>,
    /// The officer's staff id (经办人).
    #[arg(long, value_name = "ID")]
    pub(super) officer: Option<String>,
}

impl Access {
    /// The token given, in the command or in the environment.
    pub(super) fn bearer(&self) -> Option<String> {
        self.token.clone().or_else(|| std::env::var("NATBASE_TOKEN").ok())
    }
}

/// The way to the data.
pub(super) enum Door {
    /// A server.
    Remote { base: String, agent: ureq::Agent },
    /// This process holds the directory.
    Local(Box<Node>),
}

/// An answer.
pub(super) struct Reply {
    /// HTTP status.
    pub(super) status: u16,
    /// Body.
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; a problem becomes an error in words.
    pub(super) fn json(&self) -> anyhow::Result<Value> {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if (200..300).contains(&self.status) {
            return Ok(json);
        }
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let detail = if text("detail").is_empty() { text("title") } else { text("detail") };
        bail!("{} {}: {detail}", self.status, text("code"))
    }
}

/// What a request carries.
pub(super) enum Payload {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Value),
    /// A stream of a media type.
    Stream { media_type: &'static str, input: Box<dyn Read + Send> },
}

/// One request.
pub(super) struct Call<'a> {
    /// GET or POST.
    pub(super) method: Method,
    /// Path and query, escaped.
    pub(super) path: String,
    /// As whom.
    pub(super) access: &'a Access,
    /// `Idempotency-Key`.
    pub(super) key: Option<String>,
    /// Body.
    pub(super) payload: Payload,
}

impl Door {
    /// The server named or noted in the data directory, else the directory itself.
    pub(super) async fn open(context: &Context, access: &Access) -> anyhow::Result<Self> {
        if let Some(server) = &access.server {
            return Ok(Self::remote(server.trim_end_matches('/').to_owned()));
        }
        if let Some(server) = data_dir::server(&context.data) {
            let door = Self::remote(format!("http://{}", server.address));
            if door.alive().await {
                return Ok(door);
            }
        }
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let config = node::config(&context.data, context.config.as_deref())?;
        let clock = context.clock_of(&data)?;
        Ok(Self::Local(Box::new(Node::open(&data, config, clock).await?)))
    }

    fn remote(base: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .build();
        Self::Remote { base, agent: config.into() }
    }

    async fn alive(&self) -> bool {
        let access = Access::default();
        let call = Call {
            method: Method::GET,
            path: "/health/live".into(),
            access: &access,
            key: None,
            payload: Payload::Empty,
        };
        self.call(call).await.is_ok_and(|reply| reply.status == 200)
    }

    /// As whom to write or export: the token given, else the provider of `dataset`, signed with this node's key.
    pub(super) fn as_provider(&self, context: &Context, access: &Access, dataset: &Dataset) -> anyhow::Result<Access> {
        self.signed(context, access, |node, access| sign_in::provider(node, access, dataset))
    }

    /// As whom to keep the node: the token given, else its administrator, signed with this node's key.
    pub(super) fn as_administrator(&self, context: &Context, access: &Access) -> anyhow::Result<Access> {
        self.signed(context, access, sign_in::administrator)
    }

    /// The token given, else one that `sign` makes with this node's key.
    pub(super) fn signed(
        &self,
        context: &Context,
        access: &Access,
        sign: impl Fn(&sign_in::Signer<'_>, &Access) -> Access,
    ) -> anyhow::Result<Access> {
        if access.bearer().is_some() {
            return Ok(access.clone());
        }
        let config = node::config(&context.data, context.config.as_deref())?;
        let clock = &*context.clock;
        let issuer = match self {
            Self::Local(node) => {
                return Ok(sign(&sign_in::Signer { issuer: &node.issuer, config: &config, clock }, access));
            }
            Self::Remote { .. }
                if access.server.is_some() && !context.data.join("keys").join("issuer.key").exists() =>
            {
                bail!("give a token (--token or NATBASE_TOKEN): {} holds no issuer's key", context.data.display())
            }
            Self::Remote { .. } => node::issuer(&context.data, &config)?,
        };
        Ok(sign(&sign_in::Signer { issuer: &issuer, config: &config, clock }, access))
    }

    /// Sends a request.
    pub(super) async fn call(&self, call: Call<'_>) -> anyhow::Result<Reply> {
        match self {
            Self::Local(node) => local(node, call).await,
            Self::Remote { base, agent } => {
                let (agent, url) = (agent.clone(), format!("{base}{}", call.path));
                let headers = headers(&call);
                let (method, payload) = (call.method, call.payload);
                let shown = base.clone();
                tokio::task::spawn_blocking(move || remote(&agent, &method, &url, &headers, payload))
                    .await?
                    .with_context(|| format!("{shown} does not answer"))
            }
        }
    }

    /// Sends a request whose answer is a file, and writes the answer there block by block; a problem is an error in words.
    pub(super) async fn fetch(&self, call: Call<'_>, into: &mut std::fs::File) -> anyhow::Result<()> {
        match self {
            Self::Local(node) => {
                let mut request = Request::builder().method(call.method.clone()).uri(&call.path);
                for (name, value) in headers(&call) {
                    request = request.header(name, value);
                }
                let response = router(&node.app).oneshot(request.body(Body::empty())?).await?;
                let status = response.status().as_u16();
                let mut blocks = response.into_body().into_data_stream();
                let mut problem = Vec::new();
                while let Some(block) = blocks.next().await {
                    let block = block?;
                    if status == 200 { into.write_all(&block)? } else { problem.extend_from_slice(&block) }
                }
                if status == 200 { Ok(()) } else { Reply { status, body: problem }.json().map(|_| ()) }
            }
            Self::Remote { base, agent } => {
                let (agent, url, headers) = (agent.clone(), format!("{base}{}", call.path), headers(&call));
                let (mut into, shown) = (into.try_clone()?, base.clone());
                let fetched = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
                    let mut request = agent.get(&url);
                    for (name, value) in &headers {
                        request = request.header(*name, value);
                    }
                    let mut response = request.call()?;
                    let status = response.status().as_u16();
                    if status == 200 {
                        let (_, body) = response.into_parts();
                        std::io::copy(&mut body.into_reader(), &mut into)?;
                        return Ok(());
                    }
                    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec()?;
                    Reply { status, body }.json().map(|_| ())
                });
                fetched.await?.with_context(|| format!("{shown} does not give the file"))
            }
        }
    }

    /// Waits until everything committed can be searched (when this process holds the directory), and closes it.
    pub(super) async fn close(self) {
        if let Self::Local(node) = self {
            for database in &node.databases {
                let _ = database.index_caught_up(60_000).await;
            }
            node.close().await;
        }
    }
}

fn headers(call: &Call<'_>) -> Vec<(&'static str, String)> {
    let access = call.access;
    let bearer = access.bearer().map(|t| format!("Bearer {t}"));
    let media_type = match &call.payload {
        Payload::Empty => None,
        Payload::Json(_) => Some("application/json".to_owned()),
        Payload::Stream { media_type, .. } => Some((*media_type).to_owned()),
    };
    let all = [
        ("authorization", bearer),
        ("natbase-grant", access.grant.clone()),
        ("natbase-case", access.case.clone()),
        ("natbase-officer", access.officer.clone()),
        ("idempotency-key", call.key.clone()),
        ("content-type", media_type),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

async fn local(node: &Node, call: Call<'_>) -> anyhow::Result<Reply> {
    let mut request = Request::builder().method(call.method.clone()).uri(&call.path);
    for (name, value) in headers(&call) {
        request = request.header(name, value);
    }
    let body = match call.payload {
        Payload::Empty => Body::empty(),
        Payload::Json(json) => Body::from(json.to_string()),
        Payload::Stream { input, .. } => streamed(input),
    };
    let response = router(&node.app).oneshot(request.body(body)?).await?;
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX).await?.to_vec();
    Ok(Reply { status, body })
}

/// A blocking reader as a body; reads ahead at most four blocks.
fn streamed(mut input: Box<dyn Read + Send>) -> Body {
    let (blocks, taken) = tokio::sync::mpsc::channel::<std::io::Result<Bytes>>(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut block = vec![0_u8; 256 * 1024];
            let next = match input.read(&mut block) {
                Ok(0) => return,
                Ok(count) => {
                    block.truncate(count);
                    Ok(Bytes::from(block))
                }
                Err(error) => Err(error),
            };
            if blocks.blocking_send(next).is_err() {
                return;
            }
        }
    });
    let stream = futures::stream::unfold(taken, |mut taken| async { taken.recv().await.map(|block| (block, taken)) });
    Body::from_stream(stream.boxed())
}

fn remote(
    agent: &ureq::Agent,
    method: &Method,
    url: &str,
    headers: &[(&'static str, String)],
    payload: Payload,
) -> anyhow::Result<Reply> {
    let mut response = if *method == Method::GET {
        let mut request = agent.get(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.call()?
    } else {
        let mut request = agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match payload {
            Payload::Empty => request.send_empty()?,
            Payload::Json(json) => request.send(json.to_string())?,
            Payload::Stream { mut input, .. } => request.send(ureq::SendBody::from_reader(&mut input))?,
        }
    };
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec()?;
    Ok(Reply { status, body })
}
