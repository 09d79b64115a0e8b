//! Reading foreign JSON strictly: no repeated member anywhere, bounded depth.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting taken.
pub(crate) const DEPTH_MAX: usize = 32;

/// Reads one JSON value; refuses repeated members, more than [`DEPTH_MAX`] levels and anything after it.
///
/// # Errors
/// Text with line and column, fit for the client: it names members, never values.
pub(crate) fn strict(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|e| place(&e))?;
    reader.end().map_err(|e| place(&e))?;
    Ok(value)
}

fn place(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Data => error.to_string(),
        Category::Eof => "the JSON ends too early".into(),
        Category::Io | Category::Syntax => "not JSON".into(),
    };
    if what.contains(" line ") { what } else { format!("{what} at line {} column {}", error.line(), error.column()) }
}

struct Strict {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v.into()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Number::from_f64(v).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }
    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = deeper::<A::Error>(self.depth)?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self { depth })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let depth = deeper::<A::Error>(self.depth)?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("repeated member `{name}`")));
            }
            members.insert(name, map.next_value_seed(Self { depth })?);
        }
        Ok(Value::Object(members))
    }
}

fn deeper<E: serde::de::Error>(depth: usize) -> Result<usize, E> {
    if depth >= DEPTH_MAX {
        return Err(E::custom(format!("nested deeper than {DEPTH_MAX} levels")));
    }
    Ok(depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_members_depth_and_trailing_text_are_refused() {
        assert!(strict(br#"{"a":[1,2,{"b":null}],"c":1.5}"#).is_ok());
        assert!(strict(br#"{"a":1,"a":2}"#).expect_err("twice").contains("repeated member `a`"));
        assert!(strict(br#"{"x":{"a":1,"a":2}}"#).is_err());
        assert!(strict(b"{} {}").is_err());
        assert!(strict("[".repeat(40).as_bytes()).is_err());
    }
}
