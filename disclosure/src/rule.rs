//! From a cell to its figure, or none.

use crate::margins::Margins;
use crate::noise::Noise;
use crate::secret::Secret;
use crate::table::Code;

/// A rule that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RuleError {
    /// The noise.
    #[error("noise of ±{noise} is not between ±1 and ±{max}", max = crate::NOISE_MAX)]
    Noise { noise: u8 },
}

/// How figures are made of cells.
#[derive(Debug, Clone)]
pub struct Rule {
    minimum: u64,
    noise: Noise,
    secret: Secret,
}

impl Rule {
    /// Cells of at least `minimum` units, with noise of at most ±`noise`, drawn by `secret`: another for every state of
    /// the data that is released. Bounds of the minimum are those of a dataset's definition; one of 0 shows every cell.
    ///
    /// # Errors
    /// [`RuleError`].
    pub fn new(minimum: u64, noise: u8, secret: Secret) -> Result<Self, RuleError> {
        let noise = Noise::new(noise).ok_or(RuleError::Noise { noise })?;
        Ok(Self { minimum, noise, secret })
    }

    /// The figure of the cell of `codes`, one category for each of the table's dimensions; `None` = not shown, which an
    /// empty cell is too.
    ///
    /// It depends on the dimensions of the table, on who is in the cell, and on the secret; not on the words or the
    /// order of the question, nor on when it is asked. The dimensions are part of it so that two equal figures never say
    /// that two different descriptions mean the same people.
    #[must_use]
    pub fn figure(&self, margins: &Margins, codes: &[Code]) -> Option<u64> {
        if !margins.separates(codes, self.minimum) {
            return None;
        }
        let cell = margins.cell(codes);
        let mut message = Vec::with_capacity(16);
        margins.dimensions().iter().for_each(|dimension| message.extend_from_slice(&dimension.to_le_bytes()));
        message.extend_from_slice(&cell.key.to_le_bytes());
        let figure = cell.count.saturating_add_signed(self.noise.draw(self.secret.bits(&message)));
        (figure >= self.minimum).then_some(figure)
    }
}
