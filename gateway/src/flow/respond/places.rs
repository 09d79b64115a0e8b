//! Where addresses and names are.

use foundation::service::ReadAt;
use geospatial::ask::geocode::Answer;

use super::json::{array, object};
use super::records::times;

/// `{items: [{index, status, parts, score, level, longitude, latitude, dataset, id, title, division}]}`.
pub(super) fn located(out: &mut Vec<u8>, found: &[Answer], at: ReadAt) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for (index, (parts, located)) in found.iter().enumerate() {
            let mut i = object(list.item());
            i.plain("index", index);
            i.text("status", if located.is_some() { "found" } else { "not_found" });
            {
                let mut all = array(i.member("parts"));
                for (level, text) in parts {
                    let mut part = object(all.item());
                    part.text("level", level.name());
                    part.text("text", text);
                }
            }
            let Some(place) = located else { continue };
            i.plain("score", place.score);
            i.text("level", place.level);
            i.plain("longitude", place.at.0);
            i.plain("latitude", place.at.1);
            i.shown("dataset", &place.dataset);
            i.text("id", &place.id);
            i.text("title", &place.title);
            if let Some(code) = &place.division {
                i.text("division", code);
            }
        }
    }
    times(&mut o, at);
}
