//! What cookies are called, and what comes back in them.

use super::*;
use crate::fixture;
use crate::token::StepClaims;

fn sent_back(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn every_cookie_is_bound_to_its_host_and_hidden_from_script() {
    let install = fixture::spelling().name();
    let filled = Filled { remember: true, ..Filled::default() };
    let link = reset_link();
    let all = [
        set_session(&install, "t".into()),
        clear_session(&install),
        set_sign_in("t".into()),
        clear_sign_in(),
        set_browser("m"),
        set_reset_link(&link),
        clear_reset_link(),
        set_language(Language::Pt),
        set_workstation(&Workstation::from_bits(7)),
        set_device(&install, "1.tag"),
        set_errand(3, "t".into()),
        clear_errand(3),
        set_failed_errand("t".into()),
        clear_failed_errand(),
        set_farewell("t".into()),
        clear_farewell(),
        set_remembered(&install, &filled),
        set_flow(&install, "t".into()),
        clear_flow(&install),
        set_step::<StepClaims>(&install, "t".into()),
        clear_step(&install),
    ];
    for cookie in all {
        assert!(cookie.starts_with("__Host-one"), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

fn reset_link() -> ResetLink {
    let agent = fixture::agent();
    ResetLink { instance: agent.instance, agent: agent.username, secret: "0".repeat(32) }
}

#[test]
fn a_link_that_was_opened_is_known_for_ten_minutes() {
    let cookie = set_reset_link(&reset_link());
    assert_eq!(Cookies::new(&sent_back(&cookie)).reset_link(), Some(reset_link()));
    assert!(cookie.ends_with("; Max-Age=600"), "{cookie}");
}

#[test]
fn a_cookie_is_written_as_its_crate_writes_it() {
    let cookie = Cookie::build(("__Host-a", "b")).path("/").secure(true).http_only(true).same_site(SameSite::Lax);
    let cookie = cookie.max_age(Duration::days(2)).build();
    assert_eq!(written(&cookie), cookie.to_string());
}

#[test]
fn what_is_remembered_comes_back_as_it_was() {
    let install = fixture::spelling().name();
    let filled = Filled {
        instance: "acme".into(),
        username: "régie; 7=\"x\" & ção%".into(),
        extension: "+351 21".into(),
        remember: true,
    };
    let header = format!("a=b; {}", sent_back(&set_remembered(&install, &filled)));
    assert_eq!(Cookies::new(&header).remembered(&install), Some(filled));
}

#[test]
fn a_workstation_keeps_its_number() {
    let workstation = Workstation::from_bits(u128::MAX / 3);
    let header = sent_back(&set_workstation(&workstation));
    assert_eq!(Cookies::new(&header).workstation(), Some(workstation));
    for value in ["", "7", &"A".repeat(32), &"a".repeat(33)] {
        assert_eq!(Cookies::new(&format!("{WORKSTATION}={value}")).workstation(), None, "{value}");
    }
}

#[test]
fn the_session_of_one_install_is_not_anothers() {
    let header = sent_back(&set_session(&fixture::spelling().name(), "token".into()));
    assert_eq!(Cookies::new(&header).session(&fixture::spelling().name()), Some("token"));
    assert_eq!(Cookies::new(&header).session(&InstallName::parse("porto").unwrap()), None);
}

#[test]
fn no_install_can_be_called_so_that_its_cookie_is_another_one() {
    for name in ["form", "language", "workstation", "login", "remembered-lisbon", "device-lisbon", "onecontact-form"] {
        let session = session_name(&InstallName::parse(name).unwrap());
        let remembered = remembered_name(&fixture::spelling().name());
        let device = device_name(&fixture::spelling().name());
        let others =
            [FORM, LANGUAGE, WORKSTATION, RESET, SIGN_IN].map(str::to_owned).into_iter().chain([remembered, device]);
        assert!(others.into_iter().all(|other| other != session), "{session}");
    }
}

#[test]
fn each_tab_has_an_errand_of_its_own_and_too_many_begin_again_with_the_first() {
    let header = format!("{}; {}", sent_back(&set_errand(0, "a".into())), sent_back(&set_errand(2, "c".into())));
    let cookies = Cookies::new(&header);
    assert_eq!((cookies.errand("0xyz"), cookies.errand("2xyz"), cookies.errand("1xyz")), (Some("a"), Some("c"), None));
    assert_eq!((cookies.errand(""), cookies.errand("failed"), cookies.errand("\u{e9}")), (None, None, None));
    assert_eq!((cookies.free_slot(), cookies.failed_errand()), (1, None));
    let all: Vec<String> = (0..ERRANDS).map(|slot| sent_back(&set_errand(slot, "t".into()))).collect();
    assert_eq!(Cookies::new(&all.join("; ")).free_slot(), 0);
    assert!(set_errand(1, "t".into()).ends_with("; Max-Age=600"));
}

#[test]
fn damaged_cookies_are_as_good_as_none() {
    for header in ["", ";;;", "=", "__Host-onecontact-form=short", "__Host-onecontact-form=\u{e9}", "%%%=%%%"] {
        assert_eq!(Cookies::new(header).browser(), None, "{header}");
    }
}
