//! The ledgers of what the RFCs demand, and the citations of their sentences.
//!
//! `docs/compliance.md` says how they are written; `tests/compliance.rs` checks them against each other.

use std::{fmt, fs, path::Path};

use imap_fsm::{
    observer::Rule,
    state::table::{COMMANDS, OTHER, Source, TRANSITIONS},
};
use serde::Deserialize;

/// The words that make a sentence one of the ledger's: those of the first list are stronger.
const WORDS: [&[&str]; 2] = [
    &["MUST NOT", "MUST", "SHALL NOT", "SHALL", "REQUIRED"],
    &["SHOULD NOT", "SHOULD", "NOT RECOMMENDED", "RECOMMENDED"],
];

/// The strongest word of a sentence, the first of several; `None` where it demands nothing.
#[must_use]
pub fn level(sentence: &str) -> Option<&'static str> {
    let first = |words: &[&'static str]| {
        let found = words.iter().filter_map(|word| Some((sentence.find(word)?, *word)));
        // `MUST NOT` before `MUST`, which begins at the same place.
        found.min_by_key(|(at, word)| (*at, usize::MAX - word.len())).map(|(_, word)| word)
    };
    WORDS.into_iter().find_map(first)
}

/// The ledger of one RFC (`data/compliance/rfcN.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The number of the RFC.
    pub rfc: u16,
    /// How many rows are still to be done.
    pub todo: usize,
    /// What concerns neither syntax nor sessions.
    pub excluded: Vec<Excluded>,
    /// A row for each other sentence, in the order of the RFC.
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
    /// All sentences with one of the words (`data/compliance/rfcN.txt`), in the order of the RFC.
    #[serde(skip)]
    pub sentences: Vec<Sentence>,
}

/// Sentences without a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Whole sections.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Single sentences by what would be the id of their row.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A sentence, and what became of it: one of the last five.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The section and the place among its sentences: `6.3.13-2`.
    pub id: String,
    /// The section: `6.3.13`, `A.1`.
    pub section: String,
    /// The strongest of the words in it.
    pub level: String,
    /// The sentence, as the RFC prints it.
    pub sentence: String,
    /// Obeyed and proved, with a citation for both.
    #[serde(default)]
    pub done: bool,
    /// Why it is the embedder's.
    pub duty: Option<String>,
    /// Why it is deliberately not obeyed.
    pub exception: Option<String>,
    /// What is still to be done or cited.
    pub todo: Option<String>,
    /// The id of the row of RFC 9051 that says the same, which stands for this one too.
    pub same: Option<String>,
}

/// What became of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Obeyed and proved.
    Done,
    /// The embedder's.
    Duty,
    /// Deliberately not obeyed.
    Exception,
    /// Still to be done or cited.
    Todo,
}

impl State {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 4] = [Self::Done, Self::Duty, Self::Exception, Self::Todo];

    /// The key that says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Duty => "duty",
            Self::Exception => "exception",
            Self::Todo => "todo",
        }
    }
}

impl Row {
    /// What the row itself says; `None` for one that has nothing but `same`.
    ///
    /// # Errors
    /// Where it says nothing, or more than one thing.
    pub fn state(&self) -> Result<Option<State>, String> {
        let reasons = [&self.duty, &self.exception, &self.todo, &self.same];
        if reasons.into_iter().flatten().any(|reason| reason.trim().is_empty()) {
            return Err(format!("{}: an empty reason", self.id));
        }
        match (self.done, reasons.map(Option::is_some)) {
            (true, [false, false, false, false]) => Ok(Some(State::Done)),
            (false, [true, false, false, false]) => Ok(Some(State::Duty)),
            (false, [false, true, false, false]) => Ok(Some(State::Exception)),
            (false, [false, false, true, false]) => Ok(Some(State::Todo)),
            (false, [false, false, false, true]) => Ok(None),
            _ => Err(format!("{}: not exactly one of done, duty, exception, todo and same", self.id)),
        }
    }
}

/// A sentence of an RFC.
#[derive(Debug)]
pub struct Sentence {
    /// What its row is called.
    pub id: String,
    /// Where it stands.
    pub section: String,
    /// The text, in one line.
    pub text: String,
}

impl Ledger {
    /// Reads the ledger of an RFC and its sentences.
    ///
    /// # Panics
    /// Where a file is missing or is not of the form.
    #[must_use]
    pub fn load(rfc: u16) -> Self {
        let folder = crate::data("compliance");
        let read = |name: String| {
            let path = folder.join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let mut ledger: Self = toml::from_str(&read(format!("rfc{rfc}.toml")))
            .unwrap_or_else(|error| panic!("the ledger of RFC {rfc}: {error}"));
        assert_eq!(ledger.rfc, rfc);
        for line in read(format!("rfc{rfc}.txt")).lines() {
            let (section, text) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in: {line}"));
            let place = 1 + ledger.sentences.iter().filter(|before| before.section == section).count();
            ledger.sentences.push(Sentence {
                id: format!("{section}-{place}"),
                section: section.into(),
                text: text.into(),
            });
        }
        ledger
    }

    /// The row of that id.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// A sentence that is quoted where it is obeyed or proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The number of the RFC.
    pub rfc: u16,
    /// The section.
    pub section: String,
    /// The sentence, or a part of it.
    pub text: String,
    /// Where it is proved, and not where it is obeyed.
    pub test: bool,
    /// The file and line, for people.
    pub place: String,
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: RFC {} section {}: {}", self.place, self.rfc, self.section, self.text)
    }
}

/// The citations in the comments of a file: `//=` and `//#` in Rust, `#=` and `##` in a table of cases or a trace, which
/// are tests from end to end.
///
/// # Errors
/// The line at which something looks like a citation and is none.
pub fn citations(file: &str, text: &str) -> Result<Vec<Citation>, String> {
    let table = file.ends_with(".toml") || file.ends_with(".trace");
    let (says, quotes) = if table { ("#=", "##") } else { ("//=", "//#") };
    let mut found: Vec<Citation> = Vec::new();
    // Whether the last citation can go on: with its type, with its text.
    let (mut typed, mut quoted) = (false, false);
    for (number, line) in text.lines().enumerate() {
        let place = format!("{file}:{}", number + 1);
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(says).map(str::trim) {
            if rest == "type=test" && typed && !table {
                found.last_mut().ok_or(&place)?.test = true;
                typed = false;
                continue;
            }
            let (rfc, section) = source(rest).ok_or_else(|| format!("{place}: no source: {rest}"))?;
            found.push(Citation { rfc, section, text: String::new(), test: table, place });
            (typed, quoted) = (true, true);
        } else if let Some(rest) = line.strip_prefix(quotes) {
            let last = found.last_mut().filter(|_| quoted);
            let last = last.ok_or_else(|| format!("{place}: a quotation without a source"))?;
            if !last.text.is_empty() {
                last.text.push(' ');
            }
            last.text.push_str(rest.trim());
            typed = false;
        } else {
            (typed, quoted) = (false, false);
        }
    }
    match found.iter().find(|citation| citation.text.is_empty()) {
        Some(empty) => Err(format!("{}: a source without a quotation", empty.place)),
        None => Ok(found),
    }
}

/// `rfc9051#section-6.3.13` or `rfc9051#appendix-A.1`
fn source(text: &str) -> Option<(u16, String)> {
    let (rfc, place) = text.strip_prefix("rfc")?.split_once('#')?;
    let section = place.strip_prefix("section-").or_else(|| place.strip_prefix("appendix-"))?;
    Some((rfc.parse().ok()?, section.into()))
}

/// All citations of the workspace: those in the sources of `crates` and `tests`, and the sentences that the rules
/// of the observer and the table of states quote as data.
///
/// # Errors
/// All that looks like a citation and is none.
pub fn all_citations() -> Result<Vec<Citation>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (folder, extension) in [
        ("crates", "rs"),
        ("tests/src", "rs"),
        ("tests/tests", "rs"),
        ("tests/data/grammar", "toml"),
        ("tests/data/malformed", "toml"),
        ("tests/data/trace", "trace"),
    ] {
        each_file(&root.join(folder), extension, &mut |path| {
            let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
            match citations(&name, &text) {
                Ok(more) => found.extend(more),
                Err(error) => wrong.push(error),
            }
        });
    }
    let outside = |citation: &&Citation| citation.place.contains("tests/") && !citation.test;
    wrong.extend(found.iter().filter(outside).map(|citation| format!("no `type=test`: {citation}")));
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    found.extend(quoted_as_data());
    Ok(found)
}

/// What tables quote. A rule of the observer counts as proved too, since `tests/observer.rs` fails where it is not
/// both broken and kept there.
fn quoted_as_data() -> Vec<Citation> {
    let cited = |source: Source, test, place| Citation {
        rfc: source.rfc,
        section: source.section.into(),
        text: source.sentence.into(),
        test,
        place,
    };
    let rules = Rule::ALL
        .iter()
        .flat_map(|rule| [false, true].map(|test| cited(rule.source(), test, format!("the rule {rule}"))));
    let commands =
        COMMANDS.iter().chain([&OTHER]).map(|row| cited(row.source, false, format!("the row {}", row.name)));
    let moves = TRANSITIONS.iter().map(|row| cited(row.source, false, format!("the row {}", row.event)));
    let demands =
        |citation: &Citation| matches!(citation.rfc, 3501 | 9051) && level(&citation.text).is_some();
    rules.chain(commands).chain(moves).filter(demands).collect()
}

fn each_file(folder: &Path, extension: &str, visit: &mut impl FnMut(&Path)) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            each_file(&path, extension, visit);
        } else if path.extension().is_some_and(|found| found == extension) {
            visit(&path);
        }
    }
}
