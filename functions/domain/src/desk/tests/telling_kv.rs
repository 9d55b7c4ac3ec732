//! What KV is told, and when.

use super::*;

#[test]
fn a_session_is_written_when_it_begins_and_its_tombstone_when_it_ends() {
    let mut desk = connected();
    let writes = desk.writes_due(START);
    assert!(matches!(&writes[..], [Write::Session { record, unless_over: false }] if record.sid == sid(1)));
    assert_eq!(desk.written(START, &[(writes[0].clone(), true)]).answer, [0]);
    assert_eq!((desk.writes_due(at(100)), desk.tell_at()), (vec![], None));
    ask(&mut desk, at(5), None, Ask::Leave { sid: sid(1) });
    assert_eq!(desk.wake_at(), Some(at(5)), "at once");
    answer_calls(&mut desk, at(5));
    assert_eq!(desk.wake_at_while_telling(at(5)), Some(at(15)), "where nobody says what has come of it");
    let writes = desk.writes_due(at(5));
    assert!(matches!(&writes[..], [Write::Tombstone(tombstone)] if tombstone.sid == sid(1)));
    tell_kv(&mut desk, at(5), true);
    assert_eq!(desk.writes_due(at(6)), []);
}

#[test]
fn a_tombstone_stands_for_as_long_as_any_token_that_was_made_when_the_hard_end_was_later() {
    let mut desk = in_interaction();
    let waiting = at(SHIFT - 60);
    sleep(&mut desk, waiting, Some(waiting));
    assert!(desk.view(waiting).unwrap().hard_end >= waiting.plus(15 * 60), "a token lasts 15 minutes from here");
    command(&mut desk, waiting, 9, Wish::Ready);
    ask(&mut desk, waiting, Some(waiting), finished(1));
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
        tell_kv(&mut desk, now, false);
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
    tell_kv(&mut desk, at(1), true);
    take(&mut desk, at(2), 51, None, None);
    assert_eq!(desk.over.len(), 32, "then as many are remembered as anybody could have");
    assert_eq!(desk.over[31].ended.sid, sid(50), "the latest ones");
}

#[test]
fn what_has_changed_meanwhile_is_written_again() {
    let mut desk = connected();
    let writes = desk.writes_due(START);
    command(&mut desk, at(1), 1, Wish::Stay);
    desk.written(at(2), &[(writes[0].clone(), true)]);
    let writes = desk.writes_due(at(2));
    assert!(matches!(&writes[..], [Write::Session { record, .. }] if record.hard_end == at(SHIFT + 1800)));
}

#[test]
fn a_session_that_was_taken_on_its_word_is_looked_up_first() {
    let mut desk = Desk::default();
    ask(&mut desk, START, None, Ask::Stand(visitor(7, START, 4)));
    let writes = desk.writes_due(START);
    assert!(matches!(&writes[..], [Write::Session { unless_over: true, .. }]));
    tell_kv(&mut desk, START, false);
    assert!(matches!(&desk.writes_due(at(2))[..], [Write::Session { unless_over: true, .. }]), "until KV answers");
    tell_kv(&mut desk, at(2), true);
    command(&mut desk, at(3), 1, Wish::Stay);
    assert!(matches!(&desk.writes_due(at(3))[..], [Write::Session { unless_over: false, .. }]));
}

#[test]
fn a_session_is_forgotten_when_no_token_of_it_can_be_good() {
    let mut desk = connected();
    ask(&mut desk, at(5), None, Ask::Leave { sid: sid(1) });
    sleep(&mut desk, at(SHIFT), None);
    assert_eq!((desk.over.len(), desk.wake_at()), (0, None));
    assert_eq!(take(&mut desk, at(SHIFT + 9), 2, None, None).answer, lease(2), "the count stays");
}
