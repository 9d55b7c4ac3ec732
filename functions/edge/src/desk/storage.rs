//! What a desk keeps: itself in one row, and its events in one each.

use onecontact_domain::desk::{Desk, Event, MOST_EVENTS};
use wasm_bindgen::prelude::*;

use super::platform::Sql;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS desk (id INTEGER PRIMARY KEY, json TEXT NOT NULL); \
     CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, json TEXT NOT NULL)";

/// Makes the tables where they are not there yet, and reads the desk.
pub(super) fn load(sql: &Sql) -> worker::Result<Desk> {
    sql.exec(TABLES)?;
    let rows = sql.exec("SELECT json FROM desk")?.raw().to_array()?;
    first_column(&rows.get(0)).map_or_else(|| Ok(Desk::default()), |json| Ok(kv_schema::json::from_str(&json)?))
}

/// Keeps the desk.
pub(super) fn save(sql: &Sql, desk: &Desk) -> worker::Result<()> {
    let json = serde_json::to_string(desk)?;
    sql.exec_with_text("INSERT OR REPLACE INTO desk (id, json) VALUES (?, ?)", 1.0, &json)?;
    Ok(())
}

/// Keeps events, and lets go of those that no page can have missed.
#[expect(clippy::cast_precision_loss, reason = "a desk never counts to 2^53")]
pub(super) fn add(sql: &Sql, desk: &Desk, events: &[Event]) -> worker::Result<()> {
    for event in events {
        let json = serde_json::to_string(event)?;
        sql.exec_with_text("INSERT OR REPLACE INTO event (seq, json) VALUES (?, ?)", event.seq as f64, &json)?;
    }
    if !events.is_empty() {
        let oldest = desk.first_event().max(desk.last_event().saturating_sub(MOST_EVENTS));
        sql.exec_with("DELETE FROM event WHERE seq < ?", oldest as f64)?;
    }
    Ok(())
}

/// The events after `seq`, oldest first, as they are kept.
#[expect(clippy::cast_precision_loss, reason = "a desk never counts to 2^53")]
pub(super) fn events_after(sql: &Sql, seq: u64) -> worker::Result<Vec<String>> {
    let rows = sql.exec_with("SELECT json FROM event WHERE seq > ? ORDER BY seq", seq as f64)?;
    Ok(rows.raw().to_array()?.iter().filter_map(|row| first_column(&row)).collect())
}

fn first_column(row: &JsValue) -> Option<String> {
    row.dyn_ref::<js_sys::Array>()?.get(0).as_string()
}
