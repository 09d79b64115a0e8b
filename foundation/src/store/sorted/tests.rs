use proptest::prelude::*;

use super::*;

fn put(key: &[u8], value: &[u8]) -> Put {
    Put { key: key.to_vec(), value: value.to_vec(), stamped: key.len().is_multiple_of(2) }
}

fn read(files: &[SortedFile]) -> io::Result<Vec<Put>> {
    let open = files.iter().map(SortedRows::open).collect::<io::Result<Vec<_>>>()?;
    Merged::new(open).collect()
}

#[test]
fn rows_of_any_order_come_back_by_key_from_as_many_files_as_it_takes() {
    let rows = prop::collection::btree_map(
        prop::collection::vec(any::<u8>(), 1..12),
        prop::collection::vec(any::<u8>(), 0..200),
        0..300,
    );
    let all = (rows, any::<u64>(), 100_usize..20_000);
    proptest!(ProptestConfig::with_cases(64), |((rows, seed, bytes_max) in all)| {
        let dir = tempfile::tempdir().unwrap();
        let mut shuffled: Vec<Put> = rows.iter().map(|(key, value)| put(key, value)).collect();
        shuffled.sort_by_key(|put| xxhash_rust::xxh3::xxh3_64_with_seed(&put.key, seed));
        let mut sorter = Sorter::new(dir.path().join("rows"), bytes_max);
        for put in shuffled {
            sorter.push(put).unwrap();
        }
        let files = sorter.finish().unwrap();
        let wanted: Vec<Put> = rows.iter().map(|(key, value)| put(key, value)).collect();
        prop_assert_eq!(read(&files).unwrap(), wanted);
    });
}

#[test]
fn of_equal_keys_the_earlier_file_comes_first() {
    let one = |value: &str| vec![Ok(put(b"k", value.as_bytes()))].into_iter();
    let merged: Vec<Vec<u8>> = Merged::new([one("a"), one("b"), one("c")]).map(|row| row.unwrap().value).collect();
    assert_eq!(merged, [b"a", b"b", b"c"]);
}

#[test]
fn a_row_out_of_order_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = SortedWriter::create(&dir.path().join("rows")).unwrap();
    out.push(&put(b"b", b"")).unwrap();
    for key in [&b"b"[..], b"a"] {
        assert_eq!(out.push(&put(key, b"")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
    out.push(&put(b"c", b"")).unwrap();
    assert_eq!(out.finish().unwrap().rows, 2);
}

/// Every byte counts: changed, cut off or added, the file is not taken for what was written.
#[test]
fn damage_is_an_error_wherever_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let mut out = SortedWriter::create(&dir.path().join("rows")).unwrap();
    for n in 0..40_u8 {
        out.push(&put(&[1, n], &[n; 20])).unwrap();
    }
    let file = out.finish().unwrap();
    let whole = std::fs::read(&file.path).unwrap();
    assert_eq!(read(std::slice::from_ref(&file)).unwrap().len(), 40);
    let mut others: Vec<Vec<u8>> = (0..whole.len()).step_by(7).map(|at| whole[..at].to_vec()).collect();
    others.push([&whole[..], &[0]].concat());
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 4;
        others.push(other);
    }
    for other in others {
        std::fs::write(&file.path, &other).unwrap();
        assert!(read(std::slice::from_ref(&file)).is_err());
    }
}
