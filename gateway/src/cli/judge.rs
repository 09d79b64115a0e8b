//! `natbase judge FILE`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use axum::http::Method;
use clap::Args;
use serde_json::{Value, json};

use super::Context;
use super::data_dir::write_whole;
use super::door::{Access, Call, Door, Payload};

/// Hits looked at.
const DEPTH: usize = 10;

/// Asks judged queries and tells how good the answers are: nDCG@10 and recall@10, by kind.
#[derive(Debug, Args)]
pub(super) struct Judge {
    /// Tab-separated: kind, query, then `database/dataset/id=grade` each. Lines that begin with `#` are left out.
    file: PathBuf,
    /// Writes the figures into this Markdown file, between its lines `<!-- judged -->` and `<!-- /judged -->`.
    #[arg(long, value_name = "FILE")]
    figures: Option<PathBuf>,
    /// Also names the queries whose nDCG is below this.
    #[arg(long, value_name = "0..1", default_value_t = 0.0)]
    below: f64,
    #[command(flatten)]
    access: Access,
}

/// A query with what answers it.
struct Judged {
    kind: String,
    query: String,
    grades: BTreeMap<String, u32>,
}

/// Sums over queries.
#[derive(Debug, Default, Clone, Copy)]
struct Figures {
    queries: u32,
    ndcg: f64,
    recall: f64,
}

impl Figures {
    fn take(&mut self, (ndcg, recall): (f64, f64)) {
        self.queries += 1;
        self.ndcg += ndcg;
        self.recall += recall;
    }
    fn mean(self) -> (f64, f64) {
        let queries = f64::from(self.queries.max(1));
        (self.ndcg / queries, self.recall / queries)
    }
}

impl Judge {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let text =
            std::fs::read_to_string(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let all = read(&text).with_context(|| self.file.display().to_string())?;
        let door = Door::open(context, &self.access).await?;
        let mut by_kind: BTreeMap<String, Figures> = BTreeMap::new();
        let mut total = Figures::default();
        for judged in &all {
            let call = Call {
                method: Method::POST,
                path: "/api/v1/search".into(),
                access: &self.access,
                key: None,
                payload: Payload::Json(json!({"q": judged.query, "limit": DEPTH})),
            };
            let answer = door.call(call).await?.json()?;
            let found: Vec<String> = answer
                .get("items")
                .and_then(Value::as_array)
                .map(|items| items.iter().map(name).collect())
                .unwrap_or_default();
            let figures = judge(&found, &judged.grades);
            by_kind.entry(judged.kind.clone()).or_default().take(figures);
            total.take(figures);
            if figures.0 < self.below {
                eprintln!("{:.2} {} `{}`: {}", figures.0, judged.kind, judged.query, found.join(" "));
            }
        }
        door.close().await;
        let table = table(&by_kind, total);
        if context.json {
            let (ndcg, recall) = total.mean();
            println!("{}", json!({"queries": total.queries, "ndcg": ndcg, "recall": recall}));
        } else {
            print!("{table}");
        }
        if let Some(file) = &self.figures {
            let old = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            write_whole(file, &between(&old, &table).with_context(|| file.display().to_string())?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read(text: &str) -> anyhow::Result<Vec<Judged>> {
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
        let mut cells = line.split('\t');
        let (Some(kind), Some(query)) = (cells.next(), cells.next()) else {
            bail!("line {number}: kind, query and what answers it stand with tabs between");
        };
        let grades = cells
            .map(|cell| {
                let (id, grade) = cell.rsplit_once('=').unwrap_or((cell, ""));
                let grade = grade.parse().ok().filter(|grade| (1..=3).contains(grade));
                Ok((id.to_owned(), grade.with_context(|| format!("line {number}: `{cell}` has no grade from 1 to 3"))?))
            })
            .collect::<anyhow::Result<BTreeMap<_, _>>>()?;
        if grades.is_empty() {
            bail!("line {number}: nothing answers it");
        }
        all.push(Judged { kind: kind.to_owned(), query: query.to_owned(), grades });
    }
    Ok(all)
}

/// `database/dataset/id` of a hit.
fn name(hit: &Value) -> String {
    let of = |member: &str| hit.get(member).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}/{}", of("database"), of("dataset"), of("id"))
}

/// nDCG@10 (gain 2^grade − 1, discount log2 of the place plus one; Järvelin and Kekäläinen 2002) and recall@10.
fn judge(found: &[String], grades: &BTreeMap<String, u32>) -> (f64, f64) {
    let gain = |grade: u32| f64::from((1_u32 << grade) - 1);
    let discounted = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.take(DEPTH).zip(2_u32..).map(|(gain, place)| gain / f64::from(place).log2()).sum()
    };
    let mut best: Vec<f64> = grades.values().map(|grade| gain(*grade)).collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal = discounted(&mut best.iter().copied());
    let met = discounted(&mut found.iter().map(|id| grades.get(id).map_or(0.0, |grade| gain(*grade))));
    let hits = found.iter().take(DEPTH).filter(|id| grades.contains_key(*id)).count();
    #[expect(clippy::cast_precision_loss, reason = "at most ten")]
    let recall = hits as f64 / grades.len().min(DEPTH) as f64;
    (met / ideal, recall)
}

fn table(by_kind: &BTreeMap<String, Figures>, total: Figures) -> String {
    let mut out = String::from("| kind | queries | nDCG@10 | recall@10 |\n|---|---|---|---|\n");
    for (kind, figures) in by_kind.iter().map(|(kind, figures)| (kind.as_str(), *figures)).chain([("**all**", total)]) {
        let (ndcg, recall) = figures.mean();
        let _ = writeln!(out, "| {kind} | {} | {ndcg:.3} | {recall:.3} |", figures.queries);
    }
    out
}

/// `old` with `table` between its marks.
fn between(old: &str, table: &str) -> anyhow::Result<String> {
    const MARKS: [&str; 2] = ["<!-- judged -->\n", "<!-- /judged -->"];
    let (before, rest) = old.split_once(MARKS[0]).context("there is no line `<!-- judged -->`")?;
    let (_, after) = rest.split_once(MARKS[1]).context("there is no line `<!-- /judged -->`")?;
    Ok(format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_definition() {
        let grades: BTreeMap<String, u32> = [("a".to_owned(), 3), ("b".to_owned(), 1)].into();
        let found = |ids: &[&str]| judge(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), &grades);
        assert_eq!(found(&["a", "b"]), (1.0, 1.0));
        // 7/log2(3) against 7 + 1/log2(3).
        let (ndcg, recall) = found(&["x", "a"]);
        assert!((ndcg - 4.416_508 / 7.630_929).abs() < 1e-6 && (recall - 0.5).abs() < 1e-9, "{ndcg} {recall}");
        assert_eq!(found(&[]), (0.0, 0.0));
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        for (text, part) in [("a\tb", "line 1"), ("# x\na\tb\tc=9", "line 2"), ("a", "line 1")] {
            let error = format!("{:#}", read(text).err().expect(text));
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(read("# x\n\na\tb\tc/d/e=3\tf=1\n").expect("sound")[0].grades.len(), 2);
    }

    #[test]
    fn figures_stand_between_their_marks() {
        let old = "a\n<!-- judged -->\nold\n<!-- /judged -->\nb";
        assert_eq!(between(old, "new\n").expect("marks"), "a\n<!-- judged -->\nnew\n<!-- /judged -->\nb");
        assert!(between("a", "new").is_err());
    }
}
