//! The rows are the same every time, as many as promised, and fit together.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::HashSet;
use std::path::Path;

use bench::{Country, Sink, Sizes, generate};

fn rows(directory: &Path) {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../foundation/code-lists/division.csv");
    let country = Country::read(&std::fs::read_to_string(list).unwrap(), None, 7).unwrap();
    let mut sink = Sink::new(directory).unwrap();
    generate(&country, Sizes::scaled(0.002), 7, &mut sink).unwrap();
    sink.finish(7, 0.002).unwrap();
}

fn cells(directory: &Path, file: &str, column: usize) -> Vec<String> {
    let text = std::fs::read_to_string(directory.join(file)).unwrap();
    text.lines().map(|line| line.split('\t').nth(column).expect("column").to_owned()).collect()
}

#[test]
fn one_seed_gives_one_set_of_files() {
    let [first, second] = ["one", "two"].map(|name| Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    rows(&first);
    rows(&second);
    let digests = [&first, &second].map(|d| std::fs::read_to_string(d.join("rows.json")).unwrap());
    assert_eq!(digests[0], digests[1]);

    let numbers = cells(&first, "copy/person.tsv", 0);
    let persons: HashSet<&String> = numbers.iter().collect();
    assert_eq!((numbers.len(), persons.len()), (2_000, 2_000));
    for column in [8, 9] {
        assert!(
            cells(&first, "copy/person.tsv", column).iter().all(|parent| parent == "\\N" || persons.contains(parent))
        );
    }
    assert!(cells(&first, "copy/enterprise.tsv", 9).iter().all(|representative| persons.contains(representative)));
    let keys: HashSet<[String; 3]> = std::fs::read_to_string(first.join("copy/observation.tsv"))
        .unwrap()
        .lines()
        .map(|line| [0, 1, 3].map(|column| line.split('\t').nth(column).unwrap().to_owned()))
        .collect();
    assert_eq!(keys.len(), 4_000);
}
