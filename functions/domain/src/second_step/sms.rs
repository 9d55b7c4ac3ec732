//! Codes sent by SMS, and how any typed code is read.

use rand_core::CryptoRngCore;

/// Seconds for which a code is valid.
pub const CODE_LIFE: u64 = 2 * 60;

/// Seconds that have to pass between two codes sent.
pub const BETWEEN: u64 = 30;

/// Generates a code of six digits, each code as likely as any other.
#[must_use]
pub fn new_code(rng: &mut impl CryptoRngCore) -> String {
    const CODES: u64 = 1_000_000;
    // The bias of 64 bits modulo a million is too small to notice.
    format!("{:06}", rng.next_u64() % CODES)
}

/// A code in the form in which it is compared: without what people put between its digits or letters, and in capitals.
#[must_use]
pub fn typed_code(text: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || c == '-';
    let letters = text.chars().filter(|c| !is_between(*c));
    letters.map(|c| c.to_ascii_uppercase()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn a_code_has_six_digits() {
        for _ in 0..1000 {
            let code = new_code(&mut OsRng);
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_grouped() {
        for typed in ["123456", "123 456", " 12-34-56\t", "1\u{a0}2\u{2009}3456"] {
            assert_eq!(typed_code(typed), "123456", "{typed}");
        }
        assert_eq!(typed_code("abcd-efgh-ijkl-mnop"), "ABCDEFGHIJKLMNOP");
        assert_eq!(typed_code(&"é".repeat(9000)).chars().count(), 64);
    }
}
