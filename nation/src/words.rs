//! Small tables of words, and what is drawn from them. Given names after ngender 0.1.1 (MIT), surnames by rank after common knowledge.

use super::random::Random;

/// The commonest surnames, most frequent first.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
/// Surnames of two characters.
const DOUBLE_SURNAMES: [&str; 6] = ["欧阳", "上官", "司马", "诸葛", "司徒", "皇甫"];
/// Characters of given names: character, men, women.
const GIVEN: &str = include_str!("given.csv");
/// Ethnic group code and share, per mille.
const ETHNIC_GROUPS: [(&str, u64); 10] =
    [("01", 911), ("08", 14), ("05", 9), ("03", 9), ("06", 8), ("11", 8), ("07", 7), ("15", 7), ("04", 5), ("02", 5)];
/// Street names that many towns have.
pub(crate) const STREETS: [&str; 24] = [
    "人民路",
    "解放路",
    "建设路",
    "中山路",
    "和平路",
    "新华街",
    "文化路",
    "幸福路",
    "青年路",
    "光明街",
    "长江路",
    "黄河路",
    "东风路",
    "胜利街",
    "友谊路",
    "滨河路",
    "学府路",
    "花园街",
    "红旗路",
    "工业大道",
    "科技路",
    "迎宾大道",
    "朝阳街",
    "团结路",
];
/// First and second characters of invented brands.
pub(crate) const BRAND_FIRST: &str = "华鑫恒瑞盛宏泰嘉永天金海新中安宝德丰福广汇吉佳康凯利隆美明铭诺鹏启勤荣润森尚晟顺腾通旺维祥欣兴旭雅亿益盈优裕源远云泽正智众卓";
pub(crate) const BRAND_SECOND: &str = "达信源泰通成诚创德鼎东发丰峰富光海航和恒宏华汇惠佳嘉杰捷金康科力联隆茂美铭诺鹏荣瑞森尚升盛顺腾拓威新兴旭雅扬业亿益银盈永友誉源远悦泽展哲正";

/// A trade: division of GB/T 4754, words in a company's name, scope of business.
pub(crate) const TRADES: [(&str, &str, &str); 24] = [
    ("A01", "农业", "谷物、蔬菜、水果种植；农产品初加工、销售。"),
    ("C13", "食品", "农副食品加工；预包装食品销售。"),
    ("C18", "服饰", "服装服饰制造、批发、零售。"),
    ("C26", "化工", "化工产品生产、销售（不含危险化学品）。"),
    ("C27", "医药", "药品生产；医药技术开发、转让、咨询。"),
    ("C33", "金属制品", "金属结构、金属工具制造、销售。"),
    ("C35", "机械", "专用设备研发、制造、销售、维修。"),
    ("C38", "电气", "输配电及控制设备制造、销售。"),
    ("C39", "电子", "电子元器件、通信设备研发、制造、销售。"),
    ("E47", "建筑工程", "房屋建筑工程施工；建筑劳务分包。"),
    ("E50", "装饰工程", "建筑装修装饰工程设计、施工。"),
    ("F51", "贸易", "日用百货、建筑材料、机械设备批发；货物进出口。"),
    ("F52", "商贸", "日用百货、家用电器、文具用品零售。"),
    ("G54", "物流", "道路普通货物运输；仓储服务；装卸搬运。"),
    ("H61", "酒店管理", "住宿服务；餐饮服务；会议服务。"),
    ("H62", "餐饮管理", "餐饮服务；餐饮管理；食品销售。"),
    ("I65", "信息技术", "软件开发；信息系统集成服务；数据处理服务。"),
    ("I64", "网络科技", "互联网信息服务；网络技术开发、技术咨询。"),
    ("K70", "置业", "房地产开发经营；物业管理。"),
    ("L72", "企业管理咨询", "企业管理咨询；市场营销策划；会议及展览服务。"),
    ("M74", "检测技术", "质检技术服务；环境监测；技术推广。"),
    ("N78", "园林绿化", "绿化工程设计、施工、养护；市政设施管理。"),
    ("O80", "家政服务", "家政服务；清洁服务；养老服务。"),
    ("R87", "文化传媒", "文艺创作；广播电视节目制作；广告设计、制作、发布。"),
];

/// A table to draw from by weight, in the time of a binary search.
struct Table<T> {
    /// Each thing with the sum of weights up to and with it.
    sums: Vec<(u64, T)>,
}

impl<T> Table<T> {
    fn new(all: impl Iterator<Item = (T, u64)>) -> Self {
        let mut sum = 0;
        let sums = all.filter(|(_, weight)| *weight > 0).map(|(thing, weight)| {
            sum += weight;
            (sum, thing)
        });
        Self { sums: sums.collect() }
    }

    fn draw(&self, random: &mut Random) -> Option<&T> {
        let at = random.below(self.sums.last().map_or(0, |(sum, _)| *sum));
        self.sums.get(self.sums.partition_point(|(sum, _)| *sum <= at)).map(|(_, thing)| thing)
    }
}

/// Names, addresses, ethnic groups to draw from.
pub(crate) struct Words {
    surnames: Table<String>,
    /// Characters of men's names, of women's.
    given: [Table<&'static str>; 2],
    ethnic_groups: Table<&'static str>,
}

impl Words {
    pub(crate) fn new() -> Self {
        // Frequencies fall about as 1 / (rank + 6): 王 7 %, the hundredth 0.5 %.
        let single = SURNAMES.chars().zip(1_u64..).map(|(name, rank)| (name.to_string(), 100_000 / (rank + 6)));
        let double = DOUBLE_SURNAMES.into_iter().map(|name| (name.to_owned(), 60));
        // A character borne mostly by the other sex is passed over.
        let of = |own: usize, other: usize| {
            Table::new(given().map(move |(character, counts)| {
                let count = |sex: usize| counts.get(sex).copied().unwrap_or(0);
                (character, count(own).saturating_sub(count(other) / 3))
            }))
        };
        Self {
            surnames: Table::new(single.chain(double)),
            given: [of(0, 1), of(1, 0)],
            ethnic_groups: Table::new(ETHNIC_GROUPS.into_iter()),
        }
    }

    pub(crate) fn surname(&self, random: &mut Random) -> String {
        self.surnames.draw(random).cloned().unwrap_or_default()
    }

    /// A full name: the surname and one or two characters.
    pub(crate) fn name(&self, surname: &str, male: bool, random: &mut Random) -> String {
        let mut name = surname.to_owned();
        for _ in 0..if random.percent(82) { 2 } else { 1 } {
            name.push_str(self.character(male, random));
        }
        name
    }

    /// A character of given names.
    pub(crate) fn character(&self, male: bool, random: &mut Random) -> &'static str {
        let [men, women] = &self.given;
        if male { men } else { women }.draw(random).copied().unwrap_or_default()
    }

    pub(crate) fn ethnic_group(&self, random: &mut Random) -> &'static str {
        self.ethnic_groups.draw(random).copied().unwrap_or("01")
    }
}

/// A home under a division's path: street, house, stair, flat.
pub(crate) fn address(path: &str, random: &mut Random) -> String {
    let street = random.one(&STREETS).copied().unwrap_or_default();
    let (house, stair) = (random.between(1, 300), random.between(1, 6));
    let (floor, flat) = (random.between(1, 30), random.between(1, 5));
    format!("{path}{street}{house}号{stair}单元{floor}0{flat}室")
}

/// The characters of given names, with how often men and women bear them.
fn given() -> impl Iterator<Item = (&'static str, [u64; 2])> {
    GIVEN.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?, [cells.next()?.parse().ok()?, cells.next()?.parse().ok()?]))
    })
}
