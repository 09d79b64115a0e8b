//! Geometries of a filter from another coordinate system (OGC API – Features Part 3, `filter-crs`).

use std::fmt::Write;

use super::FilterError;
use super::cql::GEOMETRIES;
use super::lexer::{Kind, Token, tokens};

/// Writes CQL2 text again with every coordinate pair of its geometries and boxes converted; heights are left out.
///
/// # Errors
/// [`FilterError`] with the place of a pair that `convert` knows no place for, or of a geometry that is not closed.
pub fn convert_coordinates(text: &str, convert: &dyn Fn([f64; 2]) -> Option<[f64; 2]>) -> Result<String, FilterError> {
    let tokens = tokens(text)?;
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while let Some(token) = tokens.get(at) {
        at += 1;
        let Kind::Word(word) = token.kind else { continue };
        let boxed = word.eq_ignore_ascii_case("BBOX");
        let geometry = GEOMETRIES.iter().any(|name| word.eq_ignore_ascii_case(name));
        let marks = tokens.iter().skip(at).take_while(|t| geometry && ["Z", "M", "ZM"].iter().any(|m| t.is(m))).count();
        if !(boxed || geometry) || !tokens.get(at + marks).is_some_and(|next| next.is_symbol("(")) {
            continue;
        }
        at += marks;
        let end = closing(&tokens, at).ok_or_else(|| fault(token, "the geometry's parentheses do not close"))?;
        let inside = tokens.get(at..=end).unwrap_or_default();
        out.push_str(text.get(copied..token.bytes.end).unwrap_or_default());
        if boxed {
            bbox(inside, convert, &mut out)?;
        } else {
            pairs(inside, convert, &mut out)?;
        }
        copied = tokens.get(end).map_or(text.len(), |last| last.bytes.end);
        at = end + 1;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Ok(out)
}

fn fault(token: &Token<'_>, reason: &str) -> FilterError {
    FilterError { at: token.at, reason: reason.to_owned() }
}

/// The place of the parenthesis that closes the one at `from`.
fn closing(tokens: &[Token<'_>], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().enumerate().skip(from).find_map(|(at, token)| {
        depth += usize::from(token.is_symbol("("));
        depth = depth.checked_sub(usize::from(token.is_symbol(")")))?;
        (depth == 0).then_some(at)
    })
}

/// Numbers with their signs, from `tokens`, until something else stands there.
fn numbers(tokens: &[Token<'_>]) -> (Vec<f64>, usize) {
    let (mut found, mut taken, mut minus) = (Vec::new(), 0, false);
    for token in tokens {
        match token.kind {
            Kind::Symbol("-") => minus = true,
            Kind::Symbol("+") => {}
            Kind::Number(text) => {
                let number: f64 = text.parse().unwrap_or(f64::NAN);
                found.push(if std::mem::take(&mut minus) { -number } else { number });
            }
            _ => break,
        }
        taken += 1;
    }
    (found, taken)
}

fn pairs(
    tokens: &[Token<'_>],
    convert: &dyn Fn([f64; 2]) -> Option<[f64; 2]>,
    out: &mut String,
) -> Result<(), FilterError> {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let (found, taken) = numbers(tokens.get(at..).unwrap_or_default());
        if let [a, b, ..] = found.as_slice() {
            let [x, y] = convert([*a, *b]).ok_or_else(|| fault(token, "these coordinates are none of `filter-crs`"))?;
            let _ = write!(out, "{x} {y}");
            at += taken;
        } else if taken > 0 {
            return Err(fault(token, "a pair of coordinates was expected"));
        } else {
            match &token.kind {
                Kind::Symbol(symbol) => out.push_str(symbol),
                // Inside a collection.
                Kind::Word(word) if !["Z", "M", "ZM"].iter().any(|mark| token.is(mark)) => out.push_str(word),
                Kind::Word(_) => {}
                _ => return Err(fault(token, "a pair of coordinates was expected")),
            }
            at += 1;
        }
    }
    Ok(())
}

fn bbox(
    tokens: &[Token<'_>],
    convert: &dyn Fn([f64; 2]) -> Option<[f64; 2]>,
    out: &mut String,
) -> Result<(), FilterError> {
    let Some(first) = tokens.first() else { return Ok(()) };
    let sides: Vec<f64> = tokens
        .split(|token| token.is_symbol(","))
        .flat_map(|side| {
            let side = side.strip_prefix(std::slice::from_ref(first)).unwrap_or(side);
            numbers(side).0
        })
        .collect();
    let ([a, b, c, d] | [a, b, _, c, d, _]) = *sides.as_slice() else {
        return Err(fault(first, "BBOX takes four numbers"));
    };
    let corner = |pair| convert(pair).ok_or_else(|| fault(first, "these coordinates are none of `filter-crs`"));
    let ([west, south], [east, north]) = (corner([a, b])?, corner([c, d])?);
    let _ = write!(out, "({west},{south},{east},{north})");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_converted_and_nothing_else() {
        let swap = |[a, b]: [f64; 2]| Some([b, a]);
        for (text, expected) in [
            ("a = 1 AND S_WITHIN(g, POINT(30.5 -104))", "a = 1 AND S_WITHIN(g, POINT(-104 30.5))"),
            (
                "S_INTERSECTS(g, BBOX(30,104,31,105)) OR b = 'POINT(1 2)'",
                "S_INTERSECTS(g, BBOX(104,30,105,31)) OR b = 'POINT(1 2)'",
            ),
            ("S_EQUALS(g,POLYGON((0 1, 2 3, 4 5 9, 0 1)))", "S_EQUALS(g,POLYGON((1 0,3 2,5 4,1 0)))"),
            (
                "S_EQUALS(g, GEOMETRYCOLLECTION(POINT Z(1 2 3), LINESTRING(0 1,2 3)))",
                "S_EQUALS(g, GEOMETRYCOLLECTION(POINT(2 1),LINESTRING(1 0,3 2)))",
            ),
            ("point = 1", "point = 1"),
        ] {
            assert_eq!(convert_coordinates(text, &swap).expect(text), expected);
        }
        assert!(convert_coordinates("S_WITHIN(g, POINT(1 2)", &|_| None).is_err());
        assert!(convert_coordinates("S_WITHIN(g, POINT((1 2)", &swap).is_err());
    }
}
