//! D5: truthful presence.

use super::*;

#[test]
fn silence_is_suspect_then_not_ready_then_the_end() {
    let mut desk = connected();
    ready(&mut desk, START);
    let seen = |desk: &Desk| desk.view(START).map(|view| (view.connection, view.state));
    for (seconds, connection, expected) in [
        (19, Connection::Open, State::Ready),
        (20, Connection::Suspect, State::Ready),
        (29, Connection::Suspect, State::Ready),
        (30, Connection::Lost, not_ready(Reason::ConnectionLost)),
        (299, Connection::Lost, not_ready(Reason::ConnectionLost)),
    ] {
        assert_eq!(sleep(&mut desk, at(seconds), None), []);
        assert_eq!(seen(&desk), Some((connection, expected)), "after {seconds} s");
    }
    let departed = sleep(&mut desk, at(300), None);
    assert_eq!((departed[0].ended.reason, departed[0].ended.at), (EndReason::ConnectionLost, at(300)));
    assert!(matches!(connect(&mut desk, at(301), 1, 1).answer, Err(Some(_))));
}

#[test]
fn a_desktop_that_is_heard_is_never_lost() {
    let mut desk = connected();
    ready(&mut desk, START);
    for seconds in (0..3600).step_by(10) {
        assert_eq!(sleep(&mut desk, at(seconds), Some(at(seconds.saturating_sub(10)))), []);
        assert_eq!(state(&desk), State::Ready);
    }
}

#[test]
fn coming_back_in_time_restores_what_was() {
    for (chosen, restored) in [(Wish::Ready, State::Ready), (NOT_READY, not_ready(Reason::Chosen))] {
        let mut desk = connected();
        command(&mut desk, START, 1, chosen);
        sleep(&mut desk, at(299), None);
        assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
        connect(&mut desk, at(299), 1, 1);
        assert_eq!(state(&desk), restored);
    }
}

#[test]
fn what_was_never_lost_is_not_called_restored() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(connect(&mut desk, START, 1, 1).events, []);
    sleep(&mut desk, at(25), None);
    let back = connect(&mut desk, at(25), 1, 1).events;
    assert_eq!(back[0].what, What::Connection(Connection::Open));
}

#[test]
fn an_interaction_goes_on_while_the_desktop_is_lost_and_leaves_the_agent_not_ready() {
    let mut desk = in_interaction();
    sleep(&mut desk, at(60), None);
    assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
    command(&mut desk, at(60), 9, Wish::Ready);
    sleep(&mut desk, at(100), None);
    ask(&mut desk, at(100), None, finished(1));
    assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
    connect(&mut desk, at(110), 1, 1);
    assert_eq!(state(&desk), State::Ready, "as was chosen for afterwards");
}

#[test]
fn a_socket_that_closes_is_silence_from_then_on() {
    let mut desk = connected();
    ready(&mut desk, START);
    desk.disconnect(at(8));
    sleep(&mut desk, at(37), None);
    assert_eq!(state(&desk), State::Ready);
    sleep(&mut desk, at(38), None);
    assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
}

#[test]
fn a_socket_that_the_network_gives_up_on_at_last_is_no_sign_of_life() {
    for (silent, state_then) in [(25, State::Ready), (120, not_ready(Reason::ConnectionLost))] {
        let mut desk = connected();
        ready(&mut desk, START);
        sleep(&mut desk, at(silent), None);
        desk.disconnect(at(silent));
        assert_eq!(state(&desk), state_then, "after {silent} s");
        sleep(&mut desk, at(30), None);
        assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
        assert_eq!(sleep(&mut desk, at(300), None)[0].ended.at, at(300), "silence counts from when it began");
    }
}

#[test]
fn the_desks_own_absence_is_nobodys_silence() {
    let mut desk = connected();
    ready(&mut desk, START);
    // Its host was down for an hour: nobody could be heard, and no alarm went off.
    assert_eq!(desk.pass(at(3600), None).departed, []);
    assert_eq!(state(&desk), State::Ready);
    assert_eq!(connect(&mut desk, at(3602), 1, 1).answer, Ok(()));
    sleep(&mut desk, at(3602 + 300), None);
    assert_eq!(desk.holder(), None, "from then on silence counts again");
}

#[test]
fn nor_is_it_where_the_desktop_had_been_lost_before() {
    let mut desk = connected();
    sleep(&mut desk, at(45), None);
    // Its host is down until just before the desktop would be logged out.
    assert_eq!(sleep(&mut desk.clone(), at(299), None), []);
    assert_eq!(desk.pass(at(295), None).departed, []);
    assert_eq!(sleep(&mut desk, at(500), None), [], "it has as much time left to come back as it had then");
    assert_eq!(sleep(&mut desk, at(560), None)[0].ended.reason, EndReason::ConnectionLost);
}

#[test]
fn a_session_whose_desktop_never_connects_is_over_when_another_would_be() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(sleep(&mut desk, at(299), None), []);
    assert_eq!(desk.view(at(299)).map(|view| view.connection), Some(Connection::Awaited));
    let departed = sleep(&mut desk, at(300), None);
    assert_eq!((departed[0].ended.reason, departed[0].ended.at), (EndReason::ConnectionLost, at(300)));
    assert!(matches!(connect(&mut desk, at(301), 1, 1).answer, Err(Some(_))));
}

#[test]
fn nor_is_the_desks_own_absence_held_against_a_desktop_that_could_not_connect() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(desk.pass(at(3600), None).departed, []);
    assert_eq!(sleep(&mut desk, at(3600), None), []);
    assert_eq!(connect(&mut desk, at(3602), 1, 1).answer, Ok(()));
}

#[test]
fn a_desk_that_was_kept_without_when_its_desktop_was_awaited_waits_anew() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    let mut own: Value = serde_json::from_str(&kept(&desk)[0]).unwrap();
    let link = &mut own["holder"]["link"]["never"];
    *link = serde_json::json!({ "meant": link["meant"] });
    let mut desk = Desk::of_rows(&[own.to_string()]).unwrap();
    let keeps = ask(&mut desk, at(400), None, Ask::Keeps { extension: Extension::parse("1001").unwrap() }).answer;
    assert_eq!(keeps, Answer::Keeps { until: Some(at(400 + 300)), is_silent: true });
    assert_eq!(sleep(&mut desk, at(400 + 299), None), []);
    let departed = sleep(&mut desk, at(400 + 300), None);
    assert_eq!((departed[0].ended.reason, departed[0].ended.at), (EndReason::ConnectionLost, at(400 + 300)));
}

#[test]
fn an_install_sets_the_figures() {
    let mut desk = Desk::default();
    let mut short = visitor(1, START, 0);
    short.policy.presence = Presence { suspect_seconds: 2, not_ready_seconds: 4, logged_out_seconds: 8 };
    ask(
        &mut desk,
        START,
        None,
        Ask::Take(Arrival { visitor: short.clone(), consent: None, here: None, is_typed: false }),
    );
    short.lease = 1;
    assert_eq!(desk.connect(START, Connect { visitor: short, after: 0 }).answer, Ok(()));
    let departed = sleep(&mut desk, at(60), None);
    assert_eq!(departed[0].ended.at, at(8));
}
