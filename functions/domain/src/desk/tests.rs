//! The desk, event by event, at times of the test's own choosing.

use kv_schema::directory::Presence;
use kv_schema::names::{Extension, InstallName, Username};
use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Session};

use super::*;
use crate::browser::Browser;
use crate::fixture;

const START: Timestamp = Timestamp(1_000_000);
const SHIFT: u64 = 12 * 3600;

fn at(seconds: u64) -> Timestamp {
    START.plus(seconds)
}

fn sid(number: u128) -> SessionId {
    SessionId::from_bits(number)
}

/// A session that began at `begun`.
fn visitor(number: u128, begun: Timestamp, lease: u64) -> Visitor {
    let browser = Browser::from_user_agent("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0");
    Visitor {
        session: Session {
            v: Version,
            instance: fixture::id(1),
            agent: Username::parse("desk1").unwrap(),
            sid: sid(number),
            install: InstallName::parse("lisbon").unwrap(),
            extension: Extension::parse("1001").ok(),
            auth_time: begun,
            amr: vec!["pwd".to_owned()],
            browser: browser.to_string(),
            hard_end: begun.plus(SHIFT),
        },
        lease,
        browser,
        policy: Policy { presence: Presence::default(), overtime_minutes: 30 },
    }
}

fn take(desk: &mut Desk, now: Timestamp, number: u128, over: Option<u64>, here: Option<u128>) -> Outcome<Answer> {
    let arrival = Arrival { visitor: visitor(number, now, 0), over, here: here.map(sid) };
    desk.answer(now, None, Ask::Take(arrival))
}

/// A desk that session 1 has held since the start, its page connected.
fn connected() -> Desk {
    let mut desk = Desk::default();
    assert_eq!(take(&mut desk, START, 1, None, None).answer, Answer::Taken { lease: 1 });
    assert_eq!(connect(&mut desk, START, 1, 1).answer, Ok(()));
    desk
}

fn connect(desk: &mut Desk, now: Timestamp, number: u128, lease: u64) -> Outcome<Result<(), Option<Ended>>> {
    desk.connect(now, Connect { visitor: visitor(number, START, lease), after: 0 })
}

fn command(desk: &mut Desk, now: Timestamp, id: u64, ask: Wish) -> Said {
    desk.command(now, Command { id, ask }).answer
}

fn call(number: u8) -> InteractionId {
    InteractionId::try_from(format!("call-{number}")).unwrap()
}

fn ready(desk: &mut Desk, now: Timestamp) {
    let id = desk.view(now).unwrap().applied + 1;
    assert_eq!(command(desk, now, id, Wish::Ready), Said::Done { id });
}

/// A desk whose agent has an interaction.
fn in_interaction() -> Desk {
    let mut desk = connected();
    ready(&mut desk, START);
    assert_eq!(desk.answer(START, Some(START), Ask::Engage { interaction: call(1) }).answer, Answer::Done);
    desk
}

fn state(desk: &Desk) -> State {
    desk.view(START).expect("somebody holds the desk").state
}

fn not_ready(reason: Reason) -> State {
    State::NotReady { reason }
}

fn reason_of(outcome: &Outcome<impl Sized>) -> Option<EndReason> {
    outcome.departed.first().map(|departed| departed.ended.reason)
}

/// Wakes the desk whenever it wants to be woken, up to `until`, its page being heard at `heard`. The ends on the way.
fn sleep(desk: &mut Desk, until: Timestamp, heard: Option<Timestamp>) -> Vec<Departed> {
    let mut departed = Vec::new();
    while let Some(due) = desk.wake_at().filter(|due| *due <= until) {
        for write in desk.writes_due(due) {
            desk.written(due, &write, true);
        }
        departed.append(&mut desk.pass(due, heard).departed);
    }
    departed
}

mod one_owner {
    use super::*;

    #[test]
    fn each_login_takes_a_higher_lease() {
        let mut desk = Desk::default();
        assert_eq!(take(&mut desk, START, 1, None, None).answer, Answer::Taken { lease: 1 });
        assert_eq!(take(&mut desk, START, 2, None, None).answer, Answer::Taken { lease: 2 });
    }

    #[test]
    fn a_second_login_is_told_where_the_first_one_is() {
        let mut desk = connected();
        ready(&mut desk, at(1));
        let Answer::Occupied(occupant) = take(&mut desk, at(10), 2, None, None).answer else { panic!("not asked") };
        assert_eq!((occupant.lease, occupant.since, occupant.state), (1, START, State::Ready));
        assert_eq!(occupant.browser.to_string(), "Chrome on Windows");
        assert_eq!(occupant.silent_since, None);
        assert_eq!(desk.holder(), Some(&sid(1)), "nothing has changed");
    }

    #[test]
    fn it_is_told_as_well_when_nothing_has_been_heard_from_there() {
        let mut desk = connected();
        sleep(&mut desk, at(40), None);
        let Answer::Occupied(occupant) = take(&mut desk, at(40), 2, None, None).answer else { panic!("not asked") };
        assert_eq!(occupant.silent_since, Some(START));
    }

    #[test]
    fn a_session_whose_page_never_connected_is_not_asked_about() {
        let mut desk = Desk::default();
        take(&mut desk, START, 1, None, None);
        let taken = take(&mut desk, at(600), 2, None, None);
        assert_eq!((taken.answer.clone(), reason_of(&taken)), (Answer::Taken { lease: 2 }, Some(EndReason::TakenOver)));
    }

    #[test]
    fn a_take_over_is_of_the_lease_that_the_agent_was_told_of() {
        let mut desk = connected();
        assert_eq!(take(&mut desk, at(1), 2, Some(1), None).answer, Answer::Taken { lease: 2 });
        connect(&mut desk, at(2), 2, 2);
        assert!(matches!(take(&mut desk, at(3), 3, Some(1), None).answer, Answer::Occupied(_)));
    }

    #[test]
    fn a_take_over_counts_once_and_not_after_an_end() {
        let mut desk = connected();
        assert_eq!(take(&mut desk, at(1), 2, Some(1), None).answer, Answer::Taken { lease: 2 });
        assert!(matches!(take(&mut desk, at(2), 3, Some(1), None).answer, Answer::Occupied(_)), "not connected yet");
        desk.answer(at(3), None, Ask::Leave { sid: sid(2) });
        assert_eq!(take(&mut desk, at(4), 3, Some(1), None).answer, Answer::Stale, "nobody is there");

        let mut desk = connected();
        desk.answer(at(1), None, Ask::End(Ending::of(EndReason::Forced)));
        assert_eq!(take(&mut desk, at(2), 2, Some(1), None).answer, Answer::Stale, "who was thrown out stays out");
    }

    #[test]
    fn whoever_is_taken_over_learns_by_which_browser_and_when() {
        let mut desk = connected();
        let taken = take(&mut desk, at(9), 2, Some(1), None);
        let ended = &taken.departed[0].ended;
        assert_eq!((ended.sid.clone(), ended.reason, ended.at), (sid(1), EndReason::TakenOver, at(9)));
        assert_eq!(ended.browser.unwrap().to_string(), "Chrome on Windows");
        assert_eq!(connect(&mut desk, at(10), 1, 1).answer, Err(Some(ended.clone())), "and may not come back");
    }

    #[test]
    fn a_sign_in_again_in_the_same_browser_is_not_asked_about() {
        let mut desk = connected();
        assert_eq!(reason_of(&take(&mut desk, at(1), 2, None, Some(1))), Some(EndReason::Replaced));
        assert_eq!(desk.holder(), Some(&sid(2)));
    }

    #[test]
    fn what_the_agent_is_doing_goes_along() {
        let mut desk = connected();
        ready(&mut desk, START);
        take(&mut desk, at(1), 2, Some(1), None);
        assert_eq!(state(&desk), not_ready(Reason::SignedIn), "nobody is ready before the desktop is heard");
        connect(&mut desk, at(2), 2, 2);
        assert_eq!(state(&desk), State::Ready);

        let mut desk = in_interaction();
        take(&mut desk, at(1), 2, Some(1), None);
        assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
    }

    #[test]
    fn whoever_takes_over_an_interaction_and_never_connects_is_lost_like_anybody_else() {
        let mut desk = in_interaction();
        take(&mut desk, at(1), 2, Some(1), None);
        let departed = sleep(&mut desk, at(302), None);
        assert_eq!(departed[0].ended.reason, EndReason::ConnectionLost);
    }

    #[test]
    fn an_older_session_cannot_clear_the_desk_of_a_newer_one() {
        let mut desk = connected();
        take(&mut desk, at(1), 2, Some(1), None);
        assert_eq!(desk.answer(at(2), None, Ask::Leave { sid: sid(1) }).answer, Answer::Ended(None));
        assert_eq!(desk.answer(at(2), None, Ask::Leave { sid: sid(2) }).answer, Answer::Ended(Some(sid(2))));
        assert_eq!(desk.holder(), None);
    }

    #[test]
    fn a_desk_that_has_lost_what_it_knew_believes_the_newer_lease() {
        let mut desk = Desk::default();
        assert_eq!(desk.answer(at(5), None, Ask::Stand(visitor(7, START, 4))).answer, stands(SHIFT));
        assert_eq!(take(&mut desk, at(6), 8, None, None).answer, Answer::Taken { lease: 5 });
        let older = desk.answer(at(7), None, Ask::Stand(visitor(6, START, 3)));
        assert_eq!(older.answer, Answer::Over(None));
    }

    fn stands(seconds: u64) -> Answer {
        Answer::Stands(Standing { hard_end: at(seconds), waits: false, overtime_minutes: 30 })
    }
}

mod presence {
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
        for (chosen, restored) in [(Wish::Ready, State::Ready), (Wish::NotReady, not_ready(Reason::Chosen))] {
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
        desk.answer(at(100), None, Ask::Release { interaction: call(1) });
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
    fn a_session_whose_desktop_never_connected_is_not_lost() {
        let mut desk = Desk::default();
        take(&mut desk, START, 1, None, None);
        assert_eq!(sleep(&mut desk, at(SHIFT - 1), None), []);
    }

    #[test]
    fn an_install_sets_the_figures() {
        let mut desk = Desk::default();
        let mut short = visitor(1, START, 0);
        short.policy.presence = Presence { suspect_seconds: 2, not_ready_seconds: 4, logged_out_seconds: 8 };
        desk.answer(START, None, Ask::Take(Arrival { visitor: short.clone(), over: None, here: None }));
        short.lease = 1;
        assert_eq!(desk.connect(START, Connect { visitor: short, after: 0 }).answer, Ok(()));
        let departed = sleep(&mut desk, at(60), None);
        assert_eq!(departed[0].ended.at, at(8));
    }
}

mod states {
    use super::*;

    #[test]
    fn a_state_chosen_during_an_interaction_takes_effect_after_it() {
        let mut desk = in_interaction();
        command(&mut desk, at(1), 2, Wish::NotReady);
        assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
        assert_eq!(desk.view(at(1)).unwrap().next, Some(Next::NotReady));
        desk.answer(at(5), None, Ask::Release { interaction: call(1) });
        assert_eq!(state(&desk), not_ready(Reason::Chosen));
    }

    #[test]
    fn without_a_choice_an_interaction_leads_to_wrap_up() {
        let mut desk = in_interaction();
        desk.answer(at(5), None, Ask::Release { interaction: call(1) });
        assert_eq!(state(&desk), State::WrapUp { interaction: call(1) });
        command(&mut desk, at(6), 2, Wish::Ready);
        assert_eq!(state(&desk), State::Ready);
    }

    #[test]
    fn only_an_agent_who_is_ready_takes_an_interaction() {
        let mut desk = connected();
        let engage =
            |desk: &mut Desk, number| desk.answer(START, None, Ask::Engage { interaction: call(number) }).answer;
        assert_eq!(engage(&mut desk, 1), Answer::NotNow(Some(not_ready(Reason::SignedIn))));
        ready(&mut desk, START);
        assert_eq!(engage(&mut desk, 1), Answer::Done);
        assert_eq!(engage(&mut desk, 1), Answer::Done, "the same one, said twice");
        assert!(matches!(engage(&mut desk, 2), Answer::NotNow(Some(State::InInteraction { .. }))));
        assert_eq!(engage(&mut Desk::default(), 1), Answer::NotNow(None));
    }

    #[test]
    fn a_command_that_arrives_twice_is_applied_once() {
        let mut desk = connected();
        assert_eq!(command(&mut desk, at(1), 1, Wish::Ready), Said::Done { id: 1 });
        assert_eq!(command(&mut desk, at(2), 2, Wish::NotReady), Said::Done { id: 2 });
        assert_eq!(command(&mut desk, at(3), 1, Wish::Ready), Said::Done { id: 1 });
        assert_eq!(state(&desk), not_ready(Reason::Chosen));
    }

    #[test]
    fn a_refused_command_is_refused_again() {
        let mut desk = connected();
        command(&mut desk, at(1), 1, Wish::Stay);
        let refused = Said::Refused { id: 2, why: Refusal::NotAllowed };
        assert_eq!(command(&mut desk, at(2), 2, Wish::Stay), refused);
        assert_eq!(command(&mut desk, at(3), 3, Wish::Ready), Said::Done { id: 3 });
        assert_eq!(command(&mut desk, at(4), 2, Wish::Stay), refused);
    }

    #[test]
    fn a_page_of_another_agent_cannot_move_the_count() {
        let mut desk = connected();
        let last = desk.last_event();
        desk.connect(at(1), Connect { visitor: visitor(1, START, 1), after: 5_000 }).answer.unwrap();
        assert_eq!(desk.last_event(), last);
    }

    #[test]
    fn events_are_numbered_one_by_one_over_sessions() {
        let mut desk = connected();
        let mut seen = desk.last_event();
        for (seconds, ask) in [(1, Wish::Ready), (2, Wish::NotReady), (3, Wish::Ready)] {
            let outcome = desk.command(at(seconds), Command { id: seconds, ask });
            for event in outcome.events {
                assert_eq!(event.seq, seen + 1);
                seen = event.seq;
            }
        }
        let taken = take(&mut desk, at(9), 2, Some(1), None);
        assert_eq!(taken.events[0].seq, seen + 1);
        assert_eq!(desk.first_event(), seen + 1, "a page is told of nothing before its own session");
    }
}

mod endings {
    use super::*;

    #[test]
    fn a_hard_end_in_idle_ends_the_session() {
        let mut desk = connected();
        let departed = sleep(&mut desk, at(SHIFT), Some(at(SHIFT)));
        assert_eq!((departed[0].ended.reason, departed[0].ended.at), (EndReason::HardEnd, at(SHIFT)));
    }

    #[test]
    fn a_hard_end_waits_for_the_end_of_an_interaction_and_of_its_wrap_up() {
        let mut desk = in_interaction();
        let later = at(SHIFT + 3600);
        assert_eq!(sleep(&mut desk, later, Some(later)), []);
        assert!(desk.view(later).is_some_and(|view| view.waits && view.hard_end > later));
        desk.answer(later, Some(later), Ask::Release { interaction: call(1) });
        assert_eq!(state(&desk), State::WrapUp { interaction: call(1) });
        assert!(desk.view(later).unwrap().waits);
        let over = later.plus(30);
        let id = desk.view(over).unwrap().applied + 1;
        command(&mut desk, over, id, Wish::Ready);
        let view = desk.view(over).unwrap();
        assert_eq!((view.waits, view.hard_end), (false, over.plus(60)), "as long as any warning");
        let departed = sleep(&mut desk, over.plus(60), Some(over.plus(60)));
        assert_eq!(departed[0].ended.reason, EndReason::HardEnd);
    }

    #[test]
    fn an_interaction_always_has_a_token_that_lasts() {
        let mut desk = in_interaction();
        for minutes in 0..(SHIFT / 60 + 120) {
            let now = at(minutes * 60);
            sleep(&mut desk, now, Some(now));
            let view = desk.view(now).expect("the session goes on");
            assert!(view.hard_end >= now.plus(120), "at {minutes} min");
        }
    }

    #[test]
    fn an_agent_stays_signed_in_once_where_policy_allows() {
        let mut desk = connected();
        assert_eq!(command(&mut desk, at(1), 1, Wish::Stay), Said::Done { id: 1 });
        let view = desk.view(at(1)).unwrap();
        assert_eq!((view.hard_end, view.overtime), (at(SHIFT + 1800), 0));
        let again = command(&mut desk, at(2), 2, Wish::Stay);
        assert_eq!(again, Said::Refused { id: 2, why: Refusal::NotAllowed });
    }

    #[test]
    fn waiting_never_brings_the_hard_end_forward() {
        let mut desk = in_interaction();
        let now = at(SHIFT - 115);
        sleep(&mut desk, now, Some(now));
        assert!(desk.view(now).unwrap().waits);
        assert_eq!(command(&mut desk, now, 2, Wish::Stay), Said::Refused { id: 2, why: Refusal::NotNow });
        desk.answer(now, Some(now), Ask::Release { interaction: call(1) });
        command(&mut desk, now, 3, Wish::Ready);
        assert_eq!(desk.view(now).unwrap().hard_end, at(SHIFT));
    }

    #[test]
    fn a_tombstone_that_the_desk_did_not_know_of_ends_the_session_as_it_says() {
        let mut desk = connected();
        let heed = |number| Ask::Heed { sid: sid(number), ending: Ending::of(EndReason::Disabled) };
        assert_eq!(desk.answer(at(1), None, heed(2)).answer, Answer::Ended(None));
        assert_eq!(reason_of(&desk.answer(at(1), None, heed(1))), Some(EndReason::Disabled));
    }

    #[test]
    fn a_session_that_ran_out_is_gone_on_with_by_signing_in_again_in_the_same_browser() {
        let mut desk = connected();
        ready(&mut desk, START);
        sleep(&mut desk, at(SHIFT), Some(at(SHIFT)));
        take(&mut desk, at(SHIFT + 60), 2, None, Some(1));
        connect(&mut desk, at(SHIFT + 61), 2, 2);
        assert_eq!(state(&desk), State::Ready);
    }

    #[test]
    fn a_session_that_was_signed_out_is_not() {
        let mut desk = connected();
        ready(&mut desk, START);
        desk.answer(at(1), None, Ask::Leave { sid: sid(1) });
        take(&mut desk, at(2), 2, None, Some(1));
        connect(&mut desk, at(3), 2, 2);
        assert_eq!(state(&desk), not_ready(Reason::SignedIn));
    }

    #[test]
    fn whoever_ends_a_session_is_named() {
        let mut desk = connected();
        let ending = Ending { reason: EndReason::Forced, by: Some("workforce".to_owned()), browser: None };
        assert_eq!(desk.answer(at(1), None, Ask::End(ending.clone())).answer, Answer::Ended(Some(sid(1))));
        let Answer::Over(Some(ended)) = desk.answer(at(2), None, Ask::Recall { sid: sid(1) }).answer else {
            panic!("forgotten")
        };
        assert_eq!((ended.reason, ended.by.as_deref(), ended.at), (EndReason::Forced, Some("workforce"), at(1)));
        assert_eq!(desk.answer(at(3), None, Ask::End(ending)).answer, Answer::Ended(None));
    }

    #[test]
    fn a_session_that_is_over_is_over_whatever_it_asks() {
        let mut desk = connected();
        desk.answer(at(1), None, Ask::Leave { sid: sid(1) });
        assert!(matches!(desk.answer(at(2), None, Ask::Stand(visitor(1, START, 1))).answer, Answer::Over(Some(_))));
        assert!(connect(&mut desk, at(2), 1, 1).answer.is_err());
        assert_eq!(command(&mut desk, at(2), 1, Wish::Ready), Said::Refused { id: 1, why: Refusal::NotNow });
    }
}

mod telling_kv {
    use super::*;

    #[test]
    fn a_session_is_written_when_it_begins_and_its_tombstone_when_it_ends() {
        let mut desk = connected();
        let writes = desk.writes_due(START);
        assert!(matches!(&writes[..], [Write::Session { record, unless_over: false }] if record.sid == sid(1)));
        desk.written(START, &writes[0], true);
        assert_eq!(desk.writes_due(at(100)), []);
        desk.answer(at(5), None, Ask::Leave { sid: sid(1) });
        assert_eq!(desk.wake_at(), Some(at(5)), "at once");
        let writes = desk.writes_due(at(5));
        assert!(matches!(&writes[..], [Write::Tombstone(tombstone)] if tombstone.sid == sid(1)));
        desk.written(at(5), &writes[0], true);
        assert_eq!(desk.writes_due(at(6)), []);
    }

    #[test]
    fn a_tombstone_stands_for_as_long_as_any_token_that_was_made_when_the_hard_end_was_later() {
        let mut desk = in_interaction();
        let waiting = at(SHIFT - 60);
        sleep(&mut desk, waiting, Some(waiting));
        assert!(desk.view(waiting).unwrap().hard_end >= waiting.plus(15 * 60), "a token lasts 15 minutes from here");
        command(&mut desk, waiting, 9, Wish::Ready);
        desk.answer(waiting, Some(waiting), Ask::Release { interaction: call(1) });
        let over = waiting.plus(60);
        assert_eq!(desk.pass(over, Some(over)).departed[0].ended.reason, EndReason::HardEnd);
        let writes = desk.writes_due(over);
        assert!(matches!(&writes[..], [Write::Tombstone(tombstone)] if tombstone.ttl(over) == 15 * 60));
    }

    #[test]
    fn what_kv_does_not_take_is_told_again_until_it_does() {
        let mut desk = connected();
        let mut now = START;
        for wait in [2, 4, 8, 16, 16, 16] {
            let writes = desk.writes_due(now);
            desk.written(now, &writes[0], false);
            assert_eq!(desk.writes_due(now.plus(wait - 1)), []);
            now = now.plus(wait);
        }
        assert_eq!(desk.writes_due(now).len(), 1);
    }

    #[test]
    fn of_however_many_sessions_end_while_it_is_down_it_is_told_in_the_end() {
        let mut desk = Desk::default();
        for number in 1..=50 {
            take(&mut desk, at(1), number, None, None);
        }
        let writes = desk.writes_due(at(1));
        let told = writes.iter().filter(|write| matches!(write, Write::Tombstone(_))).count();
        assert_eq!(told, 49);
        for write in writes {
            desk.written(at(1), &write, true);
        }
        take(&mut desk, at(2), 51, None, None);
        assert_eq!(desk.over.len(), 32, "then as many are remembered as anybody could have");
        assert_eq!(desk.over[31].ended.sid, sid(50), "the latest ones");
    }

    #[test]
    fn what_has_changed_meanwhile_is_written_again() {
        let mut desk = connected();
        let writes = desk.writes_due(START);
        command(&mut desk, at(1), 1, Wish::Stay);
        desk.written(at(2), &writes[0], true);
        let writes = desk.writes_due(at(2));
        assert!(matches!(&writes[..], [Write::Session { record, .. }] if record.hard_end == at(SHIFT + 1800)));
    }

    #[test]
    fn a_session_that_was_taken_on_its_word_is_looked_up_first() {
        let mut desk = Desk::default();
        desk.answer(START, None, Ask::Stand(visitor(7, START, 4)));
        let writes = desk.writes_due(START);
        assert!(matches!(&writes[..], [Write::Session { unless_over: true, .. }]));
        desk.written(START, &writes[0], false);
        assert!(matches!(&desk.writes_due(at(2))[..], [Write::Session { unless_over: true, .. }]), "until KV answers");
        desk.written(at(2), &writes[0], true);
        command(&mut desk, at(3), 1, Wish::Stay);
        assert!(matches!(&desk.writes_due(at(3))[..], [Write::Session { unless_over: false, .. }]));
    }

    #[test]
    fn a_session_is_forgotten_when_no_token_of_it_can_be_good() {
        let mut desk = connected();
        desk.answer(at(5), None, Ask::Leave { sid: sid(1) });
        sleep(&mut desk, at(SHIFT), None);
        assert_eq!((desk.over.len(), desk.wake_at()), (0, None));
        assert_eq!(take(&mut desk, at(SHIFT + 9), 2, None, None).answer, Answer::Taken { lease: 2 }, "the count stays");
    }
}

#[test]
fn what_is_kept_reads_as_it_was_written() {
    let mut desk = in_interaction();
    take(&mut desk, at(1), 2, Some(1), None);
    let json = serde_json::to_string(&desk).unwrap();
    assert_eq!(serde_json::from_str::<Desk>(&json).unwrap(), desk);
}

#[test]
fn a_view_stands_between_what_it_is_handed_on_without() {
    let seen = serde_json::to_string(&connected().answer(START, None, Ask::Look).answer).unwrap();
    let view = seen.strip_prefix(SEEN).and_then(|rest| rest.strip_suffix('}')).unwrap();
    assert!(view.starts_with("{\"now\":") && view.ends_with('}'), "{view}");
}

#[test]
fn a_welcome_is_json_with_what_was_missed() {
    let view = connected().view(START).unwrap();
    for (missed, count) in [(vec![], 0), (vec![r#"{"seq":1}"#.to_owned(), r#"{"seq":2}"#.to_owned()], 2)] {
        let json: serde_json::Value = serde_json::from_str(&welcome(&view, &missed).unwrap()).unwrap();
        assert_eq!(json["welcome"]["events"].as_array().map(Vec::len), Some(count));
        assert_eq!(json["welcome"]["lease"], 1);
    }
}
