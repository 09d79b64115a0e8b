//! Errors that people and forms make: look-alike and homophone characters, wrong keys, swapped days and months.

use foundation::value::Day;
use foundation::value::citizen_id::check_digit;

use super::random::Random;

/// Characters of names that look alike.
const LOOK_ALIKE: [(char, char); 24] = [
    ('刚', '钢'),
    ('琳', '淋'),
    ('玲', '铃'),
    ('海', '诲'),
    ('晨', '震'),
    ('军', '车'),
    ('洪', '供'),
    ('桂', '挂'),
    ('春', '舂'),
    ('波', '坡'),
    ('林', '材'),
    ('芳', '苏'),
    ('婷', '停'),
    ('梅', '悔'),
    ('丹', '舟'),
    ('云', '去'),
    ('红', '江'),
    ('明', '朋'),
    ('文', '交'),
    ('伟', '纬'),
    ('英', '央'),
    ('平', '乎'),
    ('永', '水'),
    ('东', '车'),
];
/// Characters of names that sound alike.
const HOMOPHONE: [(char, char); 26] = [
    ('伟', '炜'),
    ('静', '婧'),
    ('丽', '莉'),
    ('敏', '闽'),
    ('强', '墙'),
    ('军', '君'),
    ('杰', '洁'),
    ('勇', '永'),
    ('艳', '燕'),
    ('涛', '滔'),
    ('明', '鸣'),
    ('霞', '暇'),
    ('平', '萍'),
    ('刚', '冈'),
    ('玲', '灵'),
    ('红', '虹'),
    ('英', '瑛'),
    ('华', '桦'),
    ('文', '雯'),
    ('辉', '晖'),
    ('建', '健'),
    ('新', '欣'),
    ('峰', '锋'),
    ('佳', '嘉'),
    ('婷', '亭'),
    ('雪', '学'),
];

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Typing,
    LookAlike,
    Homophone,
    SwappedDayMonth,
    StaleAddress,
    Duplicate,
    WrongCheckDigit,
    ImpossibleSex,
    DeathBeforeBirth,
}

impl Kind {
    /// All kinds, with how many of 10,000 rows have one.
    pub(crate) const ALL: [(Self, u64); 9] = [
        (Self::Typing, 30),
        (Self::LookAlike, 60),
        (Self::Homophone, 60),
        (Self::SwappedDayMonth, 20),
        (Self::StaleAddress, 300),
        (Self::Duplicate, 30),
        (Self::WrongCheckDigit, 20),
        (Self::ImpossibleSex, 10),
        (Self::DeathBeforeBirth, 5),
    ];

    /// As the truth file has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::LookAlike => "look_alike",
            Self::Homophone => "homophone",
            Self::SwappedDayMonth => "swapped_day_month",
            Self::StaleAddress => "stale_address",
            Self::Duplicate => "duplicate",
            Self::WrongCheckDigit => "wrong_check_digit",
            Self::ImpossibleSex => "impossible_sex",
            Self::DeathBeforeBirth => "death_before_birth",
        }
    }

    /// Whether the row is one that cannot be: an import refuses it.
    pub(crate) fn refused(self) -> bool {
        matches!(self, Self::SwappedDayMonth | Self::WrongCheckDigit | Self::ImpossibleSex | Self::DeathBeforeBirth)
    }
}

/// The name with one character taken for another of the table; `None` if it has none of them.
fn taken_for(name: &str, table: &[(char, char)]) -> Option<String> {
    let other = |c: char| table.iter().find_map(|(a, b)| (c == *a).then_some(*b));
    let at = name.chars().skip(1).position(|c| other(c).is_some())? + 1;
    Some(name.chars().enumerate().map(|(i, c)| if i == at { other(c).unwrap_or(c) } else { c }).collect())
}

pub(crate) fn look_alike(name: &str) -> Option<String> {
    taken_for(name, &LOOK_ALIKE)
}

pub(crate) fn homophone(name: &str) -> Option<String> {
    taken_for(name, &HOMOPHONE)
}

/// The last character replaced by another.
pub(crate) fn typed(name: &str, character: &str) -> Option<String> {
    let mut other: String = name.to_owned();
    other.pop();
    other.push_str(character);
    (other != name && other.chars().count() > 1).then_some(other)
}

/// Day and month swapped; `None` where that is no date or the same one.
pub(crate) fn swapped(day: Day) -> Option<Day> {
    let (year, month, of_month) = day.ymd()?;
    if month == of_month {
        return None;
    }
    Day::from_ymd(year, of_month, month)
}

/// A number whose check digit does not fit.
pub(crate) fn wrong_check(number: &str, random: &mut Random) -> Option<String> {
    let body = number.get(..17)?;
    let right = check_digit(body);
    let wrong: Vec<char> = "0123456789X".chars().filter(|c| *c != right).collect();
    random.one(&wrong).map(|c| format!("{body}{c}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_differ_from_what_is_right() {
        assert_eq!(look_alike("王刚"), Some("王钢".to_owned()));
        assert_eq!((look_alike("刚一"), homophone("张伟").as_deref()), (None, Some("张炜")));
        assert_eq!((typed("王伟", "刚").as_deref(), typed("王伟", "伟")), (Some("王刚"), None));
        let day = |text: &str| Day::parse(text).expect("a day");
        assert_eq!(swapped(day("1990-03-07")), Some(day("1990-07-03")));
        assert_eq!((swapped(day("1990-03-03")), swapped(day("1990-03-17"))), (None, None));
        let mut random = Random::new(1);
        let wrong = wrong_check("895101199001010014", &mut random).expect("a number");
        assert!(foundation::value::citizen_id::CitizenId::parse(&wrong).is_err(), "{wrong}");
    }
}
