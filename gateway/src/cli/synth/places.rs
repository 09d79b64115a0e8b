//! Real divisions, in which invented people live: from the sample's `divisions.ndjson`.

use std::collections::HashMap;

use anyhow::Context as _;
use serde_json::Value;

use super::super::demo::Sample;
use super::random::Random;

/// A county-level division.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Six digits.
    pub(super) code: String,
    /// 四川省成都市锦江区.
    pub(super) path: String,
    /// 成都, for names of companies.
    pub(super) city: String,
    /// Longitude, latitude of its middle.
    pub(super) centre: Option<(f64, f64)>,
}

/// All county-level divisions but those of Hong Kong, Macao and Taiwan, whose people carry other documents.
pub(super) struct Places(Vec<Place>);

impl Places {
    /// Reads them out of the sample inside the program.
    pub(super) fn load() -> anyhow::Result<Self> {
        let text = Sample::get("divisions.ndjson").context("the program holds no divisions")?;
        let rows: Vec<Value> =
            text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("divisions.ndjson")?;
        let cell = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let names: HashMap<String, String> = rows.iter().map(|row| (cell(row, "code"), cell(row, "name"))).collect();
        let places = rows
            .iter()
            .filter(|row| cell(row, "level") == "3" && !cell(row, "code").starts_with(['7', '8']))
            .map(|row| {
                let code = cell(row, "code");
                let above = code.get(..4).map(|c| format!("{c}00")).unwrap_or_default();
                let province = code.get(..2).map(|c| format!("{c}0000")).unwrap_or_default();
                let city = names.get(&above).or_else(|| names.get(&province)).cloned().unwrap_or_default();
                let city = city.trim_end_matches(['市', '省', '盟']).trim_end_matches("地区").to_owned();
                let at = |i: usize| row.pointer(&format!("/centroid/coordinates/{i}")).and_then(Value::as_f64);
                Place { code, path: cell(row, "path_name"), city, centre: at(0).zip(at(1)) }
            })
            .collect();
        Ok(Self(places))
    }

    /// One of them.
    pub(super) fn one(&self, random: &mut Random) -> Option<&Place> {
        random.one(&self.0)
    }
}

impl Place {
    /// The division in synthetic numbers: `89` and the first four digits.
    pub(super) fn synthetic(&self) -> String {
        format!("{}{}", population::SYNTHETIC_PROVINCE, self.code.get(..4).unwrap_or("0000"))
    }
}
