//! Hashing and checking passwords: Argon2id (RFC 9106) in PHC strings.
//!
//! The rules for choosing a password are elsewhere, and so is the lock ([`crate::guard`]).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use nfkc::nfkc;
use rand_core::CryptoRngCore;

/// Memory in KiB: OWASP's floor for Argon2id with two passes.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes; a Worker has one thread.
const LANES: u32 = 1;
/// The most memory that a stored hash may ask for, in KiB: an isolate has 128 MiB in all.
const MOST_MEMORY_KIB: u32 = 64 * 1024;
/// The most passes that a stored hash may ask for.
const MOST_PASSES: u32 = 10;
/// The length of a salt in bytes, as RFC 9106, section 3.1, recommends for passwords.
pub const SALT_BYTES: usize = 16;

/// A hash with today's parameters that no password is known to match. An account that does not exist is checked against
/// it, so that it takes the same work as one that does.
pub(crate) const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$b25lYWdlbnQtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What checking a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right {
        /// Whether its hash has lower parameters than today's, and has to be renewed.
        outdated: bool,
    },
    /// It is wrong, or there is nothing that it could match.
    Wrong,
}

/// How much has been computed: the cost of an attempt is counted where it arises.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Password hashes.
    pub hashes: u32,
}

/// A hash that cannot be used: not Argon2id, not a PHC string, or with parameters out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password's hash is not a PHC string of Argon2id with usable parameters")]
pub struct UnusableHash;

/// Checks `password` against `phc`, or against nobody's hash. Computes exactly one hash either way.
pub fn check(password: &str, phc: Option<&str>, work: &mut Work) -> Result<Verdict, UnusableHash> {
    let hash = PasswordHash::new(phc.unwrap_or(NOBODYS)).map_err(|_| UnusableHash)?;
    let params = usable_params(&hash)?;
    let outdated = params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    work.hashes += 1;
    let right = argon2.verify_password(composed(password).as_bytes(), &hash).is_ok();
    Ok(if right && phc.is_some() { Verdict::Right { outdated } } else { Verdict::Wrong })
}

/// Whether `password` matches one of the hashes `phcs`. Computes one hash for each until one matches; a hash that
/// cannot be used matches nothing.
pub fn is_one_of<'a>(password: &str, phcs: impl IntoIterator<Item = &'a str>, work: &mut Work) -> bool {
    phcs.into_iter().any(|phc| matches!(check(password, Some(phc), work), Ok(Verdict::Right { .. })))
}

/// Hashes `password` with today's parameters and a random salt.
pub fn hash(password: &str, rng: &mut impl CryptoRngCore, work: &mut Work) -> Result<String, UnusableHash> {
    let mut salt = [0; SALT_BYTES];
    rng.fill_bytes(&mut salt);
    hash_with(password, &salt, work)
}

/// Hashes `password` with today's parameters and this salt: the same two always give the same hash.
pub fn hash_with(password: &str, salt: &[u8; SALT_BYTES], work: &mut Work) -> Result<String, UnusableHash> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| UnusableHash)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = SaltString::encode_b64(salt).map_err(|_| UnusableHash)?;
    work.hashes += 1;
    let hash = argon2.hash_password(composed(password).as_bytes(), &salt).map_err(|_| UnusableHash)?;
    Ok(hash.to_string())
}

/// Whether a declared hash can be used here, and is no weaker than those that [`hash`] makes.
pub fn is_strong_enough(phc: &str) -> Result<bool, UnusableHash> {
    let hash = PasswordHash::new(phc).map_err(|_| UnusableHash)?;
    let params = usable_params(&hash)?;
    Ok(params.m_cost() >= MEMORY_KIB && params.t_cost() >= PASSES)
}

fn usable_params(hash: &PasswordHash<'_>) -> Result<Params, UnusableHash> {
    let params = Params::try_from(hash).map_err(|_| UnusableHash)?;
    let is_argon2id = hash.algorithm == argon2::ARGON2ID_IDENT && hash.version == Some(0x13);
    let within = params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES && params.p_cost() == LANES;
    // RFC 9106, section 3.1: anything shorter is not a password's hash.
    let long_enough =
        hash.hash.is_some_and(|output| output.len() >= 16) && hash.salt.is_some_and(|salt| salt.len() >= 11);
    if is_argon2id && within && long_enough { Ok(params) } else { Err(UnusableHash) }
}

/// One form for what keyboards and systems write differently: NFKC, as in NIST SP 800-63B, section 5.1.1.2.
fn composed(password: &str) -> std::borrow::Cow<'_, str> {
    nfkc(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let phc = hash("correct horse", &mut OsRng, &mut Work::default()).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(check("correct horse", Some(&phc), &mut Work::default()), Ok(Verdict::Right { outdated: false }));
        assert_eq!(check("correct horse ", Some(&phc), &mut Work::default()), Ok(Verdict::Wrong));
        assert_eq!(is_strong_enough(&phc), Ok(true));
    }

    #[test]
    fn a_password_has_another_hash_each_time_but_with_one_salt_always_the_same() {
        let mut work = Work::default();
        let mut drawn = || hash("correct horse", &mut OsRng, &mut work).unwrap();
        assert_ne!(drawn(), drawn());
        let mut with = |salt| hash_with("correct horse", &[salt; SALT_BYTES], &mut work).unwrap();
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
        assert_eq!(work, Work { hashes: 6 });
    }

    #[test]
    fn an_account_that_is_not_there_costs_the_same_one_hash() {
        let phc = hash("correct horse", &mut OsRng, &mut Work::default()).unwrap();
        for phc in [Some(phc.as_str()), None] {
            let mut work = Work::default();
            check("wrong", phc, &mut work).unwrap();
            assert_eq!(work, Work { hashes: 1 });
        }
    }

    #[test]
    fn a_password_is_found_among_those_of_before() {
        let phcs = ["first", "second"].map(|text| hash(text, &mut OsRng, &mut Work::default()).unwrap());
        let had =
            |password, work: &mut Work| is_one_of(password, phcs.iter().map(String::as_str).chain(["broken"]), work);
        let mut work = Work::default();
        assert!(had("second", &mut work) && !had("third", &mut work));
        assert_eq!(work, Work { hashes: 4 });
    }

    #[test]
    fn two_ways_to_type_a_letter_are_one_password() {
        let phc = hash("se\u{301}same", &mut OsRng, &mut Work::default()).unwrap();
        assert_eq!(check("sésame", Some(&phc), &mut Work::default()), Ok(Verdict::Right { outdated: false }));
    }

    #[test]
    fn nobodys_hash_is_usable_and_never_right() {
        assert_eq!(is_strong_enough(NOBODYS), Ok(true));
        assert_eq!(check("", None, &mut Work::default()), Ok(Verdict::Wrong));
        assert_eq!(check("anything", None, &mut Work::default()), Ok(Verdict::Wrong));
    }

    #[test]
    fn a_hash_of_lower_parameters_is_right_and_outdated() {
        let params = Params::new(8 * 1024, 1, 1, None).unwrap();
        let salt = SaltString::generate(&mut OsRng);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let phc = argon2.hash_password(b"old", &salt).unwrap().to_string();
        assert_eq!(check("old", Some(&phc), &mut Work::default()), Ok(Verdict::Right { outdated: true }));
        assert_eq!(is_strong_enough(&phc), Ok(false));
    }

    #[test]
    fn a_hash_that_would_exhaust_the_worker_is_refused_before_it_is_computed() {
        let phcs = [
            "",
            "plain",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=19456,t=2,p=1$b25lYWdlbnQtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=4194304,t=2,p=1$b25lYWdlbnQtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=4000,p=1$b25lYWdlbnQtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$b25lYWdlbnQtbm9ib2R5",
        ];
        for phc in phcs {
            assert_eq!(check("x", Some(phc), &mut Work::default()), Err(UnusableHash), "{phc}");
        }
    }
}
