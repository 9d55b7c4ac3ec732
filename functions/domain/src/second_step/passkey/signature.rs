//! A passkey's signature: from the form that authenticators write (section 6.5.5) to the form that the platform reads.

use crate::federation::Algorithm;

/// The signature for the platform. Only P-256 ones are written differently; `None` if it is not one.
pub(super) fn for_platform(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    if algorithm != Algorithm::Es256 {
        return Some(signature.to_vec());
    }
    // Ecdsa-Sig-Value (RFC 3279, section 2.2.3): a sequence of two integers, in DER.
    let (&[0x30, length], rest) = signature.split_first_chunk::<2>()? else { return None };
    if usize::from(length) != rest.len() {
        return None;
    }
    let (r, rest) = integer(rest)?;
    let (s, rest) = integer(rest)?;
    rest.is_empty().then(|| [r, s].concat())
}

/// The integer that `data` begins with, in 32 bytes, and what follows it.
fn integer(data: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (&[0x02, length], rest) = data.split_first_chunk::<2>()? else { return None };
    let (bytes, rest) = rest.split_at_checked(length.into())?;
    // Positive, and in as few bytes as possible.
    let bytes = match bytes {
        [0, more @ ..] if more.first().is_some_and(|first| *first >= 0x80) => more,
        [first, ..] if *first != 0 && *first < 0x80 => bytes,
        _ => return None,
    };
    let mut number = [0; 32];
    number.get_mut(32_usize.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
    Some((number, rest))
}
