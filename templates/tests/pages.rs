//! What holds for every page in every state and language.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod markup;
mod states;

use std::collections::{BTreeMap, BTreeSet};

use kv_schema::Language;
use markup::{by_id, tags, texts};

/// The state `name` in English.
fn english(name: &str) -> String {
    let page = states::of(Language::En).into_iter().find(|page| page.name == name);
    page.expect("the state exists").html
}

#[test]
fn every_page_says_its_language_and_links_to_the_others() {
    for page in states::all() {
        let tags = tags(&page.html);
        assert_eq!(tags[0].get("lang"), Some(page.language.tag()), "{}", page.name);
        let links: Vec<_> = tags.iter().filter_map(|tag| tag.get("hreflang")).collect();
        assert_eq!(links, Language::ALL.map(Language::tag), "{}", page.name);
        let current: Vec<_> = tags.iter().filter(|tag| tag.get("aria-current").is_some()).collect();
        assert_eq!(current[0].get("lang"), Some(page.language.tag()));
        assert_eq!(current.len(), 1);
    }
}

#[test]
fn no_language_borrows_a_sentence_from_another() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for page in states::all() {
        let tags = tags(&page.html);
        let told = tags.iter().flat_map(|tag| tag.attributes().collect::<Vec<_>>());
        let told = told.filter(|(key, _)| *key == "aria-label" || key.starts_with("data-")).map(|(_, value)| value);
        let words = |text: &&str| text.split_whitespace().count();
        for text in texts(&page.html).into_iter().chain(told).filter(|text| words(text) > 3) {
            seen.entry(text.to_owned()).or_default().insert(page.language.tag());
        }
    }
    let common = ["Acme &#38; Söhne &#60;Support&#62;", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"];
    let borrowed: Vec<_> =
        seen.iter().filter(|(text, languages)| languages.len() > 1 && !common.contains(&text.as_str())).collect();
    assert!(seen.len() > 400, "only {} sentences were compared", seen.len());
    assert!(borrowed.is_empty(), "{borrowed:#?}");
}

#[test]
fn a_french_sign_stays_with_the_word_that_it_belongs_to() {
    let apart =
        [" :", " ;", " ?", " !", " »", "« ", "\u{a0};", "\u{a0}?", "\u{a0}!", "\u{202f}:", "\u{202f}»", "«\u{202f}"];
    for page in states::of(Language::Fr) {
        let torn: Vec<_> =
            texts(&page.html).into_iter().filter(|text| apart.iter().any(|sign| text.contains(sign))).collect();
        assert!(torn.is_empty(), "{}: {torn:?}", page.name);
    }
}

#[test]
fn no_placeholder_is_shown_to_people() {
    for page in states::all() {
        let braces: Vec<_> = texts(&page.html).into_iter().filter(|text| text.contains(['{', '}'])).collect();
        assert!(braces.is_empty(), "{} {:?}: {braces:?}", page.name, page.language);
    }
}

#[test]
fn nothing_on_a_page_needs_an_exception_from_the_policy() {
    for page in states::all() {
        for tag in tags(&page.html) {
            assert_ne!(tag.name, "style", "{}", page.name);
            for (key, _) in tag.attributes() {
                assert!(key != "style" && !key.starts_with("on"), "{}: {tag:?}", page.name);
            }
            if tag.name == "script" {
                assert_eq!(tag.get("nonce"), Some(states::NONCE), "{}", page.name);
                assert!(tag.get("src").is_some(), "{}", page.name);
            }
        }
        let scripts = page.html.matches("<script").count();
        assert_eq!(page.html.matches("></script>").count(), scripts, "{}: an inline script", page.name);
    }
}

#[test]
fn every_address_on_a_page_is_a_path_of_our_own() {
    for page in states::all() {
        for tag in tags(&page.html) {
            for (key, value) in tag.attributes() {
                let address = match key {
                    "href" | "src" | "action" | "data-home" | "data-link" if !value.is_empty() => value,
                    "content" if value.contains("url=") => value.split("url=").nth(1).unwrap(),
                    _ => continue,
                };
                assert!(address.starts_with('/') && !address.starts_with("//"), "{}: {key}={value}", page.name);
            }
        }
    }
}

#[test]
fn what_people_typed_is_text_and_never_markup() {
    for page in states::all() {
        assert!(!page.html.contains("<script>"), "{}", page.name);
        assert!(!page.html.contains("<Support>") && !page.html.contains("<b>"), "{}", page.name);
    }
    let html = english("login-problems");
    let username = by_id(&html, "username").unwrap();
    assert_eq!(username.get("value"), Some("desk1&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;"));
}

#[test]
fn a_password_field_is_always_rendered_blank() {
    let pages = states::all();
    let mut passwords = 0;
    for page in &pages {
        if let Some(input) = by_id(&page.html, "password") {
            assert_eq!((input.get("value"), input.get("type")), (Some(""), Some("password")), "{}", page.name);
            passwords += 1;
        }
    }
    assert_eq!(passwords, (17 + 7 + 7 + 4) * Language::ALL.len());
}

#[test]
fn each_faulty_field_is_tied_to_what_is_wrong_with_it() {
    let html = english("login-problems");
    for field in ["instance", "username", "password", "extension"] {
        let input = by_id(&html, field).unwrap();
        let problem = format!("{field}-problem");
        assert_eq!(input.get("aria-invalid"), Some("true"), "{field}");
        assert!(input.get("aria-describedby").unwrap().split(' ').any(|id| id == problem), "{field}");
        assert!(by_id(&html, &problem).is_some(), "{field}");
    }
    assert!(html.contains("Please check the 4 marked fields."));
    assert!(html.contains("<title>Please check – Login – OneContact Agent</title>"));
}

#[test]
fn every_id_that_is_referred_to_exists_once() {
    for page in states::all() {
        let tags = tags(&page.html);
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{}: {ids:?}", page.name);
        for tag in &tags {
            for key in ["aria-describedby", "aria-labelledby", "aria-controls", "for"] {
                for id in tag.get(key).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(&id), "{}: {key}={id}", page.name);
                }
            }
        }
    }
}

#[test]
fn the_page_starts_where_something_has_to_be_typed() {
    let focus = |state: &str| {
        let html = english(state);
        let focused: Vec<_> =
            tags(&html).into_iter().filter(|tag| tag.name == "input" && tag.get("autofocus").is_some()).collect();
        assert_eq!(focused.len(), 1, "{state}");
        focused[0].get("name").unwrap().to_owned()
    };
    assert_eq!(focus("login"), "username");
    assert_eq!(focus("login-asked"), "instance");
    assert_eq!(focus("login-remembered"), "password");
    assert_eq!(focus("login-refused"), "password");
    assert_eq!(focus("login-problems"), "instance");
    assert_eq!(focus("login-missing"), "username");
    assert_eq!(focus("login-extension-not-allowed"), "password");
}

#[test]
fn a_field_that_is_not_there_is_still_told_about() {
    let html = english("login-extension-not-allowed");
    assert!(by_id(&html, "extension").is_none());
    assert!(html.contains("You cannot choose an extension here."));
}

#[test]
fn the_instance_is_asked_for_only_where_the_address_does_not_tell_it() {
    assert!(by_id(&english("login"), "instance").is_none());
    assert!(by_id(&english("login-asked"), "instance").is_some());
    assert!(english("login-refused-asked").contains("Check the instance and your username"));
    assert!(!english("login-refused").contains("Check the instance"));
}

#[test]
fn a_form_says_what_it_remembers() {
    let says = |state: &str, hint: &str| assert!(texts(&english(state)).contains(&hint), "{state}: {hint}");
    for state in ["login", "sign-in", "sign-in-extension"] {
        says(state, "Everything but the password will be filled in next time. Do not tick this on a shared desk.");
    }
    says("provider-extension", "Tenant and extension. Do not tick this on a shared desk.");
}

#[test]
fn on_the_way_to_a_provider_the_contact_centre_is_named() {
    for state in ["provider", "provider-signed-out", "provider-extension", "provider-extension-wrong"] {
        let html = english(state);
        let header = html.split("<main>").next().expect("a page has a header");
        assert!(texts(header).contains(&"Acme &#38; Söhne &#60;Support&#62;"), "{state}");
    }
}

#[test]
fn the_form_carries_its_token_and_where_to_go_after() {
    let hidden = |state: &str| -> Vec<(String, String)> {
        let html = english(state);
        let tags = tags(&html);
        let hidden = tags.iter().filter(|tag| tag.get("type") == Some("hidden"));
        hidden.map(|tag| (tag.get("name").unwrap().to_owned(), tag.get("value").unwrap().to_owned())).collect()
    };
    assert_eq!(hidden("login"), [("form".into(), "token".into())]);
    assert_eq!(hidden("login-asked")[1], ("next".into(), "/OneAgentWeb_Demo/desktop".into()));
    assert_eq!(hidden("new-password"), [("step".into(), "token".into()), ("next".into(), "/desktop".into())]);
}

#[test]
fn ones_own_browser_comes_first_and_every_browser_comes() {
    let names = |state: &str| -> Vec<String> {
        let html = english(state);
        let all = texts(&html).into_iter().map(|text| text.trim_start_matches("Your browser: ").to_owned());
        let known = ["Chrome", "Edge", "Firefox", "Safari", "Internet Explorer"];
        all.filter(|text| known.contains(&text.as_str())).collect()
    };
    assert_eq!(names("cookies-chrome"), ["Chrome", "Edge", "Firefox", "Safari", "Internet Explorer"]);
    assert_eq!(names("cookies-firefox"), ["Firefox", "Chrome", "Edge", "Safari", "Internet Explorer"]);
    assert_eq!(names("cookies-internet-explorer")[0], "Internet Explorer");
    assert_eq!(names("cookies-other").len(), 5);
    assert_eq!(names("login"), [""; 0], "the pop-up's own are fetched when they are needed");
}

#[test]
fn a_problem_tells_what_to_do_and_its_request_and_nothing_of_the_inside() {
    let mut told = BTreeSet::new();
    for problem in states::every_problem() {
        let html = english(&format!("problem-{}", problem.code()));
        assert!(html.contains("0190c2f4-7a3e"), "{}", problem.code());
        assert!(html.contains(&format!(">{}</p>", problem.status())), "{}", problem.code());
        assert!(!html.contains("secret"), "{}", problem.code());
        let paragraphs: Vec<_> = texts(&html).into_iter().filter(|text| text.len() > 40).map(str::to_owned).collect();
        assert!(told.insert(paragraphs), "{} says what another problem says", problem.code());
    }
    assert!(english("problem-unknown_install").contains("https://&#60;server&#62;/OneAgentWeb_&#60;install&#62;"));
    assert!(english("problem-too_many_attempts").contains("Try again in 42 seconds."));
    assert!(english("problem-cookies_required").contains("href=\"/OneAgentWeb_Demo/cookies\""));
}

#[test]
fn the_desktop_leads_browsers_without_script_to_their_page() {
    let html = english("desktop");
    assert!(
        html.contains("<noscript><meta http-equiv=\"refresh\" content=\"0; url=/OneAgentWeb_Demo/desktop/plain\">")
    );
    for part in ["profile", "instance", "extension", "session"] {
        assert!(html.contains(&format!("data-part=\"{part}\" data-state=\"waiting\"")), "{part}");
    }
}

#[test]
fn a_plain_desktop_names_each_part_that_failed() {
    let html = english("plain-failed");
    for part in ["Profile", "Instance", "Extension", "Session"] {
        assert!(html.contains(&format!("<li>{part}</li>")), "{part}");
    }
    let whole = english("plain");
    assert!(!whole.contains("Not everything could be loaded"));
    assert!(whole.contains("07:39 UTC") && whole.contains("for 1 h 23 min") && whole.contains("Chrome on Windows"));
    assert!(english("plain-without-extension").contains("You signed in without an extension."));
}

#[test]
fn a_take_over_tells_where_the_first_session_is_and_since_when() {
    let html = english("take-over");
    assert!(html.contains("<dd>Chrome on Windows</dd>") && html.contains("<dd>Ready</dd>"));
    assert!(html.contains("<time data-at=\"1795419540\">07:39 UTC</time>") && html.contains("for 1 h 23 min"));
    assert!(html.contains("action=\"/OneAgentWeb_Demo/take-over\""));
    assert!(html.contains("href=\"/OneAgentWeb_Demo\">Cancel</a>"));
    assert!(!html.contains("No contact"), "it is heard");
    assert!(english("take-over-silent").contains("No contact with it for 40\u{a0}s."));
    assert!(english("take-over-unknown").contains("No contact with it for 2 min."));
    assert!(english("take-over-unknown").contains("<dd>Unknown browser</dd>"));
}

#[test]
fn a_take_over_during_an_interaction_has_to_be_meant() {
    assert!(by_id(&english("take-over"), "anyway").is_none());
    let html = english("take-over-engaged");
    assert_eq!(by_id(&html, "anyway").unwrap().get("required"), Some(""));
    assert!(html.contains("You are in an interaction there."));
}

#[test]
fn the_login_page_says_why_a_session_is_over() {
    let told = |state: &str| {
        let html = english(state);
        let notice = html.split("role=\"status\"><p>").nth(1).expect("a notice");
        notice.split("</p>").next().unwrap().to_owned()
    };
    let reasons = ["taken-over", "replaced", "connection-lost", "hard-end", "forced", "disabled", "signed-out"];
    let every: BTreeSet<_> = reasons.iter().map(|reason| told(&format!("login-over-{reason}"))).collect();
    assert_eq!(every.len(), reasons.len());
    assert!(told("login-over-connection-lost").starts_with("Your connection was lost for too long"));
    assert_eq!(told("login-over-signed-out"), "You have signed out.");
}

#[test]
fn an_app_is_set_up_with_a_key_that_can_be_read_and_codes_to_keep() {
    let html = english("set-up");
    assert!(html.contains("<code class=\"key\">GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ</code>"));
    assert!(html.contains("<code>ABCD-EFGH-IJKL-MNOA</code>"));
    assert_eq!(html.matches("<li><code>").count(), 10);
    assert!(html.contains("<p>desk1</p>"), "whose codes they are, for paper");
    let code = by_id(&html, "code").unwrap();
    assert_eq!((code.get("autocomplete"), code.get("inputmode")), (Some("one-time-code"), Some("numeric")));
}

#[test]
fn another_sms_is_asked_for_by_a_form_of_its_own_and_only_where_there_are_sms() {
    let sms = english("second-step-sms");
    assert!(sms.contains("phone number ending in 78") && sms.contains(">Resend SMS</button>"));
    let waits = english("second-step-sms-wait");
    assert!(waits.contains("in <span role=\"timer\" aria-live=\"off\">29</span>\u{a0}s.</span> The last one went to"));
    assert!(waits.contains("data-waits") && !sms.contains("data-waits"));
    assert!(waits.contains("<div class=\"notice odd\" role=\"status\">"), "the end of a short wait interrupts nobody");
    let many = english("second-step-sms-many");
    assert!(many.contains("in 31 minutes") && many.contains("<div class=\"notice odd\" role=\"alert\">"));
    let app = english("second-step-app");
    assert!(!app.contains("Resend") && app.contains("recovery codes"));
    assert!(by_id(&app, "remember").is_some() && by_id(&english("second-step-sms-wait"), "remember").is_none());
}

#[test]
fn recovery_codes_are_offered_while_there_are_any_and_counted_once_they_are_few() {
    let new = "To get new ones, choose “Set up two-step login” on the login page and set up an authenticator app";
    for (name, left) in [
        ("second-step-codes-few", "You have 2 recovery codes left."),
        ("second-step-codes-last", "You have 1 recovery code left."),
        ("passkey-codes-few", "You have 3 recovery codes left."),
    ] {
        let html = english(name);
        assert_eq!(html.matches(left).count(), 1, "{name}");
        assert!(html.contains("Type one of your recovery codes instead.") && html.contains(new), "{name}");
    }
    for (name, has_app) in [
        ("second-step-codes-none", true),
        ("passkey-every-way-codes-none", true),
        ("passkey-codes-none", false),
        ("passkey-elsewhere-codes-none", false),
    ] {
        let html = english(name);
        assert_eq!(html.matches("You have no recovery codes left.").count(), 1, "{name}");
        assert!(
            html.contains(new) && !html.contains("one of your recovery codes") && !html.contains("Recovery code"),
            "{name}"
        );
        assert_eq!(by_id(&html, "code").is_some(), has_app, "{name}");
        assert_eq!(html.contains(">Continue</button>"), has_app, "{name}: there is nothing to send");
        assert!(html.contains("id=\"step\""), "{name}: a passkey is sent with the form");
    }
    for name in ["second-step-app", "passkey", "second-step-sms"] {
        assert!(!english(name).contains(" left."), "{name}");
    }
}

#[test]
fn where_new_recovery_codes_come_from_is_named_as_the_login_page_names_it() {
    for language in Language::ALL {
        let pages = states::of(language);
        let html = |name| &pages.iter().find(|page| page.name == name).expect("the state exists").html;
        let link = html("login").split("?set-up=1\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(html("second-step-codes-few").contains(link), "{language:?}: {link}");
    }
}

#[test]
fn a_passkey_is_asked_for_at_once_where_there_is_nothing_to_decide_or_to_be_told_before() {
    let asked = english("passkey");
    let part = tags(&asked).into_iter().find(|tag| tag.get("class") == Some("passkey")).unwrap();
    assert_eq!((part.get("data-challenge"), part.get("data-ids")), (Some("Y2hhbGxlbmdl"), Some("YWJj ZGVm")));
    assert_eq!(part.get("data-user"), None);
    assert!(part.get("hidden").is_some(), "the script shows it where the browser knows passkeys");
    assert!(asked.contains("data-at-once"));
    for name in ["passkey-every-way", "passkey-refused", "passkey-code-wrong"] {
        assert!(!english(name).contains("data-at-once"), "{name}");
    }
    assert!(!english("passkey-elsewhere").contains("data-challenge"));
}

#[test]
fn beside_a_passkey_there_is_every_other_way_that_there_is() {
    let (asked, every_way) = (english("passkey"), english("passkey-every-way"));
    assert!(asked.contains("Recovery code") && !asked.contains("authenticator app") && !asked.contains("by SMS"));
    assert!(every_way.contains("shown in your authenticator app, or one of your recovery codes"));
    assert!(every_way.contains(">Send a code by SMS</button>"));
    assert!(by_id(&asked, "code").unwrap().get("autofocus").is_none());
    assert!(by_id(&english("passkey-code-wrong"), "code").unwrap().get("autofocus").is_some());
    assert!(by_id(&english("passkey-elsewhere"), "code").unwrap().get("autofocus").is_some());
    assert!(english("passkey-refused").contains("could not be used. Try again"));
}

#[test]
fn a_code_is_marked_as_mandatory_where_it_is_the_only_way() {
    for (name, is_only_way) in [
        ("second-step-app", true),
        ("second-step-sms", true),
        ("passkey-elsewhere", true),
        ("set-up", true),
        ("passkey", false),
        ("passkey-every-way", false),
        ("passkey-code-wrong", false),
        ("passkey-set-up", false),
    ] {
        let html = english(name);
        let code = by_id(&html, "code").unwrap();
        assert_eq!(code.get("data-missing"), Some("Type the code."), "{name}: a blank one is told all the same");
        let marks = [code.get("required").is_some(), html.contains("class=\"star\""), html.contains("* mandatory")];
        assert_eq!(marks, [is_only_way; 3], "{name}");
    }
    assert!(english("passkey").contains("No passkey to hand? Type one of your recovery codes instead."));
}

#[test]
fn a_passkey_is_set_up_beside_an_app_and_recovery_codes_stand_where_they_belong_to() {
    let first = english("passkey-set-up");
    let place = |html: &str, text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(place(&first, "ABCD-EFGH") < place(&first, "Create passkey"), "they come with either");
    let besides = english("passkey-set-up-besides");
    assert!(
        place(&besides, "ABCD-EFGH") > place(&besides, "Set up an authenticator app"),
        "they come with the app alone"
    );
    for html in [&first, &besides] {
        assert_eq!(html.matches("<li><code>").count(), 10);
        assert!(html.contains("data-display-name=\"Desk &#60;One&#62;\""));
    }
    let full = english("passkey-set-up-full");
    assert!(
        full.contains("eight passkeys")
            && !full.contains("Create passkey")
            && full.contains("Set up an authenticator app")
    );
    assert!(
        !english("set-up").contains("passkey.js") && !english("set-up").contains("With a"),
        "as ever where there can be none"
    );
}
