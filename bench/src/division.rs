//! The country the rows live in: real codes and names of divisions, made-up places for them on the map.
//!
//! Provinces have roughly their extent (`data/provinces.tsv`); where a county lies inside is drawn.

use std::collections::HashMap;
use std::fmt;

use crate::random::{Random, Weighted};

const PROVINCES: &str = include_str!("../data/provinces.tsv");

/// A county, the level rows carry.
#[derive(Debug, Clone)]
pub(crate) struct County {
    /// Six digits.
    pub(crate) code: String,
    /// `东城区`.
    pub(crate) name: String,
    /// `北京市东城区`.
    pub(crate) full: String,
    /// Without 省, 市, 区, 县.
    pub(crate) short: String,
    /// The short name of the prefecture, or of the province where there is none.
    pub(crate) city: String,
    /// Longitude and latitude of its middle.
    pub(crate) middle: (f64, f64),
    /// Degrees.
    pub(crate) radius: f64,
    /// The first six digits of the citizen numbers issued here.
    pub(crate) issuing: String,
}

/// All counties, and the codes above them.
#[derive(Debug)]
pub struct Country {
    pub(crate) counties: Vec<County>,
    pub(crate) by_population: Weighted,
    pub(crate) provinces: Vec<String>,
    pub(crate) prefectures: Vec<String>,
}

/// A list of divisions that cannot be used.
#[derive(Debug)]
pub struct CountryError(String);
impl fmt::Display for CountryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for CountryError {}

struct Province {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
    population: f64,
}

fn provinces() -> HashMap<&'static str, Province> {
    let row = |line: &'static str| {
        let (code, rest) = line.split_once('\t')?;
        let mut numbers = rest.split('\t').map(|n| n.parse::<f64>().ok());
        let mut next = || numbers.next().flatten();
        Some((code, Province { west: next()?, south: next()?, east: next()?, north: next()?, population: next()? }))
    };
    PROVINCES.lines().filter(|l| !l.starts_with('#')).filter_map(row).collect()
}

impl Country {
    /// Reads natbase's code list of divisions (`code,zh,en,aliases,parent,from,to,successors`; those of six digits that
    /// hold today) and lays the counties out.
    ///
    /// `never_issued`: two digits that begin no real division; if given, citizen numbers carry them instead of
    /// the county's first two digits, so that no number can be anybody's.
    ///
    /// # Errors
    /// [`CountryError`] if there are fewer than 100 counties in it.
    pub fn read(list: &str, never_issued: Option<&str>, seed: u64) -> Result<Self, CountryError> {
        let extents = provinces();
        let mut names: HashMap<&str, &str> = HashMap::new();
        let mut codes: Vec<&str> = Vec::new();
        for line in list.lines() {
            let cells = cells(line);
            let (Some(&code), Some(&name)) = (cells.first(), cells.get(1)) else { continue };
            let six = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
            // 市辖区 and 县 at the county level stand for a group, nobody lives there.
            let holds = cells.get(6).is_none_or(|to| to.is_empty())
                && (code.ends_with("00") || !matches!(name, "市辖区" | "县"));
            if six && holds && extents.contains_key(&code[..2]) && names.insert(code, name).is_none() {
                codes.push(code);
            }
        }
        codes.sort_unstable();
        let mut random = Random::new(seed, 1);
        let mut cities: HashMap<&str, (f64, f64)> = HashMap::new();
        let (mut counties, mut weights) = (Vec::new(), Vec::new());
        for &code in codes.iter().filter(|c| !c.ends_with("00")) {
            let extent = &extents[&code[..2]];
            let (x_margin, y_margin) = ((extent.east - extent.west) * 0.08, (extent.north - extent.south) * 0.08);
            let &mut (x, y) = cities.entry(&code[..4]).or_insert_with(|| {
                (
                    random.between(extent.west + x_margin, extent.east - x_margin),
                    random.between(extent.south + y_margin, extent.north - y_margin),
                )
            });
            let (far, turn) = (random.between(0.03, 0.45), random.between(0.0, std::f64::consts::TAU));
            let name = names[code];
            let province = names.get(format!("{}0000", &code[..2]).as_str()).copied().unwrap_or_default();
            let prefecture = names.get(format!("{}00", &code[..4]).as_str()).copied().unwrap_or_default();
            let prefecture = if matches!(prefecture, "市辖区" | "县") { "" } else { prefecture };
            counties.push(County {
                code: code.to_owned(),
                name: name.to_owned(),
                full: format!("{province}{prefecture}{name}"),
                short: shortened(name).to_owned(),
                city: shortened(if prefecture.is_empty() { province } else { prefecture }).to_owned(),
                middle: (x + far * turn.cos(), y + far * turn.sin() * 0.85),
                radius: random.between(0.06, 0.16),
                issuing: never_issued.map_or_else(|| code.to_owned(), |two| format!("{two}{}", &code[2..])),
            });
            weights.push(extent.population * random.normal(0.0, 0.6).exp());
        }
        if counties.len() < 100 {
            return Err(CountryError(format!("the list of divisions holds {} counties only", counties.len())));
        }
        // A province's people are shared among its counties.
        let mut of_province: HashMap<&str, f64> = HashMap::new();
        for county in &counties {
            *of_province.entry(&county.code[..2]).or_default() += 1.0;
        }
        let by_population = Weighted::new(
            counties.iter().zip(&weights).map(|(c, w)| w / of_province[&c.code[..2]]).collect::<Vec<_>>(),
        );
        let above = |end: &str, not: &str| {
            let ends = |c: &&&str| c.ends_with(end) && (not.is_empty() || !c.ends_with(not));
            codes.iter().filter(ends).map(|c| (*c).to_owned()).collect()
        };
        Ok(Self { by_population, provinces: above("0000", ""), prefectures: above("00", "0000"), counties })
    }

    /// A county, as often as people live there.
    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        self.by_population.draw(random)
    }
    /// A place in a county, even over its disc.
    pub(crate) fn place_in(&self, county: usize, random: &mut Random) -> (f64, f64) {
        let county = &self.counties[county];
        let (far, turn) = (random.unit().sqrt() * 0.95, random.between(0.0, std::f64::consts::TAU));
        (county.middle.0 + county.radius * far * turn.cos(), county.middle.1 + county.radius * far * turn.sin())
    }
}

/// The cells of a CSV line; quotes are taken off, doubled quotes are not needed here.
fn cells(line: &str) -> Vec<&str> {
    let (mut cells, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                cells.push(line[start..at].trim_matches('"'));
                start = at + 1;
            }
            _ => {}
        }
    }
    cells.push(line[start..].trim_matches('"'));
    cells
}

fn shortened(name: &str) -> &str {
    let ends = [
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "自治区",
        "自治州",
        "自治县",
        "地区",
        "省",
        "市",
        "区",
        "县",
        "盟",
        "旗",
    ];
    ends.iter().filter_map(|end| name.strip_suffix(end)).find(|rest| rest.chars().count() >= 2).unwrap_or(name)
}
