//! Enterprises: place + brand + trade + form; their shareholders are the people and enterprises made before.

use std::collections::{HashSet, VecDeque};

use foundation::value::credit_code::{check_character, organisation_check};
use foundation::value::{Day, PartialDate};

use super::csv;
use super::people::Person;
use super::places::Places;
use super::random::Random;
use super::words::{BRAND_FIRST, BRAND_SECOND, STREETS, TRADES};

pub(super) const HEADER: &str = "credit_code,name,kind,status,legal_representative,registered_capital,currency,established,\
                                 approved,address,division,industry,scope_of_business,location";
pub(super) const SHARES_HEADER: &str =
    "target,holder_number,holder_name,holder_kind,ratio,subscribed,paid,currency,subscribed_on,_valid_from";
/// Enterprises kept to draw shareholders from.
const KEPT: usize = 500;
/// Letters and digits of organisation codes made here.
const DIGITS: &[u8; 30] = b"0123456789ABCDEFGHJKLMNPQRTUWX";

/// Makes enterprises.
pub(super) struct Companies<'a> {
    places: &'a Places,
    random: Random,
    people: Vec<Person>,
    names: HashSet<String>,
    kept: VecDeque<(String, String)>,
    count: u64,
}

impl<'a> Companies<'a> {
    pub(super) fn new(places: &'a Places, random: Random, people: Vec<Person>) -> Self {
        Self { places, random, people, names: HashSet::new(), kept: VecDeque::new(), count: 0 }
    }

    /// An enterprise's row and those of its shareholders.
    pub(super) fn make(&mut self) -> (String, Vec<String>) {
        let place = self.places.one(&mut self.random).cloned();
        let (path, city, division) =
            place.as_ref().map_or_else(Default::default, |p| (p.path.clone(), p.city.clone(), p.code.clone()));
        let code = self.code(&place.as_ref().map(super::places::Place::synthetic).unwrap_or_default());
        let (industry, trade, scope) = self.random.one(&TRADES).copied().unwrap_or(("F52", "商贸", ""));
        let (kind, form) = match self.random.below(100) {
            0..=79 => ("91", "有限公司"),
            80..=87 => ("92", "股份有限公司"),
            88..=93 => ("96", "（有限合伙）"),
            _ => ("98", "农民专业合作社"),
        };
        let name = self.name(&city, trade, form);
        let established = self.day(1988, 2025);
        let approved = Day(established.0.max(self.day(2010, 2026).0));
        let status = if self.random.percent(82) {
            "1"
        } else if self.random.percent(60) {
            "4"
        } else {
            "3"
        };
        let capital = [10, 50, 100, 100, 200, 500, 500, 1_000, 1_000, 2_000, 5_000, 10_000];
        let capital = self.random.one(&capital).copied().unwrap_or(100);
        let street = self.random.one(&STREETS).copied().unwrap_or_default();
        let address = format!("{path}{street}{}号", self.random.between(1, 600));
        let location = place.and_then(|p| p.centre).map(|(lon, lat)| {
            let jitter =
                |random: &mut Random| f64::from(i32::try_from(random.between(-2_000, 2_001)).unwrap_or(0)) / 100_000.0;
            format!("POINT ({:.5} {:.5})", lon + jitter(&mut self.random), lat + jitter(&mut self.random))
        });
        let leader = self.random.one(&self.people).map(Person::party).unwrap_or_default();
        let row = csv(&[
            &code,
            &name,
            kind,
            status,
            &leader,
            &capital.to_string(),
            "CNY",
            &established.to_string(),
            &approved.to_string(),
            &address,
            &division,
            industry,
            scope,
            &location.unwrap_or_default(),
        ]);
        let holders = self.holders(&code, capital, established);
        self.kept.push_back((code, name));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        (row, holders)
    }

    /// `91`, a division never issued, `MA` and a running number, both checks.
    fn code(&mut self, division: &str) -> String {
        self.count += 1;
        let mut left = self.count;
        let mut body = *b"MA000000";
        for place in body.iter_mut().skip(2).rev() {
            *place = DIGITS.get(usize::try_from(left % 30).unwrap_or(0)).copied().unwrap_or(b'0');
            left /= 30;
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        let outer = format!("91{division}{body}{}", organisation_check(&body).unwrap_or('0'));
        format!("{outer}{}", check_character(&outer))
    }

    /// A name nobody has yet.
    fn name(&mut self, city: &str, trade: &str, form: &str) -> String {
        let (first, second): (Vec<char>, Vec<char>) = (BRAND_FIRST.chars().collect(), BRAND_SECOND.chars().collect());
        loop {
            let mut brand = String::new();
            brand.extend(self.random.one(&first));
            brand.extend(self.random.one(&second));
            if self.names.len() > 50_000 {
                brand.extend(self.random.one(&second));
            }
            let name = format!("{city}{brand}{trade}{form}");
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }

    fn day(&mut self, from: i64, to: i64) -> Day {
        let start = Day::from_ymd(from, 1, 1).unwrap_or(Day(0));
        let end = Day::from_ymd(to, 10, 1).unwrap_or(Day(20_000));
        Day(self.random.between(start.0, end.0))
    }

    /// One to four holders whose shares make 100 %.
    fn holders(&mut self, target: &str, capital: i64, established: Day) -> Vec<String> {
        let count = self.random.one(&[1, 1, 2, 2, 3, 4]).copied().unwrap_or(1);
        let mut shares: Vec<i64> = Vec::new();
        let mut left: i64 = 10_000;
        for more in (1..count).rev() {
            let share = self.random.between(1, (left - more).max(2)).clamp(1, left - more) / 100 * 100;
            let share = share.max(100).min(left - more * 100);
            shares.push(share);
            left -= share;
        }
        shares.push(left);
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        for share in shares {
            let Some((number, name, kind)) = self.holder(&mut seen) else { continue };
            let ratio = format!("{}.{:02}", share / 100, share % 100);
            let subscribed = format!("{}.{:04}", capital * share / 10_000, capital * share % 10_000);
            let paid = if self.random.percent(60) { subscribed.clone() } else { "0".to_owned() };
            let since = PartialDate::of(established).map(|d| d.to_string()).unwrap_or_default();
            rows.push(csv(&[target, &number, &name, kind, &ratio, &subscribed, &paid, "CNY", &since, &since]));
        }
        rows
    }

    /// Somebody who is not a holder yet: a person, or an enterprise made before.
    fn holder(&mut self, seen: &mut HashSet<String>) -> Option<(String, String, &'static str)> {
        for _ in 0..20 {
            let enterprise = self.random.percent(35);
            let kept: Vec<&(String, String)> = self.kept.iter().collect();
            let found = match self.random.one(&kept) {
                Some((code, name)) if enterprise => (code.clone(), name.clone(), "2"),
                _ => self.random.one(&self.people).map(|p| (p.number.clone(), p.name.clone(), "1"))?,
            };
            if seen.insert(found.0.clone()) {
                return Some(found);
            }
        }
        None
    }
}
