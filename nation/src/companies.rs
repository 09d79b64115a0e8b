//! Enterprises: place + brand + trade + form, what was registered of them since, who runs them, and how the tax office has
//! them.

use std::collections::HashSet;

use foundation::value::Day;
use foundation::value::credit_code::{check_character, organisation_check};

use super::errors;
use super::family::{Family, today, years_after};
use super::holders::Holders;
use super::manifest::Manifest;
use super::out::Csv;
use super::person::{Named, Person};
use super::places::{At, Places};
use super::random::Random;
use super::words::{BRAND_FIRST, BRAND_SECOND, STREETS, TRADES};
use super::{NationError, Open};

/// 市场监管部门（演示）, 税务部门（演示）.
const REGISTRAR: &str = "11100000PDY0000287";
const TAX_OFFICE: &str = "11100000PDY000079F";

const ENTERPRISES: &str = "credit_code,name,kind,status,legal_representative,registered_capital,currency,established,approved,\
                           address,division,industry,scope_of_business,location,abnormal";
const EVENTS: &str = "event_id,credit_code,event_kind,event_date,item,before,after,division,reason";
const OFFICERS: &str = "credit_code,document_number,position,name,appointed,_valid_from,_valid_to";
const TAX: &str = "credit_code,name,kind,status,address,division";
/// People kept to draw founders and officers from.
const KNOWN: usize = 5_000;
/// Digits of organisation codes made here.
const DIGITS: &[u8; 30] = b"0123456789ABCDEFGHJKLMNPQRTUWX";

/// Keeps grown-ups of a family to draw from.
pub(crate) fn remember(known: &mut Vec<Named>, family: &Family, made: u64) {
    let of_age =
        |p: &&Person| p.death.is_none() && years_after(p.birth, 22) < today() && years_after(p.birth, 70) > today();
    for (at, person) in family.people.iter().filter(of_age).enumerate() {
        if known.len() < KNOWN {
            known.push(person.named());
            continue;
        }
        // An even spread over everybody so far, without a draw of its own.
        let place = usize::try_from((made + at as u64).wrapping_mul(2_654_435_761) % (KNOWN as u64)).unwrap_or(0);
        if let Some(slot) = known.get_mut(place) {
            *slot = person.named();
        }
    }
}

/// Makes `count` enterprises with all their files.
pub(crate) fn make(
    count: u64,
    places: &Places,
    mut random: Random,
    known: &[Named],
    open: &mut Open<'_>,
    manifest: &mut Manifest,
) -> Result<(), NationError> {
    let mut companies = Companies {
        places,
        random: Random::new(random.next()),
        known,
        names: HashSet::new(),
        count: 0,
        events: 0,
        out: Csv::open(open, "enterprises.csv", ENTERPRISES)?,
        history: Csv::open(open, "entity-events.csv", EVENTS)?,
        officers: Csv::open(open, "officers.csv", OFFICERS)?,
        tax: Csv::open(open, "enterprises-tax.csv", TAX)?,
    };
    let mut holders = Holders::open(open, known, Random::new(random.next()))?;
    let mut left = count;
    while left > 0 {
        // Now and then three at once, which hold each other in a ring.
        let together = if left >= 3 && companies.count.is_multiple_of(400) { 3 } else { 1 };
        let made = (0..together).map(|_| companies.one()).collect::<Result<Vec<_>, _>>()?;
        holders.of(&made)?;
        left -= together;
    }
    manifest.add("legal-entity/enterprises", "模拟企业（市场监管）", REGISTRAR, companies.out.close()?);
    manifest.add("legal-entity/shareholdings", "模拟股东", REGISTRAR, holders.close()?);
    manifest.add("legal-entity/officers", "模拟主要人员", REGISTRAR, companies.officers.close()?);
    manifest.add("legal-entity/entity-events", "模拟登记事件", REGISTRAR, companies.history.close()?);
    manifest.add("legal-entity/enterprises", "模拟企业（税务）", TAX_OFFICE, companies.tax.close()?);
    Ok(())
}

/// An enterprise, as its holders' rows need it.
pub(crate) struct Company {
    pub(crate) code: String,
    pub(crate) name: String,
    /// 万元.
    pub(crate) capital: i64,
    pub(crate) established: Day,
    pub(crate) ended: Option<Day>,
}

struct Companies<'a> {
    places: &'a Places,
    random: Random,
    known: &'a [Named],
    names: HashSet<String>,
    count: u64,
    events: u64,
    out: Csv,
    history: Csv,
    officers: Csv,
    tax: Csv,
}

impl Companies<'_> {
    fn one(&mut self) -> Result<Company, NationError> {
        let at = self.places.one(&mut self.random);
        let code = self.code(self.places.synthetic(at));
        let (industry, trade, scope) = self.random.one(&TRADES).copied().unwrap_or(("F52", "商贸", ""));
        let (kind, form) = match self.random.below(100) {
            0..=77 => ("91", "有限公司"),
            78..=84 => ("92", "股份有限公司"),
            85..=90 => ("96", "（有限合伙）"),
            91..=95 => ("97", "店"),
            _ => ("98", "农民专业合作社"),
        };
        let city = self.places.get(at).city.clone();
        let name = self.name(&city, trade, form);
        let start = Day::from_ymd(1986, 1, 1).unwrap_or(Day(0));
        let established = Day(self.random.between(start.0, today().0 - 60));
        let capital =
            self.random.one(&[10, 50, 100, 100, 200, 500, 500, 1_000, 2_000, 5_000, 10_000]).copied().unwrap_or(100);
        let mut company = Company { code, name, capital, established, ended: None };
        let place = self.places.get(at);
        let address = self.address(&place.path);
        let location = place.centre.map(|centre| self.near(centre)).unwrap_or_default();
        let told = self.history(&mut company, at, &address, (&city, trade, form))?;
        let leader = self.random.one(self.known).cloned();
        let out = &mut self.out;
        out.cell(&company.code).cell(&company.name).cell(kind).cell(told.status).cell(&Person::party(leader.as_ref()));
        out.cell(&company.capital.to_string()).cell("CNY").cell(&established.to_string());
        out.cell(&told.approved.to_string()).cell(&address).cell(&place.code).cell(industry).cell(scope);
        out.cell(if told.moved { "" } else { &location }).cell(if told.abnormal { "true" } else { "" });
        out.end()?;
        self.officers(&company, leader.as_ref())?;
        self.tax_office(&company, kind, told.status, &address, at)?;
        Ok(company)
    }

    /// `91`, a division never issued, `MA` and a running number, both checks (GB 32100).
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
            let mut name = city.to_owned();
            name.extend(self.random.one(&first));
            name.extend(self.random.one(&second));
            if self.names.len() > 50_000 {
                name.extend(self.random.one(&second));
            }
            name.push_str(trade);
            name.push_str(form);
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }

    fn address(&mut self, path: &str) -> String {
        let street = self.random.one(&STREETS).copied().unwrap_or_default();
        format!("{path}{street}{}号", self.random.between(1, 600))
    }

    /// A point within two kilometres or so, WKT.
    fn near(&mut self, (lon, lat): (i64, i64)) -> String {
        let mut moved = |middle: i64| middle + self.random.between(-2_000, 2_001);
        let text =
            |at: i64| format!("{}{}.{:05}", if at < 0 { "-" } else { "" }, at.abs() / 100_000, at.abs() % 100_000);
        format!("POINT ({} {})", text(moved(lon)), text(moved(lat)))
    }

    /// One to three people besides the representative.
    fn officers(&mut self, company: &Company, leader: Option<&Named>) -> Result<(), NationError> {
        let chosen: Vec<Named> =
            (0..self.random.between(1, 3)).filter_map(|_| self.random.one(self.known).cloned()).collect();
        let positions = ["chair", "supervisor", "general_manager"];
        let mut seen = HashSet::new();
        // Now and then nobody ends the officers of an enterprise that is gone.
        let left_open = self.random.percent(3);
        for (person, position) in leader.into_iter().chain(&chosen).zip(positions) {
            if seen.insert(&person.number) {
                self.officers.cell(&company.code).cell(&person.number).cell(position).cell(&person.name);
                let since = company.established.to_string();
                let to = company.ended.filter(|_| !left_open).map_or_else(|| "..".to_owned(), |day| day.to_string());
                self.officers.cell(&since).cell(&since).cell(&to).end()?;
            }
        }
        Ok(())
    }

    /// The tax office knows most; some names are typed wrong, some addresses old.
    fn tax_office(
        &mut self,
        company: &Company,
        kind: &str,
        status: &str,
        address: &str,
        at: At,
    ) -> Result<(), NationError> {
        if !self.random.percent(80) {
            return Ok(());
        }
        let wrong = if self.random.percent(1) { errors::look_alike(&company.name) } else { None };
        let old = self.random.percent(3).then(|| self.address(&self.places.get(at).path.clone()));
        let out = &mut self.tax;
        out.cell(&company.code).cell(wrong.as_ref().unwrap_or(&company.name)).cell(kind).cell(status);
        out.cell(old.as_deref().unwrap_or(address)).cell(&self.places.get(at).code);
        out.end()
    }
}

/// What the events left behind.
struct Told {
    status: &'static str,
    approved: Day,
    moved: bool,
    abnormal: bool,
}

/// What an event says besides enterprise, kind and day.
#[derive(Default)]
struct Said<'a> {
    item: &'a str,
    before: &'a str,
    after: &'a str,
    division: &'a str,
    reason: &'a str,
}

impl Companies<'_> {
    /// The events of an enterprise, in order; the enterprise is afterwards what they made of it.
    fn history(
        &mut self,
        company: &mut Company,
        at: At,
        address: &str,
        (city, trade, form): (&str, &str, &str),
    ) -> Result<Told, NationError> {
        let mut day = company.established;
        let mut told = Told { status: "1", approved: day, moved: false, abnormal: false };
        self.event(company, "setup", day, &Said::default())?;
        if self.random.percent(20) && self.later(&mut day) {
            let (before, after) = (company.capital, company.capital * self.random.between(2, 5));
            company.capital = after;
            let (before, after) = (format!("{before}万元"), format!("{after}万元"));
            let said = Said { item: "capital", before: &before, after: &after, ..Said::default() };
            self.event(company, "change", day, &said)?;
            told.approved = day;
        }
        if self.random.percent(5) && self.later(&mut day) {
            let before = self.name(city, trade, form);
            let after = company.name.clone();
            let said = Said { item: "name", before: &before, after: &after, ..Said::default() };
            self.event(company, "change", day, &said)?;
            told.approved = day;
        }
        if self.random.percent(8) && self.later(&mut day) {
            let before = self.address(&self.places.get(at).path.clone());
            let division = self.places.get(at).code.clone();
            let said = Said { before: &before, after: address, division: &division, ..Said::default() };
            self.event(company, "move", day, &said)?;
            (told.approved, told.moved) = (day, true);
        }
        if self.random.percent(4) && self.later(&mut day) {
            told.abnormal = true;
            let reason = "通过登记的住所或者经营场所无法联系";
            self.event(company, "abnormal_in", day, &Said { reason, ..Said::default() })?;
            if self.random.percent(50) && self.later(&mut day) {
                told.abnormal = false;
                self.event(company, "abnormal_out", day, &Said::default())?;
            }
        }
        let (status, kind, reason) = match self.random.below(100) {
            0..=80 => return Ok(told),
            81..=91 => ("4", "deregistration", ""),
            92..=97 => ("3", "revocation", "开业后自行停业连续六个月以上"),
            _ => ("2", "suspension", ""),
        };
        if self.later(&mut day) {
            told.status = status;
            company.ended = (status == "4").then_some(day);
            self.event(company, kind, day, &Said { reason, ..Said::default() })?;
        }
        Ok(told)
    }

    /// Some time later; false if that would be in the future.
    fn later(&mut self, day: &mut Day) -> bool {
        let next = day.plus(self.random.between(30, 3_000));
        let past = next < today();
        if past {
            *day = next;
        }
        past
    }

    fn event(&mut self, company: &Company, kind: &str, day: Day, said: &Said<'_>) -> Result<(), NationError> {
        self.events += 1;
        let out = &mut self.history;
        out.cell(&format!("E{:09}", self.events)).cell(&company.code).cell(kind).cell(&day.to_string());
        out.cell(said.item).cell(said.before).cell(said.after).cell(said.division).cell(said.reason);
        out.end()
    }
}
