//! Keeps two commands from changing the same files at once: each would write what it had read, and one of the two
//! changes would be lost.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::output::tell;

/// How long to wait before saying so.
const MOMENT: Duration = Duration::from_secs(1);
/// How often to try meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// Keeps others away while it exists. The system releases it with the command, however that ends.
#[derive(Debug)]
#[must_use]
pub(crate) struct Lock {
    _held: Option<File>,
}

/// Waits until no other command changes files of `folder`. The folder itself is locked: its files are replaced, so that
/// whoever waits for one of them would hold one that is gone, and a separate lock file would be left among people's
/// files.
pub(crate) fn folder(folder: &Path) -> Lock {
    if !folder.is_dir() {
        return Lock { _held: None }; // whoever reads it says so
    }
    let held = File::open(folder).and_then(|opened| {
        wait(&opened, &format!("another command is done with {}", folder.display()))?;
        Ok(opened)
    });
    if let Err(error) = &held {
        // For example on a network drive without locks. Nobody is kept from working there.
        tell(format_args!(
            "{} cannot be locked ({error}): make sure nothing else changes it meanwhile",
            folder.display()
        ));
    }
    Lock { _held: held.ok() }
}

/// Waits until `file` is ours, and says so if it takes longer than a moment.
fn wait(file: &File, until: &str) -> io::Result<()> {
    let began = Instant::now();
    while began.elapsed() < MOMENT {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    tell(format_args!("Waiting until {until} …"));
    file.lock()
}
