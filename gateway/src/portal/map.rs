//! A record's geometry as a small drawing: its real outline, a graticule and a scale, no tiles from anywhere.

use std::fmt::Write as _;

use serde_json::Value as Json;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 260.0;
const MARGIN: f64 = 18.0;
/// Kilometres a degree of latitude.
const KM_A_DEGREE: f64 = 111.195;
/// Most points drawn; longer lines are thinned to what the eye can see.
const POINTS_MAX: usize = 6_000;

/// The parts of a GeoJSON geometry, in longitude/latitude.
#[derive(Debug, Default)]
struct Parts {
    points: Vec<(f64, f64)>,
    lines: Vec<Vec<(f64, f64)>>,
    areas: Vec<Vec<Vec<(f64, f64)>>>,
}

/// Draws `geometry`, with `around` (the division it lies in) behind it; `None` if there is nothing to draw.
///
/// Equirectangular with the standard parallel at the middle latitude. Cost: one pass over the points.
pub(super) fn draw(geometry: &Json, around: Option<&Json>, label: &str) -> Option<String> {
    let mut parts = Parts::default();
    collect(geometry, &mut parts);
    let mut behind = Parts::default();
    if let Some(around) = around {
        collect(around, &mut behind);
    }
    let frame = Frame::of(&[&parts, &behind])?;
    let mut svg = String::with_capacity(8_192);
    let _ = write!(
        svg,
        "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(label)
    );
    frame.graticule(&mut svg);
    frame.areas(&behind, "around", &mut svg);
    frame.areas(&parts, "area", &mut svg);
    for line in &parts.lines {
        let _ = write!(svg, "<path class=\"path\" d=\"{}\"/>", frame.path(line, false));
    }
    for &(lon, lat) in parts.points.iter().take(POINTS_MAX) {
        let (x, y) = frame.place(lon, lat);
        let _ = write!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>");
    }
    frame.scale_bar(&mut svg);
    svg.push_str("</svg>");
    Some(svg)
}

/// A point of the geometry, for asking which division it lies in; `None` unless it is a point.
pub(super) fn point(geometry: &Json) -> Option<(f64, f64)> {
    if geometry.get("type")?.as_str()? == "Point" { position(geometry.get("coordinates")?) } else { None }
}

fn collect(geometry: &Json, parts: &mut Parts) {
    let kind = geometry.get("type").and_then(Json::as_str).unwrap_or_default();
    if kind == "GeometryCollection" {
        members(geometry.get("geometries")).for_each(|g| collect(g, parts));
        return;
    }
    let at = geometry.get("coordinates");
    match kind {
        "Point" => parts.points.extend(at.and_then(position)),
        "MultiPoint" => parts.points.extend(members(at).filter_map(position)),
        "LineString" => parts.lines.push(line(at)),
        "MultiLineString" => parts.lines.extend(members(at).map(|l| line(Some(l)))),
        "Polygon" => parts.areas.push(members(at).map(|ring| line(Some(ring))).collect()),
        "MultiPolygon" => {
            parts.areas.extend(members(at).map(|area| members(Some(area)).map(|ring| line(Some(ring))).collect()));
        }
        _ => {}
    }
}

fn members(json: Option<&Json>) -> impl Iterator<Item = &Json> {
    json.and_then(Json::as_array).into_iter().flatten()
}

fn line(json: Option<&Json>) -> Vec<(f64, f64)> {
    members(json).filter_map(position).collect()
}

fn position(json: &Json) -> Option<(f64, f64)> {
    let mut numbers = json.as_array()?.iter().map(Json::as_f64);
    Some((numbers.next()??, numbers.next()??))
}

/// Where the drawing lies on the earth.
struct Frame {
    west: f64,
    north: f64,
    /// Pixels a degree of latitude, and of longitude.
    per_lat: f64,
    per_lon: f64,
    left: f64,
    top: f64,
    east: f64,
    south: f64,
}

impl Frame {
    fn of(all: &[&Parts]) -> Option<Self> {
        let mut bounds: Option<(f64, f64, f64, f64)> = None;
        let points = all.iter().flat_map(|p| {
            p.points.iter().chain(p.lines.iter().flatten()).chain(p.areas.iter().flatten().flatten()).copied()
        });
        for (x, y) in points {
            let (w, s, e, n) = bounds.unwrap_or((x, y, x, y));
            bounds = Some((w.min(x), s.min(y), e.max(x), n.max(y)));
        }
        let (mut west, mut south, mut east, mut north) = bounds?;
        // A lone point still needs an area around it.
        let least = 0.04;
        if east - west < least {
            (west, east) = (west - least, east + least);
        }
        if north - south < least {
            (south, north) = (south - least, north + least);
        }
        let squeeze = f64::midpoint(south, north).to_radians().cos().max(0.05);
        let across = (WIDTH - 2.0 * MARGIN) / ((east - west) * squeeze);
        let down = (HEIGHT - 2.0 * MARGIN) / (north - south);
        let per_lat = across.min(down);
        let per_lon = per_lat * squeeze;
        let left = (WIDTH - (east - west) * per_lon) / 2.0;
        let top = (HEIGHT - (north - south) * per_lat) / 2.0;
        Some(Self { west, north, per_lat, per_lon, left, top, east, south })
    }

    fn place(&self, lon: f64, lat: f64) -> (f64, f64) {
        (self.left + (lon - self.west) * self.per_lon, self.top + (self.north - lat) * self.per_lat)
    }

    fn areas(&self, parts: &Parts, class: &str, svg: &mut String) {
        let points: usize = parts.areas.iter().flatten().map(Vec::len).sum();
        if points == 0 {
            return;
        }
        let _ = write!(svg, "<path class=\"{class}\" d=\"");
        for ring in parts.areas.iter().flatten() {
            svg.push_str(&self.path(ring, true));
        }
        svg.push_str("\"/>");
    }

    /// A path of the points that move at least half a pixel.
    fn path(&self, line: &[(f64, f64)], closed: bool) -> String {
        let mut out = String::new();
        let mut last: Option<(f64, f64)> = None;
        let mut drawn = 0_usize;
        for &(lon, lat) in line {
            let (x, y) = self.place(lon, lat);
            let moved = last.is_none_or(|(a, b)| (x - a).abs() + (y - b).abs() >= 0.5);
            if moved && drawn < POINTS_MAX {
                let _ = write!(out, "{}{x:.1} {y:.1}", if last.is_none() { 'M' } else { 'L' });
                last = Some((x, y));
                drawn += 1;
            }
        }
        if closed && drawn > 0 {
            out.push('Z');
        }
        if drawn < 3 && closed { String::new() } else { out }
    }

    fn graticule(&self, svg: &mut String) {
        let step = step_of((self.east - self.west).max(self.north - self.south) / 3.0);
        let (west, east) = (self.west - self.left / self.per_lon, self.east + self.left / self.per_lon);
        let (south, north) = (self.south - self.top / self.per_lat, self.north + self.top / self.per_lat);
        let digits = if step >= 1.0 {
            0
        } else if step >= 0.1 {
            1
        } else {
            2
        };
        let mut lon = (west / step).ceil() * step;
        while lon < east {
            let (x, _) = self.place(lon, north);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{x:.1} 0V{HEIGHT}\"/><text x=\"{:.1}\" y=\"{:.1}\">{:.digits$}°{}</text>",
                x + 2.0,
                HEIGHT - 4.0,
                lon.abs(),
                if lon < 0.0 { 'W' } else { 'E' }
            );
            lon += step;
        }
        let mut lat = (south / step).ceil() * step;
        while lat < north {
            let (_, y) = self.place(west, lat);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M0 {y:.1}H{WIDTH}\"/><text x=\"3\" y=\"{:.1}\">{:.digits$}°{}</text>",
                y - 2.0,
                lat.abs(),
                if lat < 0.0 { 'S' } else { 'N' }
            );
            lat += step;
        }
    }

    fn scale_bar(&self, svg: &mut String) {
        let km_a_pixel = KM_A_DEGREE / self.per_lat;
        let km = step_of(km_a_pixel * 60.0);
        let length = km / km_a_pixel;
        let text = if km >= 1.0 { format!("{km:.0} km") } else { format!("{:.0} m", km * 1_000.0) };
        let x = WIDTH - 12.0;
        let _ = write!(
            svg,
            "<path class=\"scale\" d=\"M{:.1} 12v4H{x}v-4\"/><text x=\"{:.1}\" y=\"10\" text-anchor=\"end\">{text}</text>",
            x - length,
            x
        );
    }
}

/// The round number (1, 2 or 5 times a power of ten) next to `rough`.
fn step_of(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(1e-6).log10().floor());
    let share = rough / power;
    power
        * if share < 1.5 {
            1.0
        } else if share < 3.5 {
            2.0
        } else if share < 7.5 {
            5.0
        } else {
            10.0
        }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outline_is_drawn_inside_its_frame() {
        let square = json!({"type": "Polygon", "coordinates": [[[104.0, 30.0], [105.0, 30.0], [105.0, 31.0], [104.0, 31.0], [104.0, 30.0]]]});
        let svg = draw(&square, None, "A \"square\"").expect("drawn");
        assert!(svg.contains("class=\"area\"") && svg.contains("&quot;square&quot;") && svg.contains("km"));
        let frame = Frame::of(&[&{
            let mut p = Parts::default();
            collect(&square, &mut p);
            p
        }])
        .expect("frame");
        let (x, y) = frame.place(104.0, 31.0);
        assert!(x >= MARGIN - 0.1 && (y - MARGIN).abs() < 0.1, "{x} {y}");
    }

    #[test]
    fn a_lone_point_and_nothing_at_all() {
        let point = json!({"type": "Point", "coordinates": [116.4, 39.9]});
        assert!(draw(&point, None, "").expect("drawn").contains("circle"));
        assert!(draw(&json!({"type": "Polygon", "coordinates": []}), None, "").is_none());
        assert_eq!(super::point(&point), Some((116.4, 39.9)));
    }

    #[test]
    fn steps_are_round() {
        assert!((step_of(0.3) - 0.2).abs() < 1e-9);
        assert!((step_of(42.0) - 50.0).abs() < 1e-9);
    }
}
