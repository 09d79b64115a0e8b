//! Families: husband, wife, none to three children; numbers valid by GB 11643; children name their parents.

use std::collections::HashSet;

use crate::calendar::{date, instant, ymd};
use crate::division::Country;
use crate::names::{People, address};
use crate::random::{Random, Weighted};
use crate::sink::{Sink, SinkError, party};

/// What later datasets need of the persons.
#[derive(Debug)]
pub(crate) struct Persons {
    /// Number and county of everyone alive and born before 2005.
    pub(crate) adults: Vec<(String, u32)>,
}

/// Families are drawn and put into random order in blocks of this many persons.
const BLOCK: usize = 200_000;
/// Numbers for the look-up measurement.
const QUERIES: usize = 50_000;
/// Shares of the 56 ethnic groups by code, per 100,000.
const ETHNICITIES: [f64; 56] = [
    91100.0, 446.0, 810.0, 500.0, 830.0, 790.0, 680.0, 1390.0, 250.0, 120.0, 740.0, 254.0, 210.0, 139.0, 680.0, 111.0,
    111.0, 90.0, 114.0, 53.0, 30.0, 53.0, 0.3, 34.0, 29.0, 55.0, 34.0, 23.0, 14.0, 20.0, 9.0, 16.0, 22.0, 8.0, 9.0,
    3.0, 39.0, 4.0, 3.0, 4.0, 3.6, 3.0, 1.0, 1.0, 2.0, 2.0, 1.4, 1.5, 2.4, 0.3, 0.5, 0.6, 0.3, 0.3, 0.2, 0.3,
];

struct Person {
    number: String,
    name: String,
    male: bool,
    born: i64,
    ethnicity: usize,
    county: usize,
    father: Option<String>,
    mother: Option<String>,
}

struct Draw<'a> {
    country: &'a Country,
    people: People,
    ethnicities: Weighted,
    children: Weighted,
    issued: HashSet<u64>,
}

pub(crate) fn write(country: &Country, count: usize, seed: u64, sink: &mut Sink) -> Result<Persons, SinkError> {
    let mut draw = Draw {
        country,
        people: People::new(),
        ethnicities: Weighted::new(ETHNICITIES),
        children: Weighted::new([0.22, 0.40, 0.28, 0.10]),
        issued: HashSet::with_capacity(count),
    };
    let (mut import, mut copy) = (sink.open("import/persons.csv")?, sink.open("copy/person.tsv")?);
    let mut queries = sink.open("queries/persons.txt")?;
    let every = (count / QUERIES).max(1);
    import.csv(&[
        "citizen_id",
        "name",
        "sex",
        "birth_date",
        "ethnic_group",
        "domicile_division",
        "domicile_address",
        "life_status",
        "father",
        "mother",
    ])?;
    let (mut adults, mut done, mut block) = (Vec::new(), 0, 0);
    while done < count {
        let mut random = Random::new(seed, 1_000 + block);
        block += 1;
        let wanted = BLOCK.min(count - done);
        let mut persons = Vec::with_capacity(wanted + 5);
        while persons.len() < wanted {
            draw.family(&mut random, &mut persons);
        }
        // The last family may not fit: its late-born stay out, and nobody names them.
        persons.truncate(wanted);
        random.shuffle(&mut persons);
        for person in &persons {
            let dead = random.chance(if person.born < -7_300 { 0.45 } else { 0.008 });
            let status = if dead { "2" } else { "1" };
            let home = &draw.country.counties[person.county];
            let address = address(&home.full, &mut random);
            let sex = if person.male { "1" } else { "2" };
            let (born, ethnicity) = (date(person.born), format!("{:02}", person.ethnicity));
            let parent = |p: &Option<String>| p.clone().unwrap_or_default();
            let (father, mother) = (parent(&person.father), parent(&person.mother));
            let updated = instant(random.whole(1_577_836_800, 1_767_225_600));
            let common = [&person.number, &person.name, sex, &born, &ethnicity, &home.code, &address, status];
            import.csv(&[&common[..], &[&party(&father), &party(&mother)]].concat())?;
            copy.copy(&[&common[..], &[&father, &mother, &updated]].concat())?;
            if done.is_multiple_of(every) {
                queries.line(&person.number)?;
            }
            done += 1;
            if person.born < 13_000 && !dead {
                adults.push((person.number.clone(), person.county as u32));
            }
        }
    }
    for output in [import, copy, queries] {
        sink.close(output)?;
    }
    Ok(Persons { adults })
}

impl Draw<'_> {
    fn family(&mut self, random: &mut Random, into: &mut Vec<Person>) {
        let married = random.chance(0.86);
        let county = self.country.draw(random);
        let (surname, ethnicity) = (self.people.surname(random), self.ethnicities.draw(random) + 1);
        // Births bend towards the middle of 1930 to 2005, as the mean of two even draws does.
        let born = -14_600 + (f64::midpoint(random.unit(), random.unit()) * 27_394.0) as i64;
        let head_male = married || random.chance(0.5);
        let head = self.person(random, surname, head_male, born, ethnicity, county);
        if !married {
            into.push(head);
            return;
        }
        let own_surname = self.people.surname(random);
        let wife_ethnicity = if random.chance(0.06) { 1 } else { ethnicity };
        let wife_born = (born + random.whole(-1_095, 2_190)).clamp(-16_425, 20_300);
        let wife = self.person(random, own_surname, false, wife_born, wife_ethnicity, county);
        let (father, mother) = (head.number.clone(), wife.number.clone());
        into.extend([head, wife]);
        for _ in 0..self.children.draw(random) {
            let child_born = (born + random.whole(8_030, 13_140)).clamp(-16_425, 20_300);
            let male = random.chance(0.525);
            let mut child = self.person(random, surname, male, child_born, ethnicity, county);
            child.father = Some(father.clone());
            child.mother = Some(mother.clone());
            into.push(child);
        }
    }

    fn person(
        &mut self,
        random: &mut Random,
        surname: &str,
        male: bool,
        born: i64,
        ethnicity: usize,
        county: usize,
    ) -> Person {
        // One in five was first registered elsewhere.
        let issuing = if random.chance(0.8) { county } else { self.country.draw(random) };
        let (y, m, d) = ymd(born);
        let stem = format!("{}{y:04}{m:02}{d:02}", self.country.counties[issuing].issuing);
        let mut order = random.below(500);
        let body = loop {
            let body = format!("{stem}{:03}", 2 * order + usize::from(male));
            if self.issued.insert(body.parse().unwrap_or_default()) {
                break body;
            }
            order = (order + 1) % 500;
        };
        let number = format!("{body}{}", check_character(&body));
        let name = format!("{surname}{}", self.people.given(male, random));
        Person { number, name, male, born, ethnicity, county, father: None, mother: None }
    }
}

/// The 18th character of a citizen number (GB 11643-1999).
fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[sum as usize % 11])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_the_standard() {
        for number in ["11010519491231002X", "440524188001010014", "34052419800101001X"] {
            assert_eq!(number.chars().last(), Some(check_character(&number[..17])));
        }
    }
}
