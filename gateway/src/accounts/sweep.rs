//! What has run out is swept away: failures, sessions, spent assertions and sign-ins; last uses of keys are written down.

use super::credential::Failures;
use super::roster::{Roster, RosterError};
use super::rows::{self, ASSERTION, Change, FAILURES, SESSION, SPENT, USE, key};
use super::session::Session;
use foundation::store::Key;
use foundation::value::Instant;

/// Rows removed in one commit.
const AT_A_TIME: usize = 500;

impl Roster {
    /// Sweeps, and writes down when keys were last used. For once a minute.
    ///
    /// Cost: reads the sessions, failures and spent assertions that are kept.
    /// # Errors
    /// [`RosterError`].
    pub async fn sweep(&self, now: Instant) -> Result<(), RosterError> {
        let now_s = now.0.div_euclid(1_000_000);
        // No attempt is counted in between.
        let _turn = self.attempts.lock().await;
        let mut gone: Vec<Key> = Vec::new();
        for (key, failures) in rows::all::<Failures>(&self.store, FAILURES).await? {
            if failures.counting(now.0).at_us.is_empty() {
                gone.push(key);
            }
        }
        for (key, session) in rows::all::<Session>(&self.store, SESSION).await? {
            if session.ends_s <= now_s {
                gone.push(key);
            }
        }
        for kind in [ASSERTION, SPENT] {
            for (key, until_s) in rows::all::<i64>(&self.store, kind).await? {
                if until_s <= now_s {
                    gone.push(key);
                }
            }
        }
        self.live_mut().sessions.retain(|_, session| session.ends_s > now_s);
        for part in gone.chunks(AT_A_TIME) {
            let change = part.iter().cloned().fold(Change::default(), Change::delete);
            change.keep(&self.store).await?;
        }
        self.write_uses().await
    }

    async fn write_uses(&self) -> Result<(), RosterError> {
        let fresh: Vec<(String, i64)> = {
            let mut uses = self.uses.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let fresh = uses.iter().filter(|(_, used)| used.1).map(|(id, used)| (id.clone(), used.0)).collect();
            uses.values_mut().for_each(|used| used.1 = false);
            fresh
        };
        for part in fresh.chunks(AT_A_TIME) {
            let change =
                part.iter().fold(Change::default(), |change, (id, at)| change.put(key(USE, id.as_bytes()), at));
            change.keep(&self.store).await?;
        }
        Ok(())
    }
}
