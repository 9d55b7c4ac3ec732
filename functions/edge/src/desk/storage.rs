//! What a desk stores: itself in one row, and each session that is over, each event and each offer in a row of its own.

use kv_schema::Timestamp;
use onecontact_domain::desk::{Desk, Event, Known, MOST_OFFERS, Offer, REMEMBERED_SECONDS, RoutingId};

use crate::platform::Sql;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS desk (id INTEGER PRIMARY KEY, json TEXT NOT NULL); \
     CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, json TEXT NOT NULL); \
     CREATE TABLE IF NOT EXISTS offer (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, \
     json TEXT NOT NULL)";

/// Creates the tables if they are missing, and reads the desk.
pub(super) fn load(sql: &Sql) -> worker::Result<Desk> {
    sql.exec(TABLES)?;
    Ok(Desk::of_rows(&sql.exec("SELECT json FROM desk ORDER BY id")?.texts()?)?)
}

/// Stores the desk, where `before` was stored.
pub(super) fn save(sql: &Sql, desk: &Desk, before: &Desk) -> worker::Result<()> {
    let rows = desk.rows(before);
    let upsert = "INSERT OR REPLACE INTO desk (id, json) SELECT key, value FROM json_each(?)";
    sql.exec_of(upsert, &serde_json::to_string(&rows)?)?;
    let gone = rows.gone();
    if !gone.is_empty() {
        let delete = "DELETE FROM desk WHERE id IN (SELECT value FROM json_each(?))";
        sql.exec_of(delete, &serde_json::to_string(&gone)?)?;
    }
    Ok(())
}

/// Stores events, and deletes those that no page can have missed, if `before` still had to keep some of them.
#[expect(clippy::cast_precision_loss, reason = "a desk never counts to 2^53")]
pub(super) fn add(sql: &Sql, desk: &Desk, before: &Desk, events: &[Event]) -> worker::Result<()> {
    for event in events {
        let json = serde_json::to_string(event)?;
        sql.exec_with_text("INSERT OR REPLACE INTO event (seq, json) VALUES (?, ?)", event.seq as f64, &json)?;
    }
    let oldest = desk.oldest_event();
    if !events.is_empty() && oldest != before.oldest_event() {
        sql.exec_with("DELETE FROM event WHERE seq < ?", oldest as f64)?;
    }
    Ok(())
}

/// The events after `seq`, oldest first, as they are stored.
#[expect(clippy::cast_precision_loss, reason = "a desk never counts to 2^53")]
pub(super) fn events_after(sql: &Sql, seq: u64) -> worker::Result<Vec<String>> {
    Ok(sql.exec_with("SELECT json FROM event WHERE seq > ? ORDER BY seq", seq as f64)?.texts()?)
}

/// What is stored of an offer.
#[expect(clippy::cast_precision_loss, reason = "a count that is far below 2^53")]
pub(super) fn known(sql: &Sql, id: &RoutingId) -> worker::Result<Known> {
    if let Some(json) = sql.exec_of("SELECT json FROM offer WHERE id = ?", id.as_str())?.texts()?.first() {
        return Ok(Known { offer: Some(kv_schema::json::from_str(json)?), is_full: false });
    }
    // Offers are deleted oldest first, so their numbers tell how many there are. Each `max` and `min` on its own looks
    // at one row.
    let count = "SELECT 1 FROM (SELECT (SELECT max(number) FROM offer) - (SELECT min(number) FROM offer) AS count) \
         WHERE count >= ? - 1";
    let is_full = sql.exec_with(count, MOST_OFFERS as f64)?.raw().to_array()?.length() > 0;
    Ok(Known { offer: None, is_full })
}

/// Stores offers as they stand, and deletes some of those that are too old to be asked for.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit")]
pub(super) fn keep(sql: &Sql, now: Timestamp, offers: &[Offer]) -> worker::Result<()> {
    let upsert =
        "INSERT INTO offer (at, id, json) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json";
    for offer in offers {
        let json = serde_json::to_string(offer)?;
        sql.exec_with_texts(upsert, offer.at.0 as f64, offer.id.as_str(), &json)?;
    }
    if !offers.is_empty() {
        // More than are added, so that everything too old goes sooner or later, but never so many that it takes long.
        let old = "DELETE FROM offer WHERE number IN (SELECT number FROM offer ORDER BY number LIMIT 8) AND at < ?";
        sql.exec_with(old, now.0.saturating_sub(REMEMBERED_SECONDS) as f64)?;
    }
    Ok(())
}
