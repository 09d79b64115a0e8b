//! Which coordinate reference systems an import may declare, and the way from projected ones to longitude/latitude.
//!
//! | declared | what |
//! |---|---|
//! | EPSG:4490, 4326, CRS84 | longitude/latitude, taken as it is |
//! | EPSG:3857 | Web Mercator |
//! | EPSG:4491–4501, 4502–4512 | CGCS2000 Gauss–Krüger, 6° zones 13–23: easting with the zone before it, or without |
//! | EPSG:4513–4533, 4534–4554 | CGCS2000 Gauss–Krüger, 3° zones 25–45: likewise |
//!
//! Coordinates stand easting first, northing second, whatever the EPSG registry calls x and y.

use std::sync::Arc;

use proj4rs::Proj;
use proj4rs::transform::transform;

use super::SourceError;
use crate::service::{Cell, SourceRow};
use crate::value::{POINTS_MAX_IMPORT, Shape};

/// Names under which longitude/latitude in CGCS2000, or WGS 84 within its accuracy, are declared.
const TAKEN: [&str; 6] = ["EPSG:4490", "EPSG:4326", "CRS84", "OGC:CRS84", "CGCS2000", "WGS84"];

/// How far from its central meridian a zone is taken, degrees: beyond that the coordinates are of another zone, or swapped.
const REACH: f64 = 9.0;

/// The coordinate reference system of a file.
#[derive(Clone, Default)]
pub(super) enum Crs {
    /// Longitude/latitude.
    #[default]
    LonLat,
    /// Metres, converted row by row.
    Projected(Arc<Projected>),
}

/// A projection, by the name it was declared under.
pub(super) struct Projected {
    name: String,
    from: Proj,
    to: Proj,
    /// Degrees; `None` for a projection of the whole world.
    central_meridian: Option<f64>,
}

impl Crs {
    /// The system called `name`.
    ///
    /// # Errors
    /// [`SourceError::Crs`] with the reason: GCJ-02 and BD-09 are encrypted offsets of up to 700 m without a lawful inverse;
    /// Beijing 1954 and Xi'an 1980 need parameters that only the surveying authority of a place has.
    pub(super) fn named(name: &str) -> Result<Self, SourceError> {
        let refuse = |reason| Err(SourceError::Crs { name: name.to_owned(), reason });
        let plain = normalise(name);
        if TAKEN.iter().any(|taken| normalise(taken) == plain) {
            return Ok(Self::LonLat);
        }
        if plain.contains("GCJ") || plain.contains("火星") {
            return refuse("GCJ-02 is a commercial map offset, not a datum; deliver CGCS2000 (EPSG:4490)");
        }
        if plain.contains("BD09") || plain.contains("百度") {
            return refuse("BD-09 is a commercial map offset, not a datum; deliver CGCS2000 (EPSG:4490)");
        }
        let code = plain.strip_prefix("EPSG").and_then(|code| code.parse().ok());
        let Some((definition, central_meridian)) = code.and_then(definition) else {
            return refuse(
                "taken are longitude/latitude in CGCS2000 (EPSG:4490) or WGS 84 (EPSG:4326, CRS84), Web Mercator (EPSG:3857) \
                 and the Gauss–Krüger zones of CGCS2000 (EPSG:4491 to 4554)",
            );
        };
        let projections = (Proj::from_proj_string(&definition), Proj::from_proj_string("+proj=longlat +ellps=GRS80"));
        let (Ok(from), Ok(to)) = projections else { return refuse("its projection cannot be set up") };
        Ok(Self::Projected(Arc::new(Projected { name: name.to_owned(), from, to, central_meridian })))
    }

    /// Whether coordinates are longitude/latitude already.
    pub(super) fn is_lon_lat(&self) -> bool {
        matches!(self, Self::LonLat)
    }

    /// Converts the row's geometries, which stand in `fields`. One that cannot be converted makes the row unreadable.
    pub(super) fn apply(&self, fields: &[String], row: &mut SourceRow) {
        let Self::Projected(projected) = self else { return };
        for (name, cell) in row.cells.iter_mut().filter(|(name, _)| fields.contains(name)) {
            let (Cell::Text(text) | Cell::Json(text)) = &*cell;
            // A JSON string holds WKT.
            let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.clone());
            if text.trim().is_empty() || text == "null" {
                continue;
            }
            match Shape::from_projected(&text, POINTS_MAX_IMPORT, &|x, y| projected.lon_lat(x, y)) {
                Ok(shape) => *cell = Cell::Text(shape.to_wkt()),
                Err(error) => {
                    row.unreadable.get_or_insert_with(|| {
                        (name.clone(), "crs".to_owned(), format!("as {}: {error}", projected.name))
                    });
                }
            }
        }
    }
}

impl Projected {
    /// Longitude and latitude, degrees; why not, if the point is not one of this zone.
    fn lon_lat(&self, easting: f64, northing: f64) -> Result<(f64, f64), String> {
        let mut point = (easting, northing, 0.0);
        let outside = || {
            let order = "coordinates stand easting first, northing second, in metres";
            format!("({easting}, {northing}) does not lie in its area; {order}")
        };
        transform(&self.from, &self.to, &mut point).map_err(|_| outside())?;
        let (lon, lat) = (point.0.to_degrees(), point.1.to_degrees());
        let near =
            self.central_meridian.is_none_or(|central| (lon - central).abs() <= REACH && (0.0..=60.0).contains(&lat));
        if near && lon.is_finite() && lat.is_finite() { Ok((lon, lat)) } else { Err(outside()) }
    }
}

/// A projection's PROJ definition and its central meridian. CGCS2000's ellipsoid has GRS 80's figures.
fn definition(epsg: u32) -> Option<(String, Option<f64>)> {
    let (central, zone) = match epsg {
        3857 => return Some(("+proj=merc +a=6378137 +b=6378137 +lon_0=0 +k=1 +x_0=0 +y_0=0".to_owned(), None)),
        4491..=4501 => (75 + 6 * (epsg - 4491), 13 + epsg - 4491),
        4502..=4512 => (75 + 6 * (epsg - 4502), 0),
        4513..=4533 => (75 + 3 * (epsg - 4513), 25 + epsg - 4513),
        4534..=4554 => (75 + 3 * (epsg - 4534), 0),
        _ => return None,
    };
    let false_easting = u64::from(zone) * 1_000_000 + 500_000;
    let text = format!("+proj=etmerc +lat_0=0 +lon_0={central} +k=1 +x_0={false_easting} +y_0=0 +ellps=GRS80");
    Some((text, Some(f64::from(central))))
}

/// `urn:ogc:def:crs:EPSG::4490`, `http://www.opengis.net/def/crs/EPSG/0/4490`, `epsg:4490`, `4490` → `EPSG4490`.
fn normalise(name: &str) -> String {
    let upper = name.trim().to_uppercase();
    let tail = upper
        .trim_start_matches("URN:OGC:DEF:CRS:")
        .trim_start_matches("HTTP://WWW.OPENGIS.NET/DEF/CRS/")
        .trim_start_matches("HTTPS://WWW.OPENGIS.NET/DEF/CRS/")
        .replace("OGC:1.3:", "")
        .replace("OGC/1.3/", "")
        .replace("EPSG/0/", "EPSG");
    let plain: String = tail.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.strip_prefix("OGC").map_or(plain.clone(), str::to_owned);
    if !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit()) { format!("EPSG{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn projected(name: &str) -> Arc<Projected> {
        match Crs::named(name) {
            Ok(Crs::Projected(projected)) => projected,
            _ => panic!("{name} is no projection"),
        }
    }

    #[test]
    fn takes_lon_lat_and_refuses_offsets_by_name() {
        for name in [
            "EPSG:4490",
            "urn:ogc:def:crs:EPSG::4490",
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "4326",
            "cgcs2000",
        ] {
            assert!(Crs::named(name).is_ok_and(|crs| crs.is_lon_lat()), "{name}");
        }
        for (name, word) in [("GCJ-02", "GCJ-02"), ("bd09ll", "BD-09"), ("百度坐标", "BD-09"), ("EPSG:2327", "Gauss")]
        {
            let said = Crs::named(name).err().expect(name).to_string();
            assert!(said.contains(name) && said.contains(word), "{said}");
        }
    }

    /// Snyder, Map Projections (USGS 1395) gives the series; the arc of the meridian to 30° N on GRS 80 is 3,320,113.398 m.
    #[test]
    fn the_central_meridian_is_an_arc_of_the_ellipsoid() {
        for (name, easting) in [
            ("EPSG:4498", 20_500_000.0),
            ("EPSG:4509", 500_000.0),
            ("EPSG:4527", 39_500_000.0),
            ("EPSG:4548", 500_000.0),
        ] {
            let (lon, lat) = projected(name).lon_lat(easting, 3_320_113.398).expect(name);
            assert!((lon - 117.0).abs() < 1e-9 && (lat - 30.0).abs() < 1e-8, "{name}: {lon} {lat}");
        }
    }

    #[test]
    fn web_mercator_is_the_spheres() {
        let (lon, lat) = projected("EPSG:3857").lon_lat(12_958_034.006, 4_853_597.988).expect("converted");
        let y = (4_853_597.988_f64 / 6_378_137.0).sinh().atan().to_degrees();
        let x = (12_958_034.006_f64 / 6_378_137.0).to_degrees();
        assert!((lon - x).abs() < 1e-9 && (lat - y).abs() < 1e-9, "{lon} {lat}");
    }

    #[test]
    fn swapped_axes_and_other_zones_are_told() {
        let zone = projected("EPSG:4549");
        assert!(zone.lon_lat(3_320_113.0, 500_000.0).expect_err("swapped").contains("easting first"));
        assert!(zone.lon_lat(40_500_000.0, 3_320_113.0).is_err(), "the easting of a zone with its number");
    }
}
