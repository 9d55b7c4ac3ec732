//! A registration that is kept, lost and regained.

use super::*;

/// A desktop whose agent is ready, registered for ten seconds at a time.
async fn ready(gateway: &RecorderGateway, recorder: Recorder) -> (World, Desktop) {
    gateway.tell(&json!({ "ways": { "lifetime": 10 } })).await;
    let world = world_with(recorder).start().await;
    let desktop = registered(&world).await;
    assert_eq!(wishes_to_be_ready(&desktop).await, Some(Answer::Done));
    assert!(desktop.sees(PATIENCE, |seen| seen.state == "ready").await);
    (world, desktop)
}

#[tokio::test]
async fn a_registration_is_kept_alive_for_as_long_as_the_session_lasts() {
    let gateway = RecorderGateway::start();
    let (_world, desktop) = ready(&gateway, Recorder::Required(gateway.declared(20))).await;
    let id = gateway.standing().await[0]["id"].clone();
    tokio::time::sleep(Duration::from_secs(13)).await;
    let standing = gateway.standing().await;
    assert_eq!((standing.len(), &standing[0]["id"]), (1, &id), "longer than it would live by itself");
    assert_eq!((&desktop.seen().recorder["status"], &desktop.seen().state), (&json!("registered"), &json!("ready")));
    let kept = gateway.asked().await.into_iter().filter(|asked| asked["method"] == "POST").count();
    assert!((2..=4).contains(&kept), "{kept}");
}

#[tokio::test]
async fn a_recorder_that_stops_takes_the_agent_out_of_ready_where_it_is_required_and_is_got_back() {
    for is_required in [true, false] {
        let gateway = RecorderGateway::start();
        let declared = gateway.declared(20);
        let recorder = if is_required { Recorder::Required(declared) } else { Recorder::Optional(declared) };
        let (world, desktop) = ready(&gateway, recorder).await;
        gateway.tell(&json!({ "ways": { "lifetime": 10, "cause": "recorder_failed" } })).await;
        assert!(comes_to(&desktop, "lost").await);
        assert_eq!(desktop.seen().recorder["cause"], "recorder_failed");
        if is_required {
            assert!(desktop.sees(PATIENCE, |seen| seen.is_not_ready_because("unmet")).await);
            assert_eq!(wishes_to_be_ready(&desktop).await, Some(Answer::Refused("missing".into())));
        }
        let lost = world.log().only("recorder_lost").await;
        assert_eq!(lost["reason"], "recorder_failed");
        gateway.tell(&json!({ "ways": { "lifetime": 10 } })).await;
        assert!(comes_to(&desktop, "registered").await, "by itself");
        if !is_required {
            assert_eq!(desktop.seen().state, "ready", "all the while");
        }
        assert_eq!((gateway.standing().await.len(), gateway.most_at_once().await), (1, 1));
        assert_eq!(desktop.seen().faults, [""; 0]);
    }
}

#[tokio::test]
async fn a_gateway_that_has_forgotten_everything_has_it_registered_again() {
    let mut gateway = RecorderGateway::start();
    let (_world, desktop) = ready(&gateway, Recorder::Required(gateway.declared(20))).await;
    gateway.come_back_empty();
    assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"lost")).await);
    assert!(comes_to(&desktop, "registered").await);
    assert_eq!(gateway.standing().await.len(), 1);
}

#[tokio::test]
async fn a_gateway_that_is_away_for_a_moment_is_no_loss() {
    let mut gateway = RecorderGateway::start();
    let world = world_with(Recorder::Required(gateway.declared(20))).start().await;
    let desktop = registered(&world).await;
    gateway.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    gateway.come_back();
    let id = gateway.standing().await[0]["id"].clone();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(gateway.standing().await[0]["id"], id);
    assert!(!desktop.seen().notes().contains(&"lost"));
}
