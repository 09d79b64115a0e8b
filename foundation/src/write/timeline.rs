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

    /// Takes back what `batch` did to this record: its open claims are closed, and where that or the batch's own closing
    /// left nothing, what the batch (or an earlier withdrawn one) had displaced is claimed again by its own batch.
    ///
    /// `withdrawn` tells which batches are taken back; it must hold of `batch`. Gives how many claims were closed.
    pub fn withdraw(&mut self, batch: BatchId, history: &[History], withdrawn: &dyn Fn(BatchId) -> bool) -> usize {
        let numbers: Vec<u32> = self.head.claims.iter().filter(|c| c.batch == batch).map(|c| c.number).collect();
        let begun: Vec<Begun> = crate::record::read::claims(&self.head, history).map(Begun::of).collect();
        let mut left: Vec<(String, Span<Day>)> = Vec::new();
        for number in &numbers {
            if let Some(claim) = self.close(*number) {
                left.push((claim.source.clone(), claim.valid));
                self.keep(claim);
            }
        }
        let past = history.iter().filter_map(|row| match row {
            History::Claim { claim, closed_by } => Some((claim, *closed_by)),
            History::Version(_) => None,
        });
        let mut past: Vec<(&Claim, BatchId)> = past.collect();
        left.extend(past.iter().filter(|(_, by)| *by == batch).map(|(c, _)| (c.source.clone(), c.valid)));
        // The last closed first: what was displaced last is what stood there before.
        past.sort_by_key(|(claim, _)| std::cmp::Reverse((claim.recorded.to, claim.number)));
        for (source, span) in left {
            let taken: Vec<Span<Day>> =
                self.head.claims.iter().filter(|c| c.source == source).map(|c| c.valid).collect();
            for gap in without(span, &taken) {
                self.reinstate(&source, gap, &past, &begun, withdrawn);
            }
        }
        numbers.len()
    }

    fn reinstate(
        &mut self,
        source: &str,
        gap: Span<Day>,
        past: &[(&Claim, BatchId)],
        begun: &[Begun],
        withdrawn: &dyn Fn(BatchId) -> bool,
    ) {
        // A claim that was only cut elsewhere went on here as its remainder: that closing displaced nothing here.
        let cut = |claim: &Claim, day: Day| {
            let rest = |b: &&Begun| b.batch == claim.batch && b.from == claim.recorded.to && b.valid.contains(day);
            begun.iter().filter(rest).any(|b| b.source == source)
        };
        let mine: Vec<_> = past.iter().filter(|(c, _)| c.source == source && c.valid.overlaps(&gap)).collect();
        let mut edges: BTreeSet<Day> = mine.iter().flat_map(|(c, _)| [c.valid.from, c.valid.to]).collect();
        edges.extend([gap.from, gap.to]);
        let edges: Vec<Day> = edges.into_iter().filter(|d| gap.from <= *d && *d <= gap.to).collect();
        let mut found: Vec<(Span<Day>, &Claim)> = Vec::new();
        for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
            let covering = mine.iter().filter(|(c, _)| c.valid.contains(*from) && !cut(c, *from));
            // Up to the first closing that still counts: an end by a batch that stands stays an end.
            let displaced = covering.map_while(|(c, by)| withdrawn(*by).then_some(c)).find(|c| !withdrawn(c.batch));
            if let Some(claim) = displaced {
                match found.last_mut() {
                    Some((span, last)) if last.number == claim.number && span.to == *from => span.to = *to,
                    _ => found.push((Span { from: *from, to: *to }, claim)),
                }
            }
        }
        for (span, claim) in found {
            self.open(source.to_owned(), claim.batch, span, claim.source_time, claim.fields.clone());
        }
    }
}

/// When and where a claim began.
struct Begun {
    source: String,
    batch: BatchId,
    valid: Span<Day>,
    from: Instant,
}

impl Begun {
    fn of(claim: &Claim) -> Self {
        Self { source: claim.source.clone(), batch: claim.batch, valid: claim.valid, from: claim.recorded.from }
    }
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
