//! Messages: signed, handed over once, and never shown by the Worker.

use onecontact_tests::{World, project};

/// In local development, messages are shown on a page. It belongs to a receiver beside the Worker, so no deployment has
/// one.
#[tokio::test]
async fn no_address_of_the_worker_shows_messages() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for name in ["outbox", "messages", "message", "mail", "sms", "dev", "dev/outbox", "assets/outbox", "api/v1/outbox"]
    {
        for path in [format!("/{name}"), format!("/OneAgentWeb_Lisbon/{name}"), format!("/OneContactLogin/{name}")] {
            let page = browser.get(&path).await;
            assert!(matches!(page.status, 401 | 404), "{path}: {}", page.status);
        }
    }
    let worker = project::Project::find().modules;
    let holds = |text: &str| {
        worker
            .iter()
            .any(|(_, module)| module.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes())))
    };
    assert!(holds("message_sent") && !holds("outbox"), "the Worker knows nothing of an outbox");
}

/// `cargo xtask dev` names the receiver on wrangler's command line; no environment does.
#[test]
fn no_environment_has_a_receiver_set() {
    let config = std::fs::read_to_string(project::root().join("wrangler.toml")).unwrap();
    assert!(!config.contains("MESSAGE_WEBHOOK") && !config.contains("MESSAGE_KEY"), "both are secrets of a deployment");
}
