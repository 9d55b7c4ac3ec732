//! The Worker with next to nothing in place of the password hash, to see what the rest of a sign-in costs.
//!
//! The product has no switch for that, and must not have one. So its module is changed after it has been built:
//! wherever its code names 19,456 KiB of memory, it names 8, Argon2's least. Two passes over 8 KiB take microseconds.

use anyhow::{Result, bail};

use crate::directory::{LEAST_MEMORY, MEMORY};

/// `i32.const` (WebAssembly core specification, section 5.4.7).
const CONST: u8 = 0x41;

/// Changes the Worker's module.
pub(crate) fn change(modules: &mut [(&'static str, Vec<u8>)]) -> Result<()> {
    let mut changed = 0;
    for (_, code) in modules.iter_mut().filter(|(_, content)| content.starts_with(b"\0asm")) {
        // The compiler may compare with one less than the source says.
        changed += replace(code, MEMORY, LEAST_MEMORY) + replace(code, MEMORY - 1, LEAST_MEMORY - 1);
    }
    if changed == 0 {
        bail!("the Worker's code does not name {MEMORY} KiB any more; bench/src/unhashed.rs has to learn what it does");
    }
    Ok(())
}

/// Replaces every constant `from` with `to`, in as many bytes. Returns how many there were.
fn replace(code: &mut [u8], from: u32, to: u32) -> usize {
    let (from, to) = (constant(from), constant(to));
    let mut count = 0;
    for at in 0..code.len().saturating_sub(from.len()) {
        let place = &mut code[at..at + from.len()];
        if place == from {
            place.copy_from_slice(&to);
            count += 1;
        }
    }
    count
}

/// The instruction, with its number as LEB128 in three bytes, which 19,456 needs and a smaller number may use.
fn constant(number: u32) -> [u8; 4] {
    let [low, middle, high] = [0, 7, 14].map(|shift| (number >> shift & 0x7f).to_le_bytes()[0]);
    [CONST, low | 0x80, middle | 0x80, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_keeps_its_length_and_gets_its_new_number() {
        // 19,456 is 0x4c00: 0x00, 0x18 and 0x01 in groups of seven bits.
        assert_eq!(constant(MEMORY), [CONST, 0x80, 0x98, 0x01]);
        assert_eq!(constant(LEAST_MEMORY), [CONST, 0x88, 0x80, 0x00]);
    }

    #[test]
    fn every_place_that_names_the_memory_is_changed_and_nothing_else() {
        let mut code =
            [b"\0asm".as_slice(), &constant(MEMORY), &[0x20, 0x01], &constant(MEMORY - 1), &[0x41, 0x07]].concat();
        let before = code.clone();
        let mut modules = [("index_bg.wasm", std::mem::take(&mut code)), ("index.js", b"A\x80\x98\x01".to_vec())];
        change(&mut modules).unwrap();
        let [(_, code), (_, script)] = modules;
        assert_eq!(code[4..8], constant(LEAST_MEMORY));
        assert_eq!(code[10..14], constant(LEAST_MEMORY - 1));
        assert_eq!((&code[..4], &code[8..10], &code[14..]), (&before[..4], &before[8..10], &before[14..]));
        assert_eq!(script, b"A\x80\x98\x01");
    }

    #[test]
    fn a_worker_that_does_not_name_its_memory_is_refused() {
        assert!(change(&mut [("index_bg.wasm", b"\0asm\x41\x07".to_vec())]).is_err());
    }
}
