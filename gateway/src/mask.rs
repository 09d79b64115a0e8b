//! Masks by type: what part of a value may be shown.

use foundation::dataset::Mask;
use foundation::value::{PartialDate, Shape, Value};

/// The masked form of a value; `None` = nothing is shown.
#[must_use]
pub(crate) fn apply(mask: Mask, value: &Value) -> Option<Value> {
    match (mask, value) {
        (_, Value::Null) => Some(Value::Null),
        (Mask::Hide, _) => None,
        (_, Value::List(items)) => Some(Value::List(items.iter().filter_map(|v| apply(mask, v)).collect())),
        (Mask::Name, Value::Text(text)) => Some(Value::Text(name(text))),
        (Mask::Number, Value::Text(text) | Value::Code(text)) => Some(Value::Text(number(text))),
        (Mask::Address, Value::Text(text)) => Some(Value::Text(address(text))),
        // A division code is cut to its county.
        (Mask::Address, Value::Code(code)) => Some(Value::Code(code.chars().take(6).collect())),
        (Mask::Year, Value::Date(date)) => year(*date).map(Value::Date),
        (Mask::Cell, Value::Geometry(shape)) => cell(shape).map(Value::Geometry),
        // A mask that does not go with the type shows nothing.
        _ => None,
    }
}

/// 杜甫 → 杜*, 欧阳修 → 欧**; Latin names keep their first letter.
fn name(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().collect();
    let rest = chars.count().min(8);
    format!("{first}{}", "*".repeat(rest.max(1)))
}

/// 110101199003074514 → 110***********4514; shorter than ten: stars alone.
fn number(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    match (all.len() >= 10, all.get(..3), all.len().checked_sub(4).and_then(|at| all.get(at..))) {
        (true, Some(front), Some(back)) => {
            let stars = "*".repeat(all.len() - 7);
            format!("{}{stars}{}", front.iter().collect::<String>(), back.iter().collect::<String>())
        }
        _ => "*".repeat(all.len().clamp(1, 9)),
    }
}

/// Cut after the last 县, 区, 市, 旗 or 州; nothing of an address without one.
fn address(text: &str) -> String {
    let county = ["自治县", "自治旗", "县", "区", "旗", "市", "州"]
        .iter()
        .filter_map(|word| {
            // 自治区 and a municipality's 市 stand before the county; the county is the first 县/区/旗 after them.
            text.match_indices(word)
                .map(|(at, found)| at + found.len())
                .find(|end| !text.get(..*end).unwrap_or_default().ends_with("自治区"))
        })
        .collect::<Vec<_>>();
    let districts = ["县", "区", "旗"];
    let best = county
        .iter()
        .copied()
        .filter(|end| districts.iter().any(|d| text.get(..*end).unwrap_or_default().ends_with(d)))
        .min()
        .or_else(|| county.iter().copied().max());
    best.and_then(|end| text.get(..end)).map_or_else(|| "***".to_owned(), |kept| format!("{kept}***"))
}

fn year(date: PartialDate) -> Option<PartialDate> {
    let (year, _, _) = date.span().from.ymd()?;
    PartialDate::new(i32::try_from(year).ok()?, 0, 0)
}

/// The south-west corner of the 0.01° cell that the middle of the geometry lies in.
fn cell(shape: &Shape) -> Option<Shape> {
    let [west, south, east, north] = shape.bounding_box();
    let snap = |low: f64, high: f64| (f64::midpoint(low, high) * 100.0).floor() / 100.0;
    Shape::point(snap(west, east), snap(south, north)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mask_keeps_its_part_only() {
        let text = |t: &str| Value::Text(t.to_owned());
        let cases = [
            (Mask::Name, text("杜甫"), Some(text("杜*"))),
            (Mask::Name, text("买买提·艾力"), Some(text("买*****"))),
            (Mask::Number, Value::Code("11010519491231002X".into()), Some(text("110***********002X"))),
            (Mask::Number, text("12345"), Some(text("*****"))),
            (Mask::Address, text("四川省成都市青羊区草堂路1号"), Some(text("四川省成都市青羊区***"))),
            (Mask::Address, text("广西壮族自治区桂林市阳朔县西街2号"), Some(text("广西壮族自治区桂林市阳朔县***"))),
            (Mask::Address, text("某处"), Some(text("***"))),
            (Mask::Hide, text("杜甫"), None),
            (Mask::Year, text("1990"), None),
        ];
        for (mask, value, shown) in cases {
            assert_eq!(apply(mask, &value), shown, "{mask:?} {value:?}");
        }
        let born = Value::Date(PartialDate::parse("1990-03-07").expect("a date"));
        assert_eq!(apply(Mask::Year, &born), Some(Value::Date(PartialDate::new(1990, 0, 0).expect("a year"))));
        let place = Value::Geometry(Shape::point(104.0317, 30.6612).expect("a point"));
        assert_eq!(apply(Mask::Cell, &place), Some(Value::Geometry(Shape::point(104.03, 30.66).expect("a point"))));
    }
}
