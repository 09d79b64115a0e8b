//! The node's own secrets, each in a file of mode 0600 under the data directory.

use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Reads a secret file, or writes what `make` gives and syncs it.
///
/// # Errors
/// Of the file system; a file others may read is refused.
pub fn read_or_make(file: &Path, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    match std::fs::metadata(file) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
            Err(io::Error::other(format!("{}: others may read this key; run `chmod 600` on it", file.display())))
        }
        Ok(_) => std::fs::read(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = make()?;
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent)?;
            }
            let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
            out.write_all(&secret)?;
            out.sync_all()?;
            Ok(secret)
        }
        Err(error) => Err(error),
    }
}

/// The node's keys: what it signs receipts with, seals cursors with, commits to query texts with, draws noise with.
pub struct NodeKeys {
    signer: Ed25519KeyPair,
    /// Seals cursors and change positions.
    pub cursor: [u8; 32],
    /// Commits to query texts in the audit log.
    pub commitment: hmac::Key,
    /// Hides whom the index of accesses is about.
    pub accesses: hmac::Key,
    /// Draws the noise on counts over protected data. Another key is another noise on the same figures: never replaced.
    pub statistics: disclosure::Secret,
}

impl NodeKeys {
    /// Reads the keys under `directory`, or makes them.
    ///
    /// # Errors
    /// Of the file system, or if a key file is damaged.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let pkcs8 = read_or_make(&directory.join("node.key"), || {
            Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new())
                .map(|d| d.as_ref().to_vec())
                .map_err(|_| io::Error::other("no random numbers"))
        })?;
        let signer = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| io::Error::other("node.key is damaged"))?;
        // For whoever is to check what this node signs.
        std::fs::write(directory.join("node.pub"), URL_SAFE_NO_PAD.encode(signer.public_key().as_ref()))?;
        let secret = |name: &str| -> io::Result<[u8; 32]> {
            let bytes = read_or_make(&directory.join(name), || {
                let mut fresh = vec![0_u8; 32];
                rand::fill(&mut fresh).map_err(|_| io::Error::other("no random numbers"))?;
                Ok(fresh)
            })?;
            bytes.try_into().map_err(|_| io::Error::other(format!("{name} is damaged")))
        };
        let commitment = hmac::Key::new(hmac::HMAC_SHA256, &secret("commitment.key")?);
        let accesses = hmac::Key::new(hmac::HMAC_SHA256, &secret("accesses.key")?);
        let statistics = disclosure::Secret::new(secret("statistics.key")?);
        Ok(Self { signer, cursor: secret("cursor.key")?, commitment, accesses, statistics })
    }

    /// Signs bytes, Ed25519.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.signer.sign(bytes).as_ref().to_vec()
    }

    /// The public key that checks [`Self::sign`].
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        self.signer.public_key().as_ref().to_vec()
    }
}
