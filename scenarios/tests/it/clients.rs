//! Third-party clients against the built program: GDAL, OGC's tests, OWSLib, pyogrio, ogc-client; oidc-provider.
//!
//! `scripts/clients.sh` sets them up, `scenarios/clients/*.py` runs them; `make clients` does both.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::house::root;
use crate::kill::owner_of;
use crate::program::Server;

/// Features of the datasets that the sample leaves empty: department, dataset, rows.
const FEATURES: [(&str, &str, &str); 5] = [
    (
        "11100000PDY000052P",
        "geospatial/features",
        "feature_id,name,feature_class,geometry\nf-1,锦江,river,\"LINESTRING(104.0 30.6,104.1 30.7)\"\n",
    ),
    (
        "11100000PDY000044W",
        "culture/venues",
        "venue_id,name,venue_kind,location\nv-1,试验图书馆,library,POINT(104.06 30.65)\n",
    ),
    (
        "11100000PDY000044W",
        "culture/sites",
        "site_id,name,area\ns-1,试验遗址,\"POLYGON((104.0 30.6,104.1 30.6,104.1 30.7,104.0 30.6))\"\n",
    ),
    (
        "11100000PDY000079F",
        "legal-entity/institutions",
        "credit_code,name,location\n12510000MA0TE5T16C,试验研究所,POINT(104.07 30.66)\n",
    ),
    (
        "11100000PDY000060J",
        "legal-entity/social-organisations",
        "credit_code,name,location\n51510000MA0TE5T16B,试验协会,POINT(104.08 30.67)\n",
    ),
];

fn imported(server: &Server, data: &Path, (department, dataset, rows): (&str, &str, &str)) {
    let token = owner_of(&data.to_string_lossy(), department);
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let url = server.url(&format!("/api/v1/datasets/{dataset}/records:import"));
    let request = agent.post(url).header("Authorization", format!("Bearer {token}"));
    let mut answer = request.header("Content-Type", "text/csv").send(rows).unwrap();
    let report: serde_json::Value = answer.body_mut().read_json().unwrap();
    assert_eq!(report["accepted"], 1, "{dataset}: {report}");
}

#[test]
#[ignore = "needs third-party clients: `make clients` sets them up and runs it"]
fn clients_of_others_read_the_ogc_api() {
    let clients = std::env::var("NATBASE_CLIENTS").expect("`make clients` names the folder of the clients");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let place = data.to_string_lossy().into_owned();
    let arguments = ["demo", "--sample-only", "--data", &place, "--listen", "127.0.0.1:0"];
    let mut command = Command::new(crate::program::binary());
    let server = Server::start_with(command.args(arguments), Duration::from_secs(300));
    for features in FEATURES {
        imported(&server, &data, features);
        crate::tour::indexed(&server, features.1, 1);
    }
    crate::tour::sample_indexed(&server);
    let script = root().join("scenarios/clients/ogc.py");
    let ran = Command::new("python3").arg(script).arg(server.url("")).arg(clients).status().unwrap();
    assert!(ran.success(), "see above which client saw something else");
    server.stop();
}

/// A port that nobody listens on at the moment.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
#[ignore = "needs npm's oidc-provider: `make clients` sets it up and runs it"]
fn clients_identity_provider_of_others_signs_people_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let clients = std::env::var("NATBASE_CLIENTS").expect("`make clients` names the folder of the clients");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let (port, own) = (free_port(), free_port());
    let gateway = format!("http://127.0.0.1:{own}");
    for (method, algorithm, key) in [
        ("private_key_jwt", "EdDSA", "ed25519"),
        ("private_key_jwt", "ES256", "EC"),
        ("private_key_jwt", "PS256", "RSA"),
        ("client_secret_basic", "RS256", ""),
    ] {
        let proof = data.join("proof");
        if key.is_empty() {
            std::fs::write(&proof, "a secret: of + signs & more than that\n").unwrap();
        } else {
            let options = if key == "EC" { vec!["-pkeyopt", "ec_paramgen_curve:P-256"] } else { Vec::new() };
            let file = proof.to_str().unwrap();
            let mut openssl = Command::new("openssl");
            let made = openssl.args(["genpkey", "-quiet", "-algorithm", key, "-out", file]).args(options);
            assert!(made.status().unwrap().success());
        }
        std::fs::set_permissions(&proof, std::fs::Permissions::from_mode(0o600)).unwrap();
        let by = if key.is_empty() { "client-secret" } else { "client-key" };
        let kid = if key.is_empty() { "" } else { "client-key-id = \"natbase-1\"\n" };
        let text = format!(
            "[accounts]\naddress = \"{gateway}\"\n[oidc]\nissuer = \"http://127.0.0.1:{port}\"\nclient-id = \"natbase\"\n\
             {by} = \"proof\"\n{kid}second-factor-amr = [\"mfa\"]\n"
        );
        std::fs::write(data.join("natbase.toml"), text).unwrap();
        let place = data.to_string_lossy().into_owned();
        if method == "private_key_jwt" && algorithm == "EdDSA" {
            let role = ["--role", "security-administrator", "--oidc-subject", "li-shan-7"];
            let output = crate::program::run(&[&["account", "add", "li.shan", "--data", &place], &role[..]].concat());
            assert!(output.status.success(), "{}", crate::program::said(&output));
        }
        let listen = format!("127.0.0.1:{own}");
        let server = Server::start(&["serve", "--listen", &listen, "--data", &place]);
        let script = root().join("scenarios/clients/oidc.mjs");
        let modules = Path::new(&clients).join("oidc-provider");
        let arguments = [port.to_string(), gateway.clone(), method.into(), algorithm.into()];
        let mut node = Command::new("node");
        let node = node.arg(script).arg(modules).args(arguments).arg(&proof).arg("li-shan-7");
        assert!(node.status().unwrap().success(), "see above why {method} with {algorithm} was refused");
        server.stop();
    }
}

#[test]
#[ignore = "needs shapely: `make clients` sets it up and runs it"]
fn clients_relations_are_those_of_geos() {
    let clients = std::env::var("NATBASE_CLIENTS").expect("`make clients` names the folder of the clients");
    let folder = tempfile::tempdir().unwrap();
    let (python, script) = (Path::new(&clients).join("readers/bin/python"), root().join("scenarios/clients/space.py"));
    let rows = folder.path().join("shapes.csv");
    let space = |arguments: &[&str]| {
        let ran = Command::new(&python).arg(&script).args(arguments).status().unwrap();
        assert!(ran.success(), "see above where natbase and GEOS differ");
    };
    let file = rows.to_string_lossy();
    space(&["make", &file]);
    let fields = [("fid", "integer"), ("name", "text"), ("geom", "geometry")];
    let server = crate::cql2::serving(&folder.path().join("data"), &[("shapes", &fields, &rows, 400)]);
    space(&["check", &server.url(""), &file]);
    server.stop();
}
