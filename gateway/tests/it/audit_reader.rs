//! Single entries are found by their numbers, whatever hints there are; a start counts what was given today.

use std::path::Path;
use std::sync::Arc;

use foundation::value::Instant;
use gateway::audit::{AuditLog, Draft, Entry, EntryReader};

use crate::audit::{draft, small, write};

/// Entries of three segments and more.
const ENTRIES: u64 = 16_000;

/// Lets a log of small segments grow to `ENTRIES`; gives the first entry of each segment.
fn grown(log: &Arc<AuditLog>) -> Vec<u64> {
    let writes = (0..ENTRIES).map(|n| {
        let log = Arc::clone(log);
        async move { write(&log, n).await }
    });
    futures::executor::block_on(futures::future::try_join_all(writes)).expect("written");
    let files = std::fs::read_dir(log.directory()).expect("a log").flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let mut firsts: Vec<u64> = names.filter_map(|name| name.strip_suffix(".log")?.parse().ok()).collect();
    firsts.sort_unstable();
    assert!(firsts.len() > 2, "{firsts:?}");
    firsts
}

fn open(directory: &Path) -> Arc<AuditLog> {
    Arc::new(AuditLog::open(directory, &small(), 0, Instant(1)).expect("a log").0)
}

/// All entries, read one by one and read on and on.
fn all(reader: &EntryReader) -> Vec<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        let more = reader.tail(read.len() as u64, 700).expect("readable");
        if more.is_empty() {
            break;
        }
        read.extend(more);
    }
    for (number, bytes) in (0..).zip(&read) {
        assert_eq!(reader.bytes(number).expect("readable").as_ref(), Some(bytes), "entry {number}");
    }
    read
}

#[test]
fn a_reader_sees_what_is_written_after_it_was_made() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = open(dir.path());
    let reader = log.reader().clone();
    assert_eq!(reader.bytes(0).expect("readable"), None);
    grown(&log);
    let read = all(&reader);
    assert_eq!(read.len() as u64, ENTRIES);
    let mut requests: Vec<[u8; 16]> = read.iter().map(|bytes| Entry::read(bytes).expect("an entry").request).collect();
    requests.sort_unstable();
    let sent: Vec<[u8; 16]> = (0..ENTRIES).map(|n| draft(n).request).collect();
    assert_eq!(requests, sent);
    assert_eq!(reader.bytes(ENTRIES).expect("readable"), None);
    assert_eq!(all(&EntryReader::open(dir.path()).expect("a log")), read);
}

/// Lost, cut or wrong: the entries are the same, and the hints of a segment are there again when it was read.
#[test]
fn hints_that_were_lost_come_back_with_the_first_reading() {
    let dir = tempfile::tempdir().expect("a directory");
    let firsts = {
        let log = open(dir.path());
        grown(&log)
    };
    let file = dir.path().join("places");
    let (hints, read) = (std::fs::read(&file).expect("hints"), all(&EntryReader::open(dir.path()).expect("a log")));
    assert_eq!(hints.len() as u64, ENTRIES * 4);
    let wrong: Vec<u8> = hints.chunks(4).flat_map(|hint| [hint[0] ^ 1, hint[1], hint[2], hint[3]]).collect();
    for (at, damaged) in [vec![], hints[..4_000].to_vec(), vec![0; hints.len()], wrong].into_iter().enumerate() {
        // Who only reads a log changes nothing in it.
        std::fs::write(&file, &damaged).expect("damaged");
        let offline = EntryReader::open(dir.path()).expect("a log");
        assert_eq!(offline.bytes(1_500).expect("readable").as_ref(), read.get(1_500), "damage {at}");
        assert!(std::fs::read(&file).expect("hints") == damaged, "damage {at}");
        for of_one in [true, false] {
            std::fs::write(&file, &damaged).expect("damaged");
            let log = open(dir.path());
            for (first, next) in firsts.iter().zip(firsts.iter().skip(1).chain([&ENTRIES])) {
                let (entry, reader) = ((first + next) / 2, log.reader());
                let bytes = if of_one { reader.bytes(entry) } else { reader.tail(entry, 1).map(|mut all| all.pop()) };
                assert_eq!(
                    bytes.expect("readable").as_ref(),
                    read.get(usize::try_from(entry).expect("few")),
                    "damage {at}"
                );
            }
            assert!(std::fs::read(&file).expect("hints") == hints, "damage {at}");
            assert_eq!(all(log.reader()), read, "damage {at}");
        }
    }
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(all(&EntryReader::open(dir.path()).expect("a log")), read);
    assert!(!file.exists());
}

#[test]
fn a_start_tells_what_was_given_on_its_day() {
    const DAY: i64 = 86_400_000_000;
    let dir = tempfile::tempdir().expect("a directory");
    let given = |n: u64, day: i64| Draft {
        closed: Instant(day * DAY + 1),
        department: "11100000PDY0000001",
        grant: "G-1",
        dataset: "population/persons",
        ..draft(n)
    };
    {
        let log = open(dir.path());
        let writes = (0..ENTRIES).map(|n| {
            let log = Arc::clone(&log);
            async move {
                let draft = given(n, i64::from(n >= 10) * 100);
                log.close(log.begin(draft.request, draft.opened, "", "")?, &draft).await
            }
        });
        futures::executor::block_on(futures::future::try_join_all(writes)).expect("written");
    }
    let told = |day: i64| {
        let mut told = Vec::new();
        let now = Instant(day * DAY + 7);
        let (_, found) =
            AuditLog::open_telling(dir.path(), &small(), 0, now, &mut |given| told.push(given)).expect("a log");
        (told, found.rows_by_grant)
    };
    let (of_today, rows) = told(100);
    assert_eq!((of_today.len() as u64, rows), (ENTRIES - 10, vec![("G-1".to_owned(), ENTRIES - 10)]));
    assert!(of_today.iter().all(|one| one.records == ["0123456789abcdef0123456789abcdef"] && one.grant == "G-1"));
    assert_eq!(told(101), (vec![], vec![]));
}
