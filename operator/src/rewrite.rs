//! Changes files: parts of their text and no other byte, in place, completely or not at all.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A part of a text, and what replaces it.
pub(crate) type Edit = (Range<usize>, Vec<u8>);

/// `text` with these parts, which must not overlap, replaced.
pub(crate) fn edited(text: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|(place, _)| (place.start, place.end));
    let (mut written, mut at) = (Vec::new(), 0);
    for (place, part) in edits {
        written.extend_from_slice(&text[at..place.start]);
        written.extend(part);
        at = place.end;
    }
    written.extend_from_slice(&text[at..]);
    written
}

/// Replaces the content of the file at `path`, or creates the file.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Failure> {
    put(path, content, fs::metadata(path).ok().map(|before| before.permissions()))
}

/// Like [`replace`], for a secret: whatever the file's permissions were, only this user can read it now (mode 600).
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    // A temporary file is created with that mode.
    put(path, content, None)
}

/// The real path of the file: for a link, the file that it leads to is the one to replace.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder of the file at `path`.
pub(crate) fn folder(path: &Path) -> PathBuf {
    let path = real(path);
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn put(path: &Path, content: &[u8], permissions: Option<fs::Permissions>) -> Result<(), Failure> {
    let folder = folder(path);
    let path = real(path);
    let failed = |error: std::io::Error| Failure::files(&path, &error);
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}
