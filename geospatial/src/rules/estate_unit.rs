//! The real-estate unit code (不动产单元代码, GB/T 37346-2019): 28 characters in seven parts.
//!
//! ```text
//! 110105 001 001 GB 00021 F 00010012
//! county cadastral-area sub-area right sequence object unit
//! ```

/// Who owns the land: the state, a collective, in dispute.
const OWNERS: &str = "GJZ";
/// What stands on it: buildings, woods, other things, nothing.
const OBJECTS: &str = "FLQW";

/// Reads a code; spaces and case do not matter.
///
/// # Errors
/// Which part is wrong, and what was expected there.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let code: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    if code.len() != 28 || !code.is_ascii() {
        return Err(format!("a real-estate unit code has 28 letters and digits, not {}", code.chars().count()));
    }
    let part = |from: usize, to: usize| code.get(from..to).unwrap_or_default();
    let digits = |from, to| part(from, to).bytes().all(|b| b.is_ascii_digit());
    let one_of = |at: usize, all: &str| part(at, at + 1).chars().all(|c| all.contains(c));
    let fault = if !digits(0, 12) {
        "characters 1 to 12 are the digits of county, cadastral area and sub-area"
    } else if !one_of(12, OWNERS) {
        "character 13 is the ownership of the land: G (state), J (collective) or Z (disputed)"
    } else if !part(13, 14).bytes().all(|b| b.is_ascii_uppercase()) {
        "character 14 is the letter of the right to the land"
    } else if !digits(14, 19) {
        "characters 15 to 19 are the digits of the parcel's number"
    } else if !one_of(19, OBJECTS) {
        "character 20 is F (buildings), L (woods), Q (other things) or W (nothing on it)"
    } else if !digits(20, 28) {
        "characters 21 to 28 are the digits of the unit"
    } else if part(19, 20) == "W" && part(20, 28) != "00000000" {
        "where nothing stands (W) the unit is 00000000"
    } else {
        return Ok(code);
    };
    Err(fault.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn seven_parts_are_judged_one_by_one() {
        for good in ["110105001001GB00021F00010012", "110105 001 001 jc00007 w00000000"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for (wrong, place) in [
            ("110105001001GB00021F0001001", "28 letters"),
            ("11010X001001GB00021F00010012", "1 to 12"),
            ("110105001001XB00021F00010012", "character 13"),
            ("110105001001G100021F00010012", "character 14"),
            ("110105001001GBA0021F00010012", "15 to 19"),
            ("110105001001GB00021X00010012", "character 20"),
            ("110105001001GB00021F0001001A", "21 to 28"),
            ("110105001001GB00021W00000001", "00000000"),
        ] {
            assert!(parse(wrong).is_err_and(|reason| reason.contains(place)), "{wrong}");
        }
    }
}
