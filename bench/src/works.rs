//! Works of culture with 50 to 300 characters of text, words as often as in real Chinese.

use std::collections::HashMap;

use crate::division::Country;
use crate::names::People;
use crate::postgres;
use crate::random::{Random, Weighted};
use crate::sink::{Sink, SinkError};

const WORDS: &str = include_str!("../data/words.tsv");
/// Name, code, share.
const ERAS: [(&str, &str, f64); 18] = [
    ("夏", "xia", 3.0),
    ("商", "shang", 4.0),
    ("周", "zhou", 15.0),
    ("秦", "qin", 3.0),
    ("汉", "han", 14.0),
    ("三国", "three-kingdoms", 3.0),
    ("晋", "jin-265", 4.0),
    ("南北朝", "southern-northern", 6.0),
    ("隋", "sui", 2.0),
    ("唐", "tang", 12.0),
    ("五代", "five-dynasties", 3.0),
    ("宋", "song", 18.0),
    ("辽", "liao", 3.0),
    ("元", "yuan", 6.0),
    ("明", "ming", 20.0),
    ("清", "qing", 30.0),
    ("民国", "republic", 8.0),
    ("现代", "prc", 16.0),
];
/// Codes of the genres, in falling share.
const GENRES: [&str; 5] = ["other", "prose", "shi", "ci", "fu"];
const KINDS: [(&str, &str); 12] = [
    ("青铜器", "鼎 簋 尊 爵 觚 壶 钟 盘 剑 戈 镜"),
    ("瓷器", "瓶 碗 盘 罐 炉 杯 壶 盏 枕 洗"),
    ("书画", "山水图 花鸟图 行书卷 楷书册 草书轴 人物图 墨竹图 帖 扇面 手卷"),
    ("玉器", "璧 琮 佩 璜 圭 簪 杯 如意"),
    ("古籍", "集 记 传 志 注疏 诗钞 文集 方志 族谱"),
    ("石刻造像", "碑 佛像 墓志 造像 石经 摩崖"),
    ("古建筑", "塔 寺 桥 楼 阁 祠 书院 会馆 城墙 古民居"),
    ("非物质文化遗产", "戏 剪纸 刺绣 年画 舞龙 民歌 酿造技艺 编织技艺 庙会 皮影"),
    ("漆器", "盒 盘 屏风 奁 案"),
    ("织绣", "袍 锦 缂丝 绣片 唐卡"),
    ("音像资料", "纪录片 戏曲录音 口述史 影像志"),
    ("近现代文物", "旧址 手稿 徽章 照片 书信 档案"),
];
const MATERIALS: &str = "青花 粉彩 白釉 黑釉 青釉 三彩 鎏金 错银 云龙纹 缠枝莲纹 兽面纹 凤鸟纹 蟠螭纹 双耳 三足 高足 描金 剔红 白玉 青玉 水墨 设色 绢本 纸本 石质 木质";
/// Sentences; n v a l s stand for a noun, verb, adjective, idiom and place drawn anew, E K M C for the work's own.
const SENTENCES: [&str; 10] = [
    "此件{E}{K}{M}，{n}{n}，{v}{n}。",
    "作品以{n}为题材，{v}{n}，具有{a}的{n}价值。",
    "出土于{s}，{v}{n}与{n}。",
    "其{n}{a}，{n}{a}，反映了{E}的{n}{n}。",
    "现藏于{s}博物馆，{v}{n}。",
    "{n}、{n}、{n}等{v}其中，为研究{n}提供了{a}的资料。",
    "据{n}记载，{s}{n}{v}{n}，{v}{n}。",
    "该{K}由{C}{v}，{n}{a}，{l}。",
    "{l}，{n}{v}{n}，是{E}{n}的代表。",
    "历经{n}与{n}，{v}至今，{l}。",
];

struct Words(HashMap<char, (Vec<&'static str>, Weighted)>);

impl Words {
    fn new() -> Self {
        let mut lists: HashMap<char, Vec<(&str, f64)>> = HashMap::new();
        for line in WORDS.lines() {
            let mut cells = line.split('\t');
            if let (Some(word), Some(Ok(often)), Some(class)) =
                (cells.next(), cells.next().map(str::parse::<f64>), cells.next().and_then(|c| c.chars().next()))
            {
                lists.entry(class).or_default().push((word, often.powf(0.9)));
            }
        }
        let drawn = |list: Vec<(&'static str, f64)>| {
            let shares = Weighted::new(list.iter().map(|w| w.1));
            (list.into_iter().map(|w| w.0).collect(), shares)
        };
        Self(lists.into_iter().map(|(class, list)| (class, drawn(list))).collect())
    }
    fn draw(&self, class: char, random: &mut Random) -> &'static str {
        let Some((words, shares)) = self.0.get(&class) else { return "" };
        words[shares.draw(random)]
    }
}

pub(crate) fn write(country: &Country, count: usize, seed: u64, sink: &mut Sink) -> Result<(), SinkError> {
    let mut random = Random::new(seed, 5);
    let (words, people) = (Words::new(), People::new());
    let materials: Vec<&str> = MATERIALS.split(' ').collect();
    let era_shares = Weighted::new(ERAS.map(|e| e.2));
    let genre_shares = Weighted::falling(GENRES.len(), 1.0);
    let (mut import, mut copy) = (sink.open("import/works.csv")?, sink.open("copy/work.tsv")?);
    import.csv(&["work_id", "title", "author", "dynasty", "genre", "collection", "notes"])?;
    for at in 0..count {
        let place = country.draw(&mut random);
        let home = &country.counties[place];
        let (era, era_code, _) = ERAS[era_shares.draw(&mut random)];
        let (kind, forms) = KINDS[random.below(KINDS.len())];
        let forms: Vec<&str> = forms.split(' ').collect();
        let material = materials[random.below(materials.len())];
        let mut title = if random.chance(0.4) { era.to_owned() } else { String::new() };
        if matches!(kind, "古建筑" | "非物质文化遗产") {
            title.push_str(&home.short);
            title.push_str(words.draw('n', &mut random));
        } else {
            title.push_str(material);
            if random.chance(0.6) {
                title.push_str(materials[random.below(materials.len())]);
            }
        }
        title.push_str(forms[random.below(forms.len())]);
        let (surname, male) = (people.surname(&mut random), random.chance(0.5));
        let creator = if random.chance(0.55) {
            "佚名".to_owned()
        } else {
            format!("{surname}{}", people.given(male, &mut random))
        };
        let wanted = random.below(240) + 50;
        let mut text = String::with_capacity(900);
        while text.chars().count() < wanted {
            let mut inside = false;
            for c in SENTENCES[random.below(SENTENCES.len())].chars() {
                match c {
                    '{' | '}' => inside = c == '{',
                    'E' if inside => text.push_str(era),
                    'K' if inside => text.push_str(kind),
                    'M' if inside => text.push_str(material),
                    'C' if inside => text.push_str(&creator),
                    class if inside => text.push_str(words.draw(class, &mut random)),
                    _ => text.push(c),
                }
            }
        }
        if let Some((end, _)) = text.char_indices().nth(300) {
            text.truncate(end);
        }
        let (id, genre) = (format!("W{at:08}"), GENRES[genre_shares.draw(&mut random)]);
        let common = [&id, &title, &creator, era_code, genre, kind, &text];
        import.csv(&common)?;
        let vector = postgres::bigrams(&format!("{title} {text}"));
        copy.copy(&[&common[..], &["2025-05-01T00:00:00Z", &vector]].concat())?;
    }
    let mut queries = sink.open("queries/words.txt")?;
    for _ in 0..200 {
        queries.line(words.draw('n', &mut random))?;
    }
    for output in [import, copy, queries] {
        sink.close(output)?;
    }
    Ok(())
}
