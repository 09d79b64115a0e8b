use std::cell::RefCell;
use std::rc::Rc;

use foundation::value::citizen_id::CitizenId;
use foundation::value::credit_code::CreditCode;

use super::*;

#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Persons, enterprises, shareholdings.
fn made(seed: u64) -> [String; 3] {
    let files = [Kept::default(), Kept::default(), Kept::default()];
    let open = |name: &str| -> anyhow::Result<Box<dyn Write>> {
        let at =
            ["persons.csv", "enterprises.csv", "shareholdings.csv"].iter().position(|n| *n == name).expect("a file");
        Ok(Box::new(files[at].clone()))
    };
    generate(seed, 400, 60, open).expect("made");
    files.clone().map(|file| String::from_utf8(file.0.borrow().clone()).expect("UTF-8"))
}

#[test]
fn the_same_seed_gives_the_same_nation() {
    assert_eq!(made(7), made(7));
    assert_ne!(made(7)[0], made(8)[0]);
}

#[test]
fn numbers_are_sound_and_synthetic() {
    let [persons, enterprises, shares] = made(1);
    let mut seen = std::collections::HashSet::new();
    for line in persons.lines().skip(1) {
        let number = line.split(',').next().expect("a number");
        CitizenId::parse(number).expect("a sound number");
        assert!(number.starts_with("89") && seen.insert(number.to_owned()), "{number}");
    }
    assert_eq!(persons.lines().count(), 401);
    for line in enterprises.lines().skip(1) {
        let code = CreditCode::parse(line.split(',').next().expect("a code")).expect("a sound code");
        assert!(code.division().starts_with("89") && code.inner_check_expected().is_none());
    }
    let mut whole = std::collections::BTreeMap::<&str, f64>::new();
    for line in shares.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        *whole.entry(cells[0]).or_default() += cells[4].parse::<f64>().expect("a share");
    }
    assert!(whole.values().all(|sum| (sum - 100.0).abs() < 0.001), "{whole:?}");
}
