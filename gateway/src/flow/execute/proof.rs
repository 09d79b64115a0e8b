//! What proves the audit log: signed states, inclusion, consistency.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use transparency::Hash;

use crate::app::App;
use crate::ask::ProofRequest;
use crate::problem::{Code, Problem};

/// A signed state of the log, with a proof under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// The checkpoint's text.
    pub checkpoint: String,
    /// The key that checks it; an auditor takes it from another channel.
    pub key: String,
    /// What is proved.
    pub proved: Proved,
}

/// What is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    Checkpoint,
    Inclusion { entry: u64, leaf: Vec<u8>, bytes: Vec<u8>, path: Vec<Hash> },
    Consistency { from: u64, path: Vec<Hash> },
}

impl LogProof {
    /// The document, as the API gives it and `natbase audit check` reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let texts = |path: &[Hash]| path.iter().map(|hash| BASE64.encode(hash)).collect::<Vec<_>>();
        let mut out = json!({"checkpoint": self.checkpoint, "key": self.key});
        let members = match &self.proved {
            Proved::Checkpoint => json!({}),
            Proved::Inclusion { entry, leaf, bytes, path } => json!({
                "entry": entry, "leaf": BASE64.encode(leaf), "bytes": BASE64.encode(bytes), "path": texts(path),
            }),
            Proved::Consistency { from, path } => json!({"from": from, "path": texts(path)}),
        };
        if let (Some(out), Value::Object(members)) = (out.as_object_mut(), members) {
            out.extend(members);
        }
        out
    }
}

/// Proves what was asked, under the state of this moment.
pub(super) async fn run(app: &App, request: ProofRequest) -> Result<LogProof, Problem> {
    let unread =
        |e: std::io::Error| Problem::new(Code::Unavailable, "the log could not be read").because(e.to_string());
    let tree = app.audit.tree();
    let (state, checkpoint) = app.checkpoints.sign(tree).map_err(unread)?;
    let size = state.size();
    let beyond = |name: &str| {
        let problem = Problem::new(Code::InvalidParameter, format!("`{name}` is beyond the log's {size} entries"));
        problem.about(name)
    };
    let proved = match request {
        ProofRequest::Checkpoint => Proved::Checkpoint,
        ProofRequest::Inclusion(entry) if entry >= size => return Err(beyond("entry")),
        ProofRequest::Inclusion(entry) => {
            let (reader, of) = (app.audit.reader().clone(), tree.clone());
            let read =
                tokio::task::spawn_blocking(move || Ok((reader.bytes(entry)?, of.inclusion(entry, size)?))).await;
            let (bytes, path) = read.map_err(std::io::Error::other).and_then(|read| read).map_err(unread)?;
            let bytes = bytes.ok_or_else(|| Problem::new(Code::Damaged, "the entry cannot be read"))?;
            let leaf = crate::audit::committed(tree.suite(), &bytes);
            Proved::Inclusion { entry, leaf, bytes, path }
        }
        ProofRequest::Consistency(from) if from > size => return Err(beyond("from")),
        ProofRequest::Consistency(from) => {
            Proved::Consistency { from, path: tree.consistency(from, size).map_err(unread)? }
        }
    };
    Ok(LogProof { checkpoint, key: app.checkpoints.key().to_string(), proved })
}
