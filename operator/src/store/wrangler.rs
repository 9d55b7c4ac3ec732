//! A namespace accessed through the project's own wrangler: `wrangler kv key list`, `kv bulk get`, `put` and `delete`.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use kv_schema::Namespace;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{Entry, Listing, Store, in_use};
use crate::cli::DEFAULT_PORT;
use crate::failure::Failure;

/// How many keys Cloudflare reads at once (KV, "Read key-value pairs", bulk).
const MOST_PER_REMOTE_READ: usize = 100;

/// How many reads run at a time: each is a wrangler process of its own, which takes a second or two to start.
const READS_AT_ONCE: usize = 4;

/// The file in the project in which `cargo xtask dev` records where it keeps the namespaces it serves, and at which
/// port.
const DEV_STORE: &str = ".wrangler/dev-store";

/// Which of the namespaces that `wrangler.toml` binds to one name.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// This machine's, in the given folder or where `wrangler dev` keeps it.
    Local {
        /// Wrangler's `--persist-to`.
        persist_to: Option<PathBuf>,
    },
    /// Cloudflare's, of an environment.
    Remote {
        /// Its name in `wrangler.toml`.
        environment: String,
    },
}

/// Runs wrangler.
#[derive(Debug)]
pub(crate) struct Wrangler {
    root: PathBuf,
    target: Target,
    namespace: Namespace,
}

impl Wrangler {
    /// Finds the project upwards from `start`: the folder with `wrangler.toml`.
    pub(crate) fn find(start: &Path, target: Target, namespace: Namespace) -> Result<Self, Failure> {
        let wrangler = Self { root: root(start)?.to_owned(), target, namespace };
        if !wrangler.script().is_file() {
            let root = wrangler.root.display();
            let message = format!("wrangler is not installed in {root}. Run `npm ci` there, then try again");
            return Err(Failure::Refused(message));
        }
        Ok(wrangler)
    }

    /// The folder in which it keeps the namespaces, if one was named.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.target {
            Target::Local { persist_to } => persist_to.as_deref(),
            Target::Remote { .. } => None,
        }
    }

    /// Refuses to write to a local store that another program has open: two writers lose each other's writes.
    pub(crate) fn must_be_free(&self) -> Result<(), Failure> {
        let Target::Local { persist_to } = &self.target else { return Ok(()) };
        let folder = persist_to.clone().unwrap_or_else(|| self.root.join(".wrangler/state"));
        let Some(process) = in_use::by(&folder) else { return Ok(()) };
        Err(Failure::Refused(format!(
            "another program, process {process}, has the store in {} open (probably a `wrangler dev`), and two \
             programs on one store lose writes: end that one, apply, and start it again. `cargo xtask dev --directory \
             <directory>` does this whenever a declaration changes",
            folder.display()
        )))
    }

    /// Whether `cargo xtask dev` has ever kept namespaces here.
    pub(crate) fn has_dev_store(&self) -> bool {
        self.root.join(DEV_STORE).is_file()
    }

    fn script(&self) -> PathBuf {
        self.root.join("node_modules/wrangler/bin/wrangler.js")
    }

    /// The Node that npm brought along, because wrangler is choosy; otherwise the system's.
    fn node(&self) -> PathBuf {
        let own = self.root.join("node_modules/.bin/node");
        if own.exists() { own } else { "node".into() }
    }

    /// Runs `wrangler kv <args> --binding <the namespace>` on the target and returns what it prints.
    fn kv(&self, args: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new(self.node());
        let binding = ["--binding", self.namespace.binding(), "--preview", "false"];
        command.arg(self.script()).arg("kv").args(args).args(binding);
        match &self.target {
            Target::Local { persist_to } => {
                command.args(["--local", "--env", ""]);
                if let Some(folder) = persist_to {
                    command.arg("--persist-to").arg(folder);
                }
            }
            Target::Remote { environment } => {
                command.args(["--remote", "--env", environment]);
            }
        }
        // Its log on disk would contain the records.
        command.env("WRANGLER_WRITE_LOGS", "false").env("WRANGLER_SEND_METRICS", "false");
        command.env("WRANGLER_HIDE_BANNER", "true");
        command.current_dir(&self.root).stdin(Stdio::null());
        let output = command.output().map_err(|error| Failure::failed(format!("Node cannot be run: {error}")))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(printed.into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = if said.trim().is_empty() { printed } else { said };
        let plain = anstream::adapter::strip_str(said.trim());
        let advice = advice(&plain.to_string());
        Err(Failure::failed(format!("{advice}`wrangler kv {}` failed: {plain}", args[..2].join(" "))))
    }

    /// Reads no more keys than one call accepts.
    fn read(&self, keys: &[String]) -> Result<HashMap<String, String>, Failure> {
        let found: HashMap<String, Value> = json_in(&self.bulk("get", &keys, &[])?)?;
        Ok(found.into_iter().filter_map(|(key, value)| Some((key, text(value)?))).collect())
    }

    /// Runs a bulk command on a file with `content`, which only this user can read.
    fn bulk(&self, verb: &str, content: &impl Serialize, args: &[&str]) -> Result<String, Failure> {
        let mut file = NamedTempFile::with_suffix(".json").map_err(Failure::failed)?;
        serde_json::to_writer(&mut file, content).map_err(Failure::failed)?;
        file.flush().map_err(Failure::failed)?;
        let path = file.path().to_string_lossy();
        let mut all = vec!["bulk", verb, &*path];
        all.extend(args);
        self.kv(&all)
    }
}

/// What to do about a failure that wrangler describes in its own terms: a line, or nothing.
fn advice(said: &str) -> &'static str {
    if said.contains("Authentication error") {
        "Cloudflare refused access: the API token, or the account logged in, may lack the permission for Workers KV.\n"
    } else if ["CLOUDFLARE_API_TOKEN", "wrangler login"].iter().any(|sign| said.contains(sign)) {
        "you are not logged in to Cloudflare: run `npx wrangler login` once, or set CLOUDFLARE_API_TOKEN.\n"
    } else {
        ""
    }
}

/// The project that contains `start`: the nearest folder with `wrangler.toml`, there or above.
fn root(start: &Path) -> Result<&Path, Failure> {
    start.ancestors().find(|folder| folder.join("wrangler.toml").is_file()).ok_or_else(|| {
        Failure::Refused(format!(
            "{} is not in a project: there is no wrangler.toml here or above. Run the command in the clone of \
             OneContact Agent",
            start.display()
        ))
    })
}

/// What the latest `cargo xtask dev` serves.
#[derive(Debug)]
pub(crate) struct DevStore {
    /// Where it keeps its namespaces.
    pub(crate) folder: PathBuf,
    /// The port it serves at; an older version did not record it.
    pub(crate) port: u16,
}

impl DevStore {
    /// Reads what it recorded in the project that contains `start`.
    pub(crate) fn find(start: &Path) -> Result<Self, Failure> {
        let root = root(start)?;
        let path = root.join(DEV_STORE);
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Failure::Refused(format!("`cargo xtask dev` has not served from {} yet", root.display()))
            }
            _ => Failure::files(&path, &error),
        })?;
        let mut lines = text.lines();
        let folder = PathBuf::from(lines.next().unwrap_or_default());
        let port = lines.next().and_then(|port| port.parse().ok()).unwrap_or(DEFAULT_PORT);
        Ok(Self { folder, port })
    }
}

/// An entry of `wrangler kv key list`.
#[derive(Deserialize)]
struct Listed {
    name: String,
    metadata: Option<Value>,
}

impl Store for Wrangler {
    fn list(&mut self, prefix: &str) -> Result<Listing, Failure> {
        let mut args = vec!["key", "list"];
        if !prefix.is_empty() {
            args.extend(["--prefix", prefix]);
        }
        let listed: Vec<Listed> = json_in(&self.kv(&args)?)?;
        let digest = |metadata: Option<Value>| Some(metadata?.get("digest")?.as_str()?.to_owned());
        Ok(listed.into_iter().map(|listed| (listed.name, digest(listed.metadata))).collect())
    }

    fn get(&mut self, keys: &[String]) -> Result<HashMap<String, String>, Failure> {
        let most = match self.target {
            Target::Local { .. } => keys.len().max(1),
            Target::Remote { .. } => MOST_PER_REMOTE_READ,
        };
        let reads: Vec<&[String]> = keys.chunks(most).collect();
        let mut values = HashMap::new();
        for at_once in reads.chunks(READS_AT_ONCE) {
            let read: Vec<Result<_, Failure>> = thread::scope(|scope| {
                let asked: Vec<_> = at_once.iter().map(|keys| scope.spawn(|| self.read(keys))).collect();
                asked.into_iter().map(|read| read.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
            });
            for (keys, found) in at_once.iter().zip(read) {
                // Each wrangler that finds the login expired renews it. If that works only once, all but one have
                // failed.
                let found = if at_once.len() > 1 { found.or_else(|_| self.read(keys)) } else { found };
                values.extend(found?);
            }
        }
        Ok(values)
    }

    fn put(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let pair = |entry: &Entry| json!({ "key": entry.key, "value": entry.value, "metadata": entry.metadata });
        self.bulk("put", &entries.iter().map(pair).collect::<Vec<_>>(), &[]).map(drop)
    }

    fn delete(&mut self, keys: &[String]) -> Result<(), Failure> {
        self.bulk("delete", &keys, &["--force"]).map(drop)
    }
}

/// A value of `kv bulk get`: locally `{"value": …}`, from Cloudflare the text itself.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(mut object) => object.remove("value").and_then(text),
        _ => None,
    }
}

/// The JSON in what wrangler printed, which a line about something else may precede.
fn json_in<T: for<'de> Deserialize<'de>>(printed: &str) -> Result<T, Failure> {
    let begins = |line: &str| line.starts_with('[') || line.starts_with('{');
    let mut at = 0;
    for line in printed.split_inclusive('\n') {
        if begins(line) {
            break;
        }
        at += line.len();
    }
    let unclear = || Failure::failed("wrangler's answer is not the expected JSON; is it another version?");
    serde_json::from_str(&printed[at..]).map_err(|_| unclear())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_read_value_are_understood() {
        assert_eq!(text(json!("a")), Some("a".to_owned()));
        assert_eq!(text(json!({ "value": "a" })), Some("a".to_owned()));
        assert_eq!(text(json!({ "value": null })), None);
        assert_eq!(text(Value::Null), None);
    }

    #[test]
    fn json_is_found_after_other_lines() {
        let keys: Vec<String> = json_in("Resource location: remote\n\n[\"a\"]\n").unwrap();
        assert_eq!(keys, ["a"]);
        assert!(json_in::<Vec<String>>("Success!\n").is_err());
    }

    /// Answers once three others have begun, and fails if they do not.
    const IN_COMPANY: &str = r#"
        const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
        const keys = JSON.parse(readFileSync(process.argv[process.argv.indexOf("get") + 1], "utf8"));
        writeFileSync(`begun-${process.pid}`, "");
        const until = Date.now() + 10_000;
        const look = () => {
          if (readdirSync(".").filter((name) => name.startsWith("begun-")).length >= 4) {
            console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, `of ${key}`]))));
          } else if (Date.now() < until) setTimeout(look, 20);
          else process.exit(1);
        };
        look();"#;

    /// Of the first four, which find the login expired, one renews it and the others fail. Later ones must run alone.
    const EXPIRED: &str = r#"
        const { readdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
        const keys = JSON.parse(readFileSync(process.argv[process.argv.indexOf("get") + 1], "utf8"));
        const count = (name) => readdirSync(".").filter((found) => found.startsWith(name)).length;
        const isLate = count("begun-") >= 4;
        writeFileSync(`begun-${process.pid}`, "");
        const answer = () => console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, `of ${key}`]))));
        if (isLate) {
          writeFileSync(`alone-${process.pid}`, "");
          setTimeout(() => {
            if (count("alone-") > 1) process.exit(1);
            rmSync(`alone-${process.pid}`);
            answer();
          }, 100);
        } else {
          const until = Date.now() + 10_000;
          const look = () => {
            if (count("begun-") < 4 && Date.now() < until) return setTimeout(look, 20);
            writeFileSync("renewed", "", { flag: "wx" });
            answer();
          };
          look();
        }"#;

    /// Four hundred and fifty keys, and the result of reading them from Cloudflare by a wrangler with this script.
    fn read_by(script: &str) -> (Vec<String>, Result<HashMap<String, String>, Failure>) {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("wrangler.toml"), "").unwrap();
        let path = project.path().join("node_modules/wrangler/bin/wrangler.js");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, script).unwrap();
        let target = Target::Remote { environment: "production".to_owned() };
        let mut wrangler = Wrangler::find(project.path(), target, Namespace::Directory).unwrap();
        let keys: Vec<String> = (0..450).map(|number| format!("agent:{number}")).collect();
        let values = wrangler.get(&keys);
        (keys, values)
    }

    #[test]
    fn what_cloudflare_hands_out_by_the_hundred_is_read_four_hundred_at_a_time() {
        let (keys, values) = read_by(IN_COMPANY);
        let values = values.unwrap();
        assert_eq!(values.len(), 450);
        assert!(keys.iter().all(|key| values[key] == format!("of {key}")));
    }

    #[test]
    fn whoever_fails_in_company_is_asked_once_more_alone() {
        let (keys, values) = read_by(EXPIRED);
        let values = values.unwrap();
        assert_eq!(values.len(), 450);
        assert!(keys.iter().all(|key| values[key] == format!("of {key}")));
        assert!(read_by("process.exit(1)").1.is_err(), "and not for ever");
    }

    #[test]
    fn outside_of_a_project_the_message_says_where_to_go() {
        let nowhere = tempfile::tempdir().unwrap();
        let failure =
            Wrangler::find(nowhere.path(), Target::Local { persist_to: None }, Namespace::Directory).unwrap_err();
        assert!(failure.to_string().contains("no wrangler.toml here or above"));
    }

    #[test]
    fn a_project_without_its_packages_says_how_to_get_them() {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("wrangler.toml"), "").unwrap();
        let failure =
            Wrangler::find(project.path(), Target::Local { persist_to: None }, Namespace::Directory).unwrap_err();
        assert!(failure.to_string().contains("npm ci"));
    }
}
