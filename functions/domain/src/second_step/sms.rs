//! Codes that are sent by SMS, and what people type of any code.

use rand_core::CryptoRngCore;

/// Seconds that a code is good for.
pub const CODE_LIFE: u64 = 2 * 60;

/// Seconds between two codes that are sent.
pub const BETWEEN: u64 = 30;

/// A code of six digits, each as likely as any other.
#[must_use]
pub fn new_code(rng: &mut impl CryptoRngCore) -> String {
    const CODES: u64 = 1_000_000;
    // 64 bits over a million: what is left over tells nothing that anybody could notice.
    format!("{:06}", rng.next_u64() % CODES)
}

/// A code as it is compared: without what people put between its digits or letters, and in capitals.
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
