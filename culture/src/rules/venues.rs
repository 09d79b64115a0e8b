//! What must hold of a cultural venue's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::finding;

/// Field numbers of `datasets/venues.toml`; a test compares them.
mod field {
    pub(super) const LOCATION: u16 = 8;
    pub(super) const WEBSITE: u16 = 12;
}

pub(super) struct Venues;

impl RowRules for Venues {
    fn table(&self) -> &'static str {
        "venues"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        if !matches!(row.get(field::LOCATION), Some(Value::Geometry(_))) {
            let message = "the venue has no location and shows on no map";
            found.push(finding("location", "without_location", message, false));
        }
        if let Some(Value::Text(website)) = row.get(field::WEBSITE)
            && !website.starts_with("https://")
            && !website.starts_with("http://")
        {
            found.push(finding("website", "website_scheme", "a website begins with https:// or http://", true));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Shape;

    use super::super::tests::{broken, numbers_agree};
    use super::*;

    #[test]
    fn a_venue_is_somewhere_and_its_website_is_one() {
        numbers_agree("venues", &[("location", field::LOCATION), ("website", field::WEBSITE)]);
        let mut row: Fields = [(field::WEBSITE, Value::Text("javascript:alert(1)".into()))].into_iter().collect();
        assert_eq!(broken(&Venues, &mut row), ["without_location", "website_scheme"]);
        row.set(field::WEBSITE, Value::Text("https://www.example.cn".into()));
        row.set(field::LOCATION, Value::Geometry(Shape::point(104.06, 30.67).expect("a point")));
        assert_eq!(broken(&Venues, &mut row), [""; 0]);
    }
}
