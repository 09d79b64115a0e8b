//! Named counts of a department and a period: all that a formula may speak of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! measures {
    ($($measure:ident $name:literal $about:literal)*) => {
        /// A count.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Measure { $(#[doc = $about] $measure,)* }

        impl Measure {
            /// Every measure.
            pub const ALL: &'static [Self] = &[$(Self::$measure,)*];

            /// As formulas and documents write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$measure => $name,)* }
            }

            /// What is counted.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$measure => $about,)* }
            }
        }
    };
}

measures! {
    ClocksDue "clocks_due" "Clocks of answers, deliveries and corrections as provider whose last day lies in the period and that are stopped or over."
    ClocksMet "clocks_met" "Of these, those that were stopped by their last day."
    Deliveries "deliveries" "Deliveries as provider in the period."
    DeliveryDays "delivery_days" "Working days from consent to delivery, over all of these."
    Corrections "corrections" "Values said to be wrong that the provider answered in the period, for good."
    CorrectionDays "correction_days" "Working days from receipt to answer, over all of these."
    Refusals "refusals" "Refusals as provider in the period."
    RefusalsOverturned "refusals_overturned" "Refusals undone in the period, by settlement or decision."
    ImportRows "import_rows" "Rows of imports in the period, taken or refused."
    ImportRejected "import_rejected" "Of these, rows refused."
    ImportFindings "import_findings" "Findings on rows taken; of one batch the first 1,000 are kept."
    ImportRowsBefore "import_rows_before" "Rows of imports in the period before."
    ImportRejectedBefore "import_rejected_before" "Of these, rows refused."
    ImportFindingsBefore "import_findings_before" "Findings of the period before."
    DatasetsGranted "datasets_granted" "Datasets that the department could use under a grant on some day of the period."
    DatasetsUsed "datasets_used" "Datasets that it did use under a grant."
    AnswersUnderGrants "answers_under_grants" "Questions answered to it under a grant."
}

impl Measure {
    /// The measure called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|measure| measure.name() == name)
    }
}

/// The measures of a department and a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measures(BTreeMap<Measure, u64>);

impl Measures {
    /// A count; 0 where none is kept.
    #[must_use]
    pub fn get(&self, measure: Measure) -> u64 {
        self.0.get(&measure).copied().unwrap_or(0)
    }

    /// Sets a count.
    pub fn set(&mut self, measure: Measure, count: u64) {
        self.0.insert(measure, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_formulas_and_in_documents_are_the_same() {
        for measure in Measure::ALL {
            assert_eq!(serde_json::to_value(measure).expect("a name"), measure.name());
        }
    }
}
