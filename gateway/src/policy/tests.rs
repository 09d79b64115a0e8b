//! What is asked of a slice of the policies, of a kind of caller, is what all policies say of the caller himself.

use std::sync::Arc;

use cedar_policy::{Context, Entities, Request, RestrictedExpression};
use proptest::prelude::*;

use super::rules::Layer;
use super::subject::uid;
use super::view::{Circumstances, ClassOfFields, Question, View, Views};
use super::{DatasetFacts, Principal, Rules, Verdict};
use crate::token::{Role, Roles};

const DEPARTMENTS: [&str; 4] = ["11100000PDY0000991", "11100000PDY0000992", "11100000PDY0000993", ""];

fn facts() -> Vec<Arc<DatasetFacts>> {
    let domain = legal_entity::domain().expect("definitions");
    let people = population::domain().expect("definitions");
    let datasets = domain.datasets.iter().take(3).chain(people.datasets.iter().take(2));
    datasets.zip(0..).map(|(dataset, index)| Arc::new(DatasetFacts::new(Arc::clone(dataset), index))).collect()
}

/// What all policies say of the caller as he is.
fn by_all(rules: &Rules, principal: &Principal, facts: &DatasetFacts, question: Question) -> Verdict {
    let mut entities = vec![
        principal.entity(principal.department.as_deref().unwrap_or("")).expect("caller"),
        facts.entity().expect("dataset"),
    ];
    let mut resource = facts.uid().expect("dataset");
    if let Some(fields) = question.fields {
        let field = facts.field_entity(fields).expect("field");
        resource = field.uid();
        entities.push(field);
    }
    entities.extend(rules.actions().iter().cloned());
    let entities = Entities::from_entities(entities, Some(rules.schema())).expect("entities that fit the schema");
    let flag = |name: &str, yes| (name.to_owned(), RestrictedExpression::new_bool(yes));
    let Circumstances { grant_covers, accountable, return_flow } = question.circumstances;
    let context = Context::from_pairs([
        flag("grant_covers", grant_covers),
        flag("accountable", accountable),
        flag("return_flow", return_flow),
    ]);
    let action = uid("Action", question.action).expect("action");
    let caller = uid("Caller", "caller").expect("caller");
    let request = Request::new(caller, action, resource, context.expect("context"), Some(rules.schema()));
    rules.decide_by_all(&request.expect("a question that fits the schema"), &entities)
}

/// A condition on a dataset (`field` = on a field of one).
fn condition(field: bool) -> impl Strategy<Value = String> {
    let dataset = if field { "resource.dataset" } else { "resource" };
    let department = prop::sample::select(DEPARTMENTS.to_vec());
    let name = prop::sample::select(vec!["legal-entity/enterprises", "population/persons", "culture/works"]);
    let atom = prop_oneof![
        department.clone().prop_map(|d| format!("principal.department == \"{d}\"")),
        department.clone().prop_map(|d| format!("\"{d}\" == principal.department")),
        department.clone().prop_map(|d| format!("principal.department != \"{d}\"")),
        department.clone().prop_map(|d| format!("[\"{d}\", \"x\"].contains(principal.department)")),
        department.prop_map(|d| format!("(if context.accountable then principal.department else \"\") == \"{d}\"")),
        Just("principal.department like \"11100000PDY000099*\"".to_owned()),
        Just(format!("principal.department == {dataset}.provider")),
        Just(format!("{dataset}.sources.contains(principal.department)")),
        name.prop_map(move |n| format!("{dataset}.name == \"{n}\"")),
        Just(format!("{dataset}.database == \"population\"")),
        Just(format!("{dataset}.zone == \"public\"")),
        Just("principal.roles.contains(\"department\")".to_owned()),
        Just("context.grant_covers".to_owned()),
        Just(if field { "resource.grade + 9223372036854775807 > 3" } else { "true" }.to_owned()),
        Just(if field { "resource.named_by_grant" } else { "resource.has_open_fields" }.to_owned()),
    ];
    atom.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn policy() -> impl Strategy<Value = String> {
    let scope = prop::sample::select(vec![
        ("action == Action::\"get\"", "resource is Dataset", false),
        ("action in Action::\"ask_about_many\"", "resource is Dataset", false),
        ("action in [Action::\"ask_about_one\", Action::\"write\"]", "resource is Dataset", false),
        ("action in Action::\"ask_about_one\"", "resource == Dataset::\"population/persons\"", false),
        ("action == Action::\"read\"", "resource is Field", true),
        ("action in [Action::\"read\", Action::\"read_masked\"]", "resource is Field", true),
    ]);
    let effect = prop::sample::select(vec!["permit", "permit", "forbid"]);
    let when = prop::sample::select(vec!["when", "when", "unless"]);
    (effect, scope, when).prop_flat_map(|(effect, (action, resource, field), when)| {
        (condition(field), condition(field)).prop_map(move |(first, second)| {
            format!("{effect} (principal, {action}, {resource}) {when} {{ {first} }} when {{ {second} }};\n")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_slice_says_what_all_policies_say(policies in prop::collection::vec(policy(), 1..25)) {
        let numbered = policies.iter().enumerate();
        let text: Vec<String> =
            numbered.map(|(number, text)| format!("@id(\"p{number}\") @law(\"test\")\n{text}")).collect();
        // Conditions that never hold are refused by the schema's check; the rest are taken one file each.
        let rules = match Rules::compile(vec![("drawn.cedar".into(), text.concat())]) {
            Ok(rules) => Arc::new(rules),
            Err(_) => return Err(TestCaseError::reject("not a policy of this schema")),
        };
        for facts in facts() {
            let own = facts.dataset.provider_code.as_str();
            for department in DEPARTMENTS.iter().copied().chain([own, "11100000PDY0000999"]) {
                let principal = Principal {
                    roles: Roles::default().with(Role::Department),
                    department: (!department.is_empty()).then(|| Arc::from(department)),
                    company: None,
                };
                let sources = facts.dataset.authority.iter().chain([&facts.dataset.provider_code]).map(AsRef::as_ref);
                let told = rules.told(department, sources).to_owned();
                let view = |layer, name: &str| {
                    Arc::new(View::new(Arc::clone(&rules), layer, &principal, name, Arc::clone(&facts)).expect("a view"))
                };
                let views = Views::new(view(Layer::Common, &told), view(Layer::Own, department));
                for bits in 0..6_u8 {
                    let (grant_covers, accountable) = (bits & 1 > 0, bits & 2 > 0);
                    let circumstances = Circumstances { grant_covers, accountable, return_flow: bits == 5 };
                    let field = Some(ClassOfFields { class: 0, named: bits & 1 > 0, masked: false });
                    for (action, fields) in
                        [("get", None), ("search", None), ("import", None), ("read", field), ("read_masked", field)]
                    {
                        let question = Question { action, fields, circumstances };
                        let expected = by_all(&rules, &principal, &facts, question);
                        prop_assert_eq!(
                            &*views.ask(question), &expected, "{:?} by `{}` told as `{}` on {}\n{}",
                            question, department, told, facts.dataset.name, policies.join("")
                        );
                    }
                }
            }
        }
    }
}
