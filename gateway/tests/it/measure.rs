//! What decisions cost with 1,000 policies and 100,000 grants, and what entries of the audit log cost.
//! Run by `make measure`; nothing is asserted of time.

use std::fmt::Write as _;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use std::collections::HashSet;

use cedar_policy::{Authorizer, Context, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression};
use foundation::dataset::Dataset;
use foundation::value::Instant;
use gateway::ask::Act;
use gateway::audit::{AuditLog, Draft};
use gateway::config::Config;
use gateway::policy::{DatasetFacts, Grant, Grants, Principal, Rules, Snapshot, Terms};
use gateway::token::{Role, Roles};

const DEPARTMENTS: usize = 1_000;
const GRANTS: usize = 100_000;

fn department(number: usize) -> String {
    format!("11100000PDY{:07}", number % DEPARTMENTS)
}

/// The built-in policies and `count` that each name a department, a dataset, or both; and all of them as one Cedar set.
fn rules(datasets: &[Arc<Dataset>], count: usize) -> (Rules, PolicySet) {
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
    let mut all = String::new();
    for entry in std::fs::read_dir(folder.path()).expect("policies").flatten() {
        all += &std::fs::read_to_string(entry.path()).expect("read");
    }
    let rules = Rules::read(folder.path()).map_err(|e| e.to_string()).expect("sound policies");
    (rules, PolicySet::from_str(&all).expect("sound policies"))
}

/// One question put to the whole set, its entities made beforehand: the peer.
fn whole(set: &PolicySet, dataset: &Dataset) -> impl FnMut(usize) {
    let uid = |text: &str| EntityUid::from_str(text).expect("an id");
    let word = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let no = || RestrictedExpression::new_bool(false);
    let name = dataset.name.to_string();
    let attributes = [
        ("name", word(&name)),
        ("database", word("legal-entity")),
        ("provider", word("p")),
        ("sources", RestrictedExpression::new_set([word("p")])),
        ("sharing", word("conditional")),
        ("openness", word("none")),
        ("zone", word("extranet")),
        ("disclosure", word("protected")),
        ("has_open_fields", no()),
        ("has_unconditionally_shared_fields", no()),
    ];
    let caller = [("roles", RestrictedExpression::new_set([word("department")])), ("department", word(&department(7)))];
    let entity = |id: &str, attributes: Vec<(&str, RestrictedExpression)>| {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Entity::new(uid(id), attributes, HashSet::new()).expect("an entity")
    };
    let resource = format!("Dataset::\"{name}\"");
    let group = Entity::new_no_attrs(uid("Action::\"get\""), HashSet::from([uid("Action::\"ask_about_one\"")]));
    let entities = [entity("Caller::\"caller\"", caller.into()), entity(&resource, attributes.into()), group];
    let entities = Entities::from_entities(entities, None).expect("entities");
    let context = Context::from_pairs([("grant_covers".to_owned(), no()), ("accountable".to_owned(), no())]);
    let (caller, action) = (uid("Caller::\"caller\""), uid("Action::\"get\""));
    let request = Request::new(caller, action, uid(&resource), context.expect("context"), None).expect("a question");
    let (authorizer, set) = (Authorizer::new(), set.clone());
    move |_| {
        std::hint::black_box(authorizer.is_authorized(&request, &set, &entities));
    }
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
            persons_per_day_max: None,
            tells_not_found: false,
            commitment: String::new(),
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
        let (rules, set) = rules(&datasets, count);
        let rules = Arc::new(rules);
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
                company: None,
            };
            let facts = &facts[number % facts.len()];
            snapshot.decide(&principal, facts, Act::Get, Some(grant), true, Instant(0)).is_ok()
        };
        // A stride that meets each department and dataset once before it meets one again.
        each("  first of a department and dataset", 10_000, |n| decide(&snapshot, n, 1));
        each("  first of a grant, its department met before", 20_000, |n| decide(&snapshot, n, 3));
        each(
            "  beside it, Cedar alone: one question to the whole set (a decision is 5 to 30)",
            300,
            whole(&set, &datasets[0]),
        );
        each("  a grant changes", 100, |n| {
            let changed = Grant { revision: n as u64, ..grants[n].clone() };
            snapshot.regranted(snapshot.shared.with([changed], &[]))
        });
    }
}

pub(crate) fn draft(request: [u8; 16]) -> Draft<'static> {
    Draft {
        seed: None,
        opened: Instant(1),
        closed: Instant(2),
        request,
        roles: 2,
        act: 3,
        status: 200,
        rows: 1,
        policy_version: 7,
        valid_at: None,
        known_at: None,
        subject: "officer.wang@11100000PDY0000001",
        department: "11100000PDY0000001",
        officer: "officer.wang",
        grant: "grant-2026-000017",
        case: "2026-BJ-000123",
        purpose: "verification of applicants",
        ground: "Decree 809 art 20",
        route: "GET /api/v1/datasets/{database}/{dataset}/records/{id}",
        dataset: "population/persons",
        code: "",
        cause: "",
        question: Some([7; 32]),
        records: &["01JC0000000000000000000001"],
        policies: &[],
        fields: &[1, 2, 3, 4, 5],
        masked: &[6, 7],
    }
}

#[test]
#[ignore = "a measurement: make measure"]
fn costs_of_audit() {
    let count: usize = 1_000_000;
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::default().audit;
    let (log, _) = AuditLog::open(folder.path(), &config, 256, Instant(0)).expect("a log");
    let log = Arc::new(log);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    for connections in [8, 64, 256] {
        let (begun, each) = (Stopwatch::now(), count / 3 / connections);
        let before = log.counters();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..connections)
                .map(|task| {
                    let log = Arc::clone(&log);
                    tokio::spawn(async move {
                        for number in 0..each {
                            let mut request = [0; 16];
                            request[..8].copy_from_slice(&((task * each + number) as u64).to_be_bytes());
                            let opened = log.begin(request, Instant(1), "officer", "GET /").expect("begun");
                            log.close(opened, &draft(request)).await.expect("written");
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("whole");
            }
        });
        let (entries, syncs, _) = log.counters();
        let per_second = (each * connections) as f64 / begun.elapsed().as_secs_f64();
        let group = (entries - before.0) as f64 / (syncs - before.1) as f64;
        println!("{connections} connections: {per_second:.0} synced entries a second, {group:.0} a sync");
    }
    drop(log);
    println!("a start on the day of these entries:");
    crate::measure_proofs::open_alone(folder.path(), Instant(0));
}
