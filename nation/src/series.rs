//! Provincial series, yearly over forty years, that add up to the nation's exactly: population at year's end by sex, gross
//! product at current prices in a preliminary and a final vintage.

use std::collections::BTreeMap;

use super::manifest::Manifest;
use super::out::Csv;
use super::places::Places;
use super::pyramid::YEAR;
use super::random::Random;
use super::{NationError, Open};

/// 统计部门（演示）.
const STATISTICS: &str = "11100000PDY0000362";
/// Years told.
const YEARS: i64 = 40;

const INDICATORS: &str = "code,name,name_en,domain,unit,frequency,definition,dimensions";
const OBSERVATIONS: &str = "indicator,dimensions,region,period,vintage,value,unit,status,region_name";

/// A series of the nation, told by provinces.
struct Series {
    code: &'static str,
    /// Chinese, English; empty for a further series of the indicator before.
    name: [&'static str; 2],
    domain: &'static str,
    unit: &'static str,
    /// Names of the dimensions that the indicator declares.
    declares: &'static str,
    dimensions: &'static str,
    /// The nation's value in the first year, and its growth a year in thousandths.
    start: i64,
    growth: i64,
}

const ALL: [Series; 3] = [
    Series {
        code: "SYN.POP",
        name: ["年末常住人口（模拟）", "Population at year's end (synthetic)"],
        domain: "population",
        unit: "人",
        declares: "sex",
        dimensions: "_T",
        start: 1_058_510_000,
        growth: 7,
    },
    Series {
        code: "SYN.POP",
        name: ["", ""],
        domain: "",
        unit: "人",
        declares: "sex",
        dimensions: "sex=F",
        start: 510_430_000,
        growth: 7,
    },
    Series {
        code: "SYN.GDP",
        name: ["地区生产总值（模拟）", "Gross regional product (synthetic)"],
        domain: "national-accounts",
        unit: "亿元",
        declares: "",
        dimensions: "_T",
        start: 9_099,
        growth: 135,
    },
];

/// Makes indicators and observations.
pub(crate) fn make(
    places: &Places,
    mut random: Random,
    open: &mut Open<'_>,
    manifest: &mut Manifest,
) -> Result<(), NationError> {
    let mut provinces: BTreeMap<String, (String, u64)> = BTreeMap::new();
    for place in places.all() {
        let code = format!("{}0000", place.code.get(..2).unwrap_or_default());
        let known = provinces.entry(code).or_insert_with(|| (place.province.clone(), 0));
        known.1 += 1;
    }
    let mut indicators = Csv::open(open, "indicators.csv", INDICATORS)?;
    let mut out = Csv::open(open, "observations.csv", OBSERVATIONS)?;
    for series in &ALL {
        let [zh, en] = series.name;
        if !zh.is_empty() {
            indicators.cell(series.code).cell(zh).cell(en).cell(series.domain).cell(series.unit).cell("A");
            indicators.cell("模拟数据：各地区之和等于全国。").cell(series.declares).end()?;
        }
        // A province's weight grows with its counties; it shifts a little from year to year.
        let mut weights: Vec<u64> = provinces.values().map(|(_, n)| n * 1_000 + random.below(n * 400 + 1)).collect();
        let mut nation = series.start;
        for year in (YEAR - YEARS + 1)..=YEAR {
            // The final figure of the last year is still to come.
            for vintage in 0..if year == YEAR { 1 } else { 2_i64 } {
                // The preliminary figure is half a percent off.
                let value = if vintage == 0 { nation - nation * random.between(-5, 6) / 1_000 } else { nation };
                let status = if vintage == 0 { "P" } else { "A" };
                let date = format!("{}-{}", year + 1, if vintage == 0 { "01-18" } else { "12-27" });
                observation(&mut out, series, ("CHN", "全国"), year, &date, value, status)?;
                for ((code, (name, _)), part) in provinces.iter().zip(shares(value, &weights)) {
                    observation(&mut out, series, (code, name), year, &date, part, status)?;
                }
            }
            nation += nation * series.growth / 1_000;
            for weight in &mut weights {
                *weight += *weight * random.below(3) / 1_000;
            }
        }
    }
    manifest.add("macroeconomy/indicators", "模拟指标", STATISTICS, indicators.close()?);
    manifest.add("macroeconomy/observations", "模拟地区序列（各省之和等于全国）", STATISTICS, out.close()?);
    Ok(())
}

fn observation(
    out: &mut Csv,
    series: &Series,
    (region, name): (&str, &str),
    year: i64,
    vintage: &str,
    value: i64,
    status: &str,
) -> Result<(), NationError> {
    out.cell(series.code).cell(series.dimensions).cell(region).cell(&year.to_string()).cell(vintage);
    out.cell(&value.to_string()).cell(series.unit).cell(status).cell(name);
    out.end()
}

/// A whole in parts by weight, which add up to it exactly: what rounding leaves goes to the first ones.
pub(crate) fn shares(whole: i64, weights: &[u64]) -> Vec<i64> {
    let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum::<u128>().max(1);
    let wide = u128::try_from(whole).unwrap_or(0);
    let mut parts: Vec<i64> = weights.iter().map(|w| i64::try_from(wide * u128::from(*w) / sum).unwrap_or(0)).collect();
    let mut left = whole - parts.iter().sum::<i64>();
    for part in &mut parts {
        if left == 0 {
            break;
        }
        *part += 1;
        left -= 1;
    }
    parts
}
