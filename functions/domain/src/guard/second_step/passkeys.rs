//! Passkeys. Verifying a signature takes the platform, for which a guard does not wait. So a passkey is counted first,
//! and its key returned; once the signature proves right, that is taken in a second call, once for each flow.

use super::super::Guard;
use super::{Attempt, Checked, MOST_TRIES, SecondStep};
use crate::second_step::Secret;
use crate::second_step::passkey::{MOST_PASSKEYS, Passkey};

impl SecondStep {
    pub(super) const fn has_all_passkeys(&self) -> bool {
        self.passkeys.len() >= MOST_PASSKEYS
    }

    /// Adds a passkey that was set up, with its recovery codes if nothing else is set up. One already there is refused
    /// (section 7.1, step 26). It need not be unknown to other accounts, as nobody is looked up by it.
    pub(super) fn take_new_passkey(&mut self, passkey: &str, secret: Secret, hashes: Vec<String>) -> Option<Checked> {
        let passkey = Passkey::read(passkey);
        if self.known().any(|known| known.id == passkey.id) {
            return None;
        }
        if self.secret.is_none() && self.passkeys.is_empty() {
            (self.recovery_key, self.recovery) = (Some(secret), hashes);
        }
        self.passkeys.push(passkey.text());
        Some(Checked::Passkey)
    }

    fn known(&self) -> impl Iterator<Item = Passkey> {
        self.passkeys.iter().map(|text| Passkey::read(text))
    }

    /// The stored passkey that is shown, and its index: of this account, and for the relying party at which it is
    /// shown.
    pub(super) fn shown(&self, shown: &Passkey) -> Option<(usize, Passkey)> {
        self.known().enumerate().find(|(_, known)| known.id == shown.id && known.rp == shown.rp)
    }

    /// The passkey that was counted has signed. If two claim so for one flow, one is let in.
    pub(super) fn signed(&mut self, attempt: &Attempt) -> Result<Checked, Checked> {
        let tries = self.tries.iter().filter(|tried| **tried == attempt.flow).count();
        if !(1..=MOST_TRIES).contains(&tries) {
            return Err(Checked::TooMany);
        }
        let shown = Passkey::read(attempt.passkey.as_deref().unwrap_or_default());
        let (at, known) = self.shown(&shown).ok_or(Checked::Superseded)?;
        // Section 7.2, step 22. One that no longer counts has moved to another device, as synchronised passkeys do.
        if known.count != 0 && shown.count != 0 && shown.count <= known.count {
            return Err(Checked::Copied);
        }
        if let Some(kept) = self.passkeys.get_mut(at) {
            *kept = Passkey { count: shown.count, ..known }.text();
        }
        Ok(Checked::Passkey)
    }
}

impl Guard {
    /// The ids of the passkeys for this relying party, and whether there are as many as allowed, over all parties.
    pub(in crate::guard) fn passkeys(&self, rp: &str) -> (Vec<String>, bool) {
        let here = self.second.known().filter(|passkey| passkey.rp == rp);
        (here.map(|passkey| passkey.id).collect(), self.second.has_all_passkeys())
    }
}
