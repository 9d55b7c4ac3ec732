//! The parameters of a request: from a query, or from a posted form.

use kv_schema::names::RedirectUri;
use url::form_urlencoded;

/// How many parameters are read; no request has a third as many.
const MOST: usize = 64;

/// The parameters of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads them. One without a value counts as absent (RFC 6749, section 3.1). Never fails.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).take(MOST).filter(|(_, value)| !value.is_empty());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The parameters as a query.
    #[must_use]
    pub fn query(&self) -> String {
        query(self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The parameters without those of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    /// The parameters with this one as well.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter occurs more than once, which none may (RFC 6749, section 3.1).
    #[must_use]
    pub fn is_repeated(&self, name: &str) -> bool {
        self.0.iter().filter(|(found, _)| found == name).count() > 1
    }

    /// Whether any parameter occurs more than once.
    #[must_use]
    pub fn has_repeated(&self) -> bool {
        self.0.iter().any(|(name, _)| self.is_repeated(name))
    }
}

/// A query with these names and values.
#[must_use]
pub fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// An application's address with a query appended, or added to the one that it has.
#[must_use]
pub fn with_query(uri: &RedirectUri, query: &str) -> String {
    let mark = match uri.as_str().split_once('?') {
        _ if query.is_empty() => "",
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    [uri.as_str(), mark, query].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_goes_behind_the_one_that_an_address_has() {
        let with = |uri: &str, query: &str| with_query(&RedirectUri::parse(uri).unwrap(), query);
        assert_eq!(with("https://a.example/cb", "code=c"), "https://a.example/cb?code=c");
        assert_eq!(with("https://a.example/cb?", "code=c"), "https://a.example/cb?code=c");
        assert_eq!(with("https://a.example/cb?x=y", "code=c"), "https://a.example/cb?x=y&code=c");
        assert_eq!(with("https://a.example/cb", ""), "https://a.example/cb");
    }

    #[test]
    fn what_is_read_is_written_again_without_what_has_no_value() {
        let params = Params::parse(b"a=b+c&d=&e=%26&a=2");
        assert_eq!(params.query(), "a=b+c&e=%26&a=2");
        assert_eq!(params.clone().without("a").and("f", "x").query(), "e=%26&f=x");
        assert!(params.is_repeated("a") && params.has_repeated() && params.get("d").is_none());
    }
}
