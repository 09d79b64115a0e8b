//! The data directory: `store/`, `index/`, `audit/`, `keys/` (0600), `natbase.marker` (`demo` or `real`), `server.json`.
//!
//! The marker keeps synthetic and real data apart: a directory is one or the other for its life.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const MARKER: &str = "natbase.marker";
const SERVER: &str = "server.json";

/// A data directory with its marker.
pub(super) struct DataDir {
    path: PathBuf,
    demo: bool,
}

/// What a command needs the directory to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Either; a new one becomes real.
    Any,
    /// A demonstration; a new one becomes one.
    Demo,
}

/// Who serves a data directory.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Server {
    /// `127.0.0.1:8080`.
    pub(super) address: String,
}

impl DataDir {
    /// Opens the directory, or makes it.
    pub(super) fn open(path: &Path, wanted: Wanted) -> anyhow::Result<Self> {
        let marker = path.join(MARKER);
        let shown = path.display();
        match std::fs::read_to_string(&marker) {
            Ok(text) => {
                let demo = match text.trim() {
                    "demo" => true,
                    "real" => false,
                    other => bail!("{}: holds `{other}`; `demo` or `real` was expected", marker.display()),
                };
                if wanted == Wanted::Demo && !demo {
                    bail!("{shown} holds real data; a demonstration needs a directory of its own: say --data DIR");
                }
                Ok(Self { path: path.to_owned(), demo })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(path).with_context(|| format!("{shown} cannot be made"))?;
                if path.join("store").exists() {
                    bail!("{shown} holds a store but no {MARKER}: write `real` or `demo` into that file");
                }
                let demo = wanted == Wanted::Demo;
                write_whole(&marker, if demo { "demo\n" } else { "real\n" })?;
                Ok(Self { path: path.to_owned(), demo })
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", marker.display())),
        }
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
    /// A path in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
    /// Whether it is marked `demo`.
    pub(super) fn demo(&self) -> bool {
        self.demo
    }
    /// Notes who serves it; taken back when the value is dropped.
    pub(super) fn served_at(&self, address: &str) -> anyhow::Result<Served> {
        let file = self.join(SERVER);
        write_whole(&file, &serde_json::to_string(&Server { address: address.to_owned() })?)?;
        Ok(Served { file })
    }
}

/// Who serves the directory, if somebody says so.
pub(super) fn server(path: &Path) -> Option<Server> {
    serde_json::from_str(&std::fs::read_to_string(path.join(SERVER)).ok()?).ok()
}

/// The note on who serves a directory.
pub(super) struct Served {
    file: PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn write_whole(file: &Path, text: &str) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut out = std::fs::File::create(&part)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&part, file)
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_demo_or_real_for_its_life() {
        let dir = tempfile::tempdir().expect("a directory");
        let (demo, real) = (dir.path().join("demo"), dir.path().join("real"));
        assert!(DataDir::open(&demo, Wanted::Demo).expect("made").demo());
        assert!(DataDir::open(&demo, Wanted::Any).expect("opened").demo());
        assert!(!DataDir::open(&real, Wanted::Any).expect("made").demo());
        assert!(DataDir::open(&real, Wanted::Demo).is_err());
    }

    #[test]
    fn the_server_is_noted_while_it_serves() {
        let dir = tempfile::tempdir().expect("a directory");
        let data = DataDir::open(dir.path(), Wanted::Any).expect("made");
        let served = data.served_at("127.0.0.1:1").expect("noted");
        assert_eq!(server(dir.path()).map(|s| s.address).as_deref(), Some("127.0.0.1:1"));
        drop(served);
        assert!(server(dir.path()).is_none());
    }
}
