//! Every count that leaves a base database is made here.

use serde::{Deserialize, Serialize};

/// How a count is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountKind {
    /// Exact.
    Exact,
    /// A lower bound.
    AtLeast,
    /// Rounded by disclosure control.
    Rounded,
    /// With noise of disclosure control.
    Perturbed,
    /// Not given.
    Withheld,
}

/// A count: `{value, kind}`; `value` is absent when withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u64>,
    /// How to read it.
    pub kind: CountKind,
}

impl Count {
    /// The count of `n` things, given exactly if `allowed`, else withheld.
    #[must_use]
    pub fn of(n: u64, allowed: bool) -> Self {
        if allowed { Self { value: Some(n), kind: CountKind::Exact } } else { Self::withheld() }
    }
    /// `n` things or more, if `allowed`, else withheld.
    #[must_use]
    pub fn at_least(n: u64, allowed: bool) -> Self {
        if allowed { Self { value: Some(n), kind: CountKind::AtLeast } } else { Self::withheld() }
    }
    /// A figure that disclosure control made of a count.
    #[must_use]
    pub fn perturbed(figure: u64) -> Self {
        Self { value: Some(figure), kind: CountKind::Perturbed }
    }
    /// Not given.
    #[must_use]
    pub fn withheld() -> Self {
        Self { value: None, kind: CountKind::Withheld }
    }
    /// The sum of counts over datasets: withheld if any part is.
    #[must_use]
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self { value: Some(0), kind: CountKind::Exact }, |all, part| {
            match (all.value, part.value) {
                (Some(a), Some(b)) => Self {
                    value: Some(a.saturating_add(b)),
                    kind: if all.kind == CountKind::Exact { part.kind } else { all.kind },
                },
                _ => Self::withheld(),
            }
        })
    }
}
