//! A row among others in a block of bytes.

use std::io;

use crate::store::{KEY_MAX, Put};

/// Marks a stamped row in the length of its value.
const STAMPED: u32 = 1 << 31;
/// Bytes before a row's key.
const HEAD_BYTES: usize = 6;

/// Appends a row to a block.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for a key or value too long to be written.
pub(crate) fn append(put: &Put, block: &mut Vec<u8>) -> io::Result<()> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "a row is too long");
    let key = u16::try_from(put.key.len()).ok().filter(|bytes| usize::from(*bytes) <= KEY_MAX).ok_or_else(too_long)?;
    let value = u32::try_from(put.value.len()).ok().filter(|bytes| *bytes < STAMPED).ok_or_else(too_long)?;
    block.extend_from_slice(&key.to_be_bytes());
    block.extend_from_slice(&(value | if put.stamped { STAMPED } else { 0 }).to_be_bytes());
    block.extend_from_slice(&put.key);
    block.extend_from_slice(&put.value);
    Ok(())
}

/// The rows of a block, one after another.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    block: Vec<u8>,
    at: usize,
}

impl Rows {
    /// The rows of `block`.
    pub(crate) fn new(block: Vec<u8>) -> Self {
        Self { block, at: 0 }
    }

    fn take(&mut self) -> Option<Put> {
        let rest = self.block.get(self.at..)?;
        let (key, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = rest.split_first_chunk::<4>()?;
        let (key, value) = (usize::from(u16::from_be_bytes(*key)), u32::from_be_bytes(*value));
        let (stamped, value) = (value & STAMPED != 0, (value & !STAMPED) as usize);
        let row = Put { key: rest.get(..key)?.to_vec(), value: rest.get(key..key + value)?.to_vec(), stamped };
        self.at += HEAD_BYTES + key + value;
        Some(row)
    }
}

impl Iterator for Rows {
    type Item = io::Result<Put>;

    fn next(&mut self) -> Option<io::Result<Put>> {
        if self.at >= self.block.len() {
            return None;
        }
        let row = self.take();
        if row.is_none() {
            self.at = self.block.len();
        }
        Some(row.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a row of a first load is cut off")))
    }
}
