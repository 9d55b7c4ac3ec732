//! Where a posted form comes from, and what an attempt is counted under.

use std::net::IpAddr;

/// Whether a browser says that a form was posted from another site.
///
/// `Sec-Fetch-Site` (Fetch Metadata) decides if present, otherwise `Origin` (RFC 6454, section 7). A request with
/// neither comes from an old browser or from no browser: the form's own token has the last word.
#[must_use]
pub fn is_foreign(sec_fetch_site: Option<&str>, origin: Option<&str>, own_origin: &str) -> bool {
    match (sec_fetch_site, origin) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => !origin.eq_ignore_ascii_case(own_origin),
        (None, None) => false,
    }
}

/// What attempts from one client are counted under: its IPv4 address, or the /64 of its IPv6 address, which is the
/// least that one customer has (RFC 6177). Clients without an address share one count.
#[must_use]
pub fn rate_key(client_address: Option<&str>) -> String {
    match client_address.and_then(|text| text.parse().ok()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            let network = format!("{a:x}:{b:x}:{c:x}:{d:x}::/64");
            address.to_ipv4_mapped().map_or(network, |mapped| mapped.to_string())
        }
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_from_another_site_is_foreign() {
        let own = "https://agent.example";
        assert!(is_foreign(Some("cross-site"), Some(own), own));
        assert!(is_foreign(Some("same-site"), None, own));
        assert!(is_foreign(None, Some("https://evil.example"), own));
        assert!(is_foreign(None, Some("null"), own));
        assert!(!is_foreign(Some("same-origin"), None, own));
        assert!(!is_foreign(None, Some(own), own));
        assert!(!is_foreign(None, None, own));
    }

    #[test]
    fn a_client_cannot_leave_its_count_by_moving_within_its_own_network() {
        assert_eq!(rate_key(Some("2001:db8:1:2:3:4:5:6")), rate_key(Some("2001:db8:1:2::9")));
        assert_eq!(rate_key(Some("::ffff:192.0.2.1")), "192.0.2.1");
        assert_eq!(rate_key(Some("nonsense")), rate_key(None));
    }
}
