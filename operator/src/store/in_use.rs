//! Whether another program has a local store open.

use std::fs::File;
use std::path::Path;

use walkdir::WalkDir;

/// The process that has a database of the store in `folder` open, if there is one. Workerd opens one of each kind when
/// it starts, before anything is asked of it, and keeps it locked while it is open: a process that was killed leaves no
/// lock behind. The files beside the databases say nothing, because they remain.
pub(super) fn by(folder: &Path) -> Option<i32> {
    let files = WalkDir::new(folder.join("v3/kv")).into_iter().filter_map(Result::ok);
    let mut databases = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sqlite"));
    databases.find_map(|database| holder(&File::open(database.path()).ok()?))
}

/// The process that holds a lock on `file`. Asks the system without taking a lock.
#[cfg(unix)]
fn holder(file: &File) -> Option<i32> {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_UNLCK, F_WRLCK, SEEK_SET, flock};

    let [kind, from_start] = [i16::try_from(F_WRLCK).ok()?, i16::try_from(SEEK_SET).ok()?];
    let mut lock = flock { l_type: kind, l_whence: from_start, l_start: 0, l_len: 0, l_pid: 0 };
    fcntl(file, FcntlArg::F_GETLK(&mut lock)).ok()?;
    (lock.l_type != i16::try_from(F_UNLCK).ok()?).then_some(lock.l_pid)
}

/// Elsewhere the system does not tell.
#[cfg(not(unix))]
fn holder(_: &File) -> Option<i32> {
    None
}
