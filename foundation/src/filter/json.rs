//! CQL2 JSON (OGC 21-065r2, requirements class cql2-json) as CQL2 text, which `cql.rs` reads.
//!
//! One grammar with two spellings: what one of them cannot say, the other cannot either.

use serde_json::Value;

use super::FilterError;
use crate::value::Shape;

/// Deepest nesting.
const DEPTH_MAX: usize = 64;
/// Most points of a geometry.
const POINTS_MAX: usize = 10_000;
/// Digits that a number of JSON keeps exactly on its way.
const DIGITS_MAX: usize = 15;

/// Writes a filter in CQL2 JSON as CQL2 text.
///
/// # Errors
/// [`FilterError`] whose reason names the place in the document by its path.
pub fn json_to_text(json: &str) -> Result<String, FilterError> {
    let document: Value = serde_json::from_str(json)
        .map_err(|e| FilterError { at: e.column(), reason: format!("the filter is no JSON: {e}") })?;
    let mut text = String::new();
    expression(&document, &Path { name: String::new(), depth: 0 }, &mut text)?;
    Ok(text)
}

/// Where a value stands in the document.
struct Path {
    name: String,
    depth: usize,
}

impl Path {
    fn at(&self, member: &str) -> Self {
        Self { name: format!("{}/{member}", self.name), depth: self.depth + 1 }
    }
    fn fault<T>(&self, reason: impl std::fmt::Display) -> Result<T, FilterError> {
        let place = if self.name.is_empty() { "/" } else { &self.name };
        Err(FilterError { at: 1, reason: format!("at {place}: {reason}") })
    }
}

fn expression(value: &Value, path: &Path, text: &mut String) -> Result<(), FilterError> {
    if path.depth > DEPTH_MAX {
        return path.fault(format!("the filter is nested deeper than {DEPTH_MAX} levels"));
    }
    match value {
        Value::Null => path.fault("nothing is compared with null; write isNull"),
        Value::Bool(holds) => {
            text.push_str(if *holds { "TRUE" } else { "FALSE" });
            Ok(())
        }
        Value::Number(number) => {
            let written = number.to_string();
            let digits = written.bytes().filter(u8::is_ascii_digit).count();
            if number.is_f64() && digits > DIGITS_MAX + 1 || written.contains(['e', 'E']) {
                return path.fault("a number of so many digits is given as a text, which keeps them");
            }
            text.push_str(&written);
            Ok(())
        }
        Value::String(literal) => {
            quoted(literal, '\'', text);
            Ok(())
        }
        Value::Array(members) => in_parentheses(text, |text| listed(members, path, text)),
        Value::Object(members) => {
            if let Some(op) = members.get("op") {
                let Some(op) = op.as_str() else { return path.at("op").fault("a name was expected") };
                let Some(args) = members.get("args").and_then(Value::as_array) else {
                    return path.fault(format!("`{op}` has a list `args`"));
                };
                return operation(op, args, path, text);
            }
            literal(members, value, path, text)
        }
    }
}

/// A property, a time or a geometry.
fn literal(
    members: &serde_json::Map<String, Value>,
    value: &Value,
    path: &Path,
    text: &mut String,
) -> Result<(), FilterError> {
    let one = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(name) = one("property") {
        quoted(name, '"', text);
        return Ok(());
    }
    for (member, function) in [("date", "DATE"), ("timestamp", "TIMESTAMP")] {
        if let Some(time) = one(member) {
            text.push_str(function);
            return in_parentheses(text, |text| {
                quoted(time, '\'', text);
                Ok(())
            });
        }
    }
    if let Some(ends) = members.get("interval").and_then(Value::as_array) {
        let path = path.at("interval");
        let [from, to] = ends.as_slice() else { return path.fault("an interval has two ends") };
        text.push_str("INTERVAL");
        return in_parentheses(text, |text| {
            expression(from, &path.at("0"), text)?;
            text.push(',');
            expression(to, &path.at("1"), text)
        });
    }
    if let Some(corners) = members.get("bbox").and_then(Value::as_array) {
        text.push_str("BBOX");
        return in_parentheses(text, |text| listed(corners, &path.at("bbox"), text));
    }
    if one("type").is_some() && (members.contains_key("coordinates") || members.contains_key("geometries")) {
        return match Shape::from_geojson(value, POINTS_MAX) {
            Ok(shape) => {
                text.push_str(&shape.to_wkt());
                Ok(())
            }
            Err(error) => path.fault(error),
        };
    }
    path.fault("an `op`, a `property`, a `date`, `timestamp`, `interval`, `bbox` or a geometry was expected")
}

fn operation(op: &str, args: &[Value], path: &Path, text: &mut String) -> Result<(), FilterError> {
    let place = path.at("args");
    let argument = |number: usize, text: &mut String| match args.get(number) {
        Some(value) => expression(value, &place.at(&number.to_string()), text),
        None => place.fault(format!("`{op}` has {} arguments at the least", number + 1)),
    };
    let exactly = |count: usize| {
        if args.len() == count {
            Ok(())
        } else {
            place.fault(format!("`{op}` has {count} arguments, not {}", args.len()))
        }
    };
    match op {
        "and" | "or" => {
            if args.len() < 2 {
                return place.fault(format!("`{op}` has two arguments at the least"));
            }
            in_parentheses(text, |text| {
                for number in 0..args.len() {
                    if number > 0 {
                        text.push_str(if op == "and" { " AND " } else { " OR " });
                    }
                    argument(number, text)?;
                }
                Ok(())
            })
        }
        "not" => {
            exactly(1)?;
            text.push_str("NOT ");
            in_parentheses(text, |text| argument(0, text))
        }
        "=" | "<>" | "<" | "<=" | ">" | ">=" | "like" => {
            exactly(2)?;
            argument(0, text)?;
            text.push_str(if op == "like" { " LIKE " } else { op });
            argument(1, text)
        }
        "-" if args.len() == 1 => {
            text.push_str("(0 - ");
            argument(0, text)?;
            text.push(')');
            Ok(())
        }
        "+" | "-" | "*" | "/" | "%" | "^" | "div" => {
            exactly(2)?;
            in_parentheses(text, |text| {
                argument(0, text)?;
                text.push(' ');
                text.push_str(op);
                text.push(' ');
                argument(1, text)
            })
        }
        "isNull" => {
            exactly(1)?;
            argument(0, text)?;
            text.push_str(" IS NULL");
            Ok(())
        }
        "between" => {
            exactly(3)?;
            argument(0, text)?;
            text.push_str(" BETWEEN ");
            argument(1, text)?;
            text.push_str(" AND ");
            argument(2, text)
        }
        "in" => {
            exactly(2)?;
            argument(0, text)?;
            text.push_str(" IN ");
            let Some(values) = args.get(1).and_then(Value::as_array) else {
                return place.at("1").fault("`in` has a list");
            };
            in_parentheses(text, |text| listed(values, &place.at("1"), text))
        }
        function if function.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !function.is_empty() => {
            text.push_str(&function.to_ascii_uppercase());
            in_parentheses(text, |text| listed(args, &place, text))
        }
        _ => path.at("op").fault("this is no operator of CQL2"),
    }
}

fn listed(values: &[Value], path: &Path, text: &mut String) -> Result<(), FilterError> {
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        expression(value, &path.at(&number.to_string()), text)?;
    }
    Ok(())
}

fn in_parentheses(
    text: &mut String,
    inner: impl FnOnce(&mut String) -> Result<(), FilterError>,
) -> Result<(), FilterError> {
    text.push('(');
    inner(text)?;
    text.push(')');
    Ok(())
}

fn quoted(inner: &str, quote: char, text: &mut String) {
    text.push(quote);
    for c in inner.chars() {
        if c == quote {
            text.push(c);
        }
        text.push(c);
    }
    text.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::tests::sample;
    use crate::filter::parse;
    use proptest::prelude::*;

    #[test]
    fn both_spellings_are_one_filter() {
        for (json, text) in [
            (r#"{"op":"=","args":[{"property":"title"},"O'Neil"]}"#, "title = 'O''Neil'"),
            (
                r#"{"op":"and","args":[{"op":">=","args":[{"property":"lines"},4]},{"op":"<","args":[{"property":"price"},0.1]}]}"#,
                "lines >= 4 AND price < 0.1",
            ),
            (
                r#"{"op":"not","args":[{"op":"or","args":[{"op":"isNull","args":[{"property":"title"}]},{"op":"like","args":[{"property":"title"},"静%"]}]}]}"#,
                "NOT (title IS NULL OR title LIKE '静%')",
            ),
            (r#"{"op":"between","args":[{"property":"lines"},1,9]}"#, "lines BETWEEN 1 AND 9"),
            (r#"{"op":"in","args":[{"property":"lines"},[1,2]]}"#, "lines IN (1,2)"),
            (
                r#"{"op":"=","args":[{"op":"casei","args":[{"property":"title"}]},{"op":"casei","args":["Du Fu"]}]}"#,
                "CASEI(title) = CASEI('Du Fu')",
            ),
            (
                r#"{"op":"s_intersects","args":[{"property":"place"},{"type":"Point","coordinates":[104.5,30]}]}"#,
                "S_INTERSECTS(place, POINT(104.5 30))",
            ),
            (
                r#"{"op":"s_within","args":[{"property":"place"},{"bbox":[100,20,110,30]}]}"#,
                "S_WITHIN(place, BBOX(100,20,110,30))",
            ),
            (
                r#"{"op":"t_during","args":[{"property":"written"},{"interval":["1990-01-01",".."]}]}"#,
                "T_DURING(written, INTERVAL('1990-01-01','..'))",
            ),
            (
                r#"{"op":"t_after","args":[{"property":"written"},{"date":"1990-01-01"}]}"#,
                "T_AFTER(written, DATE('1990-01-01'))",
            ),
            ("true", "TRUE"),
        ] {
            let written = json_to_text(json).expect(json);
            let read = |text: &str| parse(text, &sample()).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(read(&written), read(text), "{json} → {written}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (json, part) in [
            ("{", "no JSON"),
            (r#"{"op":"and","args":[{"op":"=","args":[{"property":"a"}]},true]}"#, "at /args/0/args"),
            (r#"{"op":"=","args":[{"property":"a"},null]}"#, "isNull"),
            (r#"{"op":"in","args":[{"property":"a"},1]}"#, "at /args/1"),
            (r#"{"op":"drop table","args":[]}"#, "at /op"),
            (r#"{"op":"=","args":[{"property":"price"},0.12345678901234567]}"#, "as a text"),
            (r#"{"colour":"red"}"#, "`property`"),
            (r#"{"op":"s_within","args":[{"property":"p"},{"type":"Point","coordinates":[999,0]}]}"#, "out of range"),
        ] {
            let error = json_to_text(json).expect_err(json).to_string();
            assert!(error.contains(part), "{json}: {error}");
        }
        let deep = format!("{}true{}", r#"{"op":"not","args":["#.repeat(100), "]}".repeat(100));
        assert!(json_to_text(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_document_is_too_strange(text in "[\\[\\]{}\",:a-z0-9 .\\-]{0,80}") {
            let _ = json_to_text(&text);
        }
    }
}
