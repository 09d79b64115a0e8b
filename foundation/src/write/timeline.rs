//! A source's timeline of a record: what it claims, stretch by stretch, and how a row overwrites a part of it.

use std::collections::BTreeSet;

use super::resolution;
use crate::record::{Authority, Basis, BatchId, Claim, Head, History, Version};
use crate::value::{Day, Fields, Instant, Span, Value};

/// A record while a chunk is applied to it.
#[derive(Debug)]
pub struct Work {
    /// Everything open; what this commit adds is recorded `PENDING`.
    pub head: Head,
    /// Stored claims that this commit closes.
    pub closed: Vec<Claim>,
    /// Stored versions that this commit closes.
    pub closed_versions: Vec<Version>,
    /// Whether anything changed.
    pub changed: bool,
}

/// What a source says in a row.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    /// Source.
    pub source: &'a str,
    /// Batch.
    pub batch: BatchId,
    /// For which days.
    pub valid: Span<Day>,
    /// When the source recorded it.
    pub source_time: Option<Instant>,
    /// What; `None` = nothing any more.
    pub fields: Option<&'a Fields>,
}

impl Work {
    /// Starts on a stored head, or on a record nobody has said anything of.
    #[must_use]
    pub fn new(head: Head) -> Self {
        Self { head, closed: Vec::new(), closed_versions: Vec::new(), changed: false }
    }

    /// Whether `source` has any open claim.
    #[must_use]
    pub fn knows(&self, source: &str) -> bool {
        self.head.claims.iter().any(|c| c.source == source)
    }

    /// Lets `word` overwrite its source's timeline. Where the timeline says the same already nothing is written; claims
    /// that are cut keep their remainders as new claims of their own batch. Gives whether anything changed.
    pub fn overwrite(&mut self, word: &Word<'_>) -> bool {
        let valid = word.valid;
        let mine = |c: &&Claim| c.source == word.source && c.valid.overlaps(&valid);
        let same = |c: &Claim| word.fields.is_some_and(|fields| c.fields == *fields);
        let kept: Vec<Span<Day>> = self.head.claims.iter().filter(mine).filter(|c| same(c)).map(|c| c.valid).collect();
        let cut: Vec<u32> = self.head.claims.iter().filter(mine).filter(|c| !same(c)).map(|c| c.number).collect();
        let gaps = if word.fields.is_some() { without(valid, &kept) } else { Vec::new() };
        if gaps.is_empty() && cut.is_empty() {
            return false;
        }
        for number in cut {
            self.cut(number, valid);
        }
        if let Some(fields) = word.fields {
            for gap in gaps {
                let (source, batch) = (word.source.to_owned(), word.batch);
                self.open(source, batch, gap, word.source_time, fields.clone());
            }
        }
        self.changed = true;
        true
    }

    /// Closes an open claim and opens again what of it lies outside `valid`.
    fn cut(&mut self, number: u32, valid: Span<Day>) {
        let Some(claim) = self.close(number) else { return };
        for rest in without(claim.valid, &[valid]) {
            self.open(claim.source.clone(), claim.batch, rest, claim.source_time, claim.fields.clone());
        }
        self.keep(claim);
    }

    /// Takes an open claim out.
    pub fn close(&mut self, number: u32) -> Option<Claim> {
        let at = self.head.claims.iter().position(|c| c.number == number)?;
        self.changed = true;
        Some(self.head.claims.remove(at))
    }

    /// Keeps a claim taken out as history; one that this very commit had opened was never recorded.
    pub fn keep(&mut self, mut claim: Claim) {
        if claim.recorded.from != Instant::PENDING {
            claim.recorded.to = Instant::PENDING;
            self.closed.push(claim);
        }
    }

    /// Opens a claim.
    pub fn open(
        &mut self,
        source: String,
        batch: BatchId,
        valid: Span<Day>,
        source_time: Option<Instant>,
        fields: Fields,
    ) {
        let number = self.head.next_claim;
        self.head.next_claim += 1;
        let recorded = Span { from: Instant::PENDING, to: Instant::MAX };
        self.head.claims.push(Claim { number, source, batch, valid, recorded, source_time, fields });
        self.changed = true;
    }

    /// Resolves the claims anew. A version whose stretch, values, winning sources and disputes stay is kept (its basis may
    /// name another claim that says the same); the others are closed, and new ones open with numbers never used before.
    pub fn resolve(&mut self, authority: &Authority) {
        let mut old = std::mem::take(&mut self.head.versions);
        let wanted = resolution::resolve(&self.head.claims, authority);
        let mut versions = Vec::with_capacity(wanted.len());
        for next in wanted {
            let stays = old.iter().position(|v| {
                v.valid == next.valid
                    && v.disputed == next.disputed
                    && (v.basis == next.basis || self.shown(&v.basis) == self.shown(&next.basis))
            });
            if let Some(at) = stays {
                let mut version = old.swap_remove(at);
                version.basis = next.basis;
                versions.push(version);
            } else {
                versions.push(Version {
                    number: self.head.next_version,
                    valid: next.valid,
                    recorded: Span { from: Instant::PENDING, to: Instant::MAX },
                    basis: next.basis,
                    disputed: next.disputed,
                });
                self.head.next_version += 1;
            }
        }
        for mut version in old {
            version.recorded.to = Instant::PENDING;
            self.closed_versions.push(version);
        }
        self.head.versions = versions;
        debug_assert!(
            self.head.versions.windows(2).all(|pair| matches!(pair, [a, b] if a.valid.to <= b.valid.from)),
            "INVARIANT: open versions do not overlap"
        );
    }

    /// Field, winning source and value of a basis.
    fn shown(&self, basis: &Basis) -> Vec<(u16, &str, &Value)> {
        let claim = |number: u32| self.head.claim(number).or_else(|| self.closed.iter().find(|c| c.number == number));
        match basis {
            Basis::Claim(number) => claim(*number)
                .map(|c| c.fields.iter().map(|(n, v)| (n, c.source.as_str(), v)).collect())
                .unwrap_or_default(),
            Basis::Fields(winners) => winners
                .iter()
                .filter_map(|(field, number)| {
                    let claim = claim(*number)?;
                    Some((*field, claim.source.as_str(), claim.fields.get(*field)?))
                })
                .collect(),
        }
    }

    /// Takes back what `batch` did to this record: the open claims of withdrawn batches are closed, and where nothing stands
    /// then, the last word of a batch that stands is claimed again by that batch.
    ///
    /// `withdrawn` tells which batches are taken back; it must hold of `batch`. Gives how many claims were closed. What is said
    /// by events is left alone: it follows from the events (`effect.rs`).
    ///
    /// Cost: claims of the record, squared.
    pub fn withdraw(&mut self, batch: BatchId, history: &[History], withdrawn: &dyn Fn(BatchId) -> bool) -> usize {
        debug_assert!(withdrawn(batch), "INVARIANT: a batch is marked before its claims are taken back");
        let past = history.iter().filter_map(|row| match row {
            History::Claim { claim, closed_by } => Some(Told { claim: claim.clone(), closed_by: Some(*closed_by) }),
            History::Version(_) => None,
        });
        let open = self.head.claims.iter().map(|claim| Told { claim: claim.clone(), closed_by: None });
        let mut told: Vec<Told> = past.chain(open).collect();
        told.sort_by_key(|t| (t.claim.recorded.from, t.claim.number));
        let own = |claim: &Claim| claim.event_table().is_none();
        told.retain(|told| own(&told.claim));
        let fallen: Vec<u32> =
            self.head.claims.iter().filter(|c| own(c) && withdrawn(c.batch)).map(|claim| claim.number).collect();
        for number in &fallen {
            if let Some(claim) = self.close(*number) {
                self.keep(claim);
            }
        }
        let sources: BTreeSet<&str> = told.iter().map(|t| t.claim.source.as_str()).collect();
        for source in sources {
            let mine: Vec<&Told> = told.iter().filter(|t| t.claim.source == source).collect();
            self.reinstate(source, &mine, withdrawn);
        }
        fallen.len()
    }

    /// Opens again what `told`, all that a source ever said, leaves standing where nothing is open.
    fn reinstate(&mut self, source: &str, told: &[&Told], withdrawn: &dyn Fn(BatchId) -> bool) {
        let edges: BTreeSet<Day> = told.iter().flat_map(|t| [t.claim.valid.from, t.claim.valid.to]).collect();
        let mut found: Vec<(Span<Day>, &Claim)> = Vec::new();
        for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
            if self.head.claims.iter().any(|c| c.source == source && c.valid.contains(*from)) {
                continue;
            }
            let Some(claim) = standing(told, *from, withdrawn) else { continue };
            match found.last_mut() {
                Some((span, last)) if last.number == claim.number && span.to == *from => span.to = *to,
                _ => found.push((Span { from: *from, to: *to }, claim)),
            }
        }
        for (span, claim) in found {
            self.open(source.to_owned(), claim.batch, span, claim.source_time, claim.fields.clone());
        }
    }
}

/// A claim, and the batch that closed it.
struct Told {
    claim: Claim,
    closed_by: Option<BatchId>,
}

/// The last word on `day` by a batch that stands; `None` if that is an end, or there is none.
///
/// `told` comes by recorded time. A claim that ends with no other beginning at the same instant was ended by the batch that
/// closed it: that end is a word too, and stands for as long as its batch does.
fn standing<'a>(told: &[&'a Told], day: Day, withdrawn: &dyn Fn(BatchId) -> bool) -> Option<&'a Claim> {
    let on_day: Vec<&Told> = told.iter().filter(|t| t.claim.valid.contains(day)).copied().collect();
    let mut next = None;
    for told in on_day.into_iter().rev() {
        let ended = next != Some(told.claim.recorded.to);
        if ended && told.closed_by.is_some_and(|by| !withdrawn(by)) {
            return None;
        }
        if !withdrawn(told.claim.batch) {
            return Some(&told.claim);
        }
        next = Some(told.claim.recorded.from);
    }
    None
}

/// What of `span` lies in none of `others`.
fn without(span: Span<Day>, others: &[Span<Day>]) -> Vec<Span<Day>> {
    let mut left = vec![span];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|s| {
                [Span { from: s.from, to: s.to.min(other.from) }, Span { from: s.from.max(other.to), to: s.to }]
            })
            .filter(|s| !s.is_empty())
            .collect();
    }
    left
}

#[cfg(test)]
mod tests;
