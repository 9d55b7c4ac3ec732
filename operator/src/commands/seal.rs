//! `onecontact agent seal`

use std::fs;
use std::path::{Path, PathBuf};
use std::str;

use serde_json::json;
use toml_edit::{Document, Table};
use zeroize::Zeroizing;

use crate::declarations;
use crate::declarations::agent::{clear_password_problem, in_the_clear};
use crate::declarations::csv_file::{self, column, without_bom};
use crate::declarations::csv_table::CsvTable;
use crate::declarations::owners::Owners;
use crate::declarations::place::Problem;
use crate::failure::{Exit, Failure};
use crate::lock;
use crate::output::{Output, thousands};
use crate::passwords::{self, Salt};
use crate::rewrite::{self, edited};
use crate::secret::Secret;

/// Replaces clear passwords by their hashes, file by file: the same hashes that applying makes, so nothing changes for
/// anybody. Passwords that break a rule stay, because nobody could tell afterwards; so do those whose owner is unknown,
/// and anything that cannot be read. Each is named, and none keeps another from being sealed.
pub(super) fn run(dir: &Path, output: &Output) -> Result<Exit, Failure> {
    let _alone = lock::folder(dir);
    let (mut sealed, mut failures) = (Vec::new(), Vec::new());
    let files = declarations::files(dir)?;
    let owners = declarations::owners(&files);
    for path in files {
        match seal_file(&path, &owners) {
            Ok(0) => {}
            Ok(count) => sealed.push((path, count)),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    let total: usize = sealed.iter().map(|(_, count)| count).sum();
    let file = |(path, count): &(PathBuf, usize)| format!("{}: {}", path.display(), thousands(*count));
    let mut lines: Vec<String> = sealed.iter().map(file).collect();
    lines.push(format!("Passwords sealed: {}.", thousands(total)));
    if !failures.is_empty() {
        return Err(Failure::Failed([failures, lines].concat().join("\n")));
    }
    let stated = declarations::load(dir)?;
    let left = in_the_clear(&stated.items);
    let unread: Vec<_> = stated.problems.into_sorted().into_iter().filter(Problem::is_error).collect();
    if !left.is_empty() {
        lines.push(format!("Left in the clear: {}.", thousands(left.len())));
        lines.extend(left.iter().map(ToString::to_string));
    }
    if !unread.is_empty() {
        lines.push("What cannot be read may contain others in the clear:".to_owned());
        lines.extend(unread.iter().map(ToString::to_string));
    }
    let files: Vec<(&PathBuf, usize)> = sealed.iter().map(|(path, count)| (path, *count)).collect();
    output.result(lines.join("\n"), &json!({ "sealed": total, "files": files, "left": left, "unread": unread }))?;
    Ok(if left.is_empty() && unread.is_empty() { Exit::Done } else { Exit::Problems })
}

/// Seals one file and returns how many passwords were sealed: none if it cannot be read, which [`declarations::load`]
/// reports.
fn seal_file(path: &Path, owners: &Owners) -> Result<usize, Failure> {
    let bytes = Zeroizing::new(fs::read(path).map_err(|error| Failure::files(path, &error))?);
    let sealed = if declarations::is_csv(path) {
        let instance = csv_file::instance_name(&path.to_string_lossy());
        seal_csv(&bytes, |username| owners.salt(&instance, username))
    } else {
        seal_toml(&bytes, owners)
    };
    match sealed.map_err(|failure| Failure::failed(format!("{}: {failure}", path.display())))? {
        None => Ok(0),
        Some(Sealed { count, content }) => rewrite::replace(path, &content).map(|()| count),
    }
}

/// A file's content with at least one password hashed.
struct Sealed {
    content: Vec<u8>,
    count: usize,
}

/// The password as something to hash, if it may be declared.
fn sealable(text: &str) -> Option<Secret> {
    clear_password_problem(text).is_none().then(|| Secret::new(Zeroizing::new(text.to_owned())))
}

/// Only the key `password` and its value are rewritten.
fn seal_toml(bytes: &[u8], owners: &Owners) -> Result<Option<Sealed>, Failure> {
    let text = without_bom(bytes);
    let Some(document) = str::from_utf8(text).ok().and_then(|text| Document::parse(text).ok()) else { return Ok(None) };
    let agents = document.get("agent").and_then(|agents| agents.as_array_of_tables());
    let clear = |agent: &Table| {
        let (key, password) = agent.get_key_value("password")?;
        let secret = sealable(password.as_str()?).filter(|_| !agent.contains_key("password_hash"))?;
        let salt = owners.salt(agent.get("instance")?.as_str()?, agent.get("username")?.as_str()?)?;
        Some((key.span()?, password.span()?, secret, salt))
    };
    let clear: Vec<_> = agents.into_iter().flat_map(|agents| agents.iter().filter_map(clear)).collect();
    if clear.is_empty() {
        return Ok(None);
    }
    let hashes = passwords::hash_all(&clear.iter().map(|(.., secret, salt)| (secret, *salt)).collect::<Vec<_>>())?;
    let mut edits = Vec::new();
    for ((key, password, ..), hash) in clear.into_iter().zip(&hashes) {
        edits.push((key, b"password_hash".to_vec()));
        edits.push((password, format!("\"{hash}\"").into_bytes()));
    }
    let lead = &bytes[..bytes.len() - text.len()];
    Ok(Some(Sealed { content: [lead, &edited(text, edits)].concat(), count: hashes.len() }))
}

/// Only cells of passwords are written; a column `password_hash` is added if there is none. Rows that cannot be read
/// stay, and so do those with more fields than the header, as nobody knows what the last ones mean.
fn seal_csv(bytes: &[u8], salt: impl Fn(&str) -> Option<Salt>) -> Result<Option<Sealed>, Failure> {
    let Some(mut table) = CsvTable::read(bytes) else { return Ok(None) };
    let place = |name: &str| table.header().iter().position(|heading| column(heading) == Some(name));
    let (Some(password), Some(username)) = (place("password"), place("username")) else { return Ok(None) };
    let (columns, hash_column) = (table.header().len(), place("password_hash"));
    let is_blank = |cell: &String| cell.trim().is_empty();
    let clear = |row: &[String]| {
        let is_sealed = hash_column.and_then(|hash| row.get(hash)).is_some_and(|hash| !is_blank(hash));
        let fits = row.iter().skip(columns).all(is_blank);
        let secret = row.get(password).and_then(|password| sealable(password)).filter(|_| fits && !is_sealed)?;
        Some((secret, salt(row.get(username)?)?))
    };
    let rows: Vec<(usize, usize)> = table.rows().map(|(number, row)| (number, row.len())).collect();
    let secrets: Vec<Option<(Secret, Salt)>> = table.rows().map(|(_, row)| clear(row)).collect();
    let count = secrets.iter().flatten().count();
    if count == 0 {
        return Ok(None);
    }
    let found: Vec<_> = secrets.iter().flatten().map(|(secret, salt)| (secret, *salt)).collect();
    let mut hashes = passwords::hash_all(&found)?.into_iter();
    if hash_column.is_none() {
        table.set(0, columns, "password_hash");
    }
    for ((row, fields), secret) in rows.into_iter().zip(&secrets) {
        if let Some(hash) = secret.as_ref().and_then(|_| hashes.next()) {
            table.set(row, password, "");
            table.set(row, hash_column.unwrap_or(columns), &hash);
        } else if hash_column.is_none() && fields == columns {
            table.set(row, columns, ""); // as many fields as the header has, still
        }
    }
    Ok(Some(Sealed { content: table.written(), count }))
}
