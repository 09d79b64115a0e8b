//! A provider changes a dataset of the program and registers one of its own while the server runs and takes rows; killed
//! and started again, it serves both.

use serde_json::{Value as Json, json};

use crate::house::root;
use crate::kill::{import, rows};
use crate::program::{Server, run, said};
use crate::schema::{next_version, ready, until};

const GIVES: &str = "11100000PDY000044W";
const WATCHES: &str = "11100000PDY0000955";

/// A directory with a server, and the tokens of those who act.
struct Stage {
    place: String,
    writer: String,
    head: String,
    authority: String,
}

impl Stage {
    fn at(place: &str) -> Self {
        let token = |department: &str, roles: &[&str]| {
            let mut arguments = vec!["token", "--data", place, "--subject", roles[0], "--department", department];
            arguments.extend(["--officer", "007"]);
            for role in roles {
                arguments.extend(["--role", role]);
            }
            let output = run(&arguments);
            assert!(output.status.success(), "{}", said(&output));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        Self {
            place: place.to_owned(),
            writer: token(GIVES, &["owner", "department"]),
            head: token(GIVES, &["signatory", "owner", "department"]),
            authority: token(WATCHES, &["authority"]),
        }
    }

    fn serve(&self) -> Server {
        let server = Server::start(&["serve", "--data", &self.place, "--listen", "127.0.0.1:0"]);
        ready(&server);
        server
    }

    /// From a definition's file to its service; gives the entry's id.
    fn register(&self, server: &Server, query: &str, definition: &str) -> String {
        let drafted = post(server, &self.writer, &format!("entries:import{query}"), "application/toml", definition);
        let id = drafted["id"].as_str().unwrap_or_else(|| panic!("{drafted}")).to_owned();
        for (token, step) in [
            (&self.head, "submit"),
            (&self.authority, "approve"),
            (&self.authority, "announce"),
            (&self.writer, "serve"),
        ] {
            let said = post(server, token, &format!("entries/{id}:{step}"), "application/json", "{}");
            assert!(said["state"].is_string(), "{step}: {said}");
        }
        id
    }
}

fn post(server: &Server, token: &str, path: &str, kind: &str, body: &str) -> Json {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let request = agent.post(server.url(&format!("/api/v1/catalogue/{path}")));
    let request = request.header("authorization", format!("Bearer {token}")).header("content-type", kind);
    request.send(body).unwrap().body_mut().read_json().unwrap()
}

#[test]
fn datasets_are_registered_while_rows_come_in_and_outlive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data").to_string_lossy().into_owned();
    let stage = Stage::at(&place);
    let server = stage.serve();
    let address = server.address.clone();
    let (status, report) = import(&address, &stage.writer, "first", "2026-01-01", &rows(0..200, 1)).unwrap();
    assert_eq!((status, &report["accepted"]), (200, &json!(200)));

    // Rows keep coming while the definition changes: each import is whole by the definition before or by this one.
    let going = {
        let (address, token) = (address.clone(), stage.writer.clone());
        std::thread::spawn(move || {
            (0..12_u64)
                .map(|n| {
                    let numbers = 1_000 + n * 50..1_000 + (n + 1) * 50;
                    import(&address, &token, &format!("going-{n}"), "2026-01-02", &rows(numbers, 1)).unwrap()
                })
                .all(|(status, report)| status == 200 && report["accepted"] == 50)
        })
    };
    let works = std::fs::read_to_string(root().join("culture/datasets/works.toml")).unwrap();
    let works = works.replacen("conditions-of-use = \"\"", "conditions-of-use = \"注明来源\"", 1);
    let works = works.replacen("impact-assessment = \"\"", "impact-assessment = \"PIA-2026-301\"", 1);
    stage.register(&server, "?entry=culture:works&reason=shelves", &next_version(&works));
    let books = std::fs::read_to_string(root().join("culture/datasets/books.toml")).unwrap();
    let steles = books.replacen("culture/books", "culture/steles", 1).replacen("古籍目录", "碑刻目录", 1);
    let steles = steles.replacen("conditions-of-use = \"\"", "conditions-of-use = \"注明来源\"", 1);
    let steles = steles.replacen("impact-assessment = \"\"", "impact-assessment = \"PIA-2026-302\"", 1);
    let id = stage.register(&server, "", &steles);
    assert!(going.join().unwrap(), "an import failed while definitions changed");

    let shelved = rows(400..410, 1).replace("\"author\"", "\"shelf\":\"A1\",\"author\"");
    let (status, report) = import(&address, &stage.writer, "second", "2026-01-03", &shelved).unwrap();
    assert_eq!((status, &report["accepted"]), (200, &json!(10)), "{report}");
    let shelf = "/api/v1/datasets/culture/works/records?filter=shelf%3D%27A1%27";
    until(&server, shelf, |page| page["total"]["value"] == 10);
    let records = "/api/v1/datasets/culture/works/records";
    until(&server, records, |page| page["total"]["value"] == 810);
    server.kill();

    let server = stage.serve();
    until(&server, shelf, |page| page["total"]["value"] == 10);
    until(&server, records, |page| page["total"]["value"] == 810);
    let entry: Json = ureq::get(server.url("/api/v1/catalogue/entries/culture:steles"))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
    assert_eq!((&entry["id"], &entry["items"]["title"]), (&json!(id), &json!("碑刻目录")), "served by the same entry");
    let empty: Json = ureq::get(server.url("/api/v1/datasets/culture/steles/records"))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
    assert_eq!(empty["total"]["value"], 0);
    server.stop();
    let output = run(&["check", "--data", &place]);
    assert!(output.status.success(), "{}", said(&output));
}
