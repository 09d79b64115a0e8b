//! Names of people, roads, estates and brands. Shares of surnames are rough public figures.

use crate::random::{Random, Weighted};

const SURNAMES: &str = include_str!("../data/surnames.tsv");
const MALE: &str = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳建亮成楠峰彬博志文海峻昊然轩泽睿晨翔豪航铭瑞哲乐天诺梓皓宸子嘉毅东云松柏国庆卫民春生福贵德胜永康新立学良荣根清祥全兴忠义金水木火土山川江河";
const FEMALE: &str = "芳娜敏静秀娟英霞艳丽燕红梅玲婷雪倩颖慧莹琳晶洁兰凤云萍莉莲珍桂香月娥琴素春菊玉妍欣怡悦雨涵梓萱诗语彤可馨一诺佳思琪瑶梦婉宁若曦晓雯露薇蓉蕾青美淑惠巧华金花银翠彩仙爱群贞雅文心依然子晴紫楠";
const MALE_FIRST: &str =
    "建志国文海永玉家明德子俊天宇浩小晓春学立新世振洪金荣光成庆红云东兴培长广福宝少嘉泽梓一思承景奕书";
const FEMALE_FIRST: &str = "秀玉美小晓丽春桂雪红月金文海淑雅佳思梦诗雨若可梓一欣子艳凤彩素翠惠慧亚婉紫静燕瑞";
/// Roads.
pub(crate) const ROADS: &str = "人民 解放 中山 建设 和平 胜利 新华 文化 建国 长江 黄河 北京 南京 上海 东风 红旗 光明 幸福 迎宾 滨河 朝阳 青年 友谊 团结 民主 振兴 工业 科技 学府 长安 大同 环城 龙山 凤凰 金桥 银河 花园 湖滨 江滨 兴业 创新 世纪 府前 体育 公园 站前 桃园 梅园 竹园 松柏";
const ROAD_KINDS: &str = "路 街 大道 东路 西路 南路 北路 中路 巷 东街 西街";
const TOWNS: &str = "城关 东城 西城 南关 北关 新城 中心 河东 河西 江北 江南 石桥 大桥 柳林 清河 白塔 龙泉 太平 永安 安定 兴隆 双桥 三里 五里 高新 开发 钟楼 鼓楼 文庙 西湖";
const TOWN_KINDS: &str = "街道 镇 乡 街道 镇";
/// Estates.
pub(crate) const ESTATES: &str = "阳光 锦绣 金色 翠湖 紫金 碧水 御景 万和 恒丰 龙湖 书香 兰亭 枫林 桂花 和谐 幸福 世纪 江南 华府 名都 云锦 山水 天成 金域 东方 盛世 绿洲 香樟 玫瑰 星河";
const ESTATE_KINDS: &str = "花园 小区 新村 家园 华庭 公寓 名苑 雅苑 里 城";

/// A word of one of the lists above, evenly.
pub(crate) fn word<'a>(list: &'a str, random: &mut Random) -> &'a str {
    let count = list.split(' ').count();
    list.split(' ').nth(random.below(count)).unwrap_or_default()
}

/// Draws names of people.
#[derive(Debug)]
pub(crate) struct People {
    surnames: Vec<&'static str>,
    shares: Weighted,
    male: Given,
    female: Given,
}

#[derive(Debug)]
struct Given {
    first: Vec<char>,
    last: Vec<char>,
    first_shares: Weighted,
    last_shares: Weighted,
}

impl Given {
    fn new(first: &str, last: &str) -> Self {
        let (first, last): (Vec<char>, Vec<char>) = (first.chars().collect(), last.chars().collect());
        let (first_shares, last_shares) = (Weighted::falling(first.len(), 12.0), Weighted::falling(last.len(), 12.0));
        Self { first, last, first_shares, last_shares }
    }
    fn draw(&self, random: &mut Random) -> String {
        let mut name = String::with_capacity(6);
        if !random.chance(0.14) {
            name.push(self.first[self.first_shares.draw(random)]);
        }
        name.push(self.last[self.last_shares.draw(random)]);
        name
    }
}

impl People {
    pub(crate) fn new() -> Self {
        let rows: Vec<(&str, f64)> = SURNAMES
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(name, share)| Some((name, share.parse().ok()?)))
            .collect();
        Self {
            surnames: rows.iter().map(|r| r.0).collect(),
            shares: Weighted::new(rows.iter().map(|r| r.1)),
            male: Given::new(MALE_FIRST, MALE),
            female: Given::new(FEMALE_FIRST, FEMALE),
        }
    }
    pub(crate) fn surname(&self, random: &mut Random) -> &'static str {
        self.surnames[self.shares.draw(random)]
    }
    pub(crate) fn given(&self, male: bool, random: &mut Random) -> String {
        if male { self.male.draw(random) } else { self.female.draw(random) }
    }
}

/// A road's name.
pub(crate) fn road(random: &mut Random) -> String {
    format!("{}{}", word(ROADS, random), word(ROAD_KINDS, random))
}

/// An address below a division called `place`.
pub(crate) fn address(place: &str, random: &mut Random) -> String {
    let town = format!("{}{}", word(TOWNS, random), word(TOWN_KINDS, random));
    let estate = word(ESTATES, random);
    if random.chance(0.7) {
        let (road, kind) = (road(random), word(ESTATE_KINDS, random));
        let (number, block, stair) = (random.whole(1, 999), random.whole(1, 40), random.whole(1, 6));
        let (floor, door) = (random.whole(1, 33), random.whole(1, 5));
        format!("{place}{town}{road}{number}号{estate}{kind}{block}幢{stair}单元{floor}{door:02}室")
    } else {
        let (group, number) = (random.whole(1, 21), random.whole(1, 999));
        format!("{place}{town}{estate}村{group}组{number}号")
    }
}
