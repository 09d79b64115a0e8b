//! Series: a hundred indicators by province and month and by prefecture and year, 2000 to 2024, three of them by
//! county and year; then the same again as further indicators until there are enough observations.

use crate::division::Country;
use crate::random::Random;
use crate::sink::{Output, Sink, SinkError};

const SUBJECTS: &str = "地区生产总值 第一产业增加值 第二产业增加值 第三产业增加值 工业增加值 固定资产投资 社会消费品零售总额 进出口总额 出口总额 进口总额 一般公共预算收入 一般公共预算支出 税收收入 存款余额 贷款余额 居民消费价格指数 工业生产者出厂价格指数 城镇居民人均可支配收入 农村居民人均可支配收入 城镇登记失业率 用电量 发电量 原煤产量 钢材产量 水泥产量 汽车产量 粮食产量 商品房销售面积 商品房销售额 货运量 客运量 快递业务量 电信业务总量 实际使用外资 常住人口 户籍人口 出生人口 死亡人口 在校学生数 卫生机构床位数";
const VARIANTS: [(&str, &str); 3] = [("总量", "亿元"), ("同比", "%"), ("累计", "亿元")];
const INDICATORS: usize = 100;
/// The day all were published.
const VINTAGE: &str = "2025-06-01";

struct Files {
    indicators: [Output; 2],
    import: Output,
    copy: Output,
    left: usize,
}

pub(crate) fn write(country: &Country, count: usize, seed: u64, sink: &mut Sink) -> Result<(), SinkError> {
    let mut random = Random::new(seed, 4);
    let mut files = Files {
        indicators: [sink.open("import/indicators.csv")?, sink.open("copy/indicator.tsv")?],
        import: sink.open("import/observations.csv")?,
        copy: sink.open("copy/observation.tsv")?,
        left: count,
    };
    let mut slices = sink.open("queries/slices.txt")?;
    files.indicators[0].csv(&["code", "name", "unit"])?;
    files.import.csv(&["indicator", "region", "period", "vintage", "frequency", "value", "unit"])?;
    let years: Vec<String> = (2000..2025).map(|y| y.to_string()).collect();
    let months: Vec<String> = years.iter().flat_map(|y| (1..13).map(move |m| format!("{y}-{m:02}"))).collect();
    let counties: Vec<String> = country.counties.iter().map(|c| c.code.clone()).collect();
    let names: Vec<(String, &str)> = VARIANTS
        .iter()
        .flat_map(|(variant, unit)| SUBJECTS.split(' ').map(move |s| (format!("{s}（{variant}）"), *unit)))
        .take(INDICATORS)
        .collect();
    for set in 0.. {
        if files.left == 0 {
            break;
        }
        for (at, (name, unit)) in names.iter().enumerate() {
            if files.left == 0 {
                break;
            }
            let code = format!("A{set:02}{:03}", at + 1);
            let name = if set == 0 { name.clone() } else { format!("{name}·口径{set}") };
            files.indicators[0].csv(&[&code, &name, unit])?;
            files.indicators[1].copy(&[&code, &name, unit])?;
            files.series(&code, unit, &country.provinces, "M", &months, &mut random)?;
            if set == 0 && files.left > 0 {
                for province in &country.provinces {
                    slices.line(&format!("{code},{province}"))?;
                }
            }
            files.series(&code, unit, &country.prefectures, "A", &years, &mut random)?;
            if at < 3 {
                files.series(&code, unit, &counties, "A", &years, &mut random)?;
            }
        }
    }
    let [first, second] = files.indicators;
    for output in [first, second, files.import, files.copy, slices] {
        sink.close(output)?;
    }
    Ok(())
}

impl Files {
    fn series(
        &mut self,
        code: &str,
        unit: &str,
        divisions: &[String],
        frequency: &str,
        periods: &[String],
        random: &mut Random,
    ) -> Result<(), SinkError> {
        let growth = if frequency == "A" { 0.09 } else { 0.0075 };
        for division in divisions {
            let level = random.normal(5.0, 1.0).exp();
            for (step, period) in periods.iter().enumerate() {
                if self.left == 0 {
                    return Ok(());
                }
                self.left -= 1;
                let value = if unit == "%" {
                    random.normal(6.0, 4.0)
                } else {
                    level * (growth * step as f64).exp() * (1.0 + 0.05 * random.normal(0.0, 1.0))
                };
                let value = format!("{value:.2}");
                let day = if period.len() == 4 { format!("{period}-01-01") } else { format!("{period}-01") };
                self.import.csv(&[code, division, period, VINTAGE, frequency, &value, unit])?;
                self.copy.copy(&[code, division, frequency, &day, VINTAGE, &value])?;
            }
        }
        Ok(())
    }
}
