//! The lead source's files: persons, households, members, residences, vital events, as the register has them.

use super::family::{Family, today};
use super::life::{self, Life};
use super::manifest::Manifest;
use super::out::Csv;
use super::person::Person;
use super::places::Places;
use super::{NationError, Open};

/// 公安部门（演示）.
pub(crate) const POLICE: &str = "11100000PDY00001X7";

const PERSONS: &str = "citizen_id,name,former_name,sex,ethnic_group,birth_date,birth_division,domicile_division,\
                       domicile_address,life_status,death_date,father,mother,marital_status,spouse";
const HOUSEHOLDS: &str = "household_id,household_kind,head_citizen_id,division,address,opened";
const MEMBERS: &str = "household_id,citizen_id,relation,marital_status,education";
const RESIDENCES: &str = "citizen_id,residence_kind,division,address,_valid_from,_valid_to";

/// The register's files.
pub(crate) struct Register {
    persons: Csv,
    households: Csv,
    members: Csv,
    residences: Csv,
    life: Life,
}

impl Register {
    pub(crate) fn open(open: &mut Open<'_>) -> Result<Self, NationError> {
        Ok(Self {
            persons: Csv::open(open, "persons.csv", PERSONS)?,
            households: Csv::open(open, "households.csv", HOUSEHOLDS)?,
            members: Csv::open(open, "household-members.csv", MEMBERS)?,
            residences: Csv::open(open, "residences.csv", RESIDENCES)?,
            life: Life::new(Csv::open(open, "vital-events.csv", life::HEADER)?),
        })
    }

    /// Writes a family.
    pub(crate) fn family(&mut self, family: &Family, places: &Places) -> Result<(), NationError> {
        for person in &family.people {
            self.person(person, places)?;
            self.residence(person, places)?;
        }
        self.household(family, places)?;
        self.life.family(family, places)
    }

    fn person(&mut self, person: &Person, places: &Places) -> Result<(), NationError> {
        let stay = person.stay();
        let domicile = stay.map_or("", |s| places.get(s.place).code.as_str());
        let out = &mut self.persons;
        out.cell(&person.number).cell(&person.name).cell(person.former.as_deref().unwrap_or_default());
        out.cell(if person.male { "1" } else { "2" }).cell(person.ethnic_group).cell(&person.birth.to_string());
        out.cell(&places.get(person.birth_place).code).cell(domicile).cell(stay.map_or("", |s| s.address.as_str()));
        match person.death {
            Some(day) => out.cell("2").cell(&day.to_string()),
            None => out.cell("1").cell(""),
        };
        out.cell(&Person::party(person.father.as_ref())).cell(&Person::party(person.mother.as_ref()));
        out.cell(person.marital_status).cell(&Person::party(person.spouse.as_ref()));
        out.end()
    }

    /// The registered domicile over time; the last stay is open.
    fn residence(&mut self, person: &Person, places: &Places) -> Result<(), NationError> {
        for (at, stay) in person.stays.iter().enumerate() {
            let to = person.stays.get(at + 1).map_or_else(|| "..".to_owned(), |next| next.from.to_string());
            let out = &mut self.residences;
            out.cell(&person.number).cell("1").cell(&places.get(stay.place).code).cell(&stay.address);
            out.cell(&stay.from.to_string()).cell(&to);
            out.end()?;
        }
        Ok(())
    }

    /// The household of those alive.
    fn household(&mut self, family: &Family, places: &Places) -> Result<(), NationError> {
        let alive = || family.people.iter().filter(|p| p.death.is_none());
        let head = alive().find(|p| p.relation == "02").or_else(|| alive().next());
        let Some(head) = head else { return Ok(()) };
        let id = format!("H{:09}", family.id);
        let opened = alive().filter_map(|p| p.stay()).map(|s| s.from).max().unwrap_or_else(today);
        let out = &mut self.households;
        out.cell(&id).cell("1").cell(&head.number).cell(&places.get(family.place).code).cell(&family.address);
        out.cell(&opened.to_string()).end()?;
        for person in alive() {
            let relation = if person.number == head.number { "02" } else { person.relation };
            let out = &mut self.members;
            out.cell(&id).cell(&person.number).cell(relation).cell(person.marital_status).cell(person.education);
            out.end()?;
        }
        Ok(())
    }

    /// Notes the files, in the order in which they import cleanly.
    pub(crate) fn close(self, manifest: &mut Manifest) -> Result<(), NationError> {
        manifest.add("population/persons", "模拟人口（公安）", POLICE, self.persons.close()?);
        manifest.add("population/households", "模拟家庭户", POLICE, self.households.close()?);
        manifest.add("population/household-members", "模拟户成员", POLICE, self.members.close()?);
        manifest.add("population/residences", "模拟户籍地", POLICE, self.residences.close()?);
        manifest.add("population/vital-events", "模拟人口事件（四十年）", POLICE, self.life.close()?);
        Ok(())
    }
}
