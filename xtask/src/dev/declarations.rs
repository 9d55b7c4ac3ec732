//! The directory of declarations that `dev` serves: applied to the local store, and shown to the person.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::DEFAULT_PORT;
use crate::console::{self, Failed, Output};
use crate::project::Project;

/// A text file in the directory that says where to go and as whom to sign in; `{port}` in it becomes the port. `dev`
/// prints it, so it must contain only what a demonstration may show.
const SIGN_IN: &str = "sign-in.txt";

/// A directory of declarations.
pub(super) struct Directory(PathBuf);

impl Directory {
    /// Finds the directory where the command was called, or otherwise in the project.
    pub(super) fn find(project: &Project, named: &Path) -> Result<Self> {
        let candidates = [named.to_owned(), project.root.join(named)];
        match candidates.iter().find(|candidate| candidate.is_dir()) {
            Some(found) => Ok(Self(found.canonicalize().context("the declarations cannot be reached")?)),
            None => bail!("there is no directory {} to read declarations from", named.display()),
        }
    }

    /// Where it is, as an absolute path.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of this directory's own local store, so that trying another directory does not affect this one's
    /// agents and the passwords that they chose.
    pub(super) fn store(&self, project: &Project) -> PathBuf {
        let name: String =
            self.0.to_string_lossy().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        project.path(".wrangler").join("dev").join(name.trim_matches('-'))
    }

    /// Records where its local store is, and at which port it is served, for `onecontact … --dev`.
    pub(super) fn name_store(&self, project: &Project, port: u16) -> Result<()> {
        let named = project.path(".wrangler").join("dev-store");
        fs::write(named, format!("{}\n{port}\n", self.store(project).display()))
            .context("the local store cannot be named")
    }

    /// Applies it to its local store with the operators' tool. Nothing else may use the store meanwhile. What is no
    /// longer declared is removed without asking: the store is a copy.
    ///
    /// Links in messages lead to `port`, and so do addresses of this machine that it declares at the usual port.
    pub(super) fn apply(&self, project: &Project, port: u16) -> Result<()> {
        for line in self.applied(project, port)? {
            console::say(format_args!("  {line}"));
        }
        Ok(())
    }

    /// Applies it, and returns the lines that say how much was added, changed and removed.
    fn applied(&self, project: &Project, port: u16) -> Result<Vec<String>> {
        let args = ["run", "--quiet", "--package", "onecontact-operator", "--", "apply", "--local", "--yes"];
        let mut command = project.command("cargo", &args);
        let copy = (port != DEFAULT_PORT).then(|| self.at_port(project, port)).transpose();
        let copy = copy.context("the declarations cannot be copied")?;
        match &copy {
            // Run from the parent folder, so that mistakes are reported in terms of the person's directory, not of a
            // copy.
            Some(copy) => command.current_dir(&copy.0).arg(self.name()),
            None => command.arg(&self.0),
        };
        command.args(["--port", &port.to_string()]).arg("--persist-to").arg(self.store(project));
        let name = format!("Declarations: apply {}", self.0.display());
        let mut lines = project.console.run_reading(&name, command, Output::OnFailure)?;
        lines.retain(|line| is_count(line));
        Ok(lines)
    }

    /// A copy of it in which addresses of this machine are at `port`.
    fn at_port(&self, project: &Project, port: u16) -> io::Result<Copy> {
        forget_copy(project)?;
        let copy = Copy(copies(project));
        copy_at_port(&self.0, &copy.0.join(self.name()), port)?;
        Ok(copy)
    }

    /// Its name, wherever it is.
    fn name(&self) -> &OsStr {
        self.0.file_name().unwrap_or_default()
    }

    /// What to tell the person once the Worker answers on `port`.
    pub(super) fn welcome(&self, port: u16, installs: &[String]) -> String {
        if let Ok(text) = fs::read_to_string(self.0.join(SIGN_IN)) {
            return text.trim_end().replace("{port}", &port.to_string());
        }
        let address = |install: &String| format!("\n  http://localhost:{port}/OneAgentWeb_{install}");
        let addresses: String = installs.iter().map(address).collect();
        format!("Sign in as an agent that {} declares, at{addresses}", self.0.display())
    }

    /// The names of the installs that it declares, as the operators' tool reads them.
    pub(super) fn installs(&self, project: &Project) -> Vec<String> {
        let args = ["run", "--quiet", "--package", "onecontact-operator", "--", "check", "--json"];
        let mut command = project.command("cargo", &args);
        let output = command.arg(&self.0).output().map(|output| output.stdout).unwrap_or_default();
        let checked: serde_json::Value = serde_json::from_slice(&output).unwrap_or_default();
        let installs = checked["installs"].as_array().into_iter().flatten();
        installs.filter_map(|install| install.as_str().map(str::to_owned)).collect()
    }
}

/// Whether a line of the operators' tool says how much was added, changed or removed, or whose own password no longer
/// counts.
fn is_count(line: &str) -> bool {
    ["Added: ", "Changed: ", "Removed: ", "Passwords: "].iter().any(|count| line.starts_with(count))
}

/// What is served after applying has failed with `error`: the operators' tool applies the sound part if it can.
pub(super) fn served_after(error: &anyhow::Error) -> &'static str {
    let lines = error.downcast_ref::<Failed>().map_or(&[][..], |failed| &failed.lines);
    if lines.iter().any(|line| line.starts_with("Applied what is sound")) {
        "serving what is sound of the declarations"
    } else {
        "serving what was applied before"
    }
}

/// A folder with a copy of declarations, which may contain passwords: it is deleted as soon as they are applied.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // what is left goes with the next start
    }
}

/// The folder for a copy while it is applied.
fn copies(project: &Project) -> PathBuf {
    project.path("target").join("dev-declarations")
}

/// Removes the copy that a killed `dev` has left.
pub(super) fn forget_copy(project: &Project) -> io::Result<()> {
    match fs::remove_dir_all(copies(project)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Copies the files that declare something, with every address of this machine at `port`; a CSV has none. Nobody else
/// can enter the folder, and whoever may not read a file may not read its copy either.
fn copy_at_port(from: &Path, to: &Path, port: u16) -> io::Result<()> {
    let (usual, served) = (format!("localhost:{DEFAULT_PORT}"), format!("localhost:{port}"));
    DirBuilder::new().recursive(true).mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let is_called = |name: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            copy_at_port(&path, &target, port)?;
        } else if is_called("toml") {
            let text = fs::read_to_string(&path)?.replace(&usual, &served);
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target)?.write_all(text.as_bytes())?;
            fs::set_permissions(&target, fs::metadata(&path)?.permissions())?;
        } else if is_called("csv") {
            fs::copy(path, target)?; // with its permissions
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_welcome_names_the_port_that_is_served_on() {
        let directory = Directory(std::env::temp_dir().join(format!("xtask-{}-welcome", std::process::id())));
        fs::create_dir_all(directory.path()).unwrap();
        fs::write(directory.path().join(SIGN_IN), "Open http://localhost:{port}/OneAgentWeb_demo\n").unwrap();
        let welcome = directory.welcome(9000, &[]);
        fs::remove_dir_all(directory.path()).unwrap();
        assert_eq!(welcome, "Open http://localhost:9000/OneAgentWeb_demo");
    }

    #[test]
    fn how_much_an_applying_has_added_changed_and_removed_is_told() {
        let project = Project::find(console::Console::new(false)).unwrap();
        let folder = std::env::temp_dir().join(format!("xtask-{}-applied", std::process::id()));
        let args = ["run", "--quiet", "--package", "onecontact-operator", "--", "init"];
        let made = project.command("cargo", &args).arg(&folder).output().unwrap();
        let directory = Directory(folder.clone());
        let first = directory.applied(&project, DEFAULT_PORT);
        let again = directory.applied(&project, DEFAULT_PORT);
        let elsewhere = directory.applied(&project, 9000);
        assert!(!copies(&project).exists(), "a copy may hold passwords");
        fs::create_dir_all(copies(&project)).unwrap();
        forget_copy(&project).unwrap();
        assert!(!copies(&project).exists(), "nor is one left that somebody who was killed has made");
        fs::remove_dir_all(directory.store(&project)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(made.status.success());
        assert_eq!(first.unwrap(), ["Added: 1 instance, 1 install, 1 instance name, 1 host."]);
        assert_eq!(again.unwrap(), [""; 0]);
        assert_eq!(elsewhere.unwrap(), ["Changed: 1 instance."], "its links lead to the port that is served on");
    }

    #[test]
    fn after_a_mistake_it_is_said_whether_what_is_sound_is_served_or_what_was_applied_before() {
        let project = Project::find(console::Console::new(false)).unwrap();
        let folder = std::env::temp_dir().join(format!("xtask-{}-mistaken", std::process::id()));
        let args = ["run", "--quiet", "--package", "onecontact-operator", "--", "init"];
        let made = project.command("cargo", &args).arg(&folder).output().unwrap();
        let directory = Directory(folder.clone());
        let served = |file: &str, text: &str| {
            fs::write(folder.join(file), text).unwrap();
            served_after(&directory.applied(&project, DEFAULT_PORT).unwrap_err())
        };
        let one_bad_agent = served("main.csv", "username,name,password\ndesk1,Desk,short\n");
        let bad_file = served("more.toml", "[[host]\n");
        fs::remove_dir_all(directory.store(&project)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(made.status.success());
        assert_eq!(one_bad_agent, "serving what is sound of the declarations");
        assert_eq!(bad_file, "serving what was applied before");
    }

    #[test]
    fn addresses_of_this_machine_are_at_the_port_that_is_served_on() {
        let folder = std::env::temp_dir().join(format!("xtask-{}-port", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(from.join("deeper")).unwrap();
        fs::write(
            from.join("deeper/a.toml"),
            "address = \"http://acme.localhost:8787\"\nother = \"https://a.example\"",
        )
        .unwrap();
        fs::write(from.join("a.csv"), "username\n").unwrap();
        copy_at_port(&from, &to, 9000).unwrap();
        let copied = fs::read_to_string(to.join("deeper/a.toml")).unwrap();
        let csv = fs::read_to_string(to.join("a.csv")).unwrap();
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(copied, "address = \"http://acme.localhost:9000\"\nother = \"https://a.example\"");
        assert_eq!(csv, "username\n");
    }

    #[test]
    fn of_declarations_that_nobody_else_may_read_nobody_else_reads_the_copy_and_what_declares_nothing_is_not_copied() {
        let folder = std::env::temp_dir().join(format!("xtask-{}-private", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(&from).unwrap();
        for (name, mode) in
            [("a.toml", 0o600), ("b.csv", 0o400), ("c.toml", 0o444), ("d.key.json", 0o600), (".e.toml", 0o644)]
        {
            fs::write(from.join(name), "").unwrap();
            fs::set_permissions(from.join(name), Permissions::from_mode(mode)).unwrap();
        }
        copy_at_port(&from, &to, 9000).unwrap();
        let mode = |path: &Path| fs::metadata(path).ok().map(|found| found.permissions().mode() & 0o777);
        let modes = ["", "a.toml", "b.csv", "c.toml", "d.key.json", ".e.toml"].map(|name| mode(&to.join(name)));
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(modes, [Some(0o700), Some(0o600), Some(0o400), Some(0o444), None, None]);
    }

    #[test]
    fn a_directory_without_a_sign_in_text_still_says_where_to_go() {
        let welcome = Directory("/nowhere/own".into()).welcome(8787, &["Main".to_owned(), "Night".to_owned()]);
        assert_eq!(
            welcome,
            "Sign in as an agent that /nowhere/own declares, at\n  http://localhost:8787/OneAgentWeb_Main\n  \
             http://localhost:8787/OneAgentWeb_Night"
        );
    }
}
