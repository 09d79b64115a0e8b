//! Real divisions, in which invented people live: from the sample's `divisions.ndjson`.

use std::collections::HashMap;

use anyhow::Context as _;
use nation::Place;
use serde_json::Value;

use super::super::demo::Sample;

/// All county-level divisions but those of Hong Kong, Macao and Taiwan, whose people carry other documents.
pub(super) fn load() -> anyhow::Result<Vec<Place>> {
    let text = Sample::get("divisions.ndjson").context("the program holds no divisions")?;
    let rows: Vec<Value> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("divisions.ndjson")?;
    let cell = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: HashMap<String, String> = rows.iter().map(|row| (cell(row, "code"), cell(row, "name"))).collect();
    let counties = rows.iter().filter(|row| cell(row, "level") == "3" && !cell(row, "code").starts_with(['7', '8']));
    let places = counties.map(|row| {
        let code = cell(row, "code");
        let above = code.get(..4).map(|c| format!("{c}00")).unwrap_or_default();
        let province = code.get(..2).map(|c| format!("{c}0000")).unwrap_or_default();
        let city = names.get(&above).or_else(|| names.get(&province)).cloned().unwrap_or_default();
        let city = city.trim_end_matches(['市', '省', '盟']).trim_end_matches("地区").to_owned();
        let province = names.get(&province).cloned().unwrap_or_default();
        // In 10⁻⁵ degrees: the files are the same on every machine only if nothing is rounded twice.
        let at = |i: usize| {
            let degrees = row.pointer(&format!("/centroid/coordinates/{i}"))?.to_string();
            let (whole, part) = degrees.split_once('.').unwrap_or((&degrees, ""));
            let part: String = part.chars().chain("00000".chars()).take(5).collect();
            let sign = if whole.starts_with('-') { -1 } else { 1 };
            Some(whole.parse::<i64>().ok()? * 100_000 + sign * part.parse::<i64>().ok()?)
        };
        Place { code, path: cell(row, "path_name"), city, province, centre: at(0).zip(at(1)) }
    });
    Ok(places.collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_are_places_of_every_province_on_the_mainland() {
        let places = super::load().expect("places");
        let provinces: std::collections::BTreeSet<&str> = places.iter().map(|p| p.province.as_str()).collect();
        assert_eq!(provinces.len(), 31, "{provinces:?}");
        assert!(places.iter().all(|p| p.code.len() == 6 && !p.path.is_empty() && !p.city.is_empty()));
        assert!(places.iter().filter(|p| p.centre.is_some()).count() > 2_500);
    }
}
