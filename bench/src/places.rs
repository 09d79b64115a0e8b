//! Places: the counties' made-up outlines, patches of land, and points of interest.

use std::fmt::Write;

use crate::division::Country;
use crate::names::{ESTATES, road, word};
use crate::postgres::{self, Point};
use crate::random::{Random, Weighted};
use crate::sink::{Output, Sink, SinkError};

/// Codes of the kinds, for points in falling share; patches and outlines have their own.
const POINT_CODES: [&str; 4] = ["other", "section", "city", "historical"];
const POINT_KINDS: &str = "餐饮 超市 便利店 药店 医院 卫生院 小学 中学 幼儿园 大学 银行 加油站 停车场 公交站 地铁站 火车站 机场 宾馆 景点 公园 博物馆 图书馆 派出所 政府机关 村委会 居委会 写字楼 住宅小区 工厂 物流园 农贸市场 寺庙 桥梁 水库 山峰 河流 码头 体育馆 影剧院 邮局";
const PATCH_KINDS: &str = "公园 住宅小区 校园 工业园区 湖泊 农田地块 林地 保护区 商业区 建设用地";
const PATCH_CODE: &str = "section";
const OUTLINE_CODE: &str = "other";

enum Shape {
    Point(Point),
    Ring(Vec<Point>),
}

struct Files {
    import: Output,
    copy: Output,
    written: usize,
}

impl Files {
    fn row(&mut self, name: &str, kind: &str, division: &str, shape: &Shape) -> Result<(), SinkError> {
        let id = format!("P{:09}", self.written);
        self.written += 1;
        let (text, binary) = match shape {
            Shape::Point((x, y)) => (format!("POINT({x} {y})"), postgres::point((*x, *y))),
            Shape::Ring(ring) => (wkt(ring), postgres::polygon(ring)),
        };
        self.import.csv(&[&id, name, kind, division, &text])?;
        self.copy.copy(&[&id, name, kind, division, "2025-06-01T00:00:00Z", &binary, &postgres::bigrams(name)])
    }
}

pub(crate) fn write(
    country: &Country,
    count: usize,
    polygons: usize,
    seed: u64,
    sink: &mut Sink,
) -> Result<(), SinkError> {
    let mut random = Random::new(seed, 3);
    let mut files = Files { import: sink.open("import/places.csv")?, copy: sink.open("copy/place.tsv")?, written: 0 };
    let mut boxes = sink.open("queries/boxes.txt")?;
    let mut points = sink.open("queries/points.txt")?;
    let mut names = sink.open("queries/place-names.txt")?;
    let mut counties = sink.open("queries/counties.txt")?;
    files.import.csv(&["place_id", "name", "kind", "division", "location"])?;
    for county in country.counties.iter().take(polygons) {
        let ring = ring(county.middle, 32, || county.radius * random.between(0.96, 1.10));
        counties.line(&wkt(&ring))?;
        files.row(&county.name, OUTLINE_CODE, &county.code, &Shape::Ring(ring))?;
    }
    while files.written < polygons {
        let at = country.draw(&mut random);
        let middle = country.place_in(at, &mut random);
        let size = random.normal(-6.0, 0.8).exp().clamp(0.0005, 0.03);
        let corners = random.below(35) + 5;
        let ring = ring(middle, corners, || size * random.between(0.7, 1.15));
        let (home, kind) = (&country.counties[at], word(PATCH_KINDS, &mut random));
        let name = format!("{}{}{kind}", home.short, word(ESTATES, &mut random));
        files.row(&name, PATCH_CODE, &home.code, &Shape::Ring(ring))?;
    }
    let kinds: Vec<&str> = POINT_KINDS.split(' ').collect();
    let shares = Weighted::falling(kinds.len(), 3.0);
    let code_shares = Weighted::falling(POINT_CODES.len(), 1.0);
    while files.written < count {
        let at = country.draw(&mut random);
        let (home, kind) = (&country.counties[at], kinds[shares.draw(&mut random)]);
        let (estate, road, draw) = (word(ESTATES, &mut random), road(&mut random), random.unit());
        let name = if draw < 0.4 {
            format!("{estate}{kind}（{road}店）")
        } else if draw < 0.8 {
            format!("{}{estate}{kind}", home.short)
        } else {
            format!("{road}{kind}")
        };
        let code = POINT_CODES[code_shares.draw(&mut random)];
        let (x, y) = country.place_in(at, &mut random);
        let (x, y) = (rounded(x), rounded(y));
        if files.written.is_multiple_of((count / 1_000).max(1)) {
            points.line(&format!("{x},{y}"))?;
            names.line(&name)?;
            boxes.line(&format!("{:.6},{:.6},{:.6},{:.6}", x - 0.15, y - 0.15, x + 0.15, y + 0.15))?;
        }
        files.row(&name, code, &home.code, &Shape::Point((x, y)))?;
    }
    for output in [files.import, files.copy, boxes, points, names, counties] {
        sink.close(output)?;
    }
    Ok(())
}

fn wkt(ring: &[Point]) -> String {
    let mut text = "POLYGON((".to_owned();
    for (at, (x, y)) in ring.iter().enumerate() {
        let _ = write!(text, "{}{x} {y}", if at == 0 { "" } else { "," });
    }
    text.push_str("))");
    text
}

/// A closed, star-shaped ring.
fn ring(middle: Point, corners: usize, mut radius: impl FnMut() -> f64) -> Vec<Point> {
    let mut ring: Vec<Point> = (0..corners)
        .map(|at| {
            let (turn, far) = (at as f64 / corners as f64 * std::f64::consts::TAU, radius());
            (rounded(middle.0 + far * turn.cos()), rounded(middle.1 + far * turn.sin()))
        })
        .collect();
    ring.push(ring[0]);
    ring
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}
