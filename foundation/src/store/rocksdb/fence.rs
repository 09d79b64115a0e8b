//! A fence around a store: whoever commits to it waits until a load was taken in or given up.
//!
//! A load's rows carry the time of its commit, and its entries of the change log their numbers, before they are taken in. So
//! nothing may be committed between the moment in which both are given and that in which they hold.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc;

use super::keeper::Message;
use crate::store::{Committed, Partition};

/// A store behind a fence; it falls when this is dropped.
pub(super) struct Fenced {
    pub(super) store: usize,
    /// Time and token of the next commit.
    pub(super) next: Committed,
    /// The last event of each partition.
    pub(super) positions: BTreeMap<Partition, u64>,
    /// What the id of the load stands for already.
    pub(super) known: Option<(Committed, [u8; 16])>,
    pub(super) number: u64,
    pub(super) inbox: mpsc::Sender<Message>,
}

impl Drop for Fenced {
    fn drop(&mut self) {
        let _ = self.inbox.send(Message::Unfence { store: self.store, number: self.number });
    }
}

/// The fences that stand, and what waits before them.
#[derive(Default)]
pub(super) struct Fences {
    standing: BTreeMap<usize, u64>,
    raised: u64,
    waiting: Vec<Message>,
    /// What waited and may go on, before anything newer.
    freed: VecDeque<Message>,
}

impl Fences {
    /// Raises one; `None` while another stands there.
    pub(super) fn raise(&mut self, store: usize) -> Option<u64> {
        if self.standing.contains_key(&store) {
            return None;
        }
        self.raised += 1;
        self.standing.insert(store, self.raised);
        Some(self.raised)
    }

    /// Lowers one, if it is still that one; what waited before it is freed.
    pub(super) fn lower(&mut self, store: usize, number: u64) {
        if self.standing.get(&store) == Some(&number) {
            self.standing.remove(&store);
            let waited = std::mem::take(&mut self.waiting);
            let (freed, waiting) = waited.into_iter().partition(|message| message.store() == Some(store));
            self.waiting = waiting;
            self.freed.extend::<Vec<Message>>(freed);
        }
    }

    /// Gives a message back unless it has to wait.
    pub(super) fn pass(&mut self, message: Message) -> Option<Message> {
        match message.store() {
            Some(store) if self.standing.contains_key(&store) => {
                self.waiting.push(message);
                None
            }
            _ => Some(message),
        }
    }

    /// The next message that waited and may go on.
    pub(super) fn freed(&mut self) -> Option<Message> {
        self.freed.pop_front()
    }

    /// Everything that still waits, when the store ends.
    pub(super) fn rest(self) -> impl Iterator<Item = Message> {
        self.freed.into_iter().chain(self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::store::CommitId;

    fn resolve(store: usize, number: u8) -> Message {
        Message::Resolve { store, id: CommitId([number; 16]), reply: oneshot::channel().0 }
    }

    fn number(message: &Message) -> u8 {
        match message {
            Message::Resolve { id, .. } => id.0[0],
            _ => 0,
        }
    }

    #[test]
    fn what_comes_to_a_fenced_store_waits_in_its_order_and_the_rest_passes() {
        let mut fences = Fences::default();
        let first = fences.raise(1).unwrap();
        assert_eq!(fences.raise(1), None);
        assert!(fences.pass(resolve(1, 1)).is_none() && fences.pass(resolve(1, 2)).is_none());
        assert!(fences.pass(resolve(0, 3)).is_some());
        assert!(fences.pass(Message::Release(7)).is_some());
        fences.lower(1, first + 1);
        assert!(fences.freed().is_none(), "that is another's fence");
        fences.lower(1, first);
        let freed: Vec<u8> = std::iter::from_fn(|| fences.freed()).map(|message| number(&message)).collect();
        assert_eq!(freed, [1, 2]);
        assert!(fences.pass(resolve(1, 4)).is_some());
        let second = fences.raise(1).unwrap();
        fences.lower(1, first);
        assert!(fences.pass(resolve(1, 5)).is_none(), "an old fence does not lower a new one");
        assert_eq!(fences.rest().map(|message| number(&message)).collect::<Vec<_>>(), [5]);
        assert!(second > first);
    }
}
