//! Which coordinate reference systems an import may declare.

use super::SourceError;

/// Names under which longitude/latitude in CGCS2000, or WGS 84 within its accuracy, are declared.
const TAKEN: [&str; 6] = ["EPSG:4490", "EPSG:4326", "CRS84", "OGC:CRS84", "CGCS2000", "WGS84"];

/// Takes longitude/latitude in CGCS2000 (EPSG:4490) or WGS 84; coordinates always stand longitude first.
///
/// # Errors
/// [`SourceError::Crs`] with the reason: GCJ-02 and BD-09 are encrypted offsets of up to 700 m without a lawful inverse;
/// projected systems are not converted yet.
pub fn accept(name: &str) -> Result<(), SourceError> {
    let refuse = |reason| Err(SourceError::Crs { name: name.to_owned(), reason });
    let plain = normalise(name);
    if TAKEN.iter().any(|taken| normalise(taken) == plain) {
        return Ok(());
    }
    match plain.as_str() {
        p if p.contains("GCJ") || p.contains("火星") => {
            refuse("GCJ-02 is a commercial map offset, not a datum; deliver CGCS2000 (EPSG:4490)")
        }
        p if p.contains("BD09") || p.contains("百度") => {
            refuse("BD-09 is a commercial map offset, not a datum; deliver CGCS2000 (EPSG:4490)")
        }
        _ => refuse("deliver longitude/latitude in CGCS2000 (EPSG:4490) or WGS 84 (EPSG:4326, CRS84)"),
    }
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
    use super::accept;

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
            assert!(accept(name).is_ok(), "{name}");
        }
        for (name, word) in
            [("GCJ-02", "GCJ-02"), ("bd09ll", "BD-09"), ("百度坐标", "BD-09"), ("EPSG:3857", "CGCS2000")]
        {
            let said = accept(name).expect_err(name).to_string();
            assert!(said.contains(name) && said.contains(word), "{said}");
        }
    }
}
