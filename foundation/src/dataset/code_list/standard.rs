//! The code lists that come with the program.

/// File name and text.
pub(super) const FILES: [(&str, &str); 18] = [
    ("country.csv", include_str!("../../../code-lists/country.csv")),
    ("currency.csv", include_str!("../../../code-lists/currency.csv")),
    ("division.csv", include_str!("../../../code-lists/division.csv")),
    ("division-level.csv", include_str!("../../../code-lists/division-level.csv")),
    ("division-system.csv", include_str!("../../../code-lists/division-system.csv")),
    ("dynasty.csv", include_str!("../../../code-lists/dynasty.csv")),
    ("entity-kind.csv", include_str!("../../../code-lists/entity-kind.csv")),
    ("entity-status.csv", include_str!("../../../code-lists/entity-status.csv")),
    ("ethnic-group.csv", include_str!("../../../code-lists/ethnic-group.csv")),
    ("frequency.csv", include_str!("../../../code-lists/frequency.csv")),
    ("genre.csv", include_str!("../../../code-lists/genre.csv")),
    ("holder-kind.csv", include_str!("../../../code-lists/holder-kind.csv")),
    ("indicator-domain.csv", include_str!("../../../code-lists/indicator-domain.csv")),
    ("industry.csv", include_str!("../../../code-lists/industry.csv")),
    ("life-status.csv", include_str!("../../../code-lists/life-status.csv")),
    ("observation-status.csv", include_str!("../../../code-lists/observation-status.csv")),
    ("place-kind.csv", include_str!("../../../code-lists/place-kind.csv")),
    ("sex.csv", include_str!("../../../code-lists/sex.csv")),
];
