//! Which definitions and codes a base database takes after others.

use std::fmt::Write as _;
use std::sync::Arc;

use foundation::clock::FixedClock;
use foundation::dataset::{Change, CodeList, CodeLists, Dataset, Title};
use foundation::record::registry::{RegistryError, Step, plan, register};
use foundation::store::Store;
use foundation::store::memory::MemoryStore;
use foundation::value::Instant;

fn definition(version: u32, more: &str) -> Vec<Arc<Dataset>> {
    let text = format!(
        r#"
name = "culture/scrolls"
version = {version}
title = {{ zh = "卷轴", en = "Scrolls" }}
summary = {{ zh = "卷轴", en = "Scrolls" }}
resource-code = "304001/000001"
classification = "a/b/c/d"
provider = "p"
provider-code = "11100000PDY000044W"
format = "数据库"
update-cycle = "其他"
published = "2026-11-23"
sharing = "unconditional"
openness = "unconditional"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["code"]

[[field]]
number = 1
name = "code"
title = {{ zh = "编号", en = "Code" }}
type = "text"
required = true
grade = 1

[[field]]
number = 2
name = "kind"
title = {{ zh = "类别", en = "Kind" }}
type = "code"
code-list = "kinds"
grade = 1
{more}"#
    );
    vec![Arc::new(Dataset::from_toml(&text, "scrolls.toml").unwrap())]
}

const FIELD: &str =
    "\n[[field]]\nnumber = 3\nname = \"note\"\ntitle = { zh = \"注\", en = \"Note\" }\ntype = \"text\"\ngrade = 1\n";

fn kinds(codes: impl IntoIterator<Item = u32>) -> CodeLists {
    let mut text = String::from("# title-zh: 类别\n# title-en: Kinds\n# source: none\ncode,zh\n");
    for code in codes {
        writeln!(text, "{code},第{code}类").unwrap();
    }
    CodeLists::from_texts([("kinds.csv", text.as_str())]).unwrap()
}

fn store() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(Arc::new(FixedClock::at(Instant(1_800_000_000_000_000)))))
}

#[tokio::test]
async fn a_plan_says_what_registering_does() {
    let (store, lists) = (store(), kinds(1..4));
    let first = definition(1, "");
    let step = |steps: &[(_, Step)]| steps[0].1.clone();
    assert_eq!(step(&plan(&store, &first, &lists).await.unwrap().0), Step::New);
    let numbers = register(&store, &first, &lists).await.unwrap();
    assert_eq!(step(&plan(&store, &first, &lists).await.unwrap().0), Step::Same);
    let second = definition(2, FIELD);
    let changed = Step::Changed(1, vec![Change::FieldAdded("note".into())]);
    assert_eq!(step(&plan(&store, &second, &lists).await.unwrap().0), changed);
    // A plan has changed nothing.
    assert_eq!(step(&plan(&store, &second, &lists).await.unwrap().0), changed);
    assert_eq!(register(&store, &second, &lists).await.unwrap(), numbers);
    for (dataset, part) in [
        (definition(1, FIELD), "version 1 is older than 2"),
        (definition(3, ""), "field `note` (number 3) is gone"),
        (definition(2, &FIELD.replace("Note", "Remark")), "`version` is still 2"),
    ] {
        let Step::Refused(reason) = step(&plan(&store, &dataset, &lists).await.unwrap().0) else {
            panic!("{part}: not refused")
        };
        assert!(reason.contains(part), "{reason}");
        let refused = register(&store, &dataset, &lists).await.unwrap_err();
        assert!(matches!(&refused, RegistryError::Changed { reason, .. } if reason.contains(part)), "{refused}");
        assert_eq!(step(&plan(&store, &second, &lists).await.unwrap().0), Step::Same);
    }
    let (steps, left) = plan(&store, &[], &lists).await.unwrap();
    assert!(steps.is_empty());
    assert_eq!(left.iter().map(ToString::to_string).collect::<Vec<_>>(), ["culture/scrolls"]);
}

#[tokio::test]
async fn a_code_list_grows_and_never_shrinks() {
    let (store, datasets) = (store(), definition(1, ""));
    register(&store, &datasets, &kinds(1..2_500)).await.unwrap();
    register(&store, &datasets, &kinds(1..3_600)).await.unwrap();
    // 3,599 was given with the second list.
    for gone in [7, 3_599] {
        let refused = register(&store, &datasets, &kinds((1..3_600).filter(|code| *code != gone))).await.unwrap_err();
        let named =
            matches!(&refused, RegistryError::CodeGone { list, code } if list == "kinds" && *code == gone.to_string());
        assert!(named, "{refused}");
    }
    register(&store, &datasets, &kinds(1..3_600)).await.unwrap();
    let ended = kinds(1..3_600).get("kinds").map(|list| {
        let ended = list.iter().cloned().map(|mut code| {
            code.valid.to = foundation::value::Day(20_000);
            code
        });
        CodeList::new("kinds", Title::default(), "none", list.reaches_back_to, ended.collect())
    });
    let mut lists = CodeLists::default();
    lists.insert(ended.unwrap());
    register(&store, &datasets, &lists).await.unwrap();
}
