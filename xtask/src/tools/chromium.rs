//! Finding a Chromium for the browser tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::project::Project;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The Chromium to test with: the one named by the variable `CHROMIUM`, or an installed one. On Debian as root it is
/// installed as a package, because that is what a build machine is; on any other system nothing is installed.
pub(crate) fn find(project: &Project) -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if named.is_file() {
            return Ok(named);
        }
        bail!("CHROMIUM names {}, where there is no file", named.display());
    }
    if let Some(installed) = installed() {
        return Ok(installed);
    }
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !(is_debian(&system) && nix::unistd::geteuid().is_root()) {
        bail!("{}", how_to_install(&system));
    }
    let run = |name, args: &[&str]| {
        let mut command = project.command("apt-get", args);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        project.console.run(name, command)
    };
    run("Chromium: read Debian's package lists", &["update"])?;
    run("Chromium: install Debian's package", &["install", "--yes", "--no-install-recommends", "chromium"])?;
    match installed() {
        Some(installed) => Ok(installed),
        None => bail!("Debian's chromium package is installed, but none of {} is in PATH", NAMES.join(", ")),
    }
}

fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let directories: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| directories.iter().map(move |directory| directory.join(name)))
        .chain([PathBuf::from(MAC)])
        .find(|candidate| Path::is_file(candidate))
}

/// Whether /etc/os-release is Debian's own. Ubuntu's chromium package is only a pointer to a snap.
fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line == "ID=debian")
}

fn how_to_install(os_release: &str) -> String {
    let how = if is_debian(os_release) {
        "type `sudo apt-get install chromium`"
    } else if os_release.contains("ID=ubuntu") {
        "type `sudo snap install chromium`"
    } else if os_release.contains("ID=fedora") {
        "type `sudo dnf install chromium`"
    } else if os_release.contains("ID=arch") {
        "type `sudo pacman -S chromium`"
    } else {
        "install Chromium or Google Chrome"
    };
    format!("the browser tests need Chromium, and none was found: {how}, or name one with CHROMIUM=/path/to/chromium")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nNAME=\"Debian GNU/Linux\"\nID=debian\n";
    const UBUNTU: &str = "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n";

    #[test]
    fn debian_is_told_what_to_type() {
        assert!(is_debian(DEBIAN));
        assert!(how_to_install(DEBIAN).contains("sudo apt-get install chromium"));
    }

    #[test]
    fn ubuntu_is_not_taken_for_debian() {
        assert!(!is_debian(UBUNTU));
        assert!(how_to_install(UBUNTU).contains("snap install chromium"));
    }

    #[test]
    fn an_unknown_system_is_told_of_the_variable() {
        assert!(how_to_install("").contains("CHROMIUM="));
    }
}
