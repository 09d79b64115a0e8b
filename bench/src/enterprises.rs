//! Enterprises, each represented by a living adult; credit codes valid by GB 32100 with a valid GB 11714 code inside.

use std::collections::HashSet;

use crate::calendar::{date, instant};
use crate::division::Country;
use crate::names::address;
use crate::persons::Persons;
use crate::postgres;
use crate::random::{Random, Weighted};
use crate::sink::{Sink, SinkError, party};

const TRADES: &str = include_str!("../data/trades.tsv");
const BRANDS: &str = "华中金盛恒隆泰安顺通宏鑫瑞德信诚达远宇星海天龙凤祥福康美佳新创科智云博汇聚联众合和平正源丰裕润泽嘉亿万百千永久长兴旺荣昌利益优尚品诺凯迈锐捷迅腾飞翔跃启航拓维邦国民东南西北山江河川林森绿蓝青红紫光明辉耀晨曦阳晟晖雅韵艺文弘毅铭君子玉珠宝石磊岩峰岳";
/// Legal form, share, first two characters of the credit code, code of the kind.
const FORMS: [(&str, f64, &str, &str); 9] = [
    ("有限公司", 0.62, "91", "91"),
    ("有限责任公司", 0.17, "91", "91"),
    ("股份有限公司", 0.03, "91", "92"),
    ("集团有限公司", 0.015, "91", "91"),
    ("个人独资企业", 0.01, "91", "95"),
    ("合伙企业（有限合伙）", 0.02, "91", "96"),
    ("经营部", 0.06, "92", "97"),
    ("商行", 0.04, "92", "97"),
    ("专业合作社", 0.035, "93", "98"),
];
/// In being, suspended, deregistered, licence revoked.
const STATUSES: [&str; 4] = ["1", "2", "4", "3"];
const CREDIT: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

pub(crate) fn write(
    country: &Country,
    persons: &Persons,
    count: usize,
    seed: u64,
    sink: &mut Sink,
) -> Result<(), SinkError> {
    let mut random = Random::new(seed, 2);
    let trades: Vec<(&str, &str)> = TRADES.lines().filter_map(|l| l.split_once('\t')).collect();
    let brands: Vec<char> = BRANDS.chars().collect();
    let trade_shares = Weighted::falling(trades.len(), 8.0);
    let form_shares = Weighted::new(FORMS.map(|f| f.1));
    let status_shares = Weighted::new([0.80, 0.03, 0.12, 0.05]);
    let (mut import, mut copy) = (sink.open("import/enterprises.csv")?, sink.open("copy/enterprise.tsv")?);
    let mut queries = sink.open("queries/enterprises.txt")?;
    import.csv(&[
        "credit_code",
        "name",
        "kind",
        "division",
        "address",
        "industry",
        "status",
        "registered_capital",
        "established",
        "legal_representative",
        "location",
    ])?;
    let mut words = sink.open("queries/trades.txt")?;
    for (trade, _) in trades.iter().take(40) {
        words.line(trade)?;
    }
    sink.close(words)?;
    let mut issued = HashSet::with_capacity(count);
    for at in 0..count {
        let (representative, home) = random.of(&persons.adults);
        let at_home = if random.chance(0.85) { *home as usize } else { country.draw(&mut random) };
        let form = FORMS[form_shares.draw(&mut random)];
        let trade = trades[trade_shares.draw(&mut random)];
        let place = &country.counties[at_home];
        let mut name = if random.chance(0.55) { place.city.clone() } else { place.short.clone() };
        (0..2 + usize::from(random.chance(0.25))).for_each(|_| name.push(*random.of(&brands)));
        name.push_str(trade.0);
        name.push_str(form.0);
        let body = loop {
            let body: [u8; 8] = std::array::from_fn(|_| *random.of(CREDIT));
            if issued.insert(body) {
                break body;
            }
        };
        let code = credit_code(form.2, &place.code, body);
        let capital = ((random.normal(14.2, 1.4).exp() / 10_000.0).round() as i64 + 1) * 10_000;
        let (capital, established) = (capital.to_string(), date(random.whole(3_650, 20_400)));
        let status = STATUSES[status_shares.draw(&mut random)];
        let address = address(&place.full, &mut random);
        let (x, y) = country.place_in(at_home, &mut random);
        let (x, y) = ((x * 1e6).round() / 1e6, (y * 1e6).round() / 1e6);
        let updated = instant(random.whole(1_577_836_800, 1_767_225_600));
        let common = [&code, &name, form.3, &place.code, &address, trade.1, status, &capital, &established];
        let (located, vector) = (format!("POINT({x} {y})"), postgres::bigrams(&name));
        import.csv(&[&common[..], &[&party(representative), &located]].concat())?;
        copy.copy(&[&common[..], &[representative, &postgres::point((x, y)), &updated, &vector]].concat())?;
        if at.is_multiple_of((count / 20_000).max(1)) {
            queries.line(&code)?;
        }
    }
    for output in [import, copy, queries] {
        sink.close(output)?;
    }
    Ok(())
}

/// Authority and kind, division, organisation code with its own check, check of the whole.
fn credit_code(kind: &str, division: &str, body: [u8; 8]) -> String {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let mut code = format!("{kind}{division}");
    code.extend(body.map(char::from));
    code.push(organisation_check(body));
    let value = |c: u8| CREDIT.iter().position(|&k| k == c).unwrap_or_default() as u32;
    let sum: u32 = code.bytes().zip(WEIGHTS).map(|(c, w)| value(c) * w).sum();
    code.push(char::from(CREDIT[(31 - sum as usize % 31) % 31]));
    code
}

/// GB 11714: letters count from 10 over the whole alphabet.
fn organisation_check(body: [u8; 8]) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |c: u8| u32::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
    let sum: u32 = body.into_iter().zip(WEIGHTS).map(|(c, w)| value(c) * w).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from(b'0' + digit as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_the_standards() {
        for code in ["D2143569X", "M000100Y4", "71526726X", "802100433"] {
            let body: [u8; 8] = code.as_bytes()[..8].try_into().unwrap();
            assert_eq!(code.chars().last(), Some(organisation_check(body)), "{code}");
        }
    }
}
