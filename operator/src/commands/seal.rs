//! `onecontact agent seal`

use std::fs;
use std::path::{Path, PathBuf};
use std::str;

use serde_json::json;
use toml_edit::{DocumentMut, Key, Table, value};
use zeroize::Zeroizing;

use crate::declarations;
use crate::declarations::agent::{clear_password_problem, in_the_clear};
use crate::declarations::csv_file::column;
use crate::declarations::csv_table::CsvTable;
use crate::declarations::place::Problem;
use crate::failure::{Exit, Failure};
use crate::output::{Output, thousands};
use crate::secret::Secret;
use crate::{passwords, rewrite};

/// Replaces clear passwords by their hashes, file by file. Passwords that break a rule stay, because nobody could tell
/// afterwards, and so does what cannot be read; each is named. None keeps another from being sealed.
pub(super) fn run(dir: &Path, output: &Output) -> Result<Exit, Failure> {
    let (mut sealed, mut failures) = (Vec::new(), Vec::new());
    for path in declarations::files(dir)? {
        match seal_file(&path) {
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
        lines.push("What cannot be read may hold others in the clear:".to_owned());
        lines.extend(unread.iter().map(ToString::to_string));
    }
    let files: Vec<(&PathBuf, usize)> = sealed.iter().map(|(path, count)| (path, *count)).collect();
    output.result(lines.join("\n"), &json!({ "sealed": total, "files": files, "left": left, "unread": unread }))?;
    Ok(if left.is_empty() && unread.is_empty() { Exit::Done } else { Exit::Problems })
}

/// Seals one file and says how many passwords that were: none in one that cannot be read, which [`declarations::load`] tells.
fn seal_file(path: &Path) -> Result<usize, Failure> {
    let bytes = Zeroizing::new(fs::read(path).map_err(|error| Failure::files(path, &error))?);
    let sealed = if declarations::is_csv(path) { seal_csv(&bytes) } else { seal_toml(&bytes) };
    match sealed.map_err(|failure| Failure::failed(format!("{}: {failure}", path.display())))? {
        None => Ok(0),
        Some(Sealed { count, content }) => rewrite::replace(path, &content).map(|()| count),
    }
}

/// A file's content with hashes, at least one.
struct Sealed {
    content: Vec<u8>,
    count: usize,
}

/// The password as something to hash, if it may be declared.
fn sealable(text: &str) -> Option<Secret> {
    clear_password_problem(text).is_none().then(|| Secret::new(Zeroizing::new(text.to_owned())))
}

fn hashes(secrets: &[Option<Secret>]) -> Result<impl Iterator<Item = String>, Failure> {
    let secrets: Vec<&Secret> = secrets.iter().flatten().collect();
    Ok(passwords::hash_all(&secrets)?.into_iter())
}

fn seal_toml(bytes: &[u8]) -> Result<Option<Sealed>, Failure> {
    let Some(mut document) = str::from_utf8(bytes).ok().and_then(|text| text.parse::<DocumentMut>().ok()) else {
        return Ok(None);
    };
    let Some(agents) = document.get_mut("agent").and_then(|agents| agents.as_array_of_tables_mut()) else {
        return Ok(None);
    };
    let clear = |agent: &Table| {
        let password = agent.get("password")?.as_str()?;
        sealable(password).filter(|_| !agent.contains_key("password_hash"))
    };
    let secrets: Vec<Option<Secret>> = agents.iter().map(clear).collect();
    let count = secrets.iter().flatten().count();
    if count == 0 {
        return Ok(None);
    }
    let mut hashes = hashes(&secrets)?;
    for (agent, _) in agents.iter_mut().zip(&secrets).filter(|(_, secret)| secret.is_some()) {
        if let Some(hash) = hashes.next() {
            rename_password(agent, &hash);
        }
    }
    Ok(Some(Sealed { content: document.to_string().into_bytes(), count }))
}

/// Puts the hash where the password stood, with the comments around it.
fn rename_password(agent: &mut Table, hash: &str) {
    let fields: Vec<(Key, toml_edit::Item)> =
        agent.iter().filter_map(|(name, item)| Some((agent.key(name)?.clone(), item.clone()))).collect();
    agent.clear();
    for (key, item) in fields {
        if key.get() != "password" {
            agent.insert_formatted(&key, item);
            continue;
        }
        let mut hashed = value(hash);
        if let (Some(hashed), Some(clear)) = (hashed.as_value_mut(), item.as_value()) {
            *hashed.decor_mut() = clear.decor().clone();
        }
        let renamed = Key::new("password_hash").with_leaf_decor(key.leaf_decor().clone());
        agent.insert_formatted(&renamed, hashed);
    }
}

/// Only cells of passwords are written; `password_hash` is a column more where there is none. Rows that cannot be read stay,
/// and so do those with more fields than the header, of which nobody knows what the last ones are.
fn seal_csv(bytes: &[u8]) -> Result<Option<Sealed>, Failure> {
    let Some(mut table) = CsvTable::read(bytes) else { return Ok(None) };
    let place = |name: &str| table.header().iter().position(|heading| column(heading) == Some(name));
    let Some(password) = place("password") else { return Ok(None) };
    let (columns, hash_column) = (table.header().len(), place("password_hash"));
    let is_blank = |cell: &String| cell.trim().is_empty();
    let clear = |row: &[String]| {
        let is_sealed = hash_column.and_then(|hash| row.get(hash)).is_some_and(|hash| !is_blank(hash));
        let fits = row.iter().skip(columns).all(is_blank);
        row.get(password).and_then(|password| sealable(password)).filter(|_| fits && !is_sealed)
    };
    let rows: Vec<(usize, usize)> = table.rows().map(|(number, row)| (number, row.len())).collect();
    let secrets: Vec<Option<Secret>> = table.rows().map(|(_, row)| clear(row)).collect();
    let count = secrets.iter().flatten().count();
    if count == 0 {
        return Ok(None);
    }
    let mut hashes = hashes(&secrets)?;
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
