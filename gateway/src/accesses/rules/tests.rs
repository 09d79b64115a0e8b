//! Rules of the day, and files that are broken.

use foundation::value::Instant;

use super::*;

const SOME: &str = r#"
sealed = "whole-log"
officer = false

[[rule]]
tell = "after"
days = 10
ground = "刑事诉讼法"
from = "2026-01-01"
law = "a"

[[rule]]
tell = "after"
days = 30
ground = "刑事诉讼法"
from = "2027-01-01"
law = "b"

[[rule]]
tell = "never"
purpose = "人身安全保护"
from = "2026-01-01"
law = "c"

[[rule]]
tell = "after"
days = 5
department = "11100000PDY00001X7"
from = "2026-01-01"
law = "d"
"#;

#[test]
fn the_strictest_of_the_rules_of_the_day_counts() {
    let rules = AccessRules::parse(SOME, "x").expect("sound rules");
    let told = |at: &str, purpose: &str, ground: &str, department: &str| {
        let closed = Instant::parse(&format!("{at}T04:00:00Z")).expect("an instant");
        let [purpose, ground, department] = [purpose, ground, department].map(str::to_owned);
        rules.told(&Entry { closed, department, purpose, ground, ..Entry::default() })
    };
    let from = |day: &str| Told::From(Day::parse(day).expect("a date"));
    let police = "11100000PDY00001X7";
    assert_eq!(told("2026-06-01", "办理社会保险登记", "社会保险法", ""), Told::AtOnce);
    assert_eq!(told("2025-12-31", "侦查", "刑事诉讼法第五十四条", ""), Told::AtOnce, "not in force yet");
    assert_eq!(told("2026-06-01", "侦查", "刑事诉讼法第五十四条", ""), from("2026-06-11"));
    assert_eq!(told("2026-06-01", "侦查", "刑事诉讼法第五十四条", police), from("2026-06-11"), "the later");
    assert_eq!(told("2027-06-01", "侦查", "刑事诉讼法第五十四条", ""), from("2027-07-01"), "the newer rule");
    assert_eq!(told("2026-06-01", "", "", police), from("2026-06-06"));
    assert_eq!(told("2026-06-01", "人身安全保护令核查", "刑事诉讼法", police), Told::Never);
    assert!(!from("2026-06-11").on(Day::parse("2026-06-10").expect("a date")));
    assert!(from("2026-06-11").on(Day::parse("2026-06-11").expect("a date")) && !Told::Never.on(Day(i64::MAX)));
    let built_in = AccessRules::built_in().expect("sound rules");
    assert!(built_in.counts_sealed() && !built_in.names_officers());
}

#[test]
fn a_broken_rule_names_its_line() {
    let head = "sealed = \"whole-log\"\nofficer = false\n";
    for (rule, line) in [
        ("[[rule]]\ntell = \"after\"\nground = \"a\"\nfrom = \"2026-01-01\"\nlaw = \"a\"\n", 3),
        ("[[rule]]\ntell = \"never\"\ndays = 3\nground = \"a\"\nfrom = \"2026-01-01\"\nlaw = \"a\"\n", 3),
        ("\n[[rule]]\ntell = \"never\"\nground = \"a\"\nfrom = \"soon\"\nlaw = \"a\"\n", 4),
        ("[[rule]]\ntell = \"never\"\nground = \"a\"\nfrom = \"2026-01-01\"\nlaw = \" \"\n", 3),
        ("[[rule]]\ntell = \"never\"\nfrom = \"2026-01-01\"\nlaw = \"everybody\"\n", 3),
        ("[[rule]]\ntell = \"sometimes\"\n", 4),
    ] {
        let error = AccessRules::parse(&format!("{head}{rule}"), "x").expect_err("broken").to_string();
        assert!(error.starts_with(&format!("x, line {line}:")), "{error}");
    }
    assert!(AccessRules::parse("officer = false\n", "x").is_err());
    assert!(AccessRules::parse("sealed = \"per-person\"\nofficer = false\n", "x").is_err());
}
