//! Codes of authenticator apps: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds, which every app knows.
//!
//! Codes are made by `totp-rs`. Which one is accepted is decided here: its own check does not tell the time step,
//! without which a code could be accepted twice.

use base32ct::{Base32UpperUnpadded, Encoding};
use kv_schema::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand_core::CryptoRngCore;
use serde::{Deserialize, Serialize};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Algorithm, TOTP};

/// Seconds for which a code is shown.
const PERIOD: u64 = 30;
/// The number of digits in a code.
const DIGITS: usize = 6;

/// What an authenticator app shares with an account: 160 bits, in base32 as apps read it (RFC 4226, section 4).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// Does not reveal the secret.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Generates a new one.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRngCore) -> Self {
        let mut bytes = [0; 20];
        rng.fill_bytes(&mut bytes);
        Self(Base32UpperUnpadded::encode_string(&bytes))
    }

    /// The text to type into an app.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Its bytes; empty if it is not a valid secret, which then matches nothing that anybody could type.
    pub(super) fn bytes(&self) -> Vec<u8> {
        Base32UpperUnpadded::decode_vec(&self.0).unwrap_or_default()
    }

    fn totp(&self) -> Option<TOTP> {
        let key = self.bytes();
        (!key.is_empty()).then(|| TOTP::new_unchecked(Algorithm::SHA1, DIGITS, 0, PERIOD, key))
    }

    /// The address that a QR code for apps holds: `issuer` and `account` are its names in the app.
    #[must_use]
    pub fn address(&self, issuer: &str, account: &str) -> String {
        let [issuer, account] = [issuer, account].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
        ["otpauth://totp/", &issuer, ":", &account, "?secret=", &self.0, "&issuer=", &issuer].concat()
    }

    /// The code that an app shows at `at`.
    #[must_use]
    pub fn code(&self, at: Timestamp) -> Option<String> {
        Some(self.totp()?.generate(at.0))
    }

    /// The time step that `code` belongs to: the present one, the one before or the one after (RFC 6238, section 5.2),
    /// if it is later than `last`. `None` for every other code.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp, last: Option<u64>) -> Option<u64> {
        let (totp, here) = (self.totp()?, now.0 / PERIOD);
        let mut found = 0;
        // All of them are computed, so that timing reveals nothing.
        for step in [here.saturating_sub(1), here, here + 1] {
            let is_it = totp.generate(step.saturating_mul(PERIOD)).as_bytes().ct_eq(code.as_bytes());
            found.conditional_assign(&step, is_it);
        }
        (found > last.unwrap_or_default()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    const KEY: &[u8] = b"12345678901234567890";

    fn secret() -> Secret {
        Secret(Base32UpperUnpadded::encode_string(KEY))
    }

    fn code(at: u64) -> String {
        secret().code(Timestamp(at)).unwrap()
    }

    /// RFC 6238, appendix B, with eight digits; the last six are those of the code.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        for (at, digits) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let six = format!("{:06}", digits % 1_000_000);
            assert_eq!(code(at), six, "{at}");
            assert_eq!(secret().step_of(&six, Timestamp(at), None), Some(at / PERIOD), "{at}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn the_codes_by_count_are_those_of_the_rfc() {
        let codes = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (count, code) in (0..).zip(codes) {
            assert_eq!(self::code(count * PERIOD), format!("{code:06}"), "{count}");
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_either_way_and_no_more() {
        let now: u64 = 1_800_000_000;
        for (drift, is_taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let typed = code(now.saturating_add_signed(drift));
            assert_eq!(secret().step_of(&typed, Timestamp(now), None).is_some(), is_taken, "{drift}");
        }
    }

    #[test]
    fn no_code_is_taken_twice_nor_one_of_before_it() {
        let now = 1_800_000_000;
        let step = secret().step_of(&code(now), Timestamp(now), None);
        assert_eq!(secret().step_of(&code(now), Timestamp(now), step), None);
        assert_eq!(secret().step_of(&code(now - 30), Timestamp(now), step), None);
        assert_eq!(secret().step_of(&code(now + 30), Timestamp(now), step), step.map(|step| step + 1));
    }

    #[test]
    fn whatever_is_no_code_is_of_no_step() {
        let now = 1_111_111_109;
        for typed in ["", "81804", "0081804", " 081804", "+81804", "-81804", "08180é", "８１８０４0"] {
            assert_eq!(secret().step_of(typed, Timestamp(now), None), None, "{typed:?}");
        }
        assert!(secret().step_of("081804", Timestamp(now), None).is_some());
        let none = Secret("not base32".into());
        assert!((0..1000).all(|code| none.step_of(&format!("{code:06}"), Timestamp(now), None).is_none()));
    }

    #[test]
    fn an_app_reads_the_secret_from_an_address_and_nobody_from_a_log() {
        let address = secret().address("Acme & Söhne", "régie:7");
        let wanted = "otpauth://totp/Acme%20%26%20S%C3%B6hne:r%C3%A9gie%3A7?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20S%C3%B6hne";
        assert_eq!(address, wanted);
        let made = Secret::generate(&mut OsRng);
        assert_eq!((made.text().len(), made.bytes().len()), (32, 20));
        assert!(!format!("{made:?}").contains(made.text()));
    }
}
