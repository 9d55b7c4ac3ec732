//! Hashes and checks many passwords at once, on all processors, and shows progress meanwhile.

use indicatif::{ParallelProgressIterator, ProgressBar, ProgressFinish, ProgressStyle};
use kv_schema::names::{InstanceId, Username};
use onecontact_domain::password::{self, SALT_BYTES, Verdict, Work};
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::{tell, thousands};
use crate::secret::Secret;

/// The number of passwords from which it takes long enough to report progress.
const WORTH_SAYING: usize = 50;

/// Letters and digits that nobody confuses, on paper or on the phone.
const READABLE: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// What a password is hashed with besides itself.
pub(crate) type Salt = [u8; SALT_BYTES];

/// The salt of every password declared for this agent. Applied or sealed, here or elsewhere, the same password has the
/// same hash, and so nothing changes for whoever has since chosen their own.
///
/// A salt must be unique, so that no work on one agent's hash helps with another's; it need not be secret (RFC 9106,
/// section 3.1; NIST SP 800-63B-4, section 3.1.1.2). It must not depend on the password: a cheap digest of a password,
/// standing in the clear beside its hash, would reveal a wrong guess without the work that the hash takes.
pub(crate) fn salt_of(instance: &InstanceId, username: &Username) -> Salt {
    let whose = Sha256::new_with_prefix("onecontact declared password\0").chain_update(instance.as_str());
    let digest = whose.chain_update("\0").chain_update(username.as_str()).finalize();
    std::array::from_fn(|index| digest[index])
}

/// Hashes a password that was drawn here and is declared nowhere, with a salt that is drawn too.
pub(crate) fn hash(secret: &Secret) -> Result<String, Failure> {
    password::hash(secret.reveal(), &mut OsRng, &mut Work::default()).map_err(Failure::failed)
}

/// Hashes each password with its salt.
pub(crate) fn hash_all(secrets: &[(&Secret, Salt)]) -> Result<Vec<String>, Failure> {
    let bar = progress("hashing passwords", secrets.len());
    let hashes = secrets
        .par_iter()
        .progress_with(bar)
        .map(|(secret, salt)| password::hash_with(secret.reveal(), salt, &mut Work::default()));
    hashes.collect::<Result<_, _>>().map_err(Failure::failed)
}

/// Whether each password matches its hash, and the hash is as strong as one made today.
pub(crate) fn check_all(candidates: &[(&Secret, &str)]) -> Vec<bool> {
    let bar = progress("checking passwords", candidates.len());
    let fits = |(secret, phc): &(&Secret, &str)| {
        password::check(secret.reveal(), Some(phc), &mut Work::default()) == Ok(Verdict::Right { outdated: false })
    };
    candidates.par_iter().progress_with(bar).map(fits).collect()
}

/// A bar on a terminal, a line elsewhere, nothing for a few passwords.
fn progress(what: &'static str, count: usize) -> ProgressBar {
    if count < WORTH_SAYING {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(count as u64).with_message(what).with_finish(ProgressFinish::AndClear);
    if bar.is_hidden() {
        tell(format_args!("{what}: {}, about 25 milliseconds each on one processor", thousands(count)));
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A new initial password: 16 readable characters in groups of four, with 79 bits of entropy.
pub(crate) fn initial() -> Secret {
    let mut text = Zeroizing::new(String::with_capacity(19));
    while text.len() < 19 {
        if text.len() % 5 == 4 {
            text.push('-');
            continue;
        }
        // One value of the 32 is drawn again, so that each letter is equally likely.
        let drawn = usize::from(OsRng.next_u32().to_le_bytes()[0] & 31);
        if let Some(letter) = READABLE.get(drawn) {
            text.push(char::from(*letter));
        }
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_initial_password_is_readable_and_never_the_same() {
        let made: HashSet<String> = (0..100).map(|_| initial().reveal().to_owned()).collect();
        assert_eq!(made.len(), 100);
        for password in made {
            let groups: Vec<&str> = password.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 4), "{password}");
            assert!(!password.contains(['0', 'o', '1', 'l', 'i', '+']), "{password}");
            assert_eq!(crate::declarations::agent::clear_password_problem(&password), None);
        }
    }

    #[test]
    fn hashes_come_back_in_order_and_fit() {
        let secrets = ["first password", "second password"].map(|text| Secret::new(Zeroizing::new(text.to_owned())));
        let hashes = hash_all(&[(&secrets[0], [1; 16]), (&secrets[1], [2; 16])]).unwrap();
        let pairs = [(&secrets[0], &*hashes[0]), (&secrets[1], &*hashes[1]), (&secrets[0], &*hashes[1])];
        assert_eq!(check_all(&pairs), [true, true, false]);
    }

    #[test]
    fn a_salt_is_one_agents_and_stays_theirs() {
        let id = |text| InstanceId::parse(text).unwrap();
        let (acme, globex) = (id("01KAS5D3M0ACME000000000001"), id("01KAS5D3M0G10BEX0000000001"));
        let [desk1, again, desk2] = ["desk1", " Desk1", "desk2"].map(|text| Username::parse(text).unwrap());
        assert_eq!(salt_of(&acme, &desk1), salt_of(&acme, &again));
        let salts = [salt_of(&acme, &desk1), salt_of(&acme, &desk2), salt_of(&globex, &desk1)];
        assert_eq!(HashSet::from(salts).len(), 3);
        // If the next version changed this, sealing would change every password that was applied in the clear.
        assert_eq!(salts[0], 0x14b9_7383_7d3d_13e6_52ae_ae3b_cf35_c0cc_u128.to_be_bytes());
    }
}
