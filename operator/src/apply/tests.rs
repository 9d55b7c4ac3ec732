use super::*;
use crate::declarations;
use crate::fixture::{Directory, HASH, SOUND};
use crate::plan::Destination;
use crate::store::memory::Memory;

fn desired(files: &[(&str, &str)]) -> Vec<Desired> {
    let directory = Directory::of(files);
    let checked = declarations::check(declarations::load(directory.path()).unwrap());
    plan::derive(&checked.declared, Destination::Cloudflare)
}

/// Applies the files and returns the plan.
fn applied(files: &[(&str, &str)], store: &mut Memory, now: u64) -> Plan {
    let plan = self::plan(desired(files), store, Timestamp(now)).unwrap();
    run(&plan, store, &mut |_| {}).unwrap();
    plan
}

fn with_agents(count: usize) -> String {
    let rows: Vec<String> = (0..count).map(|n| format!("agent-{n},Agent {n},a{n}@acme.example,\"{HASH}\"\n")).collect();
    format!("username,name,email,password_hash\n{}", rows.concat())
}

#[test]
fn applying_twice_changes_nothing() {
    let clear = "username,name,password\ndesk2,Desk2,a clear password\n";
    let mut store = Memory::default();
    assert_eq!(applied(&[("a.toml", SOUND), ("acme.csv", clear)], &mut store, 1).writes.len(), 7);
    let before = store.records.clone();
    assert!(applied(&[("a.toml", SOUND), ("acme.csv", clear)], &mut store, 2).is_empty());
    assert_eq!(store.records, before);
    assert_eq!(store.reads, 1, "only the agent with the clear password is read");
}

#[test]
fn a_clear_password_is_stored_as_its_hash_alone() {
    let mut store = Memory::default();
    applied(
        &[("a.toml", SOUND), ("acme.csv", "username,name,password\ndesk2,Desk2,a clear password\n")],
        &mut store,
        1,
    );
    for entry in store.records.values() {
        assert!(!entry.value.contains("a clear password"));
    }
    let key = "agent:01KAS5D3M0ACME000000000001:desk2";
    let agent: serde_json::Value = serde_json::from_str(&store.records[key].value).unwrap();
    let phc = agent["password"]["phc"].as_str().unwrap();
    assert!(onecontact_domain::password::is_strong_enough(phc).unwrap());
}

#[test]
fn everything_is_removed_after_everything_is_written() {
    let mut store = Memory::default();
    applied(&[("a.toml", SOUND), ("acme.csv", &with_agents(3))], &mut store, 1);
    store.writes.clear();
    applied(&[("a.toml", SOUND), ("acme.csv", &with_agents(1).replace("agent-0", "new"))], &mut store, 2);
    let agents = |keys: &Vec<String>| keys.iter().filter(|key| key.starts_with("agent:")).count();
    let counts: Vec<usize> = store.writes.iter().map(agents).collect();
    assert_eq!(counts, [1, 3]);
}

#[test]
fn a_failed_write_is_told_and_running_again_does_the_rest() {
    let files: &[(&str, &str)] = &[("a.toml", SOUND), ("acme.csv", &with_agents(1200))];
    let mut store = Memory { fails_after: Some(1), ..Memory::default() };
    let plan = self::plan(desired(files), &mut store, Timestamp(1)).unwrap();
    let mut steps = Vec::new();
    let failure = run(&plan, &mut store, &mut |step| steps.push(step)).unwrap_err().to_string();
    assert_eq!(steps, ["1,000 of 2,406 records written"]);
    assert!(failure.contains("the store is down") && failure.contains("Written: 1,000 of 2,406 records"), "{failure}");
    assert!(failure.contains("not written, from agent acme/agent-"), "{failure}");
    assert_eq!(store.records.len(), 1000);

    store.fails_after = None;
    assert_eq!(applied(files, &mut store, 2).writes.len(), 1406);
    assert_eq!(store.records.len(), 2406);
    assert!(applied(files, &mut store, 3).is_empty());
}
