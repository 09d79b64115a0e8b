use super::*;
use crate::dataset::Dataset;

fn observations(extra: &str) -> Dataset {
    let head = r#"
        name = "macroeconomy/observations"
        version = 1
        title = { zh = "观测值", en = "Observations" }
        summary = { zh = "观测值", en = "Observations" }
        resource-code = "303001/000002"
        classification = "部门信息资源/统计/宏观经济/观测值"
        provider = "统计"
        provider-code = "11100000PDY0000362"
        format = "数据库"
        update-cycle = "每年"
        published = "2026-11-23"
        sharing = "unconditional"
        openness = "unconditional"
        zone = "public"
        units = "none"
        disclosure = "open"
        id = "readable"
        partitions = 64
        natural-key = ["indicator", "region", "period"]
    "#;
    let fields = [(1, "indicator", "text"), (2, "region", "text"), (3, "period", "period")].map(|(number, name, kind)| {
        format!(
            "\n[[field]]\nnumber = {number}\nname = \"{name}\"\ntitle = {{ zh = \"{name}\", en = \"{name}\" }}\ntype = \"{kind}\"\ngrade = 1\nrequired = true\n"
        )
    });
    let fields = fields.concat();
    toml::from_str(&format!("{head}\n{extra}\n{fields}")).expect("a definition")
}

#[test]
fn a_slice_of_a_series_is_one_range() {
    let dataset = observations("partition-by = [\"indicator\", \"region\"]\ncluster-by = [\"period\"]");
    let layout = Layout::new(0x0101, &dataset).expect("a layout");
    let key = |period: &str| layout.key(&format!("GDP~CHN~{period}")).expect("a key");
    let series = ["GDP".to_owned(), "CHN".to_owned()];
    let period = |text: &str| Value::Period(Period::parse(text).expect("a period"));
    let slice = layout.slice(&series, Some(&period("2000")), Some(&period("2003"))).expect("a slice");
    let inside: Vec<_> = (1998..2006).filter(|year| slice.contains(&key(&year.to_string()).head())).collect();
    assert_eq!(inside, [2000, 2001, 2002]);
    let all = layout.slice(&series, None, None).expect("a slice");
    assert!(all.contains(&key("1960").head()) && !all.contains(&layout.key("GDP~USA~1960").expect("a key").head()));
    assert_eq!(layout.key("GDP~CHN"), None);
    assert_eq!(layout.key("GDP~CHN~soon"), None);
}

#[test]
fn all_keys_of_a_dataset_have_one_length_and_at_most_forty_bytes() {
    for extra in ["", "partition-by = [\"indicator\"]\ncluster-by = [\"period\"]", "cluster-by = [\"period\"]"] {
        let layout = Layout::new(0x0101, &observations(extra)).expect("a layout");
        let lengths: std::collections::BTreeSet<_> = ["A~B~2000", "长的指标名称~地区~2000-Q1"]
            .iter()
            .map(|id| layout.key(id).expect("a key").as_bytes().len())
            .collect();
        assert!(lengths.len() == 1 && lengths.iter().all(|l| *l < 40), "{extra}: {lengths:?}");
    }
}

#[test]
fn rows_of_a_record_lie_together_behind_its_head() {
    let layout = Layout::new(0x0101, &observations("")).expect("a layout");
    let key = layout.key("A~B~2000").expect("a key");
    assert!(key.head() < key.closed_claim(1) && key.closed_claim(1) < key.closed_version(1));
    assert!(key.history_range().contains(&key.closed_claim(7)) && !key.history_range().contains(&key.head()));
    assert!(layout.range().contains(&key.head()));
    assert!(partition_range(key.partition(), None).contains(&key.head()));
    assert!(!partition_range(key.partition(), Some(&key)).contains(&key.closed_version(u32::MAX)));
    assert_eq!(RecordKey::from_row(key.partition(), key.row()), key);
    assert!(layout.partitions().any(|p| p == key.partition()));
}

#[test]
fn what_cannot_order_rows_is_refused() {
    for extra in ["cluster-by = [\"region\"]", "partition-by = [\"value\"]", "partitions = 3"] {
        let definition = observations("");
        let mut text = toml::Table::try_from(&definition).expect("a table");
        let change: toml::Table = extra.parse().expect("toml");
        text.extend(change);
        let dataset: Dataset = text.try_into().expect("a definition");
        assert!(Layout::new(0x0101, &dataset).is_err(), "{extra}");
    }
}

#[test]
fn a_reverse_link_names_its_record_and_field() {
    let from = RecordKey::from_row(0x0101_0003, &[9; 16]);
    let key = meta::reverse_link("population/persons", "ab", 7, &from);
    assert!(meta::reverse_links("population/persons", "ab").contains(&key));
    assert!(!meta::reverse_links("population/persons", "abc").contains(&key));
    assert_eq!(meta::link_source(&key), Some((from, 7)));
}
