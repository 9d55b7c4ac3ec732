//! The Worker with next to nothing in place of the password hash, to see what the rest of a sign-in costs.
//!
//! The product has no switch for that, and shall have none. So its module is changed after it has been built: wherever
//! its code names 19,456 KiB of memory, it names 8, Argon2's least. Two passes over 8 KiB take microseconds.

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

/// Makes every constant `from` a `to`, in as many bytes. Returns how many there were.
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

/// The instruction, its number as LEB128 in three bytes, which is what 19,456 takes and what a smaller one may.
fn constant(number: u32) -> [u8; 4] {
    let [low, middle, high] = [0, 7, 14].map(|shift| (number >> shift & 0x7f).to_le_bytes()[0]);
    [CONST, low | 0x80, middle | 0x80, high]
}
