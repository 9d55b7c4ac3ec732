//! Pauses between attempts, spread out so that desks hit by the same outage do not all come back at once.

/// A number from 1 to `most`. It differs between registrations, whose ids begin with random digits, and between
/// attempts; but the same arguments always give the same number, which suits tests.
pub(super) fn spread(registration: &str, attempt: u32, most: u64) -> u64 {
    // FNV-1a.
    let hash = registration
        .bytes()
        .chain(attempt.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    1 + (hash >> 16) % most.max(1)
}

/// The longest pause after so many failures, in seconds: 2, 4, 8, … up to `most`.
pub(super) fn longest_after(failures: u32, most: u64) -> u64 {
    2_u64.saturating_pow(failures).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_lie_within_their_bounds_and_apart_from_each_other() {
        let mut seen = [0; 8];
        for session in 0..800_u32 {
            let pause = spread(&format!("{:032x}-1800000000", session.wrapping_mul(2_654_435_761)), 3, 8);
            seen[usize::try_from(pause).unwrap() - 1] += 1;
        }
        assert!(seen.iter().all(|count| (50..=150).contains(count)), "{seen:?}");
        assert_eq!(spread("a", 1, 0), 1);
    }

    #[test]
    fn pauses_grow_up_to_a_bound() {
        assert_eq!([1, 2, 3, 4, 90].map(|failures| longest_after(failures, 8)), [2, 4, 8, 8, 8]);
    }
}
