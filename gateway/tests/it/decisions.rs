//! The decision matrix (A1): every caller × dataset × act × grant × accountability × field × row relation, decided by the
//! policies and by a second evaluator that knows no Cedar, and a committed table of what comes out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use foundation::dataset::{Database, Dataset, Disclosure, OpenTo, Openness, Sharing};
use foundation::value::Instant;
use gateway::ask::Act;
use gateway::policy::{DatasetFacts, Decision, Grant, Grants, Principal, Rules, Snapshot, Terms};
use gateway::token::{Role, Roles};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/decisions.txt");
const STRANGER: &str = "11100000PDY0000999";

/// Who asks, in words, with the roles and whether the department is the dataset's provider, another of its sources, or none.
const CALLERS: [(&str, &[Role], Relation); 14] = [
    ("public", &[], Relation::None),
    ("department", &[Role::Department], Relation::Stranger),
    ("head of a department's office", &[Role::Department, Role::Signatory], Relation::Stranger),
    ("provider without the owner's role", &[Role::Department], Relation::Provider),
    ("owner of it", &[Role::Department, Role::Owner], Relation::Provider),
    ("head of its owner's office", &[Role::Department, Role::Owner, Role::Signatory], Relation::Provider),
    ("owner of another", &[Role::Department, Role::Owner], Relation::Stranger),
    ("another source of it", &[Role::Department, Role::Owner], Relation::Source),
    ("authority", &[Role::Authority], Relation::Stranger),
    ("auditor", &[Role::Auditor], Relation::None),
    ("administrator", &[Role::Administrator], Relation::None),
    ("security administrator", &[Role::Security], Relation::None),
    ("citizen", &[Role::Citizen], Relation::None),
    ("company", &[Role::Company], Relation::None),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    None,
    Stranger,
    Provider,
    Source,
}

/// What a request brings besides.
const CIRCUMSTANCES: [(&str, Held, bool); 7] = [
    ("no grant, not accountable", Held::None, false),
    ("no grant, accountable", Held::None, true),
    ("grant on all rows, not accountable", Held::AllRows, false),
    ("grant on all rows", Held::AllRows, true),
    ("grant on some rows, not accountable", Held::SomeRows, false),
    ("grant on some rows", Held::SomeRows, true),
    ("return flow of some rows", Held::ReturnFlow, true),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    None,
    AllRows,
    SomeRows,
    /// On some rows too: an area's own (Decree 809 art 24).
    ReturnFlow,
}

/// How a field is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Hidden,
    Masked,
    Plain,
}

/// A grant that names every third field, masks every third, and is silent on every third.
fn grant(dataset: &Dataset, held: Held) -> Option<Grant> {
    if held == Held::None {
        return None;
    }
    let every = |rest: usize| -> Vec<String> {
        dataset.fields.iter().enumerate().filter(|(at, _)| at % 3 == rest).map(|(_, f)| f.name.clone()).collect()
    };
    let terms = Terms {
        dataset: dataset.name.to_string(),
        acts: Vec::new(),
        fields: every(0),
        masked: every(1),
        rows: if held == Held::AllRows { String::new() } else { format!("{} IS NOT NULL", dataset.fields[0].name) },
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
    let grant = terms.grant("G", STRANGER, |name| (*name == dataset.name).then_some(dataset)).expect("a sound grant");
    Some(Grant { return_flow: held == Held::ReturnFlow, ..grant })
}

/// The second evaluator: the rules in words of Rust, from the decree and the docs, without the policy engine.
struct Naive<'a> {
    dataset: &'a Dataset,
    roles: Roles,
    department: &'a str,
    grant: Option<&'a Grant>,
    accountable: bool,
}

impl Naive<'_> {
    fn department(&self) -> bool {
        self.roles.has(Role::Department)
    }
    fn owns(&self) -> bool {
        self.roles.has(Role::Owner) && self.department == self.dataset.provider_code
    }
    fn company(&self) -> bool {
        self.roles.has(Role::Company)
    }
    /// Whether a field could be a company's under a grant.
    fn opened(&self, at: usize) -> bool {
        let field = &self.dataset.fields[at];
        let harmless =
            self.dataset.disclosure == Disclosure::Open && self.dataset.name.database() != Database::Population;
        field.openness.unwrap_or(self.dataset.openness) == Openness::Conditional && harmless && field.grade <= 2
    }
    fn conditional(&self, at: usize) -> bool {
        self.dataset.fields[at].openness.unwrap_or(self.dataset.openness) == Openness::Conditional
    }
    fn oversees(&self) -> bool {
        Role::ADMINISTRATORS.into_iter().any(|role| self.roles.has(role))
    }
    fn open(&self, at: usize) -> bool {
        let field = &self.dataset.fields[at];
        field.openness.unwrap_or(self.dataset.openness) == Openness::Unconditional
    }
    fn sharing(&self, at: usize) -> Sharing {
        self.dataset.fields[at].sharing.unwrap_or(self.dataset.sharing)
    }
    fn any(&self, which: impl Fn(usize) -> bool) -> bool {
        (0..self.dataset.fields.len()).any(which)
    }

    /// Whether the act itself may be done, with the grant or without.
    fn may(&self, act: Act, with_grant: bool) -> bool {
        let held = with_grant && self.grant.is_some() && self.accountable;
        let harmless =
            self.dataset.disclosure == Disclosure::Open && self.dataset.name.database() != Database::Population;
        let opened = self.company() && self.any(|at| self.conditional(at)) && harmless;
        let granted = held && (self.department() || opened);
        let shared = self.department() && self.accountable && self.any(|at| self.sharing(at) == Sharing::Unconditional);
        let asks = self.any(|at| self.open(at)) || shared || granted || self.owns();
        let people = self.dataset.name.database() == Database::Population;
        match act {
            Act::Catalogue => {
                let secret = self.dataset.sharing == Sharing::None
                    && self.dataset.openness == Openness::None
                    && !self.any(|at| self.open(at));
                !secret || self.department() || self.roles.has(Role::Authority) || self.oversees()
            }
            _ if self.oversees() => false,
            Act::Import | Act::ImportReport | Act::Withdraw => {
                let source = self.dataset.authority.iter().any(|code| code == self.department);
                self.roles.has(Role::Owner) && (self.department == self.dataset.provider_code || source)
            }
            Act::Verify => (granted && !self.company()) || self.owns(),
            Act::FindPersons if self.company() => false,
            Act::Get | Act::Lookup | Act::FindPersons | Act::Ownership => asks,
            Act::Statistics => {
                let made = self.dataset.statistics.as_ref();
                let public = made.is_some_and(|rule| rule.open_to == OpenTo::Public);
                (asks || public) && (!people || self.owns() || made.is_some())
            }
            // An area lists and follows its own people.
            Act::Search | Act::List | Act::Changes => {
                let flows = with_grant && self.accountable && self.grant.is_some_and(|grant| grant.return_flow);
                asks && (!people || self.owns() || flows)
            }
            _ => asks && (!people || self.owns()),
        }
    }

    /// How a field is seen, with the grant or without.
    fn sees(&self, at: usize, with_grant: bool) -> Seen {
        let number = self.dataset.fields[at].number;
        let grant = self.grant.filter(|_| with_grant);
        if self.oversees() || (self.sharing(at) == Sharing::None && !self.open(at) && !self.owns()) {
            return Seen::Hidden;
        }
        let masked = grant.is_some_and(|g| g.masked.contains(&number));
        let mine = self.department() || (self.company() && self.opened(at));
        let under = grant.is_some() && self.accountable && mine;
        let plain = self.open(at)
            || (self.department() && self.accountable && self.sharing(at) == Sharing::Unconditional)
            || (under && grant.is_some_and(|g| g.fields.contains(&number)))
            || self.owns();
        match (plain && (!masked || self.open(at)), under && masked) {
            (true, _) => Seen::Plain,
            (false, true) => Seen::Masked,
            (false, false) => Seen::Hidden,
        }
    }

    /// Of what is seen, the fields that counts may be made by, where disclosure control makes them.
    fn counted(&self, act: Act, seen: Vec<Seen>) -> Vec<Seen> {
        let Some(rule) = self.dataset.statistics.as_ref().filter(|_| act == Act::Statistics && !self.owns()) else {
            return seen;
        };
        let one = |(at, seen): (usize, Seen)| {
            let by = rule.by.contains(&self.dataset.fields[at].name);
            if by && (seen == Seen::Plain || rule.open_to == OpenTo::Public) { Seen::Plain } else { Seen::Hidden }
        };
        seen.into_iter().enumerate().map(one).collect()
    }

    /// What is seen of rows inside the grant and of others; `None` = the act is refused.
    fn decide(&self, act: Act) -> Option<[Vec<Seen>; 2]> {
        if !self.may(act, true) {
            return None;
        }
        let fields = 0..self.dataset.fields.len();
        let own: Vec<Seen> = fields.clone().map(|at| self.sees(at, true)).collect();
        let rest: Vec<Seen> =
            fields.map(|at| if self.may(act, false) { self.sees(at, false) } else { Seen::Hidden }).collect();
        let nothing = |seen: &[Seen]| seen.iter().all(|s| *s == Seen::Hidden);
        let (own, rest) = (self.counted(act, own), self.counted(act, rest));
        let limited = self.grant.is_some_and(|g| g.rows.is_some());
        let inside: Vec<Seen> = if limited && rest.contains(&Seen::Plain) {
            own.iter().zip(&rest).map(|(a, b)| *a.max(b)).collect()
        } else {
            own.clone()
        };
        let outside = if limited { rest } else { own };
        let silent = matches!(act, Act::Import | Act::ImportReport | Act::Withdraw | Act::Catalogue | Act::Verify);
        if nothing(&inside) && nothing(&outside) && !silent { None } else { Some([inside, outside]) }
    }
}

/// What the policies decided, in the same form.
fn seen_by(dataset: &Dataset, decision: &Decision, grant: Option<&Grant>) -> [Vec<Seen>; 2] {
    let limit = grant.and_then(|g| g.rows.as_ref());
    let of = |inside: bool| -> Vec<Seen> {
        // A scope with the grant's rows holds inside alone; an embargo holds everywhere.
        let scopes = decision.scopes.iter().filter(|s| {
            inside
                || limit.is_none()
                || !s
                    .rows
                    .as_ref()
                    .is_some_and(|rows| format!("{rows:?}").contains(&format!("{:?}", limit.expect("a limit"))))
        });
        let scopes: Vec<_> = scopes.collect();
        let one = |number: u16| {
            if scopes.iter().any(|s| s.readable.contains(&number)) {
                Seen::Plain
            } else if scopes.iter().any(|s| s.masked.contains(&number)) {
                Seen::Masked
            } else {
                Seen::Hidden
            }
        };
        dataset.fields.iter().map(|f| one(f.number)).collect()
    };
    [of(true), of(false)]
}

fn every_dataset() -> Vec<Arc<Dataset>> {
    let domains =
        [population::domain(), legal_entity::domain(), macroeconomy::domain(), culture::domain(), geospatial::domain()];
    let mut all: Vec<Arc<Dataset>> = domains.into_iter().flat_map(|d| d.expect("definitions").datasets).collect();
    // One whose figures are public: no definition of the program says so.
    let persons = all.iter().find(|d| d.name.to_string() == "population/persons").expect("persons");
    let mut open = Dataset::clone(persons);
    open.name = "population/persons-counted-in-public".parse().expect("a name");
    open.statistics.as_mut().expect("a rule").open_to = OpenTo::Public;
    all.push(Arc::new(open));
    // What no definition of the program opens: persons, and fields of a high grade.
    for (name, as_new) in [
        ("population/persons", "population/persons-opened-conditionally"),
        ("geospatial/addresses", "geospatial/addresses-opened-to-the-door"),
    ] {
        let mut opened = Dataset::clone(all.iter().find(|d| d.name.to_string() == name).expect("a dataset"));
        (opened.name, opened.openness) = (as_new.parse().expect("a name"), Openness::Conditional);
        opened.fields.iter_mut().for_each(|field| field.openness = None);
        all.push(Arc::new(opened));
    }
    all
}

/// What came of comparing policies with the second evaluator.
struct Compared {
    /// The first decision on which they differ.
    differ: Option<String>,
    table: String,
    asked: u64,
    decisions: u64,
}

fn compare(rules: Rules, datasets: &[Arc<Dataset>]) -> Compared {
    let snapshot = Snapshot::new(Arc::new(rules), Grants::none(), Grants::none());
    let acts: Vec<Act> = Act::ALL.into_iter().filter(|act| !Act::ON_THE_SYSTEM.contains(act)).collect();
    let (mut asked, mut decisions) = (0_u64, 0_u64);
    let mut table = String::from(
        "# Dataset, caller, circumstances: acts permitted; fields seen plain/masked/hidden in rows of the grant and in others.\n\
         # `*` = counts are exact. Made by the test with BLESS=1; review every changed line.\n",
    );
    for (index, dataset) in datasets.iter().enumerate() {
        let facts = Arc::new(DatasetFacts::new(Arc::clone(dataset), u16::try_from(index).expect("few")));
        let source = dataset.authority.iter().find(|code| **code != dataset.provider_code);
        let _ = writeln!(table, "{}", dataset.name);
        for (who, roles, relation) in CALLERS {
            let department = match relation {
                Relation::None => None,
                Relation::Stranger => Some(STRANGER),
                Relation::Provider => Some(dataset.provider_code.as_str()),
                Relation::Source => match source {
                    Some(code) => Some(code.as_str()),
                    None => continue,
                },
            };
            let roles = if roles.is_empty() {
                Roles::PUBLIC
            } else {
                roles.iter().fold(Roles::default(), |all, role| all.with(*role))
            };
            let company = roles.has(Role::Company).then(|| Arc::from("91350100M000100Y43"));
            let principal = Principal { roles, department: department.map(Arc::from), company };
            for (circumstances, held, accountable) in CIRCUMSTANCES {
                let grant = grant(dataset, held);
                // A grant is looked at for a company, and for a department that does not own the dataset.
                let holds = roles.has(Role::Company) || roles.has(Role::Department);
                if grant.is_some() && (!holds || principal.owns(&dataset.provider_code)) {
                    continue;
                }
                let naive =
                    Naive { dataset, roles, department: department.unwrap_or(""), grant: grant.as_ref(), accountable };
                let mut permitted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
                for act in &acts {
                    let made = snapshot.decide(&principal, &facts, *act, grant.as_ref(), accountable, Instant(0));
                    let expected = naive.decide(*act);
                    asked += 1;
                    decisions += 2 * dataset.fields.len() as u64;
                    let got = made.as_ref().ok().map(|d| seen_by(dataset, d, grant.as_ref()));
                    if got != expected {
                        let what = format!("{} {who}, {circumstances}: {}", dataset.name, act.as_str());
                        return Compared { differ: Some(what), table, asked, decisions };
                    }
                    if let (Ok(decision), Some([inside, outside])) = (&made, &got) {
                        let exact = naive.owns() || dataset.disclosure == Disclosure::Open;
                        if decision.counts != exact {
                            let what = format!("{} {who}: counts", dataset.name);
                            return Compared { differ: Some(what), table, asked, decisions };
                        }
                        let sum = |seen: &[Seen]| {
                            let of = |what| seen.iter().filter(|s| **s == what).count();
                            format!("{}/{}/{}", of(Seen::Plain), of(Seen::Masked), of(Seen::Hidden))
                        };
                        let star = if exact { "*" } else { "" };
                        let sight = format!("{} {}{star}", sum(inside), sum(outside));
                        permitted.entry(sight).or_default().push(act.as_str());
                    }
                }
                for (sight, acts) in permitted {
                    let _ = writeln!(table, "  {who}, {circumstances}: {sight} {}", acts.join(" "));
                }
            }
        }
    }
    Compared { differ: None, table, asked, decisions }
}

#[test]
fn the_policies_decide_as_the_second_evaluator_does_and_as_the_table_says() {
    let rules = Rules::built_in().map_err(|e| e.to_string()).expect("sound policies");
    let Compared { differ, table, asked, decisions } = compare(rules, &every_dataset());
    assert_eq!(differ, None);
    println!("decision matrix: {asked} questions, {decisions} decisions on fields");
    assert!(decisions > 350_000, "{decisions}");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(FILE, &table).expect("written");
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    for (line, (kept, now)) in kept.lines().zip(table.lines()).enumerate() {
        assert_eq!(kept, now, "decisions.txt, line {}", line + 1);
    }
    assert_eq!(kept.lines().count(), table.lines().count(), "decisions.txt has other lines");
}

/// A policy left out or turned is noticed: the comparison bites.
#[test]
fn planted_faults_in_policies_are_found() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let wanted = [
        "population/persons",
        "population/persons-counted-in-public",
        "population/vital-events",
        "legal-entity/beneficial-owners",
        "culture/sites",
        "geospatial/addresses",
        "geospatial/addresses-opened-to-the-door",
    ];
    let datasets: Vec<_> =
        every_dataset().into_iter().filter(|d| wanted.contains(&d.name.to_string().as_str())).collect();
    let faults = [
        ("30-owners.cedar", "principal.department == resource.dataset.provider", "true"),
        ("20-departments.cedar", "when { context.grant_covers && resource.masked_by_grant }", "when { false }"),
        ("20-departments.cedar", "context.accountable &&\n  resource.named_by_grant", "resource.named_by_grant"),
        ("40-people.cedar", "when { resource.database == \"population\" }", "when { false }"),
        ("46-companies.cedar", "resource.grade <= 2 &&\n    ", ""),
        ("46-companies.cedar", "resource.masked_by_grant &&\n  resource.openness", "resource.openness"),
        ("50-oversight.cedar", "principal.roles.contains(\"auditor\") || ", ""),
        ("60-counts.cedar", "resource.disclosure == \"open\"", "true"),
        ("60-counts.cedar", "resource.statistics == \"public\"", "resource.statistics == \"nobody\""),
        ("40-people.cedar", " && resource.statistics != \"withheld\"", ""),
        ("40-people.cedar", "context.return_flow && ", ""),
        (
            "10-public.cedar",
            "when { resource.openness == \"unconditional\" }",
            "when { resource.openness != \"none\" || resource.grade < 3 }",
        ),
    ];
    for (file, text, turned) in faults {
        let dir = tempfile::tempdir().expect("a directory");
        for item in std::fs::read_dir(folder).expect("policies") {
            let path = item.expect("a policy").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let mut policies = std::fs::read_to_string(&path).expect("readable");
            if name == file {
                assert!(policies.contains(text), "{file} no longer says `{text}`");
                policies = policies.replacen(text, turned, 1);
            }
            std::fs::write(dir.path().join(name), policies).expect("written");
        }
        let rules = Rules::read(dir.path()).map_err(|e| e.to_string()).expect("policies that are read");
        let found = compare(rules, &datasets).differ;
        assert!(found.is_some(), "{file}: `{text}` turned into `{turned}` was not noticed");
        println!("decision matrix: planted fault in {file} found at {}", found.unwrap_or_default());
    }
}

/// The rules that hold whatever the policies say: nothing is given by default, a wider question never shows more than the
/// same caller may read, and accountability never takes anything away.
#[test]
fn more_is_never_less() {
    let domain = legal_entity::domain().expect("definitions");
    let rules = Rules::built_in().map_err(|e| e.to_string()).expect("sound policies");
    let snapshot = Snapshot::new(Arc::new(rules), Grants::none(), Grants::none());
    for (index, dataset) in domain.datasets.iter().enumerate() {
        let facts = Arc::new(DatasetFacts::new(Arc::clone(dataset), u16::try_from(index).expect("few")));
        let nobody = Principal { roles: Roles::default(), department: None, company: None };
        let public = snapshot.decide(&nobody, &facts, Act::Get, None, false, Instant(0));
        if let Ok(decision) = &public {
            let closed = |n: &u16| {
                let field = dataset.field_by_number(*n).expect("a field");
                field.openness.unwrap_or(dataset.openness) != Openness::Unconditional
            };
            assert!(!decision.scopes.iter().any(|s| s.readable.iter().any(closed)), "{}", dataset.name);
        }
        let roles = Roles::default().with(Role::Department);
        let department = Principal { roles, department: Some(Arc::from(STRANGER)), company: None };
        let of = |accountable| {
            let made = snapshot.decide(&department, &facts, Act::Get, None, accountable, Instant(0));
            made.map(|d| d.scopes.iter().flat_map(|s| s.readable.clone()).collect::<Vec<_>>()).unwrap_or_default()
        };
        let (less, more) = (of(false), of(true));
        assert!(less.iter().all(|n| more.contains(n)), "{}", dataset.name);
    }
}
