//! Households: a couple with children, a single person, an old couple.

use std::collections::{HashSet, VecDeque};

use foundation::value::Day;
use foundation::value::citizen_id::check_digit;
use serde_json::json;

use super::csv;
use super::places::{Place, Places};
use super::random::Random;
use super::words::{DOUBLE_SURNAMES, ETHNIC_GROUPS, Given, STREETS, SURNAMES, given};

pub(super) const HEADER: &str = "citizen_id,name,former_name,sex,ethnic_group,birth_date,birth_division,domicile_division,\
                                 domicile_address,life_status,death_date,father,mother";
/// People kept to draw representatives and shareholders from.
const KEPT: usize = 2_000;
/// The years of birth end here.
const NEWEST_YEAR: i64 = 2025;

/// A person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) year: i64,
    surname: String,
    male: bool,
    ethnic_group: &'static str,
    birth: Day,
    birth_division: String,
    domicile: String,
    address: String,
    death: Option<Day>,
    parents: [Option<String>; 2],
}

impl Person {
    /// The CSV row under [`HEADER`].
    pub(super) fn row(&self) -> String {
        let [father, mother] = self.parents.clone().map(Option::unwrap_or_default);
        csv(&[
            &self.number,
            &self.name,
            "",
            if self.male { "1" } else { "2" },
            self.ethnic_group,
            &self.birth.to_string(),
            &self.birth_division,
            &self.domicile,
            &self.address,
            if self.death.is_some() { "2" } else { "1" },
            &self.death.map(|d| d.to_string()).unwrap_or_default(),
            &father,
            &mother,
        ])
    }
    /// As a party of another row.
    pub(super) fn party(&self) -> String {
        json!({"name": self.name, "document": {"kind": "citizen-id", "number": self.number}}).to_string()
    }
    /// Whether the person can found or lead an enterprise.
    fn of_age(&self) -> bool {
        self.death.is_none() && (1945..=2003).contains(&self.year)
    }
}

/// Makes people.
pub(super) struct People<'a> {
    places: &'a Places,
    random: Random,
    surnames: Vec<(String, u64)>,
    given: Vec<Given>,
    used: HashSet<u64>,
    kept: VecDeque<Person>,
}

impl<'a> People<'a> {
    pub(super) fn new(places: &'a Places, random: Random) -> Self {
        // Frequencies fall about as 1 / (rank + 6): 王 7 %, the hundredth 0.5 %.
        let single = SURNAMES.chars().zip(1_u64..).map(|(name, rank)| (name.to_string(), 100_000 / (rank + 6)));
        let double = DOUBLE_SURNAMES.into_iter().map(|name| (name.to_owned(), 60));
        let surnames = single.chain(double).collect();
        Self { places, random, surnames, given: given(), used: HashSet::new(), kept: VecDeque::new() }
    }

    /// A household; parents stand before their children.
    pub(super) fn household(&mut self) -> Vec<Person> {
        let Some(place) = self.places.one(&mut self.random).cloned() else { return Vec::new() };
        let address = self.address(&place);
        let ethnic_group = self.random.weighted(&ETHNIC_GROUPS, |g| g.1).map_or("01", |g| g.0);
        let kind = self.random.below(100);
        let year = match kind {
            0..=59 => self.random.between(1955, 1996),
            60..=79 => self.random.between(1932, 1958),
            _ => self.random.between(1950, 2006),
        };
        let surname = self.surname();
        let male = kind < 80 || self.random.percent(50);
        let mut people = vec![self.person(&place, &address, surname, male, year, ethnic_group)];
        if kind < 80 {
            let (surname, apart) = (self.surname(), self.random.between(-3, 6));
            people.push(self.person(&place, &address, surname, false, year + apart, ethnic_group));
        }
        if kind < 60 {
            let children = [0, 1, 1, 1, 2, 2, 3];
            let count = self.random.one(&children).copied().unwrap_or(1);
            self.children(&mut people, &place, &address, count);
        }
        people
    }

    fn children(&mut self, people: &mut Vec<Person>, place: &Place, address: &str, count: i64) {
        let [father, mother] = people.as_slice() else { return };
        let (father, mother) = (father.clone(), mother.clone());
        let mut year = father.year.max(mother.year) + self.random.between(22, 30);
        for _ in 0..count {
            if year > NEWEST_YEAR {
                return;
            }
            let surname = if self.random.percent(94) { &father.surname } else { &mother.surname };
            let male = self.random.percent(52);
            let mut child = self.person(place, address, surname.clone(), male, year, father.ethnic_group);
            child.parents = [Some(father.party()), Some(mother.party())];
            child.death = None;
            people.push(child);
            year += self.random.between(1, 6);
        }
    }

    fn person(
        &mut self,
        place: &Place,
        address: &str,
        surname: String,
        male: bool,
        year: i64,
        ethnic_group: &'static str,
    ) -> Person {
        let name = self.name(&surname, male);
        let elsewhere = self.random.percent(25);
        let born = if elsewhere { self.places.one(&mut self.random).cloned() } else { None };
        let born = born.unwrap_or_else(|| place.clone());
        let (number, birth) = self.number(&born, male, year);
        let age = NEWEST_YEAR - year;
        let dead = age > 60 && self.random.below(100) < u64::try_from((age - 60) * 2).unwrap_or(0);
        let death = if dead { Some(Day(birth.0 + self.random.between(60 * 365, age * 365))) } else { None };
        Person {
            number,
            name,
            year,
            surname,
            male,
            ethnic_group,
            birth,
            birth_division: born.code,
            domicile: place.code.clone(),
            address: address.to_owned(),
            death,
            parents: [None, None],
        }
    }

    /// A number nobody has yet: division never issued, birth date, order digit by sex, check digit.
    fn number(&mut self, born: &Place, male: bool, year: i64) -> (String, Day) {
        let division = born.synthetic();
        loop {
            let first = Day::from_ymd(year, 1, 1).unwrap_or(Day(0));
            let birth = Day(first.0 + self.random.between(0, 365));
            let (y, m, d) = birth.ymd().unwrap_or((year, 1, 1));
            let order = self.random.below(500) * 2 + u64::from(male);
            let body = format!("{division}{y:04}{m:02}{d:02}{order:03}");
            if self.used.insert(body.parse().unwrap_or(0)) {
                return (format!("{body}{}", check_digit(&body)), birth);
            }
        }
    }

    fn surname(&mut self) -> String {
        self.random.weighted(&self.surnames, |s| s.1).map_or_else(|| "王".to_owned(), |s| s.0.clone())
    }

    fn name(&mut self, surname: &str, male: bool) -> String {
        let length = if self.random.percent(82) { 2 } else { 1 };
        let mut name = surname.to_owned();
        for _ in 0..length {
            // A character borne mostly by the other sex is passed over.
            let weight = |g: &Given| {
                if male { g.male.saturating_sub(g.female / 3) } else { g.female.saturating_sub(g.male / 3) }
            };
            name.push_str(self.random.weighted(&self.given, weight).map_or("", |g| g.character));
        }
        name
    }

    fn address(&mut self, place: &Place) -> String {
        let street = self.random.one(&STREETS).copied().unwrap_or_default();
        let (house, stair, flat) = (self.random.between(1, 300), self.random.between(1, 6), self.random.between(1, 30));
        format!("{}{street}{house}号{stair}单元{flat}0{}室", place.path, self.random.between(1, 5))
    }

    /// Keeps a person to draw from.
    pub(super) fn remember(&mut self, person: Person) {
        if person.of_age() {
            self.kept.push_back(person);
            if self.kept.len() > KEPT {
                self.kept.pop_front();
            }
        }
    }

    /// The people to draw from.
    pub(super) fn known(self) -> Vec<Person> {
        self.kept.into()
    }
}
