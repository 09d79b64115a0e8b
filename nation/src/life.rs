//! What happened in forty years and is registered: births, weddings, divorces, moves, new names, deaths.

use foundation::value::Day;

use super::NationError;
use super::family::{Couple, Family, today};
use super::out::Csv;
use super::person::Person;
use super::places::Places;
use super::pyramid::YEAR;

/// Columns of the file.
pub(crate) const HEADER: &str = "event_id,event_kind,event_date,registered,citizen_id,other_citizen_id,second_citizen_id,\
                                 division,address,name_before,name_after";
/// Years of which events are told.
const HISTORY_YEARS: i64 = 40;

/// Writes events, numbered as they come.
pub(crate) struct Life {
    out: Csv,
    count: u64,
    from: Day,
}

/// What an event says besides kind, day and person.
#[derive(Default)]
struct Said<'a> {
    other: &'a str,
    second: &'a str,
    division: &'a str,
    address: &'a str,
    names: [&'a str; 2],
}

impl Life {
    pub(crate) fn new(out: Csv) -> Self {
        Self { out, count: 0, from: Day::from_ymd(YEAR + 1 - HISTORY_YEARS, 1, 1).unwrap_or(Day(0)) }
    }

    /// The events of a family.
    pub(crate) fn family(&mut self, family: &Family, places: &Places) -> Result<(), NationError> {
        for person in &family.people {
            self.own(person, places)?;
        }
        for couple in &family.couples {
            self.couple(family, couple)?;
        }
        for (at, person) in family.people.iter().enumerate() {
            if let Some(day) = person.death {
                let other = family.couples.iter().find_map(|c| c.left_behind(family, at, day));
                let other = other.map_or("", |p| p.number.as_str());
                self.event("death", day, person, &Said { other, ..Said::default() })?;
            }
        }
        Ok(())
    }

    /// Birth, moves, a new name.
    fn own(&mut self, person: &Person, places: &Places) -> Result<(), NationError> {
        if let Some(father) = &person.father {
            let second = person.mother.as_ref().map_or("", |m| m.number.as_str());
            let division = places.get(person.birth_place).code.as_str();
            let said = Said { other: &father.number, second, division, ..Said::default() };
            self.event("birth", person.birth, person, &said)?;
        }
        if let Some((day, before)) = person.renamed.zip(person.former.as_deref()) {
            let said = Said { names: [before, &person.name], ..Said::default() };
            self.event("name_change", day, person, &said)?;
        }
        for stay in person.stays.iter().skip(1) {
            let division = places.get(stay.place).code.as_str();
            let said = Said { division, address: &stay.address, ..Said::default() };
            self.event("move_in", stay.from, person, &said)?;
        }
        Ok(())
    }

    fn couple(&mut self, family: &Family, couple: &Couple) -> Result<(), NationError> {
        let pair = family.people.get(couple.husband).zip(family.people.get(couple.wife));
        let Some((he, she)) = pair else { return Ok(()) };
        let said = Said { other: &she.number, ..Said::default() };
        self.event("marriage", couple.wedding, he, &said)?;
        match couple.divorce {
            Some(day) => self.event("divorce", day, he, &said),
            None => Ok(()),
        }
    }

    fn event(&mut self, kind: &str, day: Day, person: &Person, said: &Said<'_>) -> Result<(), NationError> {
        if day < self.from || day >= today() {
            return Ok(());
        }
        self.count += 1;
        let (id, date) = (format!("V{:09}", self.count), day.to_string());
        let registered = Day((day.0 + i64::try_from(self.count % 20).unwrap_or(0)).min(today().0 - 1)).to_string();
        self.out.cell(&id).cell(kind).cell(&date).cell(&registered).cell(&person.number);
        self.out.cell(said.other).cell(said.second).cell(said.division).cell(said.address);
        let [before, after] = said.names;
        self.out.cell(before).cell(after);
        self.out.end()
    }

    pub(crate) fn close(self) -> Result<(String, u64), NationError> {
        self.out.close()
    }
}

impl Couple {
    /// Who is left when the person at `gone` dies on `day`, if they are a couple then.
    fn left_behind<'a>(&self, family: &'a Family, gone: usize, day: Day) -> Option<&'a Person> {
        let other = match gone {
            at if at == self.husband => self.wife,
            at if at == self.wife => self.husband,
            _ => return None,
        };
        let other = family.people.get(other).filter(|_| self.divorce.is_none() && self.wedding < day)?;
        other.death.is_none_or(|own| own > day).then_some(other)
    }
}
