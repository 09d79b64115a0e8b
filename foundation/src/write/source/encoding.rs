//! Bytes of a known or unknown encoding to UTF-8, streaming.
//!
//! Undeclared text is taken as UTF-8 (with or without byte order mark) for as long as it is; at the first sequence that is
//! not, it is GB 18030 if everything before was ASCII (the two agree there). A file that was UTF-8 already and then breaks
//! keeps being UTF-8: the broken characters become U+FFFD, and rows that hold one are refused with rule `encoding`.

use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::SourceError;

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// What the sender says of the encoding.
#[derive(Debug, Clone, Copy, Default)]
pub struct Declared(Option<&'static Encoding>);

impl FromStr for Declared {
    type Err = SourceError;
    /// `utf-8`, `gb18030` (also `gbk`, `gb2312`), `utf-16`; empty or `auto` = detect.
    fn from_str(label: &str) -> Result<Self, SourceError> {
        if label.is_empty() || label == "auto" {
            return Ok(Self(None));
        }
        // GBK and GB 2312 are subsets; the decoder of the WHATWG reads all three.
        match Encoding::for_label(label.as_bytes()) {
            Some(e) if e == encoding_rs::GBK => Ok(Self(Some(GB18030))),
            Some(e) if [UTF_8, GB18030, UTF_16LE, UTF_16BE].contains(&e) => Ok(Self(Some(e))),
            _ => Err(SourceError::Encoding(label.to_owned())),
        }
    }
}

/// A reader that gives UTF-8, whatever comes in.
pub(super) struct Utf8<R> {
    input: R,
    raw: Vec<u8>,
    decoder: Option<Decoder>,
    /// Still undeclared, and only ASCII so far.
    undecided: bool,
    out: String,
    given: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(input: R, declared: Declared) -> Self {
        let decoder = declared.0.map(Encoding::new_decoder_with_bom_removal);
        Self {
            input,
            raw: vec![0; BLOCK],
            undecided: decoder.is_none(),
            decoder,
            out: String::new(),
            given: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.given = 0;
        while self.out.is_empty() && !self.ended {
            let count = loop {
                match self.input.read(&mut self.raw) {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.ended = count == 0;
            let block = self.raw.get(..count).unwrap_or_default();
            if self.undecided && !self.ended {
                if block.is_ascii() {
                    self.out.extend(block.iter().map(|b| char::from(*b)));
                    continue;
                }
                self.undecided = false;
                self.decoder = Some(decide(block).new_decoder_with_bom_removal());
            }
            if let Some(decoder) = &mut self.decoder {
                self.out.reserve(decoder.max_utf8_buffer_length(count).unwrap_or(count * 3 + 16));
                let _ = decoder.decode_to_string(block, &mut self.out, self.ended);
            }
        }
        Ok(())
    }
}

/// Which encoding a block with non-ASCII bytes starts.
fn decide(block: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(block) {
        return encoding;
    }
    match std::str::from_utf8(block) {
        Ok(_) => UTF_8,
        // Cut in the middle of a character at the end of the block.
        Err(e) if e.error_len().is_none() && e.valid_up_to() + 4 > block.len() && e.valid_up_to() > 0 => UTF_8,
        Err(_) => GB18030,
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.out.len() {
            self.fill()?;
        }
        let rest = self.out.as_bytes().get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], label: &str) -> String {
        let mut text = String::new();
        let declared = label.parse().expect("a label");
        Utf8::new(bytes, declared).read_to_string(&mut text).expect("reads");
        text
    }

    #[test]
    fn detects_what_it_is_not_told() {
        let (gb, _, _) = GB18030.encode("姓名,性别\n杜甫,男\n");
        assert_eq!(read(&gb, ""), "姓名,性别\n杜甫,男\n");
        assert_eq!(read(&gb, "gbk"), "姓名,性别\n杜甫,男\n");
        assert_eq!(read("\u{feff}姓名".as_bytes(), ""), "姓名");
        assert_eq!(read("姓名".as_bytes(), "utf-8"), "姓名");
    }

    #[test]
    fn a_long_ascii_start_does_not_decide() {
        let mut bytes = vec![b'a'; BLOCK * 2 + 7];
        bytes.extend_from_slice(&GB18030.encode("杜甫").0);
        assert!(read(&bytes, "").ends_with("杜甫"));
    }

    #[test]
    fn characters_across_blocks_stay_whole() {
        let text = "静夜思".repeat(BLOCK / 4);
        assert_eq!(read(text.as_bytes(), ""), text);
        let (gb, _, _) = GB18030.encode(&text);
        assert_eq!(read(&gb, ""), text);
    }

    #[test]
    fn broken_utf8_shows() {
        assert!(read(b"\xe6\x9d\x9c,\xff\n", "utf-8").contains('\u{fffd}'));
        assert!("klingon".parse::<Declared>().is_err());
    }
}
