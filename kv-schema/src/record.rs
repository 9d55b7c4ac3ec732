//! What all records have in common: a namespace, a version, a lifetime, and one way to read and to write them.
//!
//! A record is JSON with its version in `v`. Readers ignore unknown fields, so that an older node carries on while a
//! newer one writes; writers cannot produce them, because the types have no place for them.

use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A KV namespace, named as its binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// What operators declare.
    Directory,
    /// Sessions and the tombstones of ended ones.
    Sessions,
}

impl Namespace {
    /// The name of the binding in `wrangler.toml`.
    #[must_use]
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Directory => "DIRECTORY",
            Self::Sessions => "SESSIONS",
        }
    }
}

/// A record that KV holds.
pub trait Record: Serialize + DeserializeOwned {
    /// The record's name in documents and logs; its key begins with it and a colon, and its schema and example files
    /// are named after it.
    const NAME: &'static str;
    /// The version that this code writes.
    const VERSION: u32;
    /// The namespace that it is in.
    const NAMESPACE: Namespace;

    /// The key of this record.
    fn key(&self) -> String;

    /// Converts the JSON of version `from`, which is lower than [`Self::VERSION`], to that of the next version. `None`
    /// if no such version was ever written.
    ///
    /// Text to text: the Worker then contains each record's parser once, not a second time for values in memory.
    #[must_use]
    fn upgrade(from: u32, json: &str) -> Option<String> {
        let _ = (from, json);
        None
    }

    /// Reads the record that was stored under `key`.
    fn read(key: &str, json: &str) -> Result<Self, ReadError> {
        // The common case costs one parse; only a record that does not fit is looked at again.
        let record: Self = crate::json::from_str(json).or_else(|error| read_other_version(key, json, &error))?;
        // Otherwise, a record under another record's key would be taken for that record's account or tenant.
        if record.key() == key {
            Ok(record)
        } else {
            Err(ReadError::Damaged { key: key.to_owned(), why: "it is the record of another key".to_owned() })
        }
    }

    /// The JSON to store.
    fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Why a stored record could not be read. Each names the key, and none repeats the content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The text is not JSON, or does not have the record's form.
    #[error("record {key} is damaged: {why}")]
    Damaged {
        /// The record's key.
        key: String,
        /// What did not fit, and where in the text.
        why: String,
    },
    /// A newer version of this software wrote it.
    #[error("record {key} has version {version}, newer than {known}")]
    Newer {
        /// The record's key.
        key: String,
        /// The version that it states.
        version: u64,
        /// The newest version that this code reads.
        known: u32,
    },
}

#[derive(Deserialize)]
struct Stated {
    v: u64,
}

fn read_other_version<R: Record>(key: &str, json: &str, error: &serde_json::Error) -> Result<R, ReadError> {
    let damaged = |why: String| ReadError::Damaged { key: key.to_owned(), why };
    let Ok(Stated { v: version }) = crate::json::from_str(json) else {
        return Err(damaged(place(error)));
    };
    if version > u64::from(R::VERSION) {
        return Err(ReadError::Newer { key: key.to_owned(), version, known: R::VERSION });
    }
    let stated = u32::try_from(version).map_err(|_| damaged(place(error)))?;
    if stated == R::VERSION {
        return Err(damaged(place(error)));
    }
    let mut json = json.to_owned();
    for from in stated..R::VERSION {
        json = R::upgrade(from, &json).ok_or_else(|| damaged(format!("version {from} is unknown")))?;
    }
    crate::json::from_str(&json).map_err(|error| damaged(place(&error)))
}

/// Where a parse failed, without any content, which does not belong in a log.
fn place(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Data => return error.to_string(),
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Eof => "cut short",
        serde_json::error::Category::Io => "unreadable",
    };
    format!("{kind}, line {} column {}", error.line(), error.column())
}

/// The `v` field of a record: always `N`, and anything else fails to parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version<const N: u32>;

impl<const N: u32> Serialize for Version<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(N)
    }
}

impl<'de, const N: u32> Deserialize<'de> for Version<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let version = u64::deserialize(deserializer)?;
        if version == u64::from(N) {
            Ok(Self)
        } else {
            Err(D::Error::invalid_value(Unexpected::Unsigned(version), &"the record's version"))
        }
    }
}

#[cfg(feature = "schema")]
impl<const N: u32> schemars::JsonSchema for Version<N> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Version{N}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": N, "description": "Version of this record's form." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Version 1 had one `label`; version 2 splits it; version 3 adds a field.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Desk {
        v: Version<3>,
        room: String,
        place: String,
        active: bool,
    }

    impl Record for Desk {
        const NAME: &'static str = "desk";
        const VERSION: u32 = 3;
        const NAMESPACE: Namespace = Namespace::Directory;

        fn key(&self) -> String {
            format!("desk:{}", self.place)
        }

        fn upgrade(from: u32, json: &str) -> Option<String> {
            let mut json: Value = serde_json::from_str(json).ok()?;
            match from {
                1 => {
                    let (room, place) = json["label"].as_str()?.split_once(' ')?;
                    Some(json!({ "v": 2, "room": room, "place": place }).to_string())
                }
                2 => {
                    json["v"] = 3.into();
                    json["active"] = true.into();
                    Some(json.to_string())
                }
                _ => None,
            }
        }
    }

    #[test]
    fn an_older_version_still_reads() {
        let desk = Desk::read("desk:7", r#"{"v":1,"label":"North 7"}"#).unwrap();
        assert_eq!(desk, Desk { v: Version, room: "North".into(), place: "7".into(), active: true });
        assert!(Desk::read("desk:7", r#"{"v":2,"room":"North","place":"7"}"#).is_ok());
    }

    #[test]
    fn a_newer_version_is_named_as_such() {
        let error = Desk::read("desk:7", r#"{"v":4,"anything":[]}"#).unwrap_err();
        assert_eq!(error, ReadError::Newer { key: "desk:7".into(), version: 4, known: 3 });
    }

    #[test]
    fn a_record_under_another_ones_key_is_refused() {
        let error = Desk::read("desk:8", r#"{"v":3,"room":"North","place":"7","active":true}"#).unwrap_err();
        assert!(matches!(error, ReadError::Damaged { .. }), "{error:?}");
    }

    #[test]
    fn an_unknown_field_is_readable() {
        let json = r#"{"v":3,"room":"North","place":"7","active":true,"later":1}"#;
        assert!(Desk::read("desk:7", json).is_ok());
    }

    #[test]
    fn a_damaged_record_names_its_key_and_never_its_content() {
        for json in ["", "{", "null", r#"{"v":3,"room":"hush"}"#, r#"{"v":"3"}"#, r#"{"v":0}"#, r#"{"v":-1}"#] {
            let error = Desk::read("desk:7", json).unwrap_err();
            assert!(matches!(error, ReadError::Damaged { .. }), "{json}: {error:?}");
            assert!(error.to_string().contains("desk:7"));
            assert!(!error.to_string().contains("hush"));
        }
    }
}
