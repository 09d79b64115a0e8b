//! The built program, started and ended by its process id.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Where the built program lies: `NATBASE_BIN`, or beside the test binary's folder.
pub(crate) fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("NATBASE_BIN") {
        return path.into();
    }
    let own = std::env::current_exe().unwrap();
    let built = own.parent().and_then(Path::parent).unwrap().join("natbase");
    assert!(built.exists(), "{} is not built: run `make scenarios`", built.display());
    built
}

/// Runs a command of the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).env("RUST_BACKTRACE", "0").output().unwrap()
}

/// Both outputs of a finished command as text.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A served program. Ends with the value; its log is looked through for warnings and errors.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    log: Arc<Mutex<Vec<String>>>,
    /// Parts of log lines of level warn or error that this test provokes.
    expected: Vec<&'static str>,
}

impl Server {
    /// Starts `natbase` with these arguments and waits until it says where it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(Command::new(binary()).args(arguments), Duration::from_secs(120))
    }

    /// Starts a prepared command.
    pub(crate) fn start_with(command: &mut Command, patience: Duration) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, heard) = channel();
        follow(child.stdout.take().unwrap(), Arc::clone(&log), lines.clone());
        follow(child.stderr.take().unwrap(), Arc::clone(&log), lines);
        let Some(address) = listening(&heard, patience) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the program did not come up:\n{}", log.lock().unwrap().join("\n"));
        };
        Self { child, address, log, expected: Vec::new() }
    }

    /// Log lines of level warn or error that hold `part` are as they should be.
    pub(crate) fn expect_log(mut self, part: &'static str) -> Self {
        self.expected.push(part);
        self
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Kills it at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM) and waits; its log must hold no unexpected warning.
    pub(crate) fn stop(mut self) {
        self.end();
        let unexpected = self.unexpected();
        assert!(unexpected.is_empty(), "unexpected log lines:\n{}", unexpected.join("\n"));
    }

    fn end(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        panic!("the program did not end within 20 s of SIGTERM:\n{}", self.log().join("\n"));
    }

    fn unexpected(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let loud = log.iter().filter(|line| is_loud(line));
        loud.filter(|line| !self.expected.iter().any(|part| line.contains(part))).cloned().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Whether a log line (JSON or text) is of level warn or error.
fn is_loud(line: &str) -> bool {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(line) {
        return matches!(json["level"].as_str(), Some("WARN" | "ERROR" | "warn" | "error"));
    }
    line.split_whitespace().take(3).any(|word| word == "WARN" || word == "ERROR") || line.contains("panicked at")
}

fn follow(
    from: impl std::io::Read + Send + 'static,
    log: Arc<Mutex<Vec<String>>>,
    lines: std::sync::mpsc::Sender<String>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = lines.send(line.clone());
            log.lock().unwrap().push(line);
        }
    });
}

/// The address after `http://` in the first line that names one.
fn listening(heard: &Receiver<String>, patience: Duration) -> Option<String> {
    let until = Instant::now() + patience;
    while let Ok(line) = heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if let Some(at) = line.find("http://") {
            let rest = &line[at + 7..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".:-[]".contains(c))).unwrap_or(rest.len());
            if rest[..end].contains(':') {
                return Some(rest[..end].to_owned());
            }
        }
    }
    None
}
