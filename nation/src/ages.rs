//! The ages of families, and what families leave of the pyramid for couples and people alone.

use super::pyramid::{Ages, GROUPS, THOUSANDS, group};
use super::random::Random;

/// Families made to find what they leave of the pyramid.
const TRIED: u64 = 20_000;
/// Ages of children who live with their parents end here.
const CHILD_AGE_MAX: i64 = 24;
/// Of a hundred families, how many live with the father's parents.
const THREE_GENERATIONS: u64 = 18;

/// Ages of a family, before it has names: years, by the end of [`YEAR`].
pub(crate) struct OfFamily {
    pub(crate) father: i64,
    pub(crate) mother: i64,
    /// Eldest first.
    pub(crate) children: Vec<i64>,
    pub(crate) grandparents: Option<(i64, i64)>,
}

/// The ages of a family with children.
pub(crate) fn of_family(children: &Ages, random: &mut Random) -> OfFamily {
    let youngest = children.draw(random);
    let count = match random.below(100) {
        0..=54 => 1,
        55..=91 => 2,
        _ => 3,
    };
    let mut all = vec![youngest];
    while all.len() < count {
        let next = all.last().copied().unwrap_or(0) + random.between(2, 6);
        if next > CHILD_AGE_MAX {
            break;
        }
        all.push(next);
    }
    all.reverse();
    let eldest = all.first().copied().unwrap_or(0);
    // The mean of two throws: most mothers are 24 to 32 at their first child.
    let mother = eldest + i64::midpoint(random.between(21, 38), random.between(21, 35));
    let father = (mother + random.between(-2, 6)).max(eldest + 24);
    let grandparents = random.percent(THREE_GENERATIONS).then(|| {
        let he = father + random.between(24, 33);
        (he, (he - random.between(-1, 5)).max(father + 21))
    });
    OfFamily { father, mother, children: all, grandparents }
}

/// What families leave of the pyramid, and how common families, couples and people alone are.
pub(crate) fn rest(children: &Ages, random: &mut Random) -> ([Ages; 2], [u64; 3]) {
    let mut tried = [[0_u64; GROUPS]; 2];
    let mut born = 0;
    for _ in 0..TRIED {
        let family = of_family(children, random);
        let mut count = |sex: usize, age: i64| {
            if let Some(slot) = tried.get_mut(sex).and_then(|t| t.get_mut(group(age))) {
                *slot += 1;
            }
        };
        count(0, family.father);
        count(1, family.mother);
        for (at, age) in family.children.iter().enumerate() {
            count(at % 2, *age);
            born += 1;
        }
        if let Some((he, she)) = family.grandparents {
            // Those who are alive: see `old_age`.
            for (sex, age) in [(0, he), (1, she)] {
                if random.below(100) >= u64::try_from((age - 55).max(0) * 2).unwrap_or(0).min(90) {
                    count(sex, age);
                }
            }
        }
    }
    // Families for the children that the pyramid has, thousands.
    let families = children.whole() * TRIED / born.max(1);
    let mut left = [[0_u64; GROUPS]; 2];
    for (sex, groups) in left.iter_mut().enumerate() {
        for (at, slot) in groups.iter_mut().enumerate() {
            let target = THOUSANDS.get(sex).and_then(|t| t.get(at)).copied().unwrap_or(0);
            let in_families = tried.get(sex).and_then(|t| t.get(at)).copied().unwrap_or(0) * families / TRIED;
            // Nobody under 20 lives alone.
            *slot = if at < 4 { 0 } else { target.saturating_sub(in_families) };
        }
    }
    let people: u64 = left.iter().flatten().sum();
    // Of those left, seven in ten live as couples.
    ([Ages::new(left[0]), Ages::new(left[1])], [families, people * 7 / 20, people * 3 / 10])
}

/// Education by age, code of GB/T 4658 in its first digit.
pub(crate) fn education(age: i64, random: &mut Random) -> &'static str {
    let draw = random.below(100);
    match age {
        ..=6 => "",
        7..=12 => "80",
        13..=15 => "70",
        16..=18 => "60",
        19..=40 => match draw {
            0..=9 => "10",
            10..=34 => "20",
            35..=54 => "30",
            55..=79 => "60",
            _ => "70",
        },
        41..=60 => match draw {
            0..=7 => "20",
            8..=17 => "30",
            18..=37 => "60",
            38..=79 => "70",
            _ => "80",
        },
        _ => match draw {
            0..=3 => "20",
            4..=13 => "60",
            14..=43 => "70",
            _ => "80",
        },
    }
}
