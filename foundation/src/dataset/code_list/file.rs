//! Code lists from files: one CSV table a list, with its data in `# key: value` lines before the header.
//!
//! ```text
//! # title-zh: 人的性别代码
//! # title-en: Sex
//! # source: GB/T 2261.1-2003
//! # reaches-back-to: 1980-01-01
//! code,zh,en,aliases,parent,from,to,successors
//! 1,男,Male,男性;M,,,,
//! ```
//! The file's name without `.csv` is the list's id. `code` and `zh` are needed, other columns may be missing.
//! `aliases` and `successors` are separated by `;`. `from` empty = from the beginning, `to` empty = still holds (`to` is
//! exclusive; a code that came and went in a year known to the year only has both the same). A code may stand on several
//! lines that begin on different days; where they overlap, the later one is meant. Parents and successors are codes of the list.
//! Without `reaches-back-to` the list speaks of all times; with it, an unknown code of an earlier day is only a warning.

use std::collections::BTreeSet;

use super::{Code, CodeList, CodeListError, CodeLists};
use crate::dataset::Title;
use crate::value::{Day, Span};

const COLUMNS: [&str; 8] = ["code", "zh", "en", "aliases", "parent", "from", "to", "successors"];

impl CodeList {
    /// Reads a code list; the name of `file` names the list, and errors.
    ///
    /// # Errors
    /// [`CodeListError`] with file, line and rule.
    pub fn from_text(text: &str, file: &str) -> Result<Self, CodeListError> {
        let fault = |line: u64, rule: String| CodeListError { file: file.to_owned(), line, rule };
        let name = file.rsplit('/').next().unwrap_or(file);
        let id = name.strip_suffix(".csv").unwrap_or(name);
        let (mut title, mut source, mut reaches_back_to) = (Title::default(), String::new(), Day::MIN);
        let mut lines = 0;
        let mut body = text.trim_start_matches('\u{feff}');
        while let Some(rest) = body.strip_prefix('#') {
            lines += 1;
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            body = after;
            let (key, value) = line
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| fault(lines, "a line before the header is `# key: value`".into()))?;
            match key {
                "title-zh" => value.clone_into(&mut title.zh),
                "title-en" => value.clone_into(&mut title.en),
                "source" => value.clone_into(&mut source),
                "reaches-back-to" => {
                    reaches_back_to = Day::parse(value).ok_or_else(|| {
                        fault(lines, format!("`reaches-back-to` is a date like 1980-01-01, not `{value}`"))
                    })?;
                }
                other => {
                    let known = "title-zh, title-en, source, reaches-back-to";
                    return Err(fault(lines, format!("`{other}` is not known; known are {known}")));
                }
            }
        }
        if title.zh.is_empty() || source.is_empty() {
            return Err(fault(1, "`title-zh` and `source` are given before the header".into()));
        }
        let rows = rows(body, lines, &fault)?;
        consistent(&rows, &fault)?;
        let codes = rows.into_iter().map(|(_, code)| code).collect();
        Ok(Self::new(id, title, &source, reaches_back_to, codes))
    }
}

impl CodeLists {
    /// Reads lists from (file name, text) pairs.
    ///
    /// # Errors
    /// [`CodeListError`], also for an id given twice.
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CodeListError> {
        let mut lists = Self::default();
        for (file, text) in files {
            if let Some(twice) = lists.insert(CodeList::from_text(text, file)?) {
                let rule = format!("the id `{}` is that of another list already", twice.id);
                return Err(CodeListError { file: file.to_owned(), line: 1, rule });
            }
        }
        Ok(lists)
    }
    /// The lists that come with the program (`foundation/code-lists/`).
    ///
    /// Cost: reads some ten thousand lines; done once at start.
    /// # Errors
    /// [`CodeListError`] names file and line.
    pub fn standard() -> Result<Self, CodeListError> {
        Self::from_texts(super::standard::FILES)
    }
}

type Fault<'a> = dyn Fn(u64, String) -> CodeListError + 'a;

fn rows(body: &str, lines_before: u64, fault: &Fault<'_>) -> Result<Vec<(u64, Code)>, CodeListError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body.as_bytes());
    let read = |e: &csv::Error| {
        let line = e.position().map_or(1, csv::Position::line);
        fault(lines_before + line, format!("the row cannot be read: {e}"))
    };
    let headers = reader.headers().map_err(|e| read(&e))?.clone();
    if let Some(other) = headers.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(fault(
            lines_before + 1,
            format!("the column `{other}` is not known; known are {}", COLUMNS.join(", ")),
        ));
    }
    for needed in ["code", "zh"] {
        if !headers.iter().any(|name| name == needed) {
            return Err(fault(lines_before + 1, format!("the column `{needed}` is missing")));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| read(&e))?;
        let line = lines_before + record.position().map_or(1, csv::Position::line);
        let cell = |name: &str| {
            headers.iter().position(|header| header == name).and_then(|at| record.get(at)).unwrap_or_default()
        };
        let many = |name: &str| -> Vec<String> {
            cell(name).split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let day = |name: &str, open: Day| match cell(name) {
            "" => Ok(open),
            text => {
                Day::parse(text).ok_or_else(|| fault(line, format!("`{name}` is a date like 1980-01-01, not `{text}`")))
            }
        };
        let valid = Span { from: day("from", Day::MIN)?, to: day("to", Day::MAX)? };
        if valid.from > valid.to {
            return Err(fault(line, "`from` is not after `to`".into()));
        }
        if cell("code").is_empty() || cell("zh").is_empty() {
            return Err(fault(line, "`code` and `zh` are not empty".into()));
        }
        rows.push((
            line,
            Code {
                code: cell("code").to_owned(),
                label: Title { zh: cell("zh").to_owned(), en: cell("en").to_owned() },
                aliases: many("aliases"),
                parent: Some(cell("parent")).filter(|parent| !parent.is_empty()).map(str::to_owned),
                valid,
                successors: many("successors"),
            },
        ));
    }
    if rows.is_empty() {
        return Err(fault(lines_before + 1, "the list has no codes".into()));
    }
    Ok(rows)
}

/// Parents and successors are known; no two entries of a code begin on one day.
fn consistent(rows: &[(u64, Code)], fault: &Fault<'_>) -> Result<(), CodeListError> {
    let known: BTreeSet<&str> = rows.iter().map(|(_, code)| code.code.as_str()).collect();
    for (line, code) in rows {
        for other in code.parent.iter().chain(&code.successors) {
            if !known.contains(other.as_str()) {
                return Err(fault(
                    *line,
                    format!("`{other}` (parent or successor of `{}`) is no code of the list", code.code),
                ));
            }
        }
        if code.parent.as_ref() == Some(&code.code) {
            return Err(fault(*line, format!("`{}` is its own parent", code.code)));
        }
    }
    let mut sorted: Vec<&(u64, Code)> = rows.iter().collect();
    sorted.sort_by(|a, b| (&a.1.code, a.1.valid.from).cmp(&(&b.1.code, b.1.valid.from)));
    for pair in sorted.windows(2) {
        let [(_, first), (line, second)] = pair else { continue };
        if first.code == second.code && first.valid.from == second.valid.from {
            return Err(fault(*line, format!("two entries of `{}` begin on the same day", second.code)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::CodeStatus;

    const SAMPLE: &str = "# title-zh: 行政区划
# title-en: Divisions
# source: GB/T 2260
# reaches-back-to: 1980-01-01
code,zh,en,aliases,parent,from,to,successors
320000,江苏省,Jiangsu,江苏,,,,
320102,白下区,,,320000,1980-01-01,2013-03-01,320104
320104,秦淮区,Qinhuai,\"秦淮;南京秦淮\",320000,1980-01-01,,
";

    #[test]
    fn a_list_is_read() {
        let list = CodeList::from_text(SAMPLE, "code-lists/divisions.csv").expect("a list");
        let day = |t: &str| Day::parse(t).expect("a day");
        assert_eq!((list.id.as_str(), list.reaches_back_to), ("divisions", day("1980-01-01")));
        assert_eq!((list.title.en.as_str(), list.source.as_str()), ("Divisions", "GB/T 2260"));
        assert_eq!(list.by_label("南京秦淮"), ["320104"]);
        assert!(matches!(list.status("320102", day("2000-01-01")), CodeStatus::Valid(_)));
        let CodeStatus::Abolished { successors, .. } = list.status("320102", day("2013-03-01")) else {
            panic!("abolished")
        };
        assert_eq!(successors, ["320104"]);
        assert!(CodeLists::from_texts([("a.csv", SAMPLE), ("b/a.csv", SAMPLE)]).is_err());
    }

    #[test]
    fn faults_name_file_and_line() {
        for (from, to, line, word) in [
            ("# source: GB/T 2260\n", "", 1, "`source`"),
            ("# source: ", "# sauce: ", 3, "`sauce`"),
            ("# source: GB/T 2260", "# source", 3, "key: value"),
            ("1980-01-01\ncode", "soon\ncode", 4, "reaches-back-to"),
            ("code,zh,en", "code,name,en", 5, "`name`"),
            ("code,zh,en", "en,zh,code", 7, "not empty"),
            ("白下区,,,320000,1980-01-01", "白下区,,,320000,1980", 7, "`from`"),
            ("白下区,,,320000,1980-01-01", "白下区,,,320000,2020-01-01", 7, "not after"),
            ("320104,秦淮区,Qinhuai", "320104,,Qinhuai", 8, "not empty"),
            ("2013-03-01,320104", "2013-03-01,320199", 7, "320199"),
            ("320104,秦淮区", "320102,秦淮区", 7, "no code of the list"),
            ("江苏,,,,", "江苏,,,", 6, "cannot be read"),
        ] {
            assert!(SAMPLE.contains(from), "{from}");
            let error = CodeList::from_text(&SAMPLE.replacen(from, to, 1), "d.csv").expect_err(to);
            assert_eq!((error.file.as_str(), error.line), ("d.csv", line), "{error}");
            assert!(error.to_string().contains(word), "{error}");
        }
        let twice = format!("{SAMPLE}320104,秦淮区,,,,1980-01-01,,\n");
        let error = CodeList::from_text(&twice, "d.csv").expect_err("overlap");
        assert_eq!((error.line, error.rule.contains("same day")), (9, true));
    }

    #[test]
    fn the_lists_of_the_program_are_all_there_and_load() {
        let lists = CodeLists::standard().unwrap_or_else(|e| panic!("{e}"));
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("code-lists");
        for entry in std::fs::read_dir(directory).expect("the directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "csv") {
                let id = path.file_stem().and_then(|s| s.to_str()).expect("a name").to_owned();
                assert!(lists.get(&id).is_some(), "`{id}` is missing in code_list/standard.rs");
            }
        }
        assert_eq!(lists.get("sex").expect("sex").by_label("男"), ["1"]);
    }

    #[test]
    fn divisions_know_their_history() {
        let lists = CodeLists::standard().unwrap_or_else(|e| panic!("{e}"));
        let list = lists.get("division").expect("the list");
        let day = |text: &str| Day::parse(text).expect("a day");
        let CodeStatus::Abolished { last, successors } = list.status("110103", day("2026-01-01")) else {
            panic!("崇文区 was abolished in 2010")
        };
        assert_eq!((last.label.zh.as_str(), successors), ("崇文区", ["110101".to_owned()].as_slice()));
        assert!(list.held_during("110103", Span { from: day("1990-01-01"), to: day("1991-01-01") }));
        for code in ["710000", "810000", "820000"] {
            assert!(matches!(list.status(code, day("2026-01-01")), CodeStatus::Valid(_)), "{code}");
        }
    }
}
