//! The trace of requests in flight: one slot each, written when a request begins, never synced.
//!
//! A slot survives the death of the process (not of the machine). At the next start, a slot whose request has no entry
//! in the log is a victim of the crash and gets one.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Mutex;

use foundation::value::Instant;

const SLOT: usize = 256;

/// Slots on disk and which are free. Slots are reused in turn, so that what they hold is recent.
pub(super) struct InFlight {
    file: File,
    free: Mutex<VecDeque<u32>>,
}

/// What a slot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) request: [u8; 16],
    pub(super) opened: Instant,
    pub(super) subject: String,
    pub(super) route: String,
}

impl InFlight {
    /// Reads what the last run left, then begins anew with `slots` free ones.
    pub(super) fn open(path: &Path, slots: u32) -> io::Result<(Self, Vec<Trace>)> {
        let mut left = Vec::new();
        let mut file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.read_to_end(&mut left)?;
        let traces = left.chunks_exact(SLOT).filter_map(Trace::read).collect();
        Ok((Self { file, free: Mutex::new((0..slots).collect()) }, traces))
    }

    /// Forgets what the last run left; called when its victims are entered.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Takes a slot and writes the trace; `None` when all are taken.
    pub(super) fn begin(&self, trace: &Trace) -> io::Result<Option<u32>> {
        let slot = self.free.lock().ok().and_then(|mut free| free.pop_front());
        if let Some(slot) = slot {
            self.file.write_all_at(&trace.bytes(), u64::from(slot) * SLOT as u64)?;
        }
        Ok(slot)
    }

    /// Gives a slot back.
    pub(super) fn end(&self, slot: u32) {
        if let Ok(mut free) = self.free.lock() {
            free.push_back(slot);
        }
    }
}

impl Trace {
    fn bytes(&self) -> [u8; SLOT] {
        let mut out = [0_u8; SLOT];
        let mut put = Vec::with_capacity(SLOT);
        put.push(1_u8);
        put.extend_from_slice(&self.request);
        put.extend_from_slice(&self.opened.0.to_be_bytes());
        for text in [&self.subject, &self.route] {
            let mut end = text.len().min(110);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            put.push(u8::try_from(end).unwrap_or(0));
            put.extend_from_slice(text.as_bytes().get(..end).unwrap_or_default());
        }
        if let Some(front) = out.get_mut(..put.len()) {
            front.copy_from_slice(&put);
        }
        out
    }

    fn read(slot: &[u8]) -> Option<Self> {
        let (one, rest) = slot.split_first()?;
        let (request, rest) = rest.split_first_chunk::<16>()?;
        let (opened, rest) = rest.split_first_chunk::<8>()?;
        let text = |from: &[u8]| -> Option<(String, usize)> {
            let (length, rest) = from.split_first()?;
            let length = usize::from(*length);
            Some((String::from_utf8(rest.get(..length)?.to_vec()).ok()?, length + 1))
        };
        let (subject, used) = text(rest)?;
        let (route, _) = text(rest.get(used..)?)?;
        (*one == 1).then_some(Self { request: *request, opened: Instant(i64::from_be_bytes(*opened)), subject, route })
    }
}
