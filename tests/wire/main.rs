//! The Worker over the wire, on real workerd. One file per topic; each test builds its own world.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test panics to say that it fails"
)]

mod starting;
