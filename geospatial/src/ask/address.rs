//! A written address, taken apart: 省, 市, 县, 乡镇, 村居, 路, 门牌, 楼栋, 单元, 户室 (GB/T 23705 levels), and what is left, a name.

/// A level of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 省
    Province,
    /// 市
    City,
    /// 县
    County,
    /// 乡镇
    Township,
    /// 村居
    Village,
    /// 街路巷
    Road,
    /// 门牌号
    Door,
    /// A name: 小区, 单位, 地名
    Site,
    /// 楼栋
    Building,
    /// 单元
    Unit,
    /// 户室
    Room,
}

impl Level {
    /// As the API names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
            Self::Road => "road",
            Self::Door => "door",
            Self::Site => "site",
            Self::Building => "building",
            Self::Unit => "unit",
            Self::Room => "room",
        }
    }

    /// Whether it is an administrative division or the like.
    pub(super) fn is_division(self) -> bool {
        self <= Self::Village
    }
}

/// Levels by the endings of their names, the longer endings first.
const NAMED: [(Level, &[&str]); 6] = [
    (Level::Province, &["特别行政区", "自治区", "省"]),
    (Level::City, &["自治州", "地区", "市", "盟"]),
    (Level::County, &["自治县", "自治旗", "林区", "县", "区", "旗", "市"]),
    (Level::Township, &["街道办事处", "民族乡", "街道", "苏木", "镇", "乡"]),
    (Level::Village, &["居委会", "村委会", "社区", "嘎查", "村"]),
    (Level::Road, &["大道", "大街", "胡同", "路", "街", "巷", "弄", "道"]),
];
/// Levels that begin with a number.
const NUMBERED: [(Level, &[&str]); 4] = [
    (Level::Building, &["号楼", "号院", "栋", "幢", "座"]),
    (Level::Door, &["号"]),
    (Level::Unit, &["单元"]),
    (Level::Room, &["室"]),
];
/// Most characters of a name.
const NAME_MAX: usize = 14;
/// What ends no division's name because it belongs to what comes after.
const LATER: [char; 5] = ['路', '街', '巷', '号', '道'];

/// Takes an address apart; every character but blanks and punctuation is in one part. A blank ends a part.
#[must_use]
pub fn parts(address: &str) -> Vec<(Level, String)> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '。');
    let mut found = Vec::new();
    for piece in address.split(between).filter(|piece| !piece.is_empty()) {
        let plain: Vec<char> = piece.chars().map(narrow).collect();
        piece_parts(&plain, &mut found);
    }
    found
}

fn piece_parts(piece: &[char], found: &mut Vec<(Level, String)>) {
    let mut rest = piece;
    for (level, endings) in NAMED {
        let before = found.iter().rfind(|(known, _)| *known != Level::Site);
        if before.is_none_or(|(known, _)| *known < level)
            && let Some(length) = named(rest, level, endings)
        {
            let (part, after) = rest.split_at(length);
            found.push((level, part.iter().collect()));
            rest = after;
        }
    }
    let mut name = String::new();
    while let Some((first, after)) = rest.split_first() {
        if let Some((level, length)) = numbered(rest) {
            if !name.is_empty() {
                found.push((Level::Site, std::mem::take(&mut name)));
            }
            let (part, after) = rest.split_at(length);
            found.push((level, part.iter().collect()));
            rest = after;
        } else {
            name.push(*first);
            rest = after;
        }
    }
    if !name.is_empty() {
        found.push((Level::Site, name));
    }
}

/// Full-width digits and letters as narrow ones.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn starts(text: &[char], with: &str) -> bool {
    with.chars().enumerate().all(|(at, c)| text.get(at) == Some(&c))
}

/// The length of the name that the rest begins with, if it is of this level.
fn named(rest: &[char], level: Level, endings: &[&str]) -> Option<usize> {
    for at in 1..rest.len().min(NAME_MAX) {
        let here = rest.get(at..)?;
        if let Some(ending) = endings.iter().find(|ending| starts(here, ending)) {
            let length = at + ending.chars().count();
            let next = rest.get(length..)?;
            // 市中区 is a district and no city, 街道 no road.
            let goes_on = level == Level::City && at == 0 || level == Level::Road && starts(next, "道");
            return (!goes_on).then_some(length);
        }
        let c = here.first()?;
        if c.is_ascii_digit() || (level < Level::Road && LATER.contains(c) && !starts(here, "街道")) {
            return None;
        }
    }
    None
}

/// A numbered part that the rest begins with: digits or letters, then what they number.
fn numbered(rest: &[char]) -> Option<(Level, usize)> {
    let number = |c: &&char| c.is_ascii_alphanumeric() || matches!(c, '-' | '之' | '附' | '甲' | '乙' | '丙');
    let length = rest.iter().take_while(number).count();
    if !rest.iter().take(length).any(char::is_ascii_alphanumeric) {
        return None;
    }
    let after = rest.get(length..)?;
    let (level, ending) = NUMBERED
        .iter()
        .flat_map(|(level, endings)| endings.iter().map(move |ending| (*level, *ending)))
        .find(|(_, ending)| starts(after, ending))?;
    Some((level, length + ending.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (address, expected) in [
            ("四川省成都市武侯区人民南路四段1号", "四川省/成都市/武侯区/人民南路/四段/1号"),
            ("北京市朝阳区建国路93号3号楼2单元501室", "北京市/朝阳区/建国路/93号/3号楼/2单元/501室"),
            ("内蒙古自治区锡林郭勒盟苏尼特右旗朱日和镇", "内蒙古自治区/锡林郭勒盟/苏尼特右旗/朱日和镇"),
            ("上海市浦东新区陆家嘴街道世纪大道100号", "上海市/浦东新区/陆家嘴街道/世纪大道/100号"),
            ("山东省济南市市中区经四路", "山东省/济南市/市中区/经四路"),
            ("成都 武侯祠", "成都/武侯祠"),
            ("成都 红星路93号", "成都/红星路/93号"),
            ("建国路９３号中关村大厦", "建国路/93号/中关村大厦"),
            ("", ""),
        ] {
            let found: Vec<String> = parts(address).into_iter().map(|(_, part)| part).collect();
            assert_eq!(found.join("/"), expected, "{address}");
        }
        assert_eq!(parts("天河区").first().map(|(level, _)| *level), Some(Level::County));
    }
}
