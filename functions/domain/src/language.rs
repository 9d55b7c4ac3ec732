//! Which language a page is shown in.

use kv_schema::Language;

/// The language of a page: the agent's own choice, otherwise what the install or the instance is set to, otherwise the
/// best of the browser's `Accept-Language` (RFC 9110, section 12.5.4), otherwise English.
///
/// A choice takes precedence over the setting because it is the only one of the three that was made for this very
/// agent.
#[must_use]
pub fn negotiate(chosen: Option<Language>, set: Option<Language>, accept_language: &str) -> Language {
    chosen.or(set).or_else(|| accepted(accept_language)).unwrap_or(Language::En)
}

/// The shipped language with the highest weight; the first among equals.
fn accepted(header: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for entry in header.split(',').take(32) {
        let mut parts = entry.split(';');
        let Some(language) = parts.next().and_then(|tag| Language::from_tag(tag.trim())) else { continue };
        let weight = parts.find_map(|part| weight(part.trim().strip_prefix("q=")?)).unwrap_or(1000);
        if weight > best.map_or(0, |(highest, _)| highest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight in thousandths (RFC 9110, section 12.4.2: at most three decimals).
fn weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let decimals: u16 = format!("{decimals:0<3}").get(..3)?.parse().ok()?;
    Some((whole * 1000 + decimals).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_weights_decide_where_nobody_has_chosen() {
        assert_eq!(negotiate(None, None, "tlh, fr-CH;q=0.8, pt-BR;q=0.9, *;q=0.1"), Language::Pt);
        assert_eq!(negotiate(None, None, "de, en"), Language::De);
        assert_eq!(negotiate(None, None, "es;q=0"), Language::En);
        assert_eq!(negotiate(None, None, ";;q=,,=NaN;q=nan"), Language::En);
    }

    #[test]
    fn the_agents_choice_goes_before_the_installs_and_that_before_the_browsers() {
        assert_eq!(negotiate(Some(Language::Fr), Some(Language::De), "es"), Language::Fr);
        assert_eq!(negotiate(None, Some(Language::De), "es"), Language::De);
    }
}
