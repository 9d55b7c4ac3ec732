//! The demonstration is sound, and its documents say what it declares.

use std::path::Path;

use crate::folder::Folder;

fn demo(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo").join(file)).unwrap()
}

#[test]
fn the_demonstration_has_no_problem() {
    let folder = Folder::new();
    folder.write("demo/onecontact.toml", &demo("onecontact.toml"));
    let json = folder.done(&["check", "demo", "--json"]).json();
    assert_eq!(json["problems"], serde_json::json!([]));
    assert_eq!(json["demo"], true);
}

#[test]
fn its_documents_name_every_address_user_and_password() {
    let declared: toml::Table = demo("onecontact.toml").parse().unwrap();
    let list = |name: &str| declared[name].as_array().unwrap().clone();
    for text in [demo("README.md"), demo("sign-in.txt")] {
        for install in list("install") {
            let path = format!("/OneAgentWeb_{}", install["name"].as_str().unwrap());
            assert!(text.contains(&path), "{path}");
        }
        for agent in list("agent") {
            let (username, password) = (agent["username"].as_str().unwrap(), agent["password"].as_str().unwrap());
            let line = text.lines().find(|line| line.contains(password));
            assert!(line.is_some_and(|line| line.contains(username)), "{username}");
        }
    }
    assert!(demo("sign-in.txt").contains("localhost:{port}"));
}
