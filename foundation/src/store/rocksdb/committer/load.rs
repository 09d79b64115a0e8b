//! A load: what it has to know before its tables are written, and the tables taken in.

use std::collections::BTreeMap;
use std::sync::mpsc;

use super::super::fence::Fenced;
use super::super::keeper::{Engine, Message, Ticket};
use super::super::tables::Tables;
use super::super::view;
use super::{Answers, Committer, Plan, broken, find};
use crate::store::load::unread;
use crate::store::{CommitError, CommitId, Committed, StoreError};
use crate::value::Instant;

impl Committer {
    /// What a load has to know before its tables are written; nothing is committed to the store until it is dropped.
    pub(in super::super) fn fenced(
        &self,
        engine: &Engine,
        store: usize,
        id: CommitId,
        number: u64,
        inbox: &mpsc::Sender<Message>,
    ) -> Result<Fenced, StoreError> {
        // Made first: whatever fails below lowers the fence again.
        let (next, positions) = self.heads.get(store).map_or_else(
            || (Committed { at: Instant(0), token: 0 }, BTreeMap::new()),
            |head| (self.next(head), head.positions.clone()),
        );
        let mut fenced = Fenced { store, next, positions, known: None, number, inbox: inbox.clone() };
        fenced.known = find(engine, engine.family(store)?, id)?;
        Ok(fenced)
    }

    /// Takes the tables of a load in.
    pub(in super::super) fn ingest(&mut self, engine: &Engine, tables: &Tables, ticket: Ticket) -> Answers {
        let answer = self.try_ingest(engine, tables);
        let moved = tables.positions.keys().map(|partition| (tables.fenced.store, *partition));
        let moved = if answer.is_ok() { moved.collect() } else { Vec::new() };
        Answers { written: answer.is_ok(), moved, given: vec![(ticket, answer)] }
    }

    fn try_ingest(&mut self, engine: &Engine, tables: &Tables) -> Result<Committed, CommitError> {
        let reason = |reason| CommitError::Refused { reason };
        self.health.door(&engine.db, &self.write).map_err(reason)?;
        let (store, done) = (tables.fenced.store, tables.fenced.next);
        let family = engine.family(store).map_err(unread)?;
        if let Some(key) = broken(engine, family, &Plan::default(), store, &tables.expect)? {
            return Err(CommitError::Conflict(key.clone()));
        }
        if let Some(key) = view::first(engine, family, &tables.empty).map_err(unread)? {
            return Err(CommitError::Conflict(key));
        }
        #[cfg(any(test, feature = "testkit"))]
        if let Some(fault) = &self.fault
            && let Err(message) = fault()
        {
            return Err(self.health.failed(&::rocksdb::ErrorKind::IOError, &message).tell(tables.id));
        }
        let taken = tables.ingest(engine, family);
        taken.map_err(|error| self.health.failed(&error.kind(), error.as_ref()).tell(tables.id))?;
        if let Some(head) = self.heads.get_mut(store) {
            head.last = done;
            head.positions.extend(&tables.positions);
        }
        Ok(done)
    }
}
