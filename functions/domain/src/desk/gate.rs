//! What the page is shown besides the agent's state, and what keeps the agent from being ready (D4).

use kv_schema::Timestamp;
use kv_schema::names::SessionId;

use super::line::LineView;
use super::{Desk, Happened, What};

/// What a page is shown, at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    sid: SessionId,
    line: Option<LineView>,
}

impl Desk {
    /// What the page is shown now.
    pub(super) fn look(&self) -> Option<Seen> {
        let holder = self.holder.as_ref()?;
        Some(Seen { sid: holder.visitor.session.sid.clone(), line: holder.line_view() })
    }

    /// Tells the page what it is shown now and was not `before`. Another session's page sees it when it connects.
    pub(super) fn tell(&mut self, now: Timestamp, before: Option<&Seen>, mut happened: Happened) -> Happened {
        let (Some(before), Some(after)) = (before, self.look()) else { return happened };
        if after.sid == before.sid && after.line != before.line {
            self.note(now, What::Extension(after.line), &mut happened);
        }
        happened
    }
}
