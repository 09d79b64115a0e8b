//! Two further sources of persons, with their own coverage and their own errors; the truth says what is wrong.

use super::errors::{self, Kind};
use super::family::{Families, Family, years_after};
use super::manifest::Manifest;
use super::out::Csv;
use super::person::{Named, Person};
use super::places::Places;
use super::random::Random;
use super::words::Words;
use super::{NationError, Open};

/// Columns of both files.
const HEADER: &str = "citizen_id,name,sex,birth_date,domicile_division,domicile_address,death_date";
const TRUTH: &str = "file,citizen_id,kind,field,planted,right,person,refused";

/// A source: file, credit code, how many of a hundred people it knows, from which age.
struct Source {
    file: &'static str,
    title: &'static str,
    code: &'static str,
    percent: u64,
    from_age: i64,
    out: Csv,
}

/// The sources and the truth.
pub(crate) struct Sources {
    all: [Source; 2],
    truth: Csv,
    random: Random,
    words: Words,
    planted: u64,
}

/// A row of a source.
struct Row {
    number: String,
    name: String,
    male: bool,
    birth: String,
    division: String,
    address: String,
    death: String,
}

/// An error in a row: field, what stands there, what is right.
type Planted = (Kind, &'static str, String, String);

impl Sources {
    pub(crate) fn open(open: &mut Open<'_>, random: Random) -> Result<Self, NationError> {
        let mut source = |file, title, code, percent, from_age| {
            Ok::<_, NationError>(Source { file, title, code, percent, from_age, out: Csv::open(open, file, HEADER)? })
        };
        let all = [
            source("persons-health.csv", "模拟人口（卫生健康）", "11100000PDY000087A", 62, 0)?,
            source("persons-social.csv", "模拟人口（民政）", "11100000PDY000060J", 45, 16)?,
        ];
        Ok(Self { all, truth: Csv::open(open, "truth.csv", TRUTH)?, random, words: Words::new(), planted: 0 })
    }

    /// Writes what each source has of a family.
    pub(crate) fn family(
        &mut self,
        family: &Family,
        places: &Places,
        families: &mut Families<'_>,
    ) -> Result<(), NationError> {
        for person in family.people.iter().filter(|p| p.death.is_none()) {
            for source in &mut self.all {
                let grown = years_after(person.birth, source.from_age) < super::family::today();
                if !grown || !self.random.percent(source.percent) {
                    continue;
                }
                let mut row = Row::of(person, places);
                let error = draw(&mut self.random);
                let planted = match error {
                    Some(Kind::Duplicate) => {
                        let mut second = Row::of(person, places);
                        second.number = families.second_number(person)?;
                        let planted = (second.number.clone(), person.number.clone());
                        second.write(&mut source.out)?;
                        Some((Kind::Duplicate, "citizen_id", planted.0, planted.1))
                    }
                    Some(kind) => row.plant(kind, person, places, &self.words, &mut self.random),
                    None => None,
                };
                if let Some((kind, field, wrong, right)) = planted {
                    self.planted += 1;
                    let key = if field == "citizen_id" { &wrong } else { &person.number };
                    self.truth.cell(source.file).cell(key).cell(kind.as_str()).cell(field).cell(&wrong).cell(&right);
                    self.truth.cell(&person.number).cell(if kind.refused() { "true" } else { "false" });
                    self.truth.end()?;
                }
                row.write(&mut source.out)?;
            }
        }
        Ok(())
    }

    /// Notes the files; gives how many errors were planted.
    pub(crate) fn close(self, manifest: &mut Manifest) -> Result<u64, NationError> {
        for source in self.all {
            manifest.add("population/persons", source.title, source.code, source.out.close()?);
        }
        self.truth.close()?;
        Ok(self.planted)
    }
}

/// Which error a row gets, if any.
fn draw(random: &mut Random) -> Option<Kind> {
    let mut at = random.below(10_000);
    for (kind, of_ten_thousand) in Kind::ALL {
        if at < of_ten_thousand {
            return Some(kind);
        }
        at -= of_ten_thousand;
    }
    None
}

impl Row {
    fn of(person: &Person, places: &Places) -> Self {
        let Named { number, name } = person.named();
        let stay = person.stay();
        Self {
            number,
            name,
            male: person.male,
            birth: person.birth.to_string(),
            division: stay.map(|s| places.get(s.place).code.clone()).unwrap_or_default(),
            address: stay.map(|s| s.address.clone()).unwrap_or_default(),
            death: String::new(),
        }
    }

    /// Plants an error, where the person has what it takes.
    fn plant(
        &mut self,
        kind: Kind,
        person: &Person,
        places: &Places,
        words: &Words,
        random: &mut Random,
    ) -> Option<Planted> {
        let (field, wrong, right) = match kind {
            Kind::Typing | Kind::LookAlike | Kind::Homophone => {
                let wrong = match kind {
                    Kind::LookAlike => errors::look_alike(&self.name),
                    Kind::Homophone => errors::homophone(&self.name),
                    _ => errors::typed(&self.name, words.character(person.male, random)),
                }?;
                ("name", wrong.clone(), std::mem::replace(&mut self.name, wrong))
            }
            Kind::SwappedDayMonth => {
                let wrong = errors::swapped(person.birth)?.to_string();
                ("birth_date", wrong.clone(), std::mem::replace(&mut self.birth, wrong))
            }
            Kind::StaleAddress => {
                let [.., before, _] = person.stays.as_slice() else { return None };
                self.division.clone_from(&places.get(before.place).code);
                (
                    "domicile_address",
                    before.address.clone(),
                    std::mem::replace(&mut self.address, before.address.clone()),
                )
            }
            Kind::WrongCheckDigit => {
                let wrong = errors::wrong_check(&self.number, random)?;
                ("citizen_id", wrong.clone(), std::mem::replace(&mut self.number, wrong))
            }
            Kind::ImpossibleSex => {
                self.male = !self.male;
                let code = |male: bool| if male { "1" } else { "2" }.to_owned();
                ("sex", code(self.male), code(person.male))
            }
            Kind::DeathBeforeBirth => {
                self.death = person.birth.plus(-random.between(1, 4_000)).to_string();
                ("death_date", self.death.clone(), String::new())
            }
            Kind::Duplicate => return None,
        };
        Some((kind, field, wrong, right))
    }

    fn write(&self, out: &mut Csv) -> Result<(), NationError> {
        out.cell(&self.number).cell(&self.name).cell(if self.male { "1" } else { "2" }).cell(&self.birth);
        out.cell(&self.division).cell(&self.address).cell(&self.death);
        out.end()
    }
}
