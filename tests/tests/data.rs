//! The data itself: where it is from, and how much of it there is.

use std::{fs, path::Path};

fn each_folder(folder: &Path, visit: &mut impl FnMut(&Path)) {
    visit(folder);
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            each_folder(&entry, visit);
        }
    }
}

#[test]
fn every_folder_says_where_its_data_is_from() {
    let mut missing = Vec::new();
    each_folder(&imap_tests::data(""), &mut |folder| {
        let sources = fs::read_to_string(folder.join("SOURCES")).unwrap_or_default();
        if !sources.to_ascii_lowercase().contains("licence") {
            missing.push(folder.to_owned());
        }
    });
    assert!(missing.is_empty(), "no SOURCES that tells origin and licence in {missing:?}");
}

#[test]
fn the_data_stays_small() {
    let mut bytes = 0;
    each_folder(&imap_tests::data(""), &mut |folder| {
        let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        bytes += files.map(|file| file.metadata().map_or(0, |metadata| metadata.len())).sum::<u64>();
    });
    assert!(bytes < 20 << 20, "{bytes} bytes of data: a clone is to stay under 25 MiB");
}

#[test]
fn the_index_of_the_captures_lists_them_all() {
    let folder = imap_tests::data("captures");
    let index = fs::read_to_string(folder.join("INDEX.tsv")).expect("the index");
    let mut listed: Vec<_> = index.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    listed.sort_unstable();
    let captures = imap_tests::corpus::captures();
    let mut there: Vec<_> = captures.iter().map(|capture| capture.file.as_str()).collect();
    there.sort_unstable();
    assert_eq!(listed, there);
}
