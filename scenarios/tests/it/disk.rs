//! Disk full: writes are refused cleanly, reads go on, and it heals by itself. Needs the right to mount.

use std::process::Command;
use std::time::Duration;

use crate::kill::{import, rows};
use crate::program::Server;

#[test]
#[ignore = "mounts a file system of its own: run with `--ignored`, as root"]
fn a_full_disk_refuses_writes_and_heals() {
    let may_mount = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|o| o.status.success());
    if !may_mount {
        println!("skipped: this user may not mount");
        return;
    }
    // The mount is seen by this process's children alone: the program and the filler run in one namespace.
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_string_lossy().into_owned();
    let binary = crate::program::binary();
    let script = format!(
        "mount -t tmpfs -o size=160m tmpfs '{place}' && mkdir -p '{place}/data' && \
         ( while [ ! -e '{place}/fill' ] && [ ! -e '{place}/end' ]; do sleep 0.1; done; \
           head -c 1G /dev/zero > '{place}/ballast' 2>/dev/null; \
           while [ -e '{place}/fill' ]; do sleep 0.1; done; rm -f '{place}/ballast' ) & \
         exec '{}' serve --data '{place}/data' --listen 127.0.0.1:0",
        binary.display()
    );
    let server =
        Server::start_with(Command::new("unshare").args(["-m", "sh", "-c", &script]), Duration::from_secs(120))
            .expect_log("");
    let inside = |command: &str| {
        let id = server.id().to_string();
        Command::new("nsenter").args(["-t", &id, "-m", "sh", "-c", command]).output().unwrap()
    };
    let token = {
        let id = server.id().to_string();
        let output = Command::new("nsenter")
            .args(["-t", &id, "-m"])
            .arg(&binary)
            .args(["token", "--data", &format!("{place}/data"), "--department", "11100000PDY000044W"])
            .args(["--role", "department", "--role", "owner", "--officer", "1"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", crate::program::said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (status, body) = import(&server.address, &token, "before", "2026-01-01", &rows(0..200, 1)).unwrap();
    assert_eq!(status, 200, "{body}");
    let _ = inside(&format!("touch '{place}/fill'"));
    std::thread::sleep(Duration::from_secs(2));
    let mut refused = None;
    for number in 0..40 {
        let from = 1_000 * (number + 1);
        match import(&server.address, &token, &format!("full-{number}"), "2026-01-01", &rows(from..from + 1_000, 1)) {
            Some((200, body)) if body["cut_off"].is_null() => {}
            other => {
                refused = other;
                break;
            }
        }
    }
    let (status, body) = refused.expect("a full disk refuses writes");
    println!("refused: {status} {body}");
    assert!(status == 200 || status == 503 || status == 507, "{status} {body}");
    // Writes were refused; it is up and says so, or reads.
    let live = ureq::get(server.url("/health/live")).call().unwrap();
    assert_eq!(live.status().as_u16(), 200);
    let _ = inside(&format!("rm -f '{place}/fill'; sleep 1; rm -f '{place}/ballast'"));
    let mut healed = None;
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(500));
        healed = import(&server.address, &token, "after", "2026-01-01", &rows(90_000..90_100, 1));
        if healed.as_ref().is_some_and(|(status, body)| *status == 200 && body["cut_off"].is_null()) {
            break;
        }
    }
    let (status, body) = healed.expect("an answer after the disk has room again");
    assert_eq!((status, body["accepted"].as_u64()), (200, Some(100)), "{body}");
}
