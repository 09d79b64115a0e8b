//! What PostgreSQL needs made for it by the application: Chinese words as bigrams in a tsvector, geometries as EWKB.
//!
//! Debian's PostgreSQL has no Chinese segmentation and `pg_trgm` never helps terms of two characters,
//! so bigrams with a GIN index are the best its users have.

use std::collections::HashMap;
use std::fmt::Write;

/// The tsvector of a text: every pair of neighbouring characters with its positions (at most 250 each).
pub(crate) fn bigrams(text: &str) -> String {
    let mut order: Vec<String> = Vec::new();
    let mut positions: HashMap<String, Vec<u32>> = HashMap::new();
    let mut at = 0;
    for run in text.split(|c: char| !c.is_alphanumeric()).filter(|r| !r.is_empty()) {
        let letters: Vec<char> = run.chars().collect();
        let width = letters.len().min(2);
        for pair in letters.windows(width) {
            at += 1;
            let gram = String::from_iter(pair);
            let list = positions.entry(gram.clone()).or_default();
            if list.is_empty() {
                order.push(gram);
            }
            if list.len() < 250 {
                list.push(at);
            }
        }
        at += 1;
    }
    let mut vector = String::with_capacity(order.len() * 12);
    for gram in &order {
        let list = positions[gram].iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let _ = write!(vector, "{}'{gram}':{list}", if vector.is_empty() { "" } else { " " });
    }
    vector
}

/// Longitude and latitude.
pub(crate) type Point = (f64, f64);

/// A point in hexadecimal EWKB, SRID 4326.
pub(crate) fn point((x, y): Point) -> String {
    let mut hex = "0101000020E6100000".to_owned();
    doubles(&mut hex, &[x, y]);
    hex
}

/// A polygon of one ring in hexadecimal EWKB, SRID 4326.
pub(crate) fn polygon(ring: &[Point]) -> String {
    let mut hex = "0103000020E610000001000000".to_owned();
    for byte in (ring.len() as u32).to_le_bytes() {
        let _ = write!(hex, "{byte:02X}");
    }
    for &(x, y) in ring {
        doubles(&mut hex, &[x, y]);
    }
    hex
}

fn doubles(hex: &mut String, values: &[f64]) {
    for byte in values.iter().flat_map(|v| v.to_le_bytes()) {
        let _ = write!(hex, "{byte:02X}");
    }
}
