//! Coordinate reference systems in and out (OGC API – Features Part 2), with each authority's order of axes.

use foundation::value::Shape;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// Half the circumference of Web Mercator's sphere, metres: coordinates reach from minus to plus this.
const MERCATOR_REACH: f64 = 20_037_508.342_789_244;
/// Radius of Web Mercator's sphere, metres.
const RADIUS: f64 = 6_378_137.0;
/// Latitude where Web Mercator ends.
const MERCATOR_LATITUDE: f64 = 85.051_128_779_806_6;

/// A system that is spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crs {
    /// Longitude, latitude: as stored.
    Crs84,
    /// WGS 84: latitude, longitude.
    Epsg4326,
    /// CGCS2000: latitude, longitude.
    Epsg4490,
    /// Web Mercator: x, y in metres.
    Epsg3857,
}

/// All, the stored one first.
pub(crate) const ALL: [Crs; 4] = [Crs::Crs84, Crs::Epsg4326, Crs::Epsg4490, Crs::Epsg3857];

impl Crs {
    /// Its address.
    pub(crate) const fn uri(self) -> &'static str {
        match self {
            Self::Crs84 => "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            Self::Epsg4326 => "http://www.opengis.net/def/crs/EPSG/0/4326",
            Self::Epsg4490 => "http://www.opengis.net/def/crs/EPSG/0/4490",
            Self::Epsg3857 => "http://www.opengis.net/def/crs/EPSG/0/3857",
        }
    }

    /// The system at an address; `http` or `https`.
    pub(crate) fn at(uri: &str) -> Option<Self> {
        let plain = uri.strip_prefix("https://").or(uri.strip_prefix("http://"))?;
        ALL.into_iter().find(|crs| crs.uri().strip_prefix("http://") == Some(plain))
    }

    /// Longitude and latitude of a coordinate pair; `None` where there are none.
    pub(crate) fn lon_lat(self, [a, b]: [f64; 2]) -> Option<[f64; 2]> {
        let [lon, lat] = match self {
            Self::Crs84 => [a, b],
            Self::Epsg4326 | Self::Epsg4490 => [b, a],
            Self::Epsg3857 => [(a / RADIUS).to_degrees(), (b / RADIUS).sinh().atan().to_degrees()],
        };
        // A map's edge is a rounding away from ±180.
        let near = |x: f64, most: f64| (x.abs() <= most + 1e-9).then(|| x.clamp(-most, most));
        Some([near(lon, 180.0)?, near(lat, 90.0)?])
    }

    /// The coordinate pair of a longitude and latitude.
    pub(crate) fn pair(self, [lon, lat]: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Crs84 => [lon, lat],
            Self::Epsg4326 | Self::Epsg4490 => [lat, lon],
            Self::Epsg3857 => {
                let lat = lat.clamp(-MERCATOR_LATITUDE, MERCATOR_LATITUDE).to_radians();
                let y = RADIUS * (std::f64::consts::FRAC_PI_4 + lat / 2.0).tan().ln();
                [RADIUS * lon.to_radians(), y.clamp(-MERCATOR_REACH, MERCATOR_REACH)]
            }
        }
    }

    /// West, south, east, north of a box whose corners are in this system.
    pub(crate) fn bbox(self, [a, b, c, d]: [f64; 4]) -> Option<[f64; 4]> {
        let ([west, south], [east, north]) = (self.lon_lat([a, b])?, self.lon_lat([c, d])?);
        (south <= north).then_some([west, south, east, north])
    }

    /// A filter in CQL2 JSON with the coordinates of its geometries and boxes as longitude, latitude.
    ///
    /// # Errors
    /// [`Problem`] for a pair that is no place; what is no JSON is left to who reads the filter.
    pub(crate) fn filter_from_json(self, filter: &str) -> Result<String, Problem> {
        let Ok(mut json) = serde_json::from_str::<Value>(filter) else { return Ok(filter.to_owned()) };
        self.read(&mut json, false).ok_or_else(|| {
            Problem::new(Code::InvalidFilter, "the filter has coordinates that are none of `filter-crs`")
                .about("filter")
        })?;
        Ok(json.to_string())
    }

    /// Goes through a document; inside `coordinates` every list that begins with two numbers is a place.
    fn read(self, json: &mut Value, coordinates: bool) -> Option<()> {
        match json {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if name == "bbox" {
                        let sides = member.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>()?;
                        let ([a, b, c, d] | [a, b, _, c, d, _]) = *sides.as_slice() else { return None };
                        let ([west, south], [east, north]) = (self.lon_lat([a, b])?, self.lon_lat([c, d])?);
                        *member = serde_json::json!([west, south, east, north]);
                    } else {
                        self.read(member, name == "coordinates")?;
                    }
                }
                Some(())
            }
            Value::Array(members) => {
                if let (true, [Value::Number(a), Value::Number(b), ..]) = (coordinates, members.as_slice()) {
                    *members = self.lon_lat([a.as_f64()?, b.as_f64()?])?.map(Value::from).to_vec();
                    return Some(());
                }
                members.iter_mut().try_for_each(|member| self.read(member, coordinates))
            }
            _ => Some(()),
        }
    }

    /// Appends a geometry as GeoJSON with coordinates of this system.
    pub(crate) fn write_geojson(self, shape: &Shape, out: &mut Vec<u8>) {
        if self == Self::Crs84 {
            return shape.write_geojson(out);
        }
        let mut json = shape.to_geojson();
        self.convert(&mut json);
        out.extend_from_slice(json.to_string().as_bytes());
    }

    fn convert(self, json: &mut Value) {
        match json {
            Value::Array(members) => match members.as_mut_slice() {
                [Value::Number(lon), Value::Number(lat)] => {
                    let [a, b] = self.pair([lon.as_f64().unwrap_or_default(), lat.as_f64().unwrap_or_default()]);
                    *members = vec![a.into(), b.into()];
                }
                members => members.iter_mut().for_each(|member| self.convert(member)),
            },
            Value::Object(members) => {
                for (_, member) in
                    members.iter_mut().filter(|(name, _)| *name == "coordinates" || *name == "geometries")
                {
                    self.convert(member);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_follow_the_authority_and_go_both_ways() {
        let chengdu = [104.066, 30.573];
        assert_eq!(Crs::Epsg4490.pair(chengdu).map(f64::to_bits), [30.573_f64, 104.066].map(f64::to_bits));
        // The example of EPSG's method 1024 (guidance note 7-2): 24°22'54.433" N, 100°20' W.
        let [x, y] = Crs::Epsg3857.pair([-100.333_333_333, 24.381_786_944]);
        assert!((x + 11_169_055.58).abs() < 0.01 && (y - 2_800_000.0).abs() < 0.01, "{x} {y}");
        for crs in ALL {
            let back = crs.lon_lat(crs.pair(chengdu)).expect("on the map");
            assert!((back[0] - chengdu[0]).abs() < 1e-9 && (back[1] - chengdu[1]).abs() < 1e-9, "{crs:?}");
            assert_eq!(Crs::at(crs.uri()), Some(crs));
            assert_eq!(Crs::at(&crs.uri().replace("http:", "https:")), Some(crs));
        }
        assert_eq!(Crs::at("http://www.opengis.net/def/crs/0/unsupported"), None);
    }

    #[test]
    fn boxes_and_geometries_are_converted() {
        assert_eq!(Crs::Epsg4326.bbox([30.0, 104.0, 31.0, 105.0]), Some([104.0, 30.0, 105.0, 31.0]));
        assert_eq!(Crs::Crs84.bbox([104.0, 31.0, 105.0, 30.0]), None);
        assert_eq!(Crs::Crs84.bbox([104.0, 30.0, 205.0, 31.0]), None);
        let filter = r#"{"op":"s_within","args":[{"property":"p"},{"type":"Point","coordinates":[30,104]}]}"#;
        assert!(Crs::Epsg4490.filter_from_json(filter).expect("a place").contains("[104.0,30.0]"));
        assert!(Crs::Epsg4490.filter_from_json(&filter.replace("30,", "130,")).is_err());
        let shape = Shape::from_wkt("POLYGON((104 30,105 30,105 31,104 30))", 100).expect("a shape");
        let mut out = Vec::new();
        Crs::Epsg4326.write_geojson(&shape, &mut out);
        let text = String::from_utf8(out).expect("text");
        assert!(text.contains("[30.0,104.0]"), "{text}");
    }
}
