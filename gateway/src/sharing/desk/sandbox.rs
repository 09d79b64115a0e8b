//! Where sandboxes are kept, and how many of a department's are good.

use foundation::store::Key;

use super::{Desk, FORMAT, whose};
use crate::journal::JournalError;
use crate::sharing::sandbox::Sandbox;

const SANDBOX: u8 = 0x13;
const OF_DEPARTMENT: u8 = 0x14;

impl Desk {
    /// Keeps a sandbox.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn keep_sandbox(&self, sandbox: &Sandbox) -> Result<(), JournalError> {
        let mut value = vec![FORMAT];
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut value, sandbox);
        let listed = [whose(OF_DEPARTMENT, &sandbox.by.department), sandbox.id.clone().into_bytes()].concat();
        let until = [&[FORMAT], sandbox.terms.to.as_bytes()].concat();
        self.journal.append(vec![(key(&sandbox.id), value), (listed, until)]).await
    }

    /// A sandbox by id, good or over.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn sandbox(&self, id: &str) -> Result<Option<Sandbox>, JournalError> {
        let unreadable = || JournalError::Unreadable { id: id.to_owned() };
        let Some((_, value)) = self.journal.rows(key(id)..[key(id).as_slice(), &[0]].concat()).await?.pop() else {
            return Ok(None);
        };
        let json = value.split_first().filter(|(format, _)| **format == FORMAT).map(|(_, json)| json);
        serde_json::from_slice(json.ok_or_else(unreadable)?).map(Some).map_err(|_| unreadable())
    }

    /// How many sandboxes of a department are good on a day, `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn good_sandboxes(&self, department: &str, day: &str) -> Result<usize, JournalError> {
        let from = whose(OF_DEPARTMENT, department);
        let to = [from.as_slice(), &[0xff]].concat();
        let all = self.journal.rows(from..to).await?;
        Ok(all.iter().filter(|(_, until)| until.get(1..).is_some_and(|until| until > day.as_bytes())).count())
    }
}

fn key(id: &str) -> Key {
    [&[SANDBOX], id.as_bytes()].concat()
}
