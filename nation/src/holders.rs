//! Who holds an enterprise: people and enterprises made before, whose shares make 100 %; some hold each other in rings.

use std::collections::{HashSet, VecDeque};

use foundation::value::Day;

use super::companies::Company;
use super::out::Csv;
use super::person::Named;
use super::random::Random;
use super::{NationError, Open};

const HEADER: &str = "target,holder_number,holder_name,holder_kind,ratio,subscribed,paid,currency,subscribed_on,_valid_from,\
                      _valid_to";
/// Enterprises kept to draw holders from.
const KEPT: usize = 500;
/// In a ring: the share that the company before holds, hundredths of a percent.
const RING_SHARE: i64 = 5_100;

/// Writes shareholdings.
pub(crate) struct Holders<'a> {
    out: Csv,
    known: &'a [Named],
    random: Random,
    kept: VecDeque<Named>,
}

/// A holder: who, and whether it is an enterprise.
type Holder = (Named, bool);

impl<'a> Holders<'a> {
    pub(crate) fn open(open: &mut Open<'_>, known: &'a [Named], random: Random) -> Result<Self, NationError> {
        Ok(Self { out: Csv::open(open, "shareholdings.csv", HEADER)?, known, random, kept: VecDeque::new() })
    }

    /// The holders of an enterprise, or of several that hold each other in a ring.
    pub(crate) fn of(&mut self, companies: &[Company]) -> Result<(), NationError> {
        let ring = companies.len() > 1;
        for (at, company) in companies.iter().enumerate() {
            let before = companies.get((at + companies.len() - 1) % companies.len()).filter(|_| ring);
            self.one(company, before)?;
        }
        for company in companies.iter().filter(|c| c.ended.is_none()) {
            self.kept.push_back(Named { number: company.code.clone(), name: company.name.clone() });
            if self.kept.len() > KEPT {
                self.kept.pop_front();
            }
        }
        Ok(())
    }

    fn one(&mut self, company: &Company, ring: Option<&Company>) -> Result<(), NationError> {
        let mut seen = HashSet::new();
        let mut holders: Vec<(Holder, i64)> = Vec::new();
        let mut left = 10_000;
        if let Some(other) = ring {
            let named = Named { number: other.code.clone(), name: other.name.clone() };
            seen.insert(named.number.clone());
            holders.push(((named, true), RING_SHARE));
            left -= RING_SHARE;
        }
        let count = self.random.one(&[1, 1, 2, 2, 3, 4]).copied().unwrap_or(1);
        for more in (0..count).rev() {
            let Some(holder) = self.holder(&mut seen) else { break };
            // Whole percents, at least one for everybody still to come.
            let most = (left / 100 - more).max(1);
            let share = if more == 0 { left } else { self.random.between(1, most + 1) * 100 };
            let share = share.min(left - more * 100).max(100);
            holders.push((holder, share));
            left -= share;
        }
        if left > 0
            && let Some(last) = holders.last_mut()
        {
            last.1 += left;
        }
        for ((named, enterprise), share) in holders {
            self.row(company, &named, enterprise, share)?;
        }
        Ok(())
    }

    fn row(&mut self, company: &Company, holder: &Named, enterprise: bool, share: i64) -> Result<(), NationError> {
        let ten_thousandths = company.capital * share;
        let subscribed = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
        let paid = if self.random.percent(60) { subscribed.as_str() } else { "0" };
        let since = company.established.to_string();
        let to = company.ended.map_or_else(|| "..".to_owned(), |day: Day| day.to_string());
        let out = &mut self.out;
        out.cell(&company.code).cell(&holder.number).cell(&holder.name).cell(if enterprise { "2" } else { "1" });
        out.cell(&format!("{}.{:02}", share / 100, share % 100)).cell(&subscribed).cell(paid).cell("CNY");
        out.cell(&since).cell(&since).cell(&to);
        out.end()
    }

    /// Somebody who is not a holder yet: a person, or an enterprise made before.
    fn holder(&mut self, seen: &mut HashSet<String>) -> Option<Holder> {
        for _ in 0..20 {
            let at = usize::try_from(self.random.below(self.kept.len().max(1) as u64)).unwrap_or(0);
            let enterprise = self.kept.get(at).filter(|_| self.random.percent(35)).cloned();
            let found = match enterprise {
                Some(company) => (company, true),
                None => (self.random.one(self.known).cloned()?, false),
            };
            if seen.insert(found.0.number.clone()) {
                return Some(found);
            }
        }
        None
    }

    pub(crate) fn close(self) -> Result<(String, u64), NationError> {
        self.out.close()
    }
}
