//! The code lists that come with the program.

/// File name and text.
pub(super) const FILES: [(&str, &str); 49] = [
    ("accumulation.csv", include_str!("../../../code-lists/accumulation.csv")),
    ("address-status.csv", include_str!("../../../code-lists/address-status.csv")),
    ("country.csv", include_str!("../../../code-lists/country.csv")),
    ("currency.csv", include_str!("../../../code-lists/currency.csv")),
    ("dimension-age.csv", include_str!("../../../code-lists/dimension-age.csv")),
    ("dimension-sex.csv", include_str!("../../../code-lists/dimension-sex.csv")),
    ("division-level.csv", include_str!("../../../code-lists/division-level.csv")),
    ("division-system.csv", include_str!("../../../code-lists/division-system.csv")),
    ("division.csv", include_str!("../../../code-lists/division.csv")),
    ("document-kind.csv", include_str!("../../../code-lists/document-kind.csv")),
    ("document-status.csv", include_str!("../../../code-lists/document-status.csv")),
    ("dynasty.csv", include_str!("../../../code-lists/dynasty.csv")),
    ("education.csv", include_str!("../../../code-lists/education.csv")),
    ("entity-event-item.csv", include_str!("../../../code-lists/entity-event-item.csv")),
    ("entity-event-kind.csv", include_str!("../../../code-lists/entity-event-kind.csv")),
    ("entity-kind.csv", include_str!("../../../code-lists/entity-kind.csv")),
    ("entity-status.csv", include_str!("../../../code-lists/entity-status.csv")),
    ("ethnic-group.csv", include_str!("../../../code-lists/ethnic-group.csv")),
    ("family-relation.csv", include_str!("../../../code-lists/family-relation.csv")),
    ("feature-class.csv", include_str!("../../../code-lists/feature-class.csv")),
    ("frequency.csv", include_str!("../../../code-lists/frequency.csv")),
    ("genre.csv", include_str!("../../../code-lists/genre.csv")),
    ("heritage-category.csv", include_str!("../../../code-lists/heritage-category.csv")),
    ("heritage-level.csv", include_str!("../../../code-lists/heritage-level.csv")),
    ("holder-kind.csv", include_str!("../../../code-lists/holder-kind.csv")),
    ("household-kind.csv", include_str!("../../../code-lists/household-kind.csv")),
    ("indicator-domain.csv", include_str!("../../../code-lists/indicator-domain.csv")),
    ("industry.csv", include_str!("../../../code-lists/industry.csv")),
    ("lei-category.csv", include_str!("../../../code-lists/lei-category.csv")),
    ("life-status.csv", include_str!("../../../code-lists/life-status.csv")),
    ("marital-status.csv", include_str!("../../../code-lists/marital-status.csv")),
    ("number-case.csv", include_str!("../../../code-lists/number-case.csv")),
    ("observation-status.csv", include_str!("../../../code-lists/observation-status.csv")),
    ("officer-position.csv", include_str!("../../../code-lists/officer-position.csv")),
    ("ownership-basis.csv", include_str!("../../../code-lists/ownership-basis.csv")),
    ("permit-status.csv", include_str!("../../../code-lists/permit-status.csv")),
    ("place-kind.csv", include_str!("../../../code-lists/place-kind.csv")),
    ("price-basis.csv", include_str!("../../../code-lists/price-basis.csv")),
    ("protection-level.csv", include_str!("../../../code-lists/protection-level.csv")),
    ("release-status.csv", include_str!("../../../code-lists/release-status.csv")),
    ("relic-category.csv", include_str!("../../../code-lists/relic-category.csv")),
    ("relic-completeness.csv", include_str!("../../../code-lists/relic-completeness.csv")),
    ("relic-grade.csv", include_str!("../../../code-lists/relic-grade.csv")),
    ("residence-kind.csv", include_str!("../../../code-lists/residence-kind.csv")),
    ("seasonal-adjustment.csv", include_str!("../../../code-lists/seasonal-adjustment.csv")),
    ("sex.csv", include_str!("../../../code-lists/sex.csv")),
    ("site-kind.csv", include_str!("../../../code-lists/site-kind.csv")),
    ("venue-kind.csv", include_str!("../../../code-lists/venue-kind.csv")),
    ("vital-event-kind.csv", include_str!("../../../code-lists/vital-event-kind.csv")),
];

#[cfg(test)]
mod tests {
    use crate::dataset::CodeLists;

    /// The codes of a list, in the list's order.
    fn codes(id: &str) -> Vec<String> {
        let lists = CodeLists::standard().expect("standard lists");
        lists.get(id).expect(id).iter().map(|code| code.code.clone()).collect()
    }

    #[test]
    fn ethnic_groups_are_those_of_gb_t_3304() {
        let expected: Vec<String> = (1..=56).chain([97, 98]).map(|number: u8| format!("{number:02}")).collect();
        assert_eq!(codes("ethnic-group"), expected);
    }

    #[test]
    fn sexes_and_marital_statuses_are_those_of_gb_t_2261() {
        assert_eq!(codes("sex"), ["0", "1", "2", "9"]);
        assert_eq!(codes("marital-status"), ["10", "20", "21", "22", "23", "30", "40", "90"]);
    }

    #[test]
    fn industries_are_the_20_sections_and_97_divisions_of_gb_t_4754_2017() {
        // The last division of every section.
        const LAST: [(char, u8); 20] = [
            ('A', 5),
            ('B', 12),
            ('C', 43),
            ('D', 46),
            ('E', 50),
            ('F', 52),
            ('G', 60),
            ('H', 62),
            ('I', 65),
            ('J', 69),
            ('K', 70),
            ('L', 72),
            ('M', 75),
            ('N', 79),
            ('O', 82),
            ('P', 83),
            ('Q', 85),
            ('R', 90),
            ('S', 96),
            ('T', 97),
        ];
        let mut expected: Vec<String> = LAST.iter().map(|(section, _)| section.to_string()).collect();
        let mut next = 1;
        for (section, last) in LAST {
            expected.extend((next..=last).map(|division| format!("{section}{division:02}")));
            next = last + 1;
        }
        expected.sort();
        assert_eq!(codes("industry"), expected);
    }

    #[test]
    fn parents_and_successors_stand_in_their_lists() {
        let lists = CodeLists::standard().expect("standard lists");
        for list in lists.iter() {
            for code in list.iter() {
                for other in code.parent.iter().chain(&code.successors) {
                    assert!(list.knows(other), "{}: {} names {other}", list.id, code.code);
                }
            }
        }
    }
}
