//! The list of an instance's sessions, page by page, as in `SESSIONS`: late, and without asking any desk.

use kv_schema::json::Object;
use kv_schema::names::{InstanceId, SessionId};
use kv_schema::sessions::Session;

use super::Refusal;
use crate::address::query_value;
use crate::members::{Member, object, quoted};

/// How many sessions a page has, unless the query says.
const LIMIT: u64 = 100;
/// How many keys KV lists at a time.
const MOST: u64 = 1000;
/// The longest cursor that is handed to KV, in bytes.
const LONGEST_CURSOR: usize = 1024;

/// A page of the list, as it is requested from KV.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    prefix: String,
    limit: u64,
    /// KV's own cursor, which came with the previous page.
    cursor: Option<String>,
}

impl Listing {
    /// The page of `instance` that the query asks for.
    pub fn asked(instance: &InstanceId, query: &str) -> Result<Self, Refusal> {
        let limit = query_value(query, "limit").map_or(Some(LIMIT), |limit| limit.parse().ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        let limit = limit.ok_or(Refusal::BadQuery { rule: "`limit` must be a number of sessions from 1 to 1000." })?;
        let is_one = |cursor: &str| {
            (1..=LONGEST_CURSOR).contains(&cursor.len()) && cursor.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let cursor = query_value(query, "cursor");
        if cursor.as_deref().is_some_and(|cursor| !is_one(cursor)) {
            return Err(Self::bad_cursor());
        }
        Ok(Self { prefix: Session::prefix_of(Some(instance), None), limit, cursor })
    }

    /// What an invalid cursor is refused with, here or by KV.
    #[must_use]
    pub const fn bad_cursor() -> Refusal {
        Refusal::BadQuery { rule: "`cursor` must be the one that came with the previous page." }
    }

    /// Whether the page begins at a cursor; otherwise it is the first.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        self.cursor.is_some()
    }

    /// The options for KV, as JSON.
    #[must_use]
    pub fn options(&self) -> String {
        object(&[
            ("prefix", Member::Text(&self.prefix)),
            ("limit", Member::Number(self.limit)),
            ("cursor", self.cursor.as_deref().into()),
        ])
    }

    /// The page made from KV's answer, and whether there is anything on it or after it; `None` if the answer is not
    /// understood. Anything that is not a key of this instance's sessions is left out, wherever the cursor came from.
    #[must_use]
    pub fn page(&self, listed: &str) -> Option<(String, bool)> {
        let listed = Object::parse(listed)?;
        let cursor = listed.text("cursor").filter(|cursor| !listed.is_true("list_complete") && !cursor.is_empty());
        let cursor = cursor.map(quoted);
        let keys = listed.objects("keys")?;
        let sessions: Vec<String> = keys.iter().filter_map(|key| self.standing(key.text("name")?)).collect();
        let has_any = cursor.is_some() || !sessions.is_empty();
        let cursor = cursor.as_deref().unwrap_or("null");
        let page = ["{\"sessions\":[", &sessions.join(","), "],\"cursor\":", cursor, "}"].concat();
        Some((page, has_any))
    }

    fn standing(&self, key: &str) -> Option<String> {
        let (agent, sid) = key.strip_prefix(&*self.prefix)?.split_once(':')?;
        SessionId::parse(sid).ok()?;
        Some(object(&[("agent", Member::Text(agent)), ("sid", Member::Text(sid))]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use serde_json::{Value, json};

    fn asked(query: &str) -> Result<Listing, Refusal> {
        Listing::asked(&fixture::id(1), query)
    }

    #[test]
    fn a_page_is_asked_for_with_a_limit_and_a_cursor_that_kv_can_take_or_not_at_all() {
        let prefix = format!("session:{}:", fixture::id(1));
        assert_eq!(asked(""), Ok(Listing { prefix: prefix.clone(), limit: 100, cursor: None }));
        let second = asked("limit=1000&cursor=a%2Bb%3D").unwrap();
        assert_eq!(second, Listing { prefix, limit: 1000, cursor: Some("a+b=".into()) });
        assert!(second.goes_on());
        let options: Value = serde_json::from_str(&second.options()).unwrap();
        assert_eq!(options, json!({ "prefix": second.prefix, "limit": 1000, "cursor": "a+b=" }));
        for limit in ["", "0", "-1", "1001", "x", "1.5", "99999999999"] {
            let refusal = asked(&format!("limit={limit}")).unwrap_err();
            assert_eq!((refusal.status(), refusal.code()), (400, "bad_query"), "{limit}");
            assert!(refusal.title().contains("`limit`"), "{limit}");
        }
        for cursor in ["", "%00", "a%20b", "%C3%A9", &"a".repeat(1025)] {
            assert_eq!(asked(&format!("cursor={cursor}")), Err(Listing::bad_cursor()), "{cursor}");
        }
    }

    #[test]
    fn a_page_tells_agents_and_sessions_of_this_instance_alone_and_how_to_go_on() {
        let (listing, sid) = (asked("").unwrap(), "0123456789abcdef0123456789abcdef");
        let key = |instance: u8, rest: &str| json!({ "name": format!("session:{}:{rest}", fixture::id(instance)) });
        let page = |listed: Value| {
            let (page, has_any) = listing.page(&listed.to_string()).unwrap();
            (serde_json::from_str::<Value>(&page).unwrap(), has_any)
        };
        let one = key(1, &format!("desk.\u{e9}lan:{sid}"));
        let keys = json!([one, key(2, &format!("desk9:{sid}")), key(1, "desk1"), key(1, "desk1:x"), { "name": "" }]);
        let sessions = json!([{ "agent": "desk.\u{e9}lan", "sid": sid }]);
        let listed = json!({ "keys": keys, "list_complete": false, "cursor": "next", "cacheStatus": null });
        assert_eq!(page(listed), (json!({ "sessions": sessions, "cursor": "next" }), true));
        let last = json!({ "keys": [], "list_complete": true, "cursor": "" });
        assert_eq!(page(last), (json!({ "sessions": [], "cursor": null }), false));
        assert!(page(json!({ "keys": [], "list_complete": false, "cursor": "next" })).1, "more may be behind it");
        assert_eq!(listing.page("{}"), None);
    }
}
