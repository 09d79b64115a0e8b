//! Map tiles.

use foundation::dataset::DatasetName;

use super::AskTimes;

/// How the world is cut into tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// Web Mercator, one tile at level 0.
    WebMercatorQuad,
    /// CGCS2000 longitude and latitude, two tiles at level 0.
    Cgcs2000Quad,
}

/// A tile of a dataset's features.
#[derive(Debug, Clone)]
pub struct TileRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Grid.
    pub grid: Grid,
    /// Level.
    pub level: u8,
    /// Row, from the north.
    pub row: u32,
    /// Column, from the west.
    pub column: u32,
    /// CQL2 text.
    pub filter: Option<String>,
    /// Times.
    pub times: AskTimes,
}

/// Deepest level.
pub const LEVEL_MAX: u8 = 22;

impl Grid {
    /// Both.
    pub const ALL: [Self; 2] = [Self::WebMercatorQuad, Self::Cgcs2000Quad];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "WebMercatorQuad",
            Self::Cgcs2000Quad => "CGCS2000Quad",
        }
    }

    /// Columns and rows of a level.
    #[must_use]
    pub fn size(self, level: u8) -> (u32, u32) {
        let rows = 1 << level.min(LEVEL_MAX);
        match self {
            Self::WebMercatorQuad => (rows, rows),
            Self::Cgcs2000Quad => (rows * 2, rows),
        }
    }

    /// Where a longitude and latitude lie on a level, in tiles from the north-west.
    #[must_use]
    pub fn place(self, level: u8, lon: f64, lat: f64) -> (f64, f64) {
        let (columns, rows) = self.size(level);
        let x = (lon + 180.0) / 360.0 * f64::from(columns);
        let y = match self {
            Self::WebMercatorQuad => {
                let lat = lat.clamp(-MERCATOR_LATITUDE, MERCATOR_LATITUDE).to_radians();
                // The inverse Gudermannian function by one logarithm.
                let sine = lat.sin();
                (1.0 - ((1.0 + sine) / (1.0 - sine)).ln() / std::f64::consts::TAU) / 2.0
            }
            Self::Cgcs2000Quad => (90.0 - lat) / 180.0,
        };
        (x, y * f64::from(rows))
    }

    /// The longitude and latitude of a place on a level.
    #[must_use]
    pub fn lon_lat(self, level: u8, x: f64, y: f64) -> (f64, f64) {
        let (columns, rows) = self.size(level);
        let lon = x / f64::from(columns) * 360.0 - 180.0;
        let y = y / f64::from(rows);
        let lat = match self {
            Self::WebMercatorQuad => (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees(),
            Self::Cgcs2000Quad => 90.0 - y * 180.0,
        };
        (lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0))
    }
}

/// Latitude where Web Mercator ends.
const MERCATOR_LATITUDE: f64 = 85.051_128_779_806_6;

impl TileRequest {
    /// West, south, east, north of the tile with so much of a tile around it.
    #[must_use]
    pub fn bbox(&self, margin: f64) -> [f64; 4] {
        let (x, y) = (f64::from(self.column), f64::from(self.row));
        let (west, north) = self.grid.lon_lat(self.level, x - margin, y - margin);
        let (east, south) = self.grid.lon_lat(self.level, x + 1.0 + margin, y + 1.0 + margin);
        [west, south, east, north]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_both_ways_and_tiles_cover_the_world() {
        for grid in Grid::ALL {
            let (x, y) = grid.place(5, 104.066, 30.573);
            let (lon, lat) = grid.lon_lat(5, x, y);
            assert!((lon - 104.066).abs() < 1e-9 && (lat - 30.573).abs() < 1e-9, "{grid:?}");
        }
        let tile = |grid, level, row, column| TileRequest {
            dataset: "geospatial/places".parse().expect("a name"),
            grid,
            level,
            row,
            column,
            filter: None,
            times: AskTimes::default(),
        };
        // Chengdu lies in tile 5/25/13 (z/x/y) of every slippy map.
        let [west, south, east, north] = tile(Grid::WebMercatorQuad, 5, 13, 25).bbox(0.0);
        assert!(west < 104.066 && 104.066 < east && south < 30.573 && 30.573 < north, "{west} {south} {east} {north}");
        let [west, south, east, north] = tile(Grid::Cgcs2000Quad, 0, 0, 1).bbox(0.0);
        assert!(
            west.abs() < 1e-9
                && (south + 90.0).abs() < 1e-9
                && (east - 180.0).abs() < 1e-9
                && (north - 90.0).abs() < 1e-9
        );
    }
}
