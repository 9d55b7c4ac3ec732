//! Ten thousand agents in one CSV, some of them wrong.

use std::time::{Duration, Instant};

use crate::folder::{CENTRE, Folder};

const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$b25lY29udGFjdC1leGFtcGw$VaiOVIELFg7yydjY0z5/J7Vfv1jl0R2xobrIOabVGjA";

/// Two seconds when optimised. Unoptimised, with other tests running, the bound only shows that no step takes time
/// quadratic in the number of rows.
const BOUND: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// A row; some are wrong, each in its own way, depending on its number.
fn row(number: usize) -> String {
    let extension = 100_000 + number;
    match number {
        1_000 => format!("agent-{number};\"Never closed;a{number}@acme.example;{extension};{HASH}\n"),
        2_000 => format!("agent-1;A second one;a{number}@acme.example;{extension};{HASH}\n"),
        3_000 => format!("agent-{number};Bad extension;a{number}@acme.example;twelve;{HASH}\n"),
        4_000 => format!("agent-{number};No password;a{number}@acme.example;{extension};\n"),
        9_999 => format!("agent-{number};Bad address;nobody;{extension};{HASH}\n"),
        _ => format!("agent-{number};Agent {number};a{number}@acme.example;{extension};{HASH}\n"),
    }
}

#[test]
fn ten_thousand_agents_are_checked_in_time_and_a_bad_row_loses_no_other() {
    let folder = Folder::new();
    folder.write("centre/a.toml", CENTRE);
    let rows: Vec<String> = (0..10_000).map(row).collect();
    folder.write("centre/acme.csv", &format!("username;name;email;extension;password_hash\n{}", rows.concat()));
    let started = Instant::now();
    let ran = folder.run(&["check", "centre", "--json"]);
    let took = started.elapsed();
    assert_eq!(ran.code, 1);
    let json = ran.json();
    let lines: Vec<u64> =
        json["problems"].as_array().unwrap().iter().map(|problem| problem["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1_002, 2_002, 3_002, 4_002, 10_001]);
    assert_eq!(json["sound"]["agents"], 9_995);
    assert!(took < BOUND, "{took:?}");
}
