//! What the browser says about a ceremony: the client data (section 5.8.1).

use kv_schema::json::Object;

use super::Refusal;

/// The longest client data that is read, in bytes.
const LONGEST: usize = 4096;

/// Checks it against what it has to say.
pub(super) fn check(client: &[u8], kind: &str, challenge: &str, origin: &str) -> Result<(), Refusal> {
    let text = std::str::from_utf8(client).ok().filter(|text| text.len() <= LONGEST);
    let data = text.and_then(Object::parse).ok_or(Refusal::Malformed)?;
    if data.text("type") != Some(kind) {
        return Err(Refusal::Type);
    }
    if data.text("challenge") != Some(challenge) {
        return Err(Refusal::Challenge);
    }
    if data.text("origin") != Some(origin) {
        return Err(Refusal::Origin);
    }
    // Browsers older than Level 2 do not state it.
    if data.has("topOrigin") || data.has("crossOrigin") && !data.is_false("crossOrigin") {
        return Err(Refusal::CrossOrigin);
    }
    Ok(())
}
