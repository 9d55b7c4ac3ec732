//! English.

use super::{
    CHROME_SETTINGS, Common, Cookies, Desktop, EDGE_SETTINGS, FIREFOX_SETTINGS, FieldTexts, Login, Notices,
    ProblemText, Problems, Step, Texts,
};

pub(super) const TEXTS: Texts =
    Texts { common: COMMON, login: LOGIN, cookies: COOKIES, problems: PROBLEMS, desktop: DESKTOP };

const COMMON: Common = Common { languages: "Language", try_again: "Try again", to_login: "Go to the login page" };

const LOGIN: Login = Login {
    login: "Login",
    signing_in: "Signing in…",
    error_title: "Please check",
    mandatory: "Fields marked * are mandatory.",
    instance: "Instance",
    instance_hint: "This address does not tell your instance. Your supervisor knows its name.",
    username: "Username",
    username_hint: "Your e-mail address works too.",
    password: "Password",
    extension: "Extension",
    extension_hint: "Leave blank to use your usual extension.",
    remember: "Remember me on this device",
    remember_hint: "Instance, username and extension, never the password. Do not tick this on a shared desk.",
    show: "Show",
    hide: "Hide",
    show_password: "Show password",
    hide_password: "Hide password",
    caps_lock: "Caps Lock is on.",
    cookie_help: "How to turn on cookies",
    check_fields: |count| match count {
        1 => "Please check the marked field.".into(),
        _ => format!("Please check the {count} marked fields."),
    },
    fields: FieldTexts {
        missing_instance: "Enter the name of your instance.",
        missing_username: "Enter your username.",
        missing_password: "Enter your password.",
        too_long: "This is too long. Please shorten it.",
        bad_characters: "This holds characters that cannot be used. Please type it again.",
        repeated: "This field arrived more than once. Please type it again.",
        not_an_instance_name: "An instance’s name has letters, digits and hyphens only, such as “acme-support”.",
        not_digits: "An extension has digits only, such as 1001.",
        too_many_digits: |most| format!("An extension has {most} digits at most."),
        not_allowed: "You cannot choose an extension here. Sign in without one to use your usual extension.",
    },
    notices: Notices {
        refused: "We could not sign you in",
        refused_check: "Check your username and type your password again. Is Caps Lock off?",
        refused_check_with_instance: "Check the instance and your username, and type your password again. Is Caps Lock off?",
        refused_wait: "After several wrong attempts an account is locked for a few minutes. Wait, then try again.",
        refused_ask: "If it still does not work, ask your supervisor.",
        stale_form: "This form had expired. Please type your password again; everything else has been kept.",
        signed_out: "You have signed out.",
        session_over: "Your session has ended. Please sign in again.",
        sign_in_first: "Please sign in to go on.",
    },
};

const COOKIES: Cookies = Cookies {
    title: "Cookies are turned off",
    lead: "OneContact Agent needs cookies to keep you signed in. Turn them on in your browser, then try again.",
    own: "Your browser: {browser}",
    each: "Choose your browser",
    others: "Other browsers",
    managed: "If you cannot change the setting, your organisation manages it. Ask your supervisor.",
    close: "Close",
    chrome: [
        Step::typing("Open a new tab, type this into the address bar and press Enter:", CHROME_SETTINGS),
        Step::new("Choose “Allow sites to save data on your device”."),
        Step::new("If this site stands under “Not allowed to save data on your device”, remove it there."),
    ],
    edge: [
        Step::typing("Open a new tab, type this into the address bar and press Enter:", EDGE_SETTINGS),
        Step::new("Turn on “Allow sites to save and read cookie data (recommended)”."),
        Step::new("If this site stands in the list of blocked sites, remove it there."),
    ],
    firefox: [
        Step::typing("Open a new tab, type this into the address bar and press Enter:", FIREFOX_SETTINGS),
        Step::new("Under “Enhanced Tracking Protection”, choose “Standard”."),
        Step::new("If you need “Custom”, make sure that it does not block all cookies."),
        Step::new("Under “Cookies and Site Data”, open “Manage Exceptions…” and remove this site if it is blocked."),
    ],
    safari_mac: [
        Step::new("In the menu bar, choose “Safari”, then “Settings…”."),
        Step::new("Open “Advanced” (in older versions “Privacy”)."),
        Step::new("Untick “Block all cookies”."),
    ],
    safari_ios: [
        Step::new("Open the “Settings” app, then “Apps”, then “Safari” (in older versions “Safari” directly)."),
        Step::new("Open “Advanced”."),
        Step::new("Turn off “Block All Cookies”."),
    ],
    internet_explorer: [
        Step::new("Click the gear at the top right, then “Internet options”."),
        Step::new("Open the “Privacy” tab and click “Advanced”."),
        Step::new("Under “First-party Cookies”, choose “Accept”, then confirm with “OK”."),
        Step::new("Microsoft no longer maintains Internet Explorer. Better use Microsoft Edge."),
    ],
};

const PROBLEMS: Problems = Problems {
    no_install_here: ProblemText {
        title: "The address is incomplete",
        what: "The address of OneContact Agent ends in the name of your install.",
        todo: "Complete the address, or ask your supervisor for yours.",
    },
    unknown_install: ProblemText {
        title: "There is no such install",
        what: "The name at the end of the address is not known here. Perhaps it is misspelt.",
        todo: "Check the address, or ask your supervisor for yours.",
    },
    install_without_instances: ProblemText {
        title: "This install is not ready yet",
        what: "It serves no instance, so nobody can sign in.",
        todo: "An administrator has to finish setting it up. Please tell your supervisor.",
    },
    unknown_page: ProblemText {
        title: "There is no such page",
        what: "The address is misspelt, or the page is gone.",
        todo: "Start again from the login page.",
    },
    method_not_allowed: ProblemText {
        title: "This page cannot be used that way",
        what: "It was called in a way that it does not understand.",
        todo: "Start again from the login page.",
    },
    length_required: ProblemText {
        title: "The form did not arrive whole",
        what: "It came without its length. A proxy between you and us may be the cause.",
        todo: "Try again. If it happens again, tell your supervisor.",
    },
    too_large: ProblemText {
        title: "The form was too large",
        what: "More arrived than anyone types into this form.",
        todo: "Go back to the login page and fill in the form again.",
    },
    not_a_form: ProblemText {
        title: "The form could not be read",
        what: "It came in a format that browsers do not send.",
        todo: "Go back to the login page and fill in the form there.",
    },
    cookies_required: ProblemText {
        title: "Cookies are turned off",
        what: "The form came without the cookie that keeps you signed in.",
        todo: "Turn on cookies in your browser, then sign in again.",
    },
    too_many_attempts: ProblemText {
        title: "Too many attempts",
        what: "Too many logins were tried from your network in a short time.",
        todo: "Wait a moment. Your account is not changed by this.",
    },
    unavailable: ProblemText {
        title: "We cannot do this right now",
        what: "A part of our service does not answer. You have done nothing wrong.",
        todo: "Try again in a few seconds.",
    },
    unreadable: ProblemText {
        title: "We cannot do this right now",
        what: "A stored record that this page needs cannot be read.",
        todo: "An administrator has to mend it. Please tell your supervisor, with the request ID below.",
    },
    misconfigured: ProblemText {
        title: "This service is not set up completely",
        what: "A setting that it needs is missing or wrong.",
        todo: "An administrator has to mend it. Please tell your supervisor, with the request ID below.",
    },
    address_form: "It looks like this:",
    address: "https://<server>/OneAgentWeb_<install>",
    wait: |seconds| match seconds {
        0 | 1 => "Try again in one second.".into(),
        2..=90 => format!("Try again in {seconds} seconds."),
        _ => format!("Try again in {} minutes.", seconds.div_ceil(60)),
    },
    cookie_steps: "How to turn on cookies",
    request_id: "Request ID for support:",
};

const DESKTOP: Desktop = Desktop {
    title: "Desktop",
    sign_out: "Sign out",
    online: "Connected",
    offline: "No network",
    offline_notice: "This computer has no network. What you see here may be out of date.",
    loading: "Your desktop is loading",
    loading_failed: "Not everything could be loaded",
    waiting: "Waiting",
    in_progress: "Loading…",
    loaded: "Loaded",
    failed: "Not loaded",
    progress: "{done} of {all} loaded",
    ready: "Your desktop is ready.",
    no_answer: "The server cannot be reached.",
    retry: "Retry",
    retry_part: "Retry: {part}",
    retry_all: "Retry all",
    go_on: "Open the desktop anyway",
    slow: "Does nothing happen here?",
    plain_link: "Open the page without script",
    plain_note: "Without script, this page does not refresh by itself.",
    refresh: "Refresh",
    profile: "Profile",
    instance: "Instance",
    extension: "Extension",
    session: "Session",
    signed_in_as: "Signed in as {agent}",
    username: "Username",
    usual: "Your usual extension",
    chosen: "Chosen for this session",
    none: "None",
    without_extension: "You signed in without an extension.",
    since: "Signed in since",
    lasting: "for {duration}",
    ends: "Session ends",
    remaining: "in {duration}",
    browser: "Browser",
    browser_on: "{browser} on {system}",
    browser_unknown: "Unknown browser",
    install: "Install",
    unknown: "Unknown",
    duration: |hours, minutes| match hours {
        0 => format!("{minutes} min"),
        _ => format!("{hours} h {minutes} min"),
    },
};
