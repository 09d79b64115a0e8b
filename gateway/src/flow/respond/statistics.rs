//! Grouped figures, and what was done to them.

use foundation::dataset::Dataset;
use foundation::service::{SortValue, StatisticsAnswer};

use super::json::{Group, array, object};
use super::records::times;
use crate::catalogue::Labels;
use crate::flow::Disclosed;

/// `{dataset, exact, disclosure?, items: [{group, count, figures}]}`.
pub(super) fn figures(
    out: &mut Vec<u8>,
    dataset: &Dataset,
    (group_by, measures): (&[String], &[String]),
    answer: &StatisticsAnswer,
    disclosed: Disclosed,
    labels: Option<&Labels>,
) {
    let mut o = object(out);
    o.shown("dataset", &dataset.name);
    told(&mut o, disclosed);
    {
        let mut list = array(o.member("items"));
        for group in &answer.groups {
            let mut g = object(list.item());
            {
                let mut key = object(g.member("group"));
                for (name, value) in group_by.iter().zip(&group.key) {
                    match value {
                        Some(SortValue::Text(t)) => key.text(name, t),
                        Some(SortValue::Integer(n)) => key.plain(name, n),
                        Some(SortValue::Number(n)) => key.value(name, n),
                        None => key.plain(name, "null"),
                    }
                }
            }
            if let Some(labels) = labels {
                let mut key = object(g.member("labels"));
                for (name, value) in group_by.iter().zip(&group.key) {
                    if let (Some(SortValue::Text(code)), Some(field)) = (value, dataset.field(name))
                        && let Some(label) = labels.of(field, code)
                    {
                        key.text(name, label);
                    }
                }
            }
            g.value("count", &group.count);
            let mut figures = object(g.member("figures"));
            for (name, figure) in measures.iter().zip(&group.figures) {
                match figure {
                    Some(figure) => figures.text(name, figure),
                    None => figures.plain(name, "null"),
                }
            }
        }
    }
    times(&mut o, answer.at);
}

/// How the figures are to be read: `docs/statistics.md`.
fn told(o: &mut Group<'_>, disclosed: Disclosed) {
    o.plain("exact", disclosed == Disclosed::Exact);
    let method = match disclosed {
        Disclosed::Exact => return,
        Disclosed::Withheld => "withheld",
        Disclosed::Controlled { method, .. } => method.as_str(),
    };
    let mut how = object(o.member("disclosure"));
    how.text("method", method);
    if let Disclosed::Controlled { unit, minimum, noise, .. } = disclosed {
        how.value("unit", &unit);
        how.plain("minimum", minimum);
        how.plain("noise_max", noise);
        how.value("noise_variance", &(f64::from(noise) / 2.0));
    }
}
