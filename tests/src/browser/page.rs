//! An answer, as tests see it, and what holds for every answer.

use std::collections::BTreeMap;

use hyper::Method;
use hyper::header::HeaderMap;
use url::form_urlencoded;

use super::jar::SetCookie;
use super::markup::{Tag, decoded, tags, text_before_tag};
use crate::openid::{APPLICATION, SITE};

/// Headers of every answer, with values that they must contain.
const ALWAYS: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
];

/// Headers of every page, and of what leads to one.
const OF_DOCUMENTS: [(&str, &str); 3] = [
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "microphone=(self)"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; empty for a redirect.
    pub body: String,
    /// The id by which the log names this request.
    pub id: String,
}

impl Page {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header is ASCII"))
    }

    /// Where a redirect leads.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.body))
    }

    /// Whether it leads to the question whether to take over.
    #[must_use]
    pub fn asks_to_take_over(&self) -> bool {
        self.leads_to("/take-over")
    }

    /// Whether the agent is let in: to the desktop or, if they have one elsewhere, to the question whether to take
    /// over.
    #[must_use]
    pub fn lets_in(&self) -> bool {
        self.leads_to("/desktop") || self.asks_to_take_over()
    }

    /// Whether it leads to a page on which the login continues.
    pub(super) fn leads_to_a_step(&self) -> bool {
        let path = self.header("location").and_then(|location| location.split('?').next());
        path.is_some_and(|path| path.ends_with("/second-step") || path.ends_with("/new-password"))
    }

    fn leads_to(&self, page: &str) -> bool {
        self.header("location").is_some_and(|location| location.ends_with(page))
    }

    /// The cookies that it sets or removes.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<SetCookie> {
        let headers = self.headers.get_all("set-cookie").iter();
        headers.map(|header| SetCookie::parse(header.to_str().expect("a cookie is ASCII"))).collect()
    }

    /// The cookie of this name that it sets or removes.
    #[must_use]
    pub fn set_cookie(&self, name: &str) -> Option<SetCookie> {
        self.set_cookies().into_iter().find(|cookie| cookie.name == name)
    }

    /// Whether it removes the cookie of this name.
    #[must_use]
    pub fn removes(&self, cookie: &str) -> bool {
        self.set_cookie(cookie).is_some_and(|cookie| cookie.is_removal())
    }

    /// The language that the page says it is in.
    #[must_use]
    pub fn language(&self) -> String {
        let html = self.tags().into_iter().find(|tag| tag.name == "html").expect("a page");
        html.attributes["lang"].clone()
    }

    fn tags(&self) -> Vec<Tag<'_>> {
        tags(&self.body)
    }

    fn tag_with(&self, attribute: &str, value: &str) -> Option<Tag<'_>> {
        self.tags().into_iter().find(|tag| tag.attributes.get(attribute).is_some_and(|found| found == value))
    }

    /// The address of the same page, if this is the answer to a form.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.tags().into_iter().find_map(|tag| tag.attributes.get("data-address").cloned())
    }

    /// Whether the page has a field of this name.
    #[must_use]
    pub fn has_field(&self, name: &str) -> bool {
        self.tag_with("name", name).is_some()
    }

    /// The value of the field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        let tag = self.tag_with("name", name).unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        tag.attributes.get("value").cloned().unwrap_or_default()
    }

    /// Whether the field of this name has this attribute.
    #[must_use]
    pub fn field_is(&self, name: &str, attribute: &str) -> bool {
        self.tag_with("name", name).is_some_and(|tag| tag.attributes.contains_key(attribute))
    }

    /// What the page says next to the field of this name.
    #[must_use]
    pub fn field_problem(&self, name: &str) -> Option<String> {
        self.tag_with("id", &format!("{name}-problem")).map(|tag| text_before_tag(tag.rest))
    }

    /// What the page says first, if anything (`role="alert"` or `role="status"`).
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let is_notice = |tag: &Tag<'_>| {
            tag.attributes.get("class").is_some_and(|class| class.split(' ').any(|class| class == "notice"))
        };
        let notice = self.tags().into_iter().find(is_notice)?;
        let inside = notice.rest.split("</div>").next()?;
        let texts = inside.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
        Some(texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "))
    }

    /// The text of the first heading.
    #[must_use]
    pub fn heading(&self) -> String {
        let heading = self.tags().into_iter().find(|tag| tag.name == "h1");
        text_before_tag(heading.unwrap_or_else(|| panic!("no heading: {}", self.body)).rest)
    }

    /// Whether the page says this somewhere.
    #[must_use]
    pub fn says(&self, text: &str) -> bool {
        decoded(&self.body).contains(text)
    }

    /// Every address that the page or the redirect leads to.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        let in_tags = self.tags().into_iter().flat_map(|tag| {
            ["href", "action", "src", "content", "formaction"]
                .into_iter()
                .filter_map(move |name| tag.attributes.get(name).cloned())
        });
        let refreshes = |link: String| link.split_once("url=").map(|(_, link)| link.to_owned()).unwrap_or(link);
        let is_link = |link: &String| link.contains('/') || link.contains(':');
        self.header("location").map(str::to_owned).into_iter().chain(in_tags.map(refreshes).filter(is_link)).collect()
    }

    /// The login form.
    #[must_use]
    pub fn form(&self) -> Form {
        let form = self.form_where(|tag| tag.attributes.contains_key("data-login"));
        form.unwrap_or_else(|| panic!("no login form but {}: {}", self.status, self.body))
    }

    /// The form that is sent to `action`.
    #[must_use]
    pub fn form_to(&self, action: &str) -> Form {
        let form = self.form_where(|tag| tag.attributes.get("action").is_some_and(|found| found == action));
        form.unwrap_or_else(|| panic!("no form to {action} but {}: {}", self.status, self.body))
    }

    /// What the page asks the browser to do with passkeys, by attribute name.
    #[must_use]
    pub fn passkey(&self) -> Option<BTreeMap<String, String>> {
        let tag = self.tag_with("class", "passkey")?;
        Some(tag.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    fn form_where(&self, is_wanted: impl Fn(&Tag<'_>) -> bool) -> Option<Form> {
        let form = self.tags().into_iter().find(|tag| tag.name == "form" && is_wanted(tag))?;
        let inside = form.rest.split("</form>").next().unwrap_or_default();
        let fields = tags(inside).into_iter().filter(|tag| tag.name == "input").filter_map(|tag| {
            let is_unticked = tag.attributes.get("type").is_some_and(|kind| kind == "checkbox")
                && !tag.attributes.contains_key("checked");
            let value = tag.attributes.get("value").cloned().unwrap_or_default();
            (!is_unticked).then(|| (tag.attributes["name"].clone(), value))
        });
        let action = form.attributes["action"].clone();
        Some(Form { action, fields: fields.collect(), may_lead_to: self.forms_may_lead_to() })
    }

    /// Where the page's policy lets its forms lead, apart from its own site.
    fn forms_may_lead_to(&self) -> Vec<String> {
        let directives = self.header("content-security-policy").unwrap_or_default().split(';');
        let sources = directives.filter_map(|directive| directive.trim().strip_prefix("form-action "));
        sources.flat_map(|sources| sources.split(' ').map(str::to_owned)).collect()
    }

    /// The answer without what has to differ between answers: nonces, tokens, the request's id.
    #[must_use]
    pub fn normalised(&self) -> String {
        let text = without(&self.body, [self.id.as_str(), self.nonce()]);
        let form = self.tag_with("name", "form").map(|_| self.field("form")).unwrap_or_default();
        without(&text, [form.as_str()])
    }

    /// Its headers without what is new in each answer, and without the length, which the body tells. Of cookies, only
    /// the names.
    #[must_use]
    pub fn normalised_headers(&self) -> Vec<(String, String)> {
        let cookies = self.set_cookies().into_iter().map(|cookie| ("set-cookie".to_owned(), cookie.name));
        let others =
            self.headers.iter().filter(|(name, _)| !["content-length", "date", "set-cookie"].contains(&name.as_str()));
        let others = others.map(|(name, value)| {
            let value = value.to_str().expect("a header is ASCII");
            (name.to_string(), without(value, [self.id.as_str(), self.nonce()]))
        });
        let mut all: Vec<_> = others.chain(cookies).collect();
        all.sort_unstable();
        all
    }

    /// The nonce of its policy; empty if it has none.
    fn nonce(&self) -> &str {
        let policy = self.header("content-security-policy").unwrap_or_default();
        policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default()
    }

    /// Checks what holds for every answer of the Worker's to a request for `host`, whatever a test is about.
    pub fn check(&self, method: &Method, host: &str) {
        self.check_leading_to(method, host, None);
    }

    /// The same, if a redirect may lead to another site.
    pub(super) fn check_leading_to(&self, method: &Method, host: &str, leads_to: Option<&str>) {
        let told = || format!("{method} answered with {} {:?}\n{}", self.status, self.headers, self.body);
        assert_ne!(self.status, 500, "{}", told());
        // The only thing that is public, and may be cached.
        let is_public = self.header("content-type") == Some("application/jwk-set+json");
        let is_data = self.header("content-type").is_some_and(|kind| kind.contains("json"));
        let of_documents = OF_DOCUMENTS.into_iter().filter(|_| !is_data);
        let always = ALWAYS.into_iter().filter(|(name, _)| !(is_public && *name == "cache-control"));
        for (name, value) in always.chain(of_documents) {
            assert!(self.header(name).is_some_and(|found| found.contains(value)), "{name}: {}", told());
        }
        let policy = self.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"), "{}", told());
        assert!(policy.contains("frame-ancestors 'none'"), "{}", told());
        assert!(!policy.contains("unsafe-"), "{}", told());
        if method == Method::HEAD {
            assert!(self.body.is_empty(), "{}", told());
        } else if self.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            assert!(policy.contains("'nonce-") && policy.contains("form-action 'self'"), "{}", told());
            self.check_scripts(policy);
        }
        // The provider's declared address, which it states whatever host was requested.
        let is_to_site = self.status == 303 && self.header("location").is_some_and(|to| to.starts_with(SITE));
        let is_site = SITE.ends_with(host);
        if host.len() > 1 && !is_to_site && !is_site {
            let elsewhere = self.headers.get("location").map(|value| String::from_utf8_lossy(value.as_bytes()));
            assert!(!elsewhere.unwrap_or_default().contains(host), "the redirect repeats the host: {}", told());
            assert!(!self.body.contains(host), "the page repeats the host: {}", told());
        }
        for link in self.links() {
            let is_own = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
            // The declared address of the application that the tests play; the tests check links to it themselves.
            let is_application = self.status == 303 && link.starts_with(APPLICATION);
            let is_meant = self.status == 303 && leads_to.is_some_and(|origin| link.starts_with(&format!("{origin}/")));
            assert!(
                is_own || is_application || is_to_site || is_meant,
                "a link leads elsewhere, to {link}: {}",
                told()
            );
        }
    }

    /// No script except by the nonce, no style except from a file, no handler in an attribute.
    fn check_scripts(&self, policy: &str) {
        for tag in self.tags() {
            let nonce = tag.attributes.get("nonce").cloned().unwrap_or_default();
            let is_covered = !nonce.is_empty() && policy.contains(&format!("'nonce-{nonce}'"));
            assert!(tag.name != "script" || is_covered, "a script without the nonce: {}", self.body);
            assert_ne!(tag.name, "style", "a style in the page: {}", self.body);
            let handler = tag.attributes.keys().find(|name| name.starts_with("on") || **name == "style");
            assert_eq!(handler, None, "a handler in the page: {}", self.body);
        }
    }
}

/// A form on a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it is sent to.
    pub action: String,
    fields: Vec<(String, String)>,
    may_lead_to: Vec<String>,
}

impl Form {
    /// Whether browsers let it lead to `location`: they apply the policy of the form's page to redirects (CSP 3,
    /// 6.4.1).
    pub(super) fn may_lead_to(&self, location: &str, host: &str) -> bool {
        let Some((scheme, rest)) = location.split_once("://") else { return true };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority == host || self.may_lead_to.contains(&format!("{scheme}://{authority}"))
    }

    /// With this value in the field, which is added if the page has none of that name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more field, whether or not there is already one of that name.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the fields of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self
    }

    /// The values of the fields of this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The body to post (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

/// The text without the random parts.
fn without<const N: usize>(text: &str, random: [&str; N]) -> String {
    random
        .into_iter()
        .filter(|random| !random.is_empty())
        .fold(text.to_owned(), |text, random| text.replace(random, "RANDOM"))
}
