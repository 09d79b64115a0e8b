//! What decisions cost with 1,000 policies and 100,000 grants. Run by `make measure`; nothing is asserted of time.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use foundation::dataset::Dataset;
use foundation::value::Instant;
use gateway::ask::Act;
use gateway::policy::{DatasetFacts, Grant, Grants, Principal, Rules, Snapshot, Terms};
use gateway::token::{Role, Roles};

const DEPARTMENTS: usize = 1_000;
const GRANTS: usize = 100_000;

fn department(number: usize) -> String {
    format!("11100000PDY{:07}", number % DEPARTMENTS)
}

/// The built-in policies and `count` that each name a department, a dataset, or both.
fn rules(datasets: &[Arc<Dataset>], count: usize) -> Rules {
    let folder = tempfile::tempdir().expect("a folder");
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    for entry in std::fs::read_dir(built_in).expect("policies").flatten() {
        if entry.path().extension().is_some_and(|e| e == "cedar") {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
        }
    }
    let mut text = String::new();
    for number in 0..count {
        let name = &datasets[number % datasets.len()].name;
        let of_department = format!("principal.department == \"{}\"", department(number * 7));
        let condition = match number % 3 {
            0 => of_department,
            1 => format!("resource.name == \"{name}\" && context.accountable"),
            _ => format!("{of_department} && resource.name == \"{name}\""),
        };
        let (effect, act) = if number % 10 == 0 { ("forbid", "ask_about_many") } else { ("permit", "ask_about_one") };
        let _ = writeln!(
            text,
            "@id(\"local-{number}\") @law(\"measure\")\n{effect} (principal, action in Action::\"{act}\", resource is Dataset)\nwhen {{ {condition} }};"
        );
    }
    std::fs::write(folder.path().join("90-local.cedar"), text).expect("written");
    Rules::read(folder.path()).map_err(|e| e.to_string()).expect("sound policies")
}

fn grants(datasets: &[Arc<Dataset>]) -> Vec<Grant> {
    let grant = |number: usize| {
        let dataset = &datasets[number % datasets.len()];
        let fields = dataset.fields.iter().skip(number % 3).step_by(2).map(|f| f.name.clone()).collect();
        let terms = Terms {
            dataset: dataset.name.to_string(),
            acts: Vec::new(),
            fields,
            masked: Vec::new(),
            rows: String::new(),
            purpose: "p".into(),
            ground: "g".into(),
            from: "2026-01-01".into(),
            to: "2027-01-01".into(),
            cases_required: true,
            rows_per_answer_max: 1_000,
            rows_per_day_max: 1_000,
        };
        terms
            .grant(&format!("G{number}"), &department(number / datasets.len()), |name| {
                (*name == dataset.name).then_some(dataset.as_ref())
            })
            .expect("a sound grant")
    };
    (0..GRANTS).map(grant).collect()
}

/// CPU nanoseconds of this thread.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|n| n.parse().ok()).expect("nanoseconds")
}

/// CPU µs an operation.
fn each<T>(name: &str, count: usize, mut operation: impl FnMut(usize) -> T) {
    let begun = cpu();
    for number in 0..count {
        std::hint::black_box(operation(number));
    }
    println!("{name}: {:.2} µs CPU", (cpu() - begun) / 1_000.0 / f64::from(u32::try_from(count).expect("few")));
}

#[test]
#[ignore = "a measurement: make measure"]
fn costs_of_decisions() {
    let mut datasets = Vec::new();
    for domain in [legal_entity::domain(), population::domain(), culture::domain(), macroeconomy::domain()] {
        datasets.extend(domain.expect("definitions").datasets);
    }
    let facts: Vec<Arc<DatasetFacts>> =
        datasets.iter().zip(0..).map(|(d, index)| Arc::new(DatasetFacts::new(Arc::clone(d), index))).collect();
    let grants = grants(&datasets);
    for count in [0, 100, 1_000] {
        let rules = Arc::new(rules(&datasets, count));
        println!("{} policies, {} grants, {} datasets", rules.len(), grants.len(), datasets.len());
        let begun = Stopwatch::now();
        let shared = Grants::none().with(grants.iter().cloned(), &[]);
        println!("  grants loaded: {} ms", begun.elapsed().as_millis());
        let snapshot = Snapshot::new(rules, Grants::none(), shared);
        let decide = |snapshot: &Snapshot, number: usize, stride: usize| {
            let number = (number * stride) % GRANTS;
            let grant = snapshot.grant(&format!("G{number}")).expect("a grant");
            let principal = Principal {
                roles: Roles::default().with(Role::Department),
                department: Some(Arc::from(grant.department.as_str())),
            };
            let facts = &facts[number % facts.len()];
            snapshot.decide(&principal, facts, Act::Get, Some(grant), true, Instant(0)).is_ok()
        };
        // A stride that meets each department and dataset once before it meets one again.
        each("  first of a department and dataset", 10_000, |n| decide(&snapshot, n, 1));
        each("  first of a grant, its department met before", 20_000, |n| decide(&snapshot, n, 3));
        each("  a grant changes", 100, |n| {
            let changed = Grant { revision: n as u64, ..grants[n].clone() };
            snapshot.regranted(snapshot.shared.with([changed], &[]))
        });
    }
}
