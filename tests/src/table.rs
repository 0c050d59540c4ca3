//! Tables of cases: what goes in, what comes out.

use std::{collections::BTreeSet, fs, path::Path};

use imap_codec::{Expecting, Mode};
use serde::{Deserialize, de::DeserializeOwned};

use crate::wire;

/// Who sends the message of a case, and whether it is the first of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// A server, after the greeting.
    Server,
    /// A client.
    Client,
    /// A server: the first message.
    Greeting,
}

/// What a server expects, where it is not a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExpectingName {
    Authenticate,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModeName {
    Any,
    Rev1,
    Rev2,
}

/// Which decoders a malformed message is shown to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The strict one only: the tolerant one reads it.
    Strict,
    /// The tolerant one only.
    Tolerant,
    /// Both, with the same answer.
    #[default]
    Both,
}

/// An error, as tables write it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The grammar rule or limit.
    pub rule: String,
    /// The byte, from the start of the message.
    pub at: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownRow {
    name: String,
    #[serde(default)]
    rows: Vec<String>,
    from: From,
    wire: Option<String>,
    bytes: Option<String>,
    canonical: Option<String>,
    canonical_bytes: Option<String>,
    expecting: Option<ExpectingName>,
    mode: Option<ModeName>,
    strict: Option<Refusal>,
    #[serde(default)]
    deviations: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MalformedRow {
    name: String,
    from: From,
    wire: Option<String>,
    bytes: Option<String>,
    expecting: Option<ExpectingName>,
    mode: Option<ModeName>,
    rule: String,
    at: usize,
    tag: Option<String>,
    #[serde(default)]
    profile: Profile,
}

/// A message and how it is to be decoded: what every case has.
#[derive(Clone, Debug)]
pub struct Input {
    /// Who sends it.
    pub from: From,
    /// The bytes of the whole message.
    pub bytes: Vec<u8>,
    /// What a server expects from the client.
    pub expecting: Expecting,
    /// The revision.
    pub mode: Mode,
}

/// A message that decodes, and what comes of it (`tests/data/grammar`).
#[derive(Clone, Debug)]
pub struct Known {
    /// What happens, in snake case.
    pub name: String,
    /// The rows of the registry that it shows.
    pub rows: Vec<String>,
    /// The message.
    pub input: Input,
    /// What it encodes to.
    pub canonical: Vec<u8>,
    /// How the strict decoder refuses it, where it does.
    pub strict: Option<Refusal>,
    /// What the tolerant decoder reports, as `Q1@5`.
    pub deviations: Vec<String>,
}

/// A message that does not decode (`tests/data/malformed`).
#[derive(Clone, Debug)]
pub struct Malformed {
    /// What happens, in snake case.
    pub name: String,
    /// The message.
    pub input: Input,
    /// What is wrong with it, and where.
    pub refusal: Refusal,
    /// The tag, where it was read.
    pub tag: Option<String>,
    /// Which decoders refuse it.
    pub profile: Profile,
}

/// The cases of one file.
#[derive(Clone, Debug)]
pub struct Table<T> {
    /// The name of the file without its extension.
    pub topic: String,
    /// The cases in the order of the file.
    pub cases: Vec<T>,
}

#[derive(Deserialize)]
struct File<T> {
    #[serde(default = "Vec::new")]
    case: Vec<T>,
}

fn either(
    name: &str,
    wire_text: Option<String>,
    bytes_text: Option<String>,
) -> Result<Option<Vec<u8>>, String> {
    match (wire_text, bytes_text) {
        (Some(text), None) => Ok(Some(wire::wire(&text))),
        (None, Some(text)) => wire::bytes(&text).map(Some).map_err(|error| format!("{name}: {error}")),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(format!("{name}: both notations of the same bytes")),
    }
}

fn input(
    name: &str,
    from: From,
    bytes: Option<Vec<u8>>,
    expecting: Option<ExpectingName>,
    mode: Option<ModeName>,
) -> Result<Input, String> {
    if expecting.is_some() && from != From::Client {
        return Err(format!("{name}: `expecting` is for messages of a client"));
    }
    Ok(Input {
        from,
        bytes: bytes.ok_or_else(|| format!("{name}: neither `wire` nor `bytes`"))?,
        expecting: match expecting {
            None => Expecting::Command,
            Some(ExpectingName::Authenticate) => Expecting::AuthenticateData,
            Some(ExpectingName::Idle) => Expecting::IdleDone,
        },
        mode: match mode {
            None | Some(ModeName::Any) => Mode::Any,
            Some(ModeName::Rev1) => Mode::Rev1,
            Some(ModeName::Rev2) => Mode::Rev2,
        },
    })
}

impl TryFrom<KnownRow> for Known {
    type Error = String;

    fn try_from(row: KnownRow) -> Result<Self, String> {
        let name = row.name;
        let input = input(&name, row.from, either(&name, row.wire, row.bytes)?, row.expecting, row.mode)?;
        let canonical = either(&name, row.canonical, row.canonical_bytes)?;
        if canonical.as_ref() == Some(&input.bytes) {
            return Err(format!("{name}: `canonical` is the wire itself; leave it out"));
        }
        Ok(Self {
            canonical: canonical.unwrap_or_else(|| input.bytes.clone()),
            name,
            rows: row.rows,
            input,
            strict: row.strict,
            deviations: row.deviations,
        })
    }
}

impl TryFrom<MalformedRow> for Malformed {
    type Error = String;

    fn try_from(row: MalformedRow) -> Result<Self, String> {
        let name = row.name;
        Ok(Self {
            input: input(&name, row.from, either(&name, row.wire, row.bytes)?, row.expecting, row.mode)?,
            name,
            refusal: Refusal { rule: row.rule, at: row.at },
            tag: row.tag,
            profile: row.profile,
        })
    }
}

/// A case with a name.
pub trait Named {
    /// The name, unique in its file.
    fn name(&self) -> &str;
}

impl Named for Known {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Malformed {
    fn name(&self) -> &str {
        &self.name
    }
}

/// The paths with extension `extension` in `folder`, in order.
///
/// # Panics
/// Where the folder cannot be read.
#[must_use]
pub fn files(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
}

fn load<Row, Case>(folder: &Path) -> Vec<Table<Case>>
where
    Row: DeserializeOwned,
    Case: TryFrom<Row, Error = String> + Named,
{
    let read = |path: &Path| -> Result<Table<Case>, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let file: File<Row> = toml::from_str(&text).map_err(|error| error.to_string())?;
        if file.case.is_empty() {
            return Err("no `[[case]]` in it".into());
        }
        let cases = file.case.into_iter().map(Case::try_from).collect::<Result<Vec<_>, _>>()?;
        let mut names = BTreeSet::new();
        for case in &cases {
            let name = case.name();
            if name.is_empty() || !name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
                return Err(format!("{name:?}: a name is written in snake case"));
            }
            if !names.insert(name.to_owned()) {
                return Err(format!("{name}: two cases of this name"));
            }
        }
        let topic = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Table { topic, cases })
    };
    files(folder, "toml")
        .iter()
        .map(|path| read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .collect()
}

/// The tables of `tests/data/grammar`.
///
/// # Panics
/// Where a table cannot be read or breaks the rules of tables.
#[must_use]
pub fn grammar() -> Vec<Table<Known>> {
    load::<KnownRow, Known>(&crate::data("grammar"))
}

/// The tables of `tests/data/malformed`.
///
/// # Panics
/// Where a table cannot be read or breaks the rules of tables.
#[must_use]
pub fn malformed() -> Vec<Table<Malformed>> {
    load::<MalformedRow, Malformed>(&crate::data("malformed"))
}
