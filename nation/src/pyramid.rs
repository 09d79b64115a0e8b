//! Ages: the population of China by sex and five-year group, 2025, thousands (UN WPP 2024, CC BY 3.0 IGO).

use super::random::Random;

/// The year whose last day the ages are of.
pub(crate) const YEAR: i64 = 2025;
/// Groups: 0–4 … 95–99, 100 and over.
pub(crate) const GROUPS: usize = 21;

/// Men, women.
pub(crate) const THOUSANDS: [[u64; GROUPS]; 2] = [
    [
        24_942, 42_739, 48_512, 45_686, 42_526, 44_377, 52_145, 63_282, 52_676, 47_065, 58_045, 58_103, 45_995, 33_383,
        29_763, 17_343, 8_940, 4_077, 1_155, 128, 4,
    ],
    [
        22_578, 37_581, 41_830, 38_975, 36_300, 38_427, 46_451, 58_247, 49_820, 45_296, 57_034, 58_561, 47_741, 36_668,
        35_372, 21_709, 12_440, 6_886, 2_733, 514, 45,
    ],
];

/// A table of ages to draw from, by weight.
#[derive(Debug, Clone)]
pub(crate) struct Ages {
    weights: [u64; GROUPS],
    whole: u64,
}

impl Ages {
    pub(crate) fn new(weights: [u64; GROUPS]) -> Self {
        Self { weights, whole: weights.iter().sum() }
    }

    /// Sum of the weights.
    pub(crate) fn whole(&self) -> u64 {
        self.whole
    }

    /// An age, years; even inside a group.
    pub(crate) fn draw(&self, random: &mut Random) -> i64 {
        let mut at = random.below(self.whole);
        for (group, weight) in (0_i64..).zip(self.weights) {
            if at < weight {
                let width = if group == 20 { 4 } else { 5 };
                return group * 5 + random.between(0, width);
            }
            at -= weight;
        }
        0
    }
}

/// The group of an age.
pub(crate) fn group(age: i64) -> usize {
    usize::try_from(age / 5).unwrap_or(0).min(GROUPS - 1)
}
