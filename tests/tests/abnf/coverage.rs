//! What of each grammar file is read as what; `cargo run -p imap-tests --bin grammar-coverage` prints it.

use imap_tests::oracle::coverage::{Detail, Table, measure};

#[test]
fn every_alternative_of_every_file_is_generated_and_read_or_has_a_reason() {
    let files = measure();
    println!("{}", Table { files: &files, detail: Detail::Files });
    for file in &files {
        let counts = file.counts();
        assert_eq!(counts.alternatives, counts.generated, "{}: not all is generated", file.file);
        assert_eq!(counts.alternatives, counts.typed + counts.kept + counts.refused, "{}", file.file);
        for refused in &file.refused {
            assert!(
                refused.why.is_some(),
                "{}: {} is refused: `{}`",
                file.file,
                refused.what,
                refused.message
            );
        }
        for rule in &file.rules {
            assert!(
                !rule.reached || rule.counts.alternatives > 0,
                "{}: {} has no alternative",
                file.file,
                rule.name
            );
        }
        // Of the base protocol, only what it leaves open is kept.
        if ["rfc3501", "rfc9051"].contains(&file.file.as_str()) {
            assert!(file.refused.is_empty(), "{}: {:?}", file.file, file.refused);
            assert!(counts.typed * 100 > counts.alternatives * 90, "{}: {counts:?}", file.file);
        }
    }
}
