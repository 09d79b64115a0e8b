//! The noise: whole numbers, with mean zero and a bound.

/// Widest noise.
pub const NOISE_MAX: u8 = 32;

/// A centred binomial distribution: heads of `max` tosses less heads of `max` others. Mean 0, variance `max / 2`, never
/// beyond ±`max`; its ends are rare (4^-max), so that no observed figure tells its count with certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noise {
    max: u8,
}

impl Noise {
    /// Noise of at most `max` either way; `None` for 0 or more than [`NOISE_MAX`].
    #[must_use]
    pub fn new(max: u8) -> Option<Self> {
        (1..=NOISE_MAX).contains(&max).then_some(Self { max })
    }

    /// The bound.
    #[must_use]
    pub fn max(self) -> u8 {
        self.max
    }

    /// The noise that these bits stand for.
    #[must_use]
    pub fn draw(self, bits: u64) -> i64 {
        let tosses = (1_u64 << self.max) - 1;
        i64::from((bits & tosses).count_ones()) - i64::from(((bits >> 32) & tosses).count_ones())
    }

    /// The variance, in units².
    #[must_use]
    pub fn variance(self) -> f64 {
        f64::from(self.max) / 2.0
    }

    /// The probability of a noise of exactly `by`.
    #[must_use]
    pub fn probability(self, by: i64) -> f64 {
        let max = i64::from(self.max);
        if by.abs() > max {
            return 0.0;
        }
        // C(2 max, max + by) / 4^max, as a product of quotients near 1.
        let mut probability = 0.25_f64.powi(i32::from(self.max));
        for step in 1..=(max + by) {
            probability *= whole(2 * max + 1 - step) / whole(step);
        }
        probability
    }

    /// The probability that a cell of `count` is shown, if figures below `minimum` are not.
    #[must_use]
    pub fn shown(self, count: u64, minimum: u64) -> f64 {
        self.outcomes(count, minimum).map(|(_, probability)| probability).sum()
    }

    /// The mean error of the figure of a cell of `count`, if it is shown; 0 from `minimum + max` on.
    #[must_use]
    pub fn bias(self, count: u64, minimum: u64) -> f64 {
        let shown = self.shown(count, minimum);
        if shown <= 0.0 { 0.0 } else { self.outcomes(count, minimum).map(|(by, p)| whole(by) * p).sum::<f64>() / shown }
    }

    fn outcomes(self, count: u64, minimum: u64) -> impl Iterator<Item = (i64, f64)> {
        let max = i64::from(self.max);
        (-max..=max)
            .filter(move |by| count >= minimum && count.saturating_add_signed(*by) >= minimum)
            .map(move |by| (by, self.probability(by)))
    }
}

/// Exact: numbers here are below a hundred.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn whole(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn the_distribution_has_mean_zero_its_variance_and_its_bound() {
        for max in 1..=NOISE_MAX {
            let noise = Noise::new(max).expect("in range");
            let all = -i64::from(max)..=i64::from(max);
            let total: f64 = all.clone().map(|by| noise.probability(by)).sum();
            let mean: f64 = all.clone().map(|by| whole(by) * noise.probability(by)).sum();
            let variance: f64 = all.map(|by| whole(by * by) * noise.probability(by)).sum();
            assert!((total - 1.0).abs() < 1e-9 && mean.abs() < 1e-9, "{max}: {total} {mean}");
            assert!((variance - noise.variance()).abs() < 1e-9, "{max}: {variance}");
            assert!(noise.probability(i64::from(max) + 1) < f64::MIN_POSITIVE);
        }
        assert!(Noise::new(0).is_none() && Noise::new(33).is_none());
    }

    const DRAWS: u64 = 200_000;

    #[test]
    fn what_is_drawn_follows_the_distribution() {
        let (noise, secret) = (Noise::new(10).expect("in range"), Secret::new([1; 32]));
        let mut seen = std::collections::BTreeMap::<i64, u64>::new();
        for n in 0..DRAWS {
            *seen.entry(noise.draw(secret.bits(&n.to_le_bytes()))).or_default() += 1;
        }
        let mut distance = 0.0;
        for by in -10..=10 {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let part = seen.get(&by).copied().unwrap_or(0) as f64 / DRAWS as f64;
            distance += (part - noise.probability(by)).abs() / 2.0;
        }
        println!("noise ±10: {DRAWS} draws, total variation distance {distance:.4}");
        assert!(distance < 0.01, "{distance}");
        assert!(seen.keys().all(|by| by.abs() <= 10));
    }

    #[test]
    fn only_cells_near_the_minimum_are_biased() {
        let noise = Noise::new(10).expect("in range");
        println!("count: shown, bias (minimum 10, noise ±10)");
        for count in [9, 10, 11, 12, 13, 15, 20] {
            println!("{count}: {:.3} {:.2}", noise.shown(count, 10), noise.bias(count, 10));
        }
        assert!(noise.shown(9, 10) < 1e-12);
        assert!((noise.shown(10, 10) - 0.588).abs() < 0.001, "{}", noise.shown(10, 10));
        assert!((noise.bias(10, 10) - 1.498).abs() < 0.01, "{}", noise.bias(10, 10));
        assert!(noise.bias(20, 10).abs() < 1e-9 && (noise.shown(20, 10) - 1.0).abs() < 1e-9);
    }
}
