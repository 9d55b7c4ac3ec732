//! Secrets of instances' own providers in `.dev.vars`. Wrangler reads from that file what `wrangler.toml` requires,
//! which cannot name these: each deployment has its own. So they are passed on its command line.

use std::fs;

use crate::project::Project;

/// The prefix of all their names.
const PREFIX: &str = "PROVIDER_SECRET_";

/// Those in `.dev.vars`, as `NAME:value`.
pub(super) fn settings(project: &Project) -> Vec<String> {
    let text = fs::read_to_string(project.path(".dev.vars")).unwrap_or_default();
    text.lines().filter_map(setting).collect()
}

fn setting(line: &str) -> Option<String> {
    let (name, value) = line.trim().split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let bare = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let value = bare('\'').or_else(|| bare('"')).unwrap_or(value);
    name.starts_with(PREFIX).then(|| format!("{name}:{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_secret_is_taken_with_and_without_quotes_and_nothing_else_is() {
        let taken = |line| setting(line).unwrap();
        assert_eq!(taken("PROVIDER_SECRET_ACME=a=b:c"), "PROVIDER_SECRET_ACME:a=b:c");
        assert_eq!(taken(" PROVIDER_SECRET_ACME = 'a b' "), "PROVIDER_SECRET_ACME:a b");
        assert_eq!(taken("PROVIDER_SECRET_ACME=\"ab\""), "PROVIDER_SECRET_ACME:ab");
        for line in ["", "# PROVIDER_SECRET_ACME=a", "TOKEN_KEYS='{}'", "PROVIDER_SECRET_ACME"] {
            assert_eq!(setting(line), None, "{line}");
        }
    }
}
