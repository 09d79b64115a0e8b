//! Actual controllers (实际控制人, 公司法 art 265): who decides in an enterprise through shares, as far as shareholdings tell.
//!
//! First the chain of majorities: whoever holds more than half of the enterprise, more than half of that holder, and so on. Where
//! no chain leads out (nobody has a majority, or companies hold each other in a ring), the shares that come together from all
//! ways, rings included: a party that holds nothing back and has more than half of them controls. Agreements and votes that
//! differ from capital are not in the register and not seen here.

use std::collections::{BTreeMap, BTreeSet};

use foundation::value::Decimal;
use serde::{Deserialize, Serialize};

use super::ownership::Edge;

/// More than this share of the capital decides (公司法 art 265: 控股股东).
const MAJORITY: f64 = 50.0;
/// Rounds of adding shares over rings; shares shrink with every round unless a ring holds itself whole.
const ROUNDS_MAX: usize = 10_000;
/// A change too small to matter, in parts of one.
const STILL: f64 = 1e-12;

/// Why a party counts as a controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A chain of majorities.
    Majority,
    /// More than half of the shares from all ways together.
    Combined,
}

/// A controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// The party: a node's id, or the person's where the permit shows it.
    pub id: String,
    /// Why.
    pub basis: Basis,
    /// Its share from all ways together, %, four decimals; `None` where a ratio on a way is not known.
    pub share: Option<Decimal>,
    /// From the enterprise asked for to the party; for combined shares these two alone.
    pub chain: Vec<String>,
}

/// The controllers of `root` as the shareholdings tell; none where nobody decides alone.
///
/// Cost: shareholdings, times the rounds that rings take.
#[must_use]
pub fn controllers(root: &str, edges: &[Edge]) -> Vec<Controller> {
    let mut holders: BTreeMap<&str, Vec<(&str, Option<f64>)>> = BTreeMap::new();
    for edge in edges {
        let ratio = edge.ratio.map(|ratio| ratio.to_string().parse().unwrap_or(0.0));
        holders.entry(&edge.target).or_default().push((edge.party(), ratio));
    }
    let combined = combined(root, &holders);
    let share = |party: &str| {
        let share = combined.as_ref()?.get(party)?;
        format!("{:.4}", share * 100.0).parse::<Decimal>().ok().map(Decimal::normalised)
    };
    if let Some(chain) = majorities(root, &holders) {
        let id = chain.last().cloned().unwrap_or_default();
        return vec![Controller { share: share(&id), id, basis: Basis::Majority, chain }];
    }
    let last = |party: &&str| !holders.contains_key(party);
    let most = combined.iter().flatten().filter(|(party, share)| last(party) && **share * 100.0 > MAJORITY);
    most.map(|(party, _)| Controller {
        id: (*party).to_owned(),
        basis: Basis::Combined,
        share: share(party),
        chain: vec![root.to_owned(), (*party).to_owned()],
    })
    .collect()
}

type Holders<'a> = BTreeMap<&'a str, Vec<(&'a str, Option<f64>)>>;

/// Adds up what a party holds of one target: a person may stand in several rows.
fn of_party<'a>(rows: &[(&'a str, Option<f64>)]) -> BTreeMap<&'a str, f64> {
    let mut sums = BTreeMap::new();
    for (party, ratio) in rows {
        *sums.entry(*party).or_insert(0.0) += ratio.unwrap_or(0.0);
    }
    sums
}

/// From the enterprise to the last party of a chain of majorities; `None` without a first majority, or if the chain comes back.
fn majorities(root: &str, holders: &Holders<'_>) -> Option<Vec<String>> {
    let mut chain = vec![root.to_owned()];
    let mut seen = BTreeSet::from([root]);
    let mut at = root;
    while let Some(rows) = holders.get(at) {
        let Some((party, _)) = of_party(rows).into_iter().find(|(_, share)| *share > MAJORITY) else { break };
        if !seen.insert(party) {
            return None;
        }
        chain.push(party.to_owned());
        at = party;
    }
    (chain.len() > 1).then_some(chain)
}

/// Of every party its part of `root` over all ways, rings included; `None` if a ratio is not known or a ring holds itself whole.
fn combined<'a>(root: &'a str, holders: &Holders<'a>) -> Option<BTreeMap<&'a str, f64>> {
    let mut whole: BTreeMap<&str, f64> = BTreeMap::new();
    let mut fresh = BTreeMap::from([(root, 1.0)]);
    for _ in 0..ROUNDS_MAX {
        let mut next: BTreeMap<&str, f64> = BTreeMap::new();
        for (target, part) in &fresh {
            for (party, ratio) in holders.get(target).into_iter().flatten() {
                *next.entry(*party).or_insert(0.0) += part * (*ratio)? / 100.0;
            }
        }
        for (party, part) in &next {
            *whole.entry(*party).or_insert(0.0) += part;
        }
        fresh = next.into_iter().filter(|(party, part)| *part > STILL && holders.contains_key(party)).collect();
        if fresh.is_empty() {
            return Some(whole);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use foundation::value::{Day, Span};

    use super::*;

    fn edge(holder: &str, target: &str, ratio: &str) -> Edge {
        Edge {
            record: format!("{target}~{holder}"),
            holder: holder.to_owned(),
            person: None,
            target: target.to_owned(),
            ratio: ratio.parse().ok(),
            subscribed: None,
            paid: None,
            valid: Span { from: Day::MIN, to: Day::MAX },
        }
    }

    fn told(edges: &[Edge]) -> Vec<(String, Basis, String)> {
        let all = controllers("A", edges);
        all.into_iter().map(|c| (c.id, c.basis, c.share.map(|s| s.to_string()).unwrap_or_default())).collect()
    }

    #[test]
    fn a_chain_of_majorities_leads_to_its_end() {
        let chain = [edge("B", "A", "60"), edge("C", "A", "40"), edge("P", "B", "51"), edge("Q", "B", "49")];
        assert_eq!(told(&chain), [("P".to_owned(), Basis::Majority, "30.6".to_owned())]);
        assert_eq!(controllers("A", &chain)[0].chain, ["A", "B", "P"]);
    }

    #[test]
    fn shares_from_several_ways_come_together() {
        let ways = [
            edge("P", "A", "30"),
            edge("B", "A", "40"),
            edge("Q", "A", "30"),
            edge("P", "B", "60"),
            edge("R", "B", "40"),
        ];
        assert_eq!(told(&ways), [("P".to_owned(), Basis::Combined, "54".to_owned())]);
    }

    #[test]
    fn a_ring_is_seen_through() {
        // A is held by B, B by C, C by A: what A holds of itself belongs to the holders outside.
        let ring = [
            edge("B", "A", "60"),
            edge("P", "A", "40"),
            edge("C", "B", "100"),
            edge("A", "C", "51"),
            edge("Q", "C", "49"),
        ];
        // P: 0.4 / (1 − 0.6 · 0.51) = 0.5764
        assert_eq!(told(&ring), [("P".to_owned(), Basis::Combined, "57.6369".to_owned())]);
    }

    #[test]
    fn where_nobody_decides_nobody_is_told() {
        assert_eq!(told(&[edge("P", "A", "50"), edge("Q", "A", "50")]), []);
        assert_eq!(told(&[]), []);
        // A ring that holds itself whole belongs to nobody.
        assert_eq!(told(&[edge("B", "A", "100"), edge("A", "B", "100")]), []);
    }

    #[test]
    fn a_person_in_two_rows_is_one() {
        let mut rows = [edge("A~1", "A", "30"), edge("A~2", "A", "30"), edge("Q", "A", "40")];
        for row in rows.iter_mut().take(2) {
            row.person = Some("p".to_owned());
        }
        assert_eq!(told(&rows), [("p".to_owned(), Basis::Majority, "60".to_owned())]);
    }
}
