//! Sample sign-ins: the same question asked by people of different rights.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::super::data_dir::DataDir;
use super::super::node::Node;
use super::super::sign_in::now_s;
use super::sets::Sample;
use crate::token::{Role, Subject};

/// How long the tokens hold, seconds: a week.
const TOKEN_S: i64 = 7 * 24 * 3_600;

/// Variable, department, roles, officer, in words.
type Person = (&'static str, Option<&'static str>, &'static [Role], &'static str, &'static str);

const PEOPLE: [Person; 9] = [
    ("OWNER", Some("11100000PDY00001X7"), &[Role::Owner], "GA-0001", "公安部门, provides the population data"),
    ("GRANTED", Some("11100000PDY000060J"), &[Role::Department], "MZ-0007", "民政部门, has the grant demo-assistance"),
    ("OTHER", Some("11100000PDY000087A"), &[Role::Department], "WJ-0002", "卫生健康部门, has no grant"),
    ("REGISTRAR", Some("11100000PDY0000287"), &[Role::Owner], "SC-0003", "市场监管部门, provides the legal entities"),
    ("AUDITOR", Some("11100000PDY0000955"), &[Role::Auditor], "SJ-0001", "审计部门, reads the audit log"),
    ("ADMIN", None, &[Role::Administrator], "YW-0001", "operator, runs the system and reads no data"),
    (
        "HEAD",
        Some("11100000PDY000060J"),
        &[Role::Department, Role::Signatory],
        "MZ-0001",
        "民政部门, signs requests off",
    ),
    (
        "OWNER_HEAD",
        Some("11100000PDY00001X7"),
        &[Role::Department, Role::Owner, Role::Signatory],
        "GA-0009",
        "公安部门, signs answers off",
    ),
    ("AUTHORITY", Some("11100000PDY0000955"), &[Role::Authority], "SJ-0100", "主管部门, watches over sharing"),
];

/// Tokens, in a file that a shell can read.
pub(super) struct SignIns {
    file: PathBuf,
    person: String,
}

/// Makes the tokens and writes them to `sign-ins.sh` (0600) in the data directory.
pub(super) fn make(node: &Node, data: &DataDir) -> anyhow::Result<SignIns> {
    let mut text = "# Sample sign-ins of a natbase demonstration; made anew at every start.\n".to_owned();
    for (variable, department, roles, officer, words) in PEOPLE {
        let subject = Subject {
            subject: format!("demo-{}", variable.to_lowercase()),
            department: department.map(ToOwned::to_owned),
            roles: roles.to_vec(),
            officer: Some(officer.to_owned()),
            record: None,
            company: None,
        };
        let token = node.issuer.issue(&node.app.config.tokens, &subject, now_s(&*node.app.clock), TOKEN_S);
        let _ = writeln!(text, "{variable}='{token}'  # {words}");
    }
    let file = data.join("sign-ins.sh");
    let _ = std::fs::remove_file(&file);
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
    out.write_all(text.as_bytes())?;
    Ok(SignIns { file, person: first_person().unwrap_or_default() })
}

/// The number of the first synthetic person of the sample.
fn first_person() -> Option<String> {
    let persons = Sample::get("persons.csv")?;
    persons.lines().nth(1)?.split(',').next().map(ToOwned::to_owned)
}

impl SignIns {
    /// Prints lines ready for a shell.
    pub(super) fn print(&self, address: &str) {
        let lookup = format!("http://{address}/api/v1/datasets/population/persons/records:lookup");
        let body =
            format!("-H 'Content-Type: application/json' -d '{{\"keys\":[{{\"citizen_id\":\"{}\"}}]}}'", self.person);
        println!("\nSign-ins, for a shell (a synthetic person looked up with four different answers):\n");
        println!("  . {}", self.file.display());
        for (variable, _, _, officer, words) in PEOPLE.iter().take(3) {
            let more = match *variable {
                "GRANTED" => format!(
                    " -H 'Natbase-Grant: demo-assistance' -H 'Natbase-Case: 2026-0001' -H 'Natbase-Officer: {officer}'"
                ),
                _ => String::new(),
            };
            println!("  # {words}\n  curl -s {lookup} -H \"Authorization: Bearer ${variable}\"{more} {body}");
        }
        println!("  # the public\n  curl -s {lookup} {body}");
        println!(
            "  # 审计部门: who asked\n  curl -s 'http://{address}/api/v1/audit/entries?limit=5' -H \"Authorization: Bearer $AUDITOR\""
        );
        println!("  # anybody\n  curl -sG http://{address}/api/v1/search --data-urlencode q=静夜思\n");
        let _ = std::io::stdout().flush();
    }
}
