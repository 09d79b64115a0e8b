//! A file's digest, which names its import: the same file again is the same batch.

use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 of a file, lowercase hex. Cost: one read of it.
pub(super) fn of_file(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Context::new(&SHA256);
    let mut block = vec![0_u8; 1 << 20];
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(crate::http::hex(digest.finish().as_ref()));
        }
        digest.update(block.get(..count).unwrap_or_default());
    }
}

/// SHA-256 of bytes, lowercase hex.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    crate::http::hex(aws_lc_rs::digest::digest(&SHA256, bytes).as_ref())
}
