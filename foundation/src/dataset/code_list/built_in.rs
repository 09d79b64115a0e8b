//! The lists that come with the program (`foundation/code-lists/`).

use super::{CodeListError, CodeLists};

macro_rules! lists {
    ($($id:literal),* $(,)?) => {
        [$(($id, include_str!(concat!("../../../code-lists/", $id, ".csv")))),*]
    };
}

const LISTS: [(&str, &str); 18] = lists![
    "country",
    "currency",
    "division",
    "division-level",
    "division-system",
    "dynasty",
    "entity-kind",
    "entity-status",
    "ethnic-group",
    "frequency",
    "genre",
    "holder-kind",
    "indicator-domain",
    "industry",
    "life-status",
    "observation-status",
    "place-kind",
    "sex",
];

impl CodeLists {
    /// The lists that come with the program. Cost: some ten milliseconds, once a process.
    ///
    /// # Errors
    /// [`CodeListError`] if a list is broken; a test proves that none is.
    pub fn built_in() -> Result<Self, CodeListError> {
        Self::from_texts(LISTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::CodeStatus;
    use crate::value::Day;

    #[test]
    fn every_list_loads_under_its_own_name() {
        let lists = CodeLists::built_in().unwrap_or_else(|e| panic!("{e}"));
        for (name, _) in LISTS {
            assert!(lists.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn divisions_know_their_history() {
        let lists = CodeLists::built_in().unwrap_or_else(|e| panic!("{e}"));
        let list = lists.get("division").expect("the list");
        let day = |text: &str| Day::parse(text).expect("a day");
        let CodeStatus::Abolished { last, successors } = list.status("110103", day("2026-01-01")) else {
            panic!("崇文区 was abolished in 2010")
        };
        assert_eq!((last.label.zh.as_str(), successors), ("崇文区", ["110101".to_owned()].as_slice()));
        assert!(list.held_during("110103", crate::value::Span { from: day("1990-01-01"), to: day("1991-01-01") }));
        for code in ["710000", "810000", "820000"] {
            assert!(matches!(list.status(code, day("2026-01-01")), CodeStatus::Valid(_)), "{code}");
        }
    }
}
