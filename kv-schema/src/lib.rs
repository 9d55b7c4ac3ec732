//! Every record that `OneContact` Agent keeps in Workers KV: its key, its JSON type, how long it lives, what its
//! metadata holds, and how an older version of it can still be read.
//!
//! In scope: keys, records, and the parsed names that keys are made of ([`names`]). Out of scope: decisions (they are
//! in `onecontact-domain`), access to KV (`onecontact-edge`, `onecontact-operator`), and what Durable Objects store.
//!
//! No string is a KV key outside this crate. The page for people is `kv-schema/README.md`; the tests keep that page,
//! the JSON Schemas, the examples and these types consistent.

pub mod directory;
pub mod json;
pub mod language;
pub mod names;
pub mod record;
pub mod sessions;
pub mod time;

pub use language::Language;
pub use record::{Namespace, ReadError, Record};
pub use time::Timestamp;
