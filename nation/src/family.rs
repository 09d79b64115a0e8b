//! Families: couples with children, sometimes with the father's parents; couples; people alone.
//!
//! Children's ages are drawn from the pyramid, parents' follow from them. What families leave of the pyramid is filled with
//! couples and people alone; how much that is, is found by making families without names once, before the first real one.

use foundation::value::Day;

use super::NationError;
use super::ages::{education, of_family, rest};
use super::numbers::Numbers;
use super::person::{Person, Stay};
use super::places::{At, Places};
use super::pyramid::{Ages, GROUPS, THOUSANDS, YEAR};
use super::random::Random;
use super::words::{self, Words};

/// A household, with relatives who died.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) id: u64,
    pub(crate) place: At,
    pub(crate) address: String,
    /// Parents stand before their children. The head is the first one alive.
    pub(crate) people: Vec<Person>,
    /// Couples: places of husband and wife in `people`, the wedding, perhaps a divorce.
    pub(crate) couples: Vec<Couple>,
}

/// Two people of a family who married.
#[derive(Debug, Clone)]
pub(crate) struct Couple {
    pub(crate) husband: usize,
    pub(crate) wife: usize,
    pub(crate) wedding: Day,
    pub(crate) divorce: Option<Day>,
}

/// Makes families.
pub(crate) struct Families<'a> {
    places: &'a Places,
    random: Random,
    words: Words,
    numbers: Numbers,
    children: Ages,
    left: [Ages; 2],
    /// Weights of families, couples, people alone.
    kinds: [u64; 3],
    count: u64,
}

impl<'a> Families<'a> {
    pub(crate) fn new(places: &'a Places, mut random: Random) -> Self {
        let mut young = [0; GROUPS];
        for (weight, (men, women)) in young.iter_mut().zip(THOUSANDS[0].iter().zip(&THOUSANDS[1])).take(5) {
            *weight = men + women;
        }
        // Half of those of 20 to 24 live on their own.
        if let Some(last) = young.get_mut(4) {
            *last /= 2;
        }
        let children = Ages::new(young);
        let (left, kinds) = rest(&children, &mut random);
        Self { places, random, words: Words::new(), numbers: Numbers::default(), children, left, kinds, count: 0 }
    }

    /// The next household, cut to at most `most` people.
    pub(crate) fn next(&mut self, most: u64) -> Result<Family, NationError> {
        self.count += 1;
        let kind = self.random.below(self.kinds.iter().sum());
        let [families, couples, _] = self.kinds;
        let place = self.places.one(&mut self.random);
        let address = words::address(&self.places.get(place).path, &mut self.random);
        let mut family = Family { id: self.count, place, address, people: Vec::new(), couples: Vec::new() };
        if kind < families {
            self.with_children(&mut family)?;
        } else if kind < families + couples {
            self.couple(&mut family)?;
        } else {
            self.alone(&mut family)?;
        }
        if (family.people.len() as u64) > most {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            family.people.truncate(most);
            family.couples.retain(|c| c.husband < most && c.wife < most);
        }
        family.settle();
        Ok(family)
    }

    fn with_children(&mut self, family: &mut Family) -> Result<(), NationError> {
        let ages = of_family(&self.children, &mut self.random);
        let ethnic_group = self.words.ethnic_group(&mut self.random);
        let surname = self.words.surname(&mut self.random);
        let mut grand = None;
        if let Some((grandfather, grandmother)) = ages.grandparents {
            let mut he = self.person(family, surname.clone(), true, grandfather, ethnic_group)?;
            let mut she = self.wife_of(family, &he, grandmother)?;
            (he.relation, she.relation) = ("51", "52");
            self.old_age(&mut he);
            self.old_age(&mut she);
            family.people.extend([he, she]);
            let born = self.day_of_age(ages.father);
            self.marry(family, 0, 1, Some(born), 0);
            grand = Some((0_usize, 1_usize));
        }
        let mut father = self.person(family, surname, true, ages.father, ethnic_group)?;
        let mut mother = self.wife_of(family, &father, ages.mother)?;
        (father.relation, mother.relation) = ("02", "12");
        if let Some((he, she)) = grand {
            father.father = family.people.get(he).map(Person::named);
            father.mother = family.people.get(she).map(Person::named);
        }
        let at = family.people.len();
        family.people.extend([father, mother]);
        let count = ages.children.len();
        for (order, age) in ages.children.into_iter().enumerate() {
            let child = self.child(family, at, age, order, count)?;
            if order == 0 {
                self.marry(family, at, at + 1, Some(child.birth), 7);
            }
            family.people.push(child);
        }
        Ok(())
    }

    fn couple(&mut self, family: &mut Family) -> Result<(), NationError> {
        let [men, women] = self.left.clone();
        let his = men.draw(&mut self.random).max(24);
        let mut hers = women.draw(&mut self.random);
        for _ in 0..40 {
            if (his - hers).abs() <= 6 && hers >= 22 {
                break;
            }
            hers = women.draw(&mut self.random);
        }
        let hers = hers.max(22);
        let ethnic_group = self.words.ethnic_group(&mut self.random);
        let surname = self.words.surname(&mut self.random);
        let mut he = self.person(family, surname, true, his, ethnic_group)?;
        let mut she = self.wife_of(family, &he, hers)?;
        (he.relation, she.relation) = ("02", "12");
        family.people.extend([he, she]);
        self.marry(family, 0, 1, None, 4);
        // Some are widowed: the other died, and is one more person.
        if his.max(hers) >= 62 && self.random.percent(25) {
            let gone = usize::from(self.random.percent(35));
            self.bury(family, gone);
        }
        Ok(())
    }

    fn alone(&mut self, family: &mut Family) -> Result<(), NationError> {
        let male =
            self.random.below(self.left.iter().map(Ages::whole).sum()) < self.left.first().map_or(0, Ages::whole);
        let [men, women] = &self.left;
        let age = if male { men } else { women }.draw(&mut self.random);
        let ethnic_group = self.words.ethnic_group(&mut self.random);
        let surname = self.words.surname(&mut self.random);
        let mut person = self.person(family, surname, male, age, ethnic_group)?;
        person.relation = "02";
        family.people.push(person);
        Ok(())
    }

    fn child(
        &mut self,
        family: &Family,
        parents: usize,
        age: i64,
        order: usize,
        count: usize,
    ) -> Result<Person, NationError> {
        let (father, mother) = (family.people.get(parents), family.people.get(parents + 1));
        let of_father = self.random.percent(94);
        let surname = if of_father { father } else { mother }.map(|p| p.surname.clone()).unwrap_or_default();
        // 111 boys to 100 girls.
        let male = self.random.below(211) < 111;
        let ethnic_group = father.map_or("01", |p| p.ethnic_group);
        let mut child = self.person(family, surname, male, age, ethnic_group)?;
        child.father = father.map(Person::named);
        child.mother = mother.map(Person::named);
        child.relation = match (count, order, male) {
            (1, _, true) => "21",
            (1, _, false) => "31",
            (_, _, true) => "20",
            (_, _, false) => "30",
        };
        // Children are born where the family lives.
        child.birth_place = family.place;
        child.stays = vec![Stay { place: family.place, address: family.address.clone(), from: child.birth }];
        Ok(child)
    }

    fn wife_of(&mut self, family: &Family, husband: &Person, age: i64) -> Result<Person, NationError> {
        let surname = self.words.surname(&mut self.random);
        let same = self.random.percent(92);
        let ethnic_group = if same { husband.ethnic_group } else { self.words.ethnic_group(&mut self.random) };
        self.person(family, surname, false, age, ethnic_group)
    }

    /// Somebody who lives in the family's home today; a quarter of the grown-ups were born elsewhere and moved.
    fn person(
        &mut self,
        family: &Family,
        surname: String,
        male: bool,
        age: i64,
        ethnic_group: &'static str,
    ) -> Result<Person, NationError> {
        let birth = self.day_of_age(age);
        let moved = age >= 26 && self.random.percent(25);
        let birth_place = if moved { self.places.one(&mut self.random) } else { family.place };
        let number = self.numbers.give(self.places.synthetic(birth_place), birth, male, &mut self.random)?;
        let name = self.words.name(&surname, male, &mut self.random);
        let mut stays = Vec::with_capacity(2);
        if moved {
            let address = words::address(&self.places.get(birth_place).path, &mut self.random);
            stays.push(Stay { place: birth_place, address, from: birth });
            let from = birth.plus(self.random.between(18 * 365, 25 * 365));
            stays.push(Stay { place: family.place, address: family.address.clone(), from });
        } else {
            stays.push(Stay { place: family.place, address: family.address.clone(), from: birth });
        }
        let renamed =
            (age >= 20 && self.random.below(100) == 0).then(|| birth.plus(self.random.between(16 * 365, 20 * 365)));
        let former = renamed.map(|_| self.words.name(&surname, male, &mut self.random)).filter(|f| *f != name);
        Ok(Person {
            number,
            name,
            renamed: renamed.filter(|_| former.is_some()),
            former,
            surname,
            male,
            ethnic_group,
            birth,
            birth_place,
            stays,
            death: None,
            father: None,
            mother: None,
            spouse: None,
            marital_status: "10",
            relation: "",
            education: education(age, &mut self.random),
        })
    }

    /// A day on which somebody was born who has `age` on the last day of [`YEAR`].
    fn day_of_age(&mut self, age: i64) -> Day {
        let start = Day::from_ymd(YEAR - age, 1, 1).unwrap_or(Day(0));
        let end = Day::from_ymd(YEAR - age + 1, 1, 1).unwrap_or(Day(0));
        Day(self.random.between(start.0, end.0))
    }

    /// The wedding: of legal age (22, 20), at best a year or two before the first child.
    fn marry(&mut self, family: &mut Family, husband: usize, wife: usize, child: Option<Day>, divorced: u64) {
        let (Some(he), Some(she)) = (family.people.get(husband), family.people.get(wife)) else { return };
        let legal = years_after(he.birth, 22).max(years_after(she.birth, 20)).plus(1);
        let wedding = match child {
            Some(born) => born.plus(-self.random.between(220, 1_100)).max(legal),
            None => legal.plus(self.random.between(0, 6 * 365)),
        };
        let end = today();
        if wedding >= end {
            return;
        }
        let apart = self
            .random
            .percent(divorced)
            .then(|| wedding.plus(self.random.between(400, 20 * 365)))
            .filter(|day| *day < end);
        family.couples.push(Couple { husband, wife, wedding, divorce: apart });
    }

    /// Lets somebody be dead for some years, if their age suggests it.
    fn old_age(&mut self, person: &mut Person) {
        let age = YEAR - person.birth.ymd().map_or(YEAR, |(year, ..)| year);
        let chance = u64::try_from((age - 55).max(0)).unwrap_or(0) * 2;
        if self.random.percent(chance.min(90)) {
            let from = years_after(person.birth, 56);
            person.death = Some(Day(self.random.between(from.0, today().0)));
        }
    }

    fn bury(&mut self, family: &mut Family, gone: usize) {
        let wedding = family.couples.first().map_or(today(), |c| c.wedding);
        let Some(person) = family.people.get_mut(gone) else { return };
        let from = years_after(person.birth, 56).max(wedding.plus(365));
        if from >= today() {
            return;
        }
        person.death = Some(Day(self.random.between(from.0, today().0)));
        // Who parted is not widowed.
        if let Some(couple) = family.couples.first_mut() {
            couple.divorce = None;
        }
    }

    /// A further number for a person: somebody typed another order number.
    pub(crate) fn second_number(&mut self, person: &Person) -> Result<String, NationError> {
        let division = self.places.synthetic(person.birth_place);
        self.numbers.give(division, person.birth, person.male, &mut self.random)
    }
}

impl Family {
    /// Who is whose spouse today, once it is settled who married, parted and died.
    fn settle(&mut self) {
        let deaths: Vec<Option<Day>> = self.people.iter().map(|p| p.death).collect();
        let death = |at: usize| deaths.get(at).copied().flatten();
        for couple in &self.couples {
            for (own, other) in [(couple.husband, couple.wife), (couple.wife, couple.husband)] {
                let left = death(other).is_some_and(|day| death(own).is_none_or(|own| own > day));
                let spouse = self.people.get(other).map(Person::named);
                let Some(person) = self.people.get_mut(own) else { continue };
                (person.marital_status, person.spouse) = match couple.divorce {
                    Some(_) => ("40", None),
                    None if left => ("30", None),
                    None => ("20", spouse),
                };
            }
        }
    }
}

/// The first day after the last of [`YEAR`].
pub(crate) fn today() -> Day {
    Day::from_ymd(YEAR + 1, 1, 1).unwrap_or(Day(20_454))
}

/// The same day `years` later (28 February for 29).
pub(crate) fn years_after(day: Day, years: i64) -> Day {
    let Some((year, month, of_month)) = day.ymd() else { return day };
    Day::from_ymd(year + years, month, of_month).or_else(|| Day::from_ymd(year + years, month, 28)).unwrap_or(day)
}
