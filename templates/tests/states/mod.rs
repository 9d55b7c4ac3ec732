//! Every page in every state, with telling values: for the tests, and for the gallery that people look at.

use kv_schema::names::InstallName;
use kv_schema::sessions::EndReason;
use kv_schema::{Language, ReadError, Timestamp};
use onecontact_domain::browser::{Browser, Family, System};
use onecontact_domain::guard::Due;
use onecontact_domain::login::{BrokenRule, Field, FieldProblem, Filled, Notice};
use onecontact_domain::problem::{Outage, Problem};
use onecontact_templates::{
    AwayPage, CodeProblem, CodeSource, CookiesPage, DesktopPage, Doing, EntryPage, ExtensionPage, ExtensionShown,
    FarewellPage, ForgotPage, Frame, InstanceShown, LoginPage, NewPasswordPage, NotePage, Part, PasskeyShown,
    PasskeyUser, PlainDesktopPage, ProblemPage, ProviderPage, SecondStepPage, Sending, SetUpPage, SetUpShown,
    SignedInPage, TakeOverPage, Template, TenantPage, Told, Why,
};

/// A page as it was rendered.
pub(crate) struct Rendered {
    /// Page and state: `login-refused`.
    pub(crate) name: String,
    /// Its language.
    pub(crate) language: Language,
    /// The document.
    pub(crate) html: String,
}

/// The install's path in every state.
pub(crate) const HOME: &str = "/OneAgentWeb_Demo";
/// The nonce of every state.
pub(crate) const NONCE: &str = "bm9uY2U";
/// The name of the instance: it would be markup if anyone forgot to escape.
pub(crate) const INSTANCE: &str = "Acme & Söhne <Support>";

/// The id of every request that is told of.
const REQUEST: &str = "0190c2f4-7a3e";
const CHROME: Browser = Browser { family: Family::Chrome, system: System::Windows };
const NOW: Timestamp = Timestamp(1_795_424_520);

/// Every page in every state and language.
pub(crate) fn all() -> Vec<Rendered> {
    Language::ALL.into_iter().flat_map(of).collect()
}

/// Every page in every state, in one language.
pub(crate) fn of(language: Language) -> Vec<Rendered> {
    let mut pages = logins(language);
    pages.extend(sign_ins(language));
    pages.extend(new_passwords(language));
    pages.extend(second_steps(language));
    pages.extend(forgotten(language));
    pages.extend(take_overs(language));
    pages.extend(problems(language));
    pages.extend(providers(language));
    pages.extend(cookies(language));
    pages.extend(desktops(language));
    pages
}

fn frame(language: Language, path: &str) -> Frame<'_> {
    Frame { language, nonce: NONCE, home: Some(HOME), path, is_answer: false }
}

fn rendered(name: impl Into<String>, language: Language, page: &impl EntryPage) -> Rendered {
    Rendered { name: name.into(), language, html: page.document().expect("a page renders") }
}

fn desk(name: impl Into<String>, language: Language, page: &impl Template) -> Rendered {
    Rendered { name: name.into(), language, html: page.render().expect("a page renders") }
}

fn logins(language: Language) -> Vec<Rendered> {
    let blank = Filled::default();
    let filled = Filled {
        instance: "acme".into(),
        username: r#"desk1"><script>alert(1)</script>"#.into(),
        extension: "12a4".into(),
        remember: true,
    };
    let every = [
        (Field::Instance, FieldProblem::NotAnInstanceName),
        (Field::Username, FieldProblem::BadCharacters),
        (Field::Password, FieldProblem::Missing),
        (Field::Extension, FieldProblem::NotDigits),
    ];
    let missing = [(Field::Username, FieldProblem::Missing), (Field::Password, FieldProblem::Missing)];
    let not_allowed = [(Field::Extension, FieldProblem::NotAllowed)];
    let known = LoginPage {
        frame: frame(language, HOME),
        instance: InstanceShown::Known(INSTANCE),
        allow_extension: true,
        filled: &blank,
        problems: &[],
        notice: None,
        request_id: None,
        form_token: "token",
        set_up: SetUpShown::Offered,
        can_reset: true,
        next: None,
        application: None,
        cancel: None,
    };
    let asked = LoginPage { instance: InstanceShown::Asked, next: Some("/OneAgentWeb_Demo/desktop"), ..known };
    let without_extension = LoginPage { allow_extension: false, can_reset: false, ..known };
    let over = |reason| LoginPage { notice: Some(Notice::SessionOver(Some(reason))), ..known };
    [
        ("login", known),
        ("login-asked", asked),
        ("login-remembered", LoginPage { filled: &filled, ..known }),
        ("login-no-extension", without_extension),
        (
            "login-refused",
            LoginPage { notice: Some(Notice::Refused), request_id: Some(REQUEST), filled: &filled, ..known },
        ),
        (
            "login-refused-asked",
            LoginPage { notice: Some(Notice::Refused), request_id: Some(REQUEST), filled: &filled, ..asked },
        ),
        ("login-stale", LoginPage { notice: Some(Notice::StaleForm), filled: &filled, ..known }),
        ("login-password-set", LoginPage { notice: Some(Notice::PasswordSet), ..known }),
        ("login-recorder-failed", LoginPage { notice: Some(Notice::RecorderFailed), ..known }),
        ("login-signed-out", LoginPage { notice: Some(Notice::SignedOut), ..known }),
        ("login-session-over", LoginPage { notice: Some(Notice::SessionOver(None)), ..known }),
        ("login-over-signed-out", over(EndReason::SignedOut)),
        ("login-over-taken-over", over(EndReason::TakenOver)),
        ("login-over-replaced", over(EndReason::Replaced)),
        ("login-over-connection-lost", over(EndReason::ConnectionLost)),
        ("login-over-hard-end", over(EndReason::HardEnd)),
        ("login-over-forced", over(EndReason::Forced)),
        ("login-over-disabled", over(EndReason::Disabled)),
        ("login-set-up", LoginPage { notice: Some(Notice::SetUp), set_up: SetUpShown::Chosen, ..known }),
        ("login-start-over", LoginPage { notice: Some(Notice::StartOver), set_up: SetUpShown::Nothing, ..known }),
        ("login-sign-in-first", LoginPage { notice: Some(Notice::SignInFirst), ..known }),
        ("login-problems", LoginPage { problems: &every, filled: &filled, ..asked }),
        ("login-missing", LoginPage { problems: &missing, ..known }),
        ("login-extension-not-allowed", LoginPage { problems: &not_allowed, filled: &filled, ..without_extension }),
    ]
    .into_iter()
    .map(|(name, page)| rendered(name, language, &page))
    .collect()
}

/// Every problem there is.
pub(crate) fn every_problem() -> Vec<Problem> {
    vec![
        Problem::NoInstallHere,
        Problem::UnknownInstall,
        Problem::InstallWithoutInstances(InstallName::parse("demo").expect("a name")),
        Problem::UnknownPage,
        Problem::MethodNotAllowed { allow: "GET, HEAD" },
        Problem::LengthRequired,
        Problem::TooLarge,
        Problem::NotAForm,
        Problem::BadApplication("unknown_client".to_owned()),
        Problem::CookiesRequired,
        Problem::BrowserInUse,
        Problem::TooManyAttempts { retry_after: 42 },
        Problem::SignInElsewhere { provider: Some("<b>Acme</b> ID".into()), is_outage: false, request: None },
        Problem::SignInElsewhere { provider: Some("<b>Acme</b> ID".into()), is_outage: true, request: None },
        Problem::Unavailable(Outage { binding: "DIRECTORY", cause: "secret cause".into() }),
        Problem::Unreadable(ReadError::Newer { key: "secret:key".into(), version: 9, known: 1 }),
        Problem::Misconfigured("secret detail".into()),
        Problem::Defect("secret detail".into()),
    ]
}

fn problems(language: Language) -> Vec<Rendered> {
    let page = |problem: &Problem, name: String| {
        let nowhere = matches!(problem, Problem::NoInstallHere | Problem::UnknownInstall);
        let home = (!nowhere).then_some(HOME);
        let frame = Frame { home, ..frame(language, "/OneAgentWeb_Demo/") };
        rendered(name, language, &ProblemPage { frame, problem, request_id: REQUEST })
    };
    every_problem().iter().map(|problem| page(problem, format!("problem-{}", problem.code()))).collect()
}

fn providers(language: Language) -> Vec<Rendered> {
    let (here, provider) = (frame(language, HOME), "<b>Acme</b> ID");
    let page = ProviderPage { frame: here, instance_name: INSTANCE, provider, signed_out: false };
    let blank = Filled { remember: true, ..Filled::default() };
    let typed = Filled { extension: "<1001>".into(), ..Filled::default() };
    let frame = Frame { home: Some("/OneContactLogin"), ..page.frame };
    let asks = ExtensionPage {
        frame,
        instance_name: INSTANCE,
        provider: page.provider,
        filled: &blank,
        problems: &[],
        errand: "token",
        cancel: Some("/OneContactLogin/cancel?client_id=a"),
    };
    let problems = [(Field::Extension, FieldProblem::NotDigits)];
    let farewell = FarewellPage { frame: page.frame, provider: page.provider, stays: false, on: HOME };
    vec![
        rendered("provider", language, &page),
        rendered("provider-signed-out", language, &ProviderPage { signed_out: true, ..page }),
        rendered("provider-extension", language, &asks),
        rendered("provider-extension-wrong", language, &ExtensionPage { filled: &typed, problems: &problems, ..asks }),
        rendered("provider-farewell", language, &farewell),
        rendered("provider-stays", language, &FarewellPage { stays: true, ..farewell }),
    ]
}

fn cookies(language: Language) -> Vec<Rendered> {
    [
        ("cookies-chrome", CHROME),
        ("cookies-edge", Browser { family: Family::Edge, ..CHROME }),
        ("cookies-firefox", Browser { family: Family::Firefox, ..CHROME }),
        ("cookies-safari", Browser { family: Family::Safari, system: System::MacOs }),
        ("cookies-safari-ios", Browser { family: Family::Safari, system: System::Ios }),
        ("cookies-internet-explorer", Browser { family: Family::InternetExplorer, ..CHROME }),
        ("cookies-other", Browser { family: Family::Other, system: System::Other }),
    ]
    .into_iter()
    .map(|(name, browser)| {
        let frame = frame(language, "/OneAgentWeb_Demo/cookies");
        rendered(name, language, &CookiesPage { frame, browser })
    })
    .collect()
}

fn forgotten(language: Language) -> Vec<Rendered> {
    let (blank, filled) =
        (Filled::default(), Filled { instance: "acme".into(), username: "<b>desk1</b>".into(), ..Filled::default() });
    let known = ForgotPage {
        frame: frame(language, "/OneAgentWeb_Demo/forgot"),
        instance: InstanceShown::Known(INSTANCE),
        filled: &blank,
        problems: &[],
        stale: false,
        form_token: "token",
    };
    let asked = ForgotPage { instance: InstanceShown::Asked, ..known };
    let problems = [(Field::Instance, FieldProblem::Missing), (Field::Username, FieldProblem::Missing)];
    let told = |told| NotePage { frame: known.frame, told };
    vec![
        rendered("forgot", language, &known),
        rendered("forgot-asked", language, &ForgotPage { filled: &filled, ..asked }),
        rendered("forgot-problems", language, &ForgotPage { problems: &problems, ..asked }),
        rendered("forgot-stale", language, &ForgotPage { stale: true, filled: &filled, ..known }),
        rendered("link-sent", language, &told(Told::LinkSent)),
        rendered("link-over", language, &told(Told::LinkOver)),
        rendered("link-forgotten", language, &told(Told::LinkForgotten)),
    ]
}

fn new_passwords(language: Language) -> Vec<Rendered> {
    let next = "/desktop";
    let names = ["desk1", "<b>"].map(str::to_owned);
    let page = NewPasswordPage {
        frame: frame(language, HOME),
        instance_name: Some(INSTANCE),
        username: "desk1",
        why: Why::Due { step: "token", next, due: Due::Given },
        history: 5,
        names: &names,
        broken: &[],
    };
    let old = Why::Due { step: "token", next, due: Due::TooOld };
    let forgotten = NewPasswordPage { why: Why::Forgotten { form_token: "token" }, ..page };
    let broken = [BrokenRule::TooShort, BrokenRule::HoldsName, BrokenRule::Different];
    let every = [BrokenRule::TooLong, BrokenRule::Repetitive, BrokenRule::UsedBefore];
    [
        ("new-password", page),
        ("new-password-too-old", NewPasswordPage { why: old, history: 1, ..page }),
        ("new-password-forgotten", forgotten),
        ("new-password-forgotten-broken", NewPasswordPage { broken: &broken, ..forgotten }),
        ("new-password-broken", NewPasswordPage { broken: &broken, ..page }),
        ("new-password-other-rules", NewPasswordPage { broken: &every, ..page }),
        ("new-password-common", NewPasswordPage { broken: &[BrokenRule::Common], ..page }),
    ]
    .into_iter()
    .map(|(name, page)| rendered(name, language, &page))
    .collect()
}

fn second_steps(language: Language) -> Vec<Rendered> {
    let app = SecondStepPage {
        frame: frame(language, HOME),
        instance_name: Some(INSTANCE),
        source: CodeSource::App,
        passkey: None,
        codes_left: 10,
        problem: None,
        can_remember: true,
        step: "token",
        next: "/desktop",
    };
    let sms = |sending| SecondStepPage { source: CodeSource::Sms { ending: "78", sending }, ..app };
    let codes: Vec<String> = (0..10).map(|number| format!("ABCDEFGHIJKLMNO{}", char::from(b'A' + number))).collect();
    let set_up = SetUpPage {
        frame: app.frame,
        instance_name: app.instance_name,
        key: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        address: "otpauth://totp/Acme:desk1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme",
        codes: &codes,
        username: "desk1",
        passkey: None,
        has_all_passkeys: false,
        is_first: true,
        problem: None,
        step: "token",
        next: "/desktop",
    };
    vec![
        rendered("second-step-app", language, &app),
        rendered("second-step-wrong", language, &SecondStepPage { problem: Some(CodeProblem::Wrong), ..app }),
        rendered("second-step-codes-few", language, &SecondStepPage { codes_left: 2, ..app }),
        rendered("second-step-codes-last", language, &SecondStepPage { codes_left: 1, ..app }),
        rendered("second-step-codes-none", language, &SecondStepPage { codes_left: 0, ..app }),
        rendered("second-step-sms", language, &sms(Sending::Sent)),
        rendered("second-step-sms-wait", language, &SecondStepPage { can_remember: false, ..sms(Sending::Wait(29)) }),
        rendered("second-step-sms-many", language, &sms(Sending::Wait(1801))),
        rendered("second-step-sms-refused", language, &sms(Sending::Refused)),
        rendered("second-step-sms-unsure", language, &sms(Sending::Unsure)),
        rendered("set-up", language, &set_up),
        rendered("set-up-missing", language, &SetUpPage { problem: Some(CodeProblem::Missing), ..set_up }),
    ]
    .into_iter()
    .chain(passkeys(language, app, set_up))
    .collect()
}

fn passkeys(language: Language, app: SecondStepPage<'_>, set_up: SetUpPage<'_>) -> Vec<Rendered> {
    let ids = ["YWJj".to_owned(), "ZGVm".to_owned()];
    let signs = PasskeyShown { challenge: "Y2hhbGxlbmdl", ids: &ids, user: None };
    let other_way = CodeSource::OtherWay { has_app: false, texts: false };
    let asked = SecondStepPage { source: other_way, passkey: Some(signs), can_remember: false, ..app };
    let every_way = CodeSource::OtherWay { has_app: true, texts: true };
    let user = PasskeyUser { handle: "aGFuZGxl", name: "desk1", display_name: "Desk <One>" };
    let makes = SetUpPage { passkey: Some(PasskeyShown { user: Some(user), ..signs }), ..set_up };
    let refused = Some(CodeProblem::Passkey);
    vec![
        rendered("passkey", language, &asked),
        rendered("passkey-every-way", language, &SecondStepPage { source: every_way, can_remember: true, ..asked }),
        rendered("passkey-refused", language, &SecondStepPage { problem: refused, ..asked }),
        rendered("passkey-code-wrong", language, &SecondStepPage { problem: Some(CodeProblem::Wrong), ..asked }),
        rendered("passkey-elsewhere", language, &SecondStepPage { passkey: None, ..asked }),
        rendered("passkey-codes-few", language, &SecondStepPage { codes_left: 3, ..asked }),
        rendered("passkey-codes-none", language, &SecondStepPage { codes_left: 0, can_remember: true, ..asked }),
        rendered("passkey-elsewhere-codes-none", language, &SecondStepPage { codes_left: 0, passkey: None, ..asked }),
        rendered(
            "passkey-every-way-codes-none",
            language,
            &SecondStepPage { source: every_way, codes_left: 0, ..asked },
        ),
        rendered("passkey-set-up", language, &makes),
        rendered("passkey-set-up-refused", language, &SetUpPage { problem: refused, ..makes }),
        rendered("passkey-set-up-besides", language, &SetUpPage { is_first: false, ..makes }),
        rendered(
            "passkey-set-up-full",
            language,
            &SetUpPage { passkey: None, has_all_passkeys: true, is_first: false, ..makes },
        ),
    ]
}

fn take_overs(language: Language) -> Vec<Rendered> {
    let page = TakeOverPage {
        frame: frame(language, HOME),
        instance_name: Some(INSTANCE),
        browser: CHROME,
        since: Timestamp(NOW.0 - 4_980),
        now: NOW,
        doing: Doing::Ready,
        silent_seconds: None,
        step: "token",
    };
    let unknown = Browser { family: Family::Other, system: System::Other };
    [
        ("take-over", page),
        ("take-over-engaged", TakeOverPage { doing: Doing::InInteraction, ..page }),
        ("take-over-silent", TakeOverPage { doing: Doing::NotReady, silent_seconds: Some(40), ..page }),
        (
            "take-over-unknown",
            TakeOverPage { doing: Doing::WrapUp, browser: unknown, silent_seconds: Some(150), ..page },
        ),
    ]
    .into_iter()
    .map(|(name, page)| rendered(name, language, &page))
    .collect()
}

fn desktops(language: Language) -> Vec<Rendered> {
    let desktop = DesktopPage {
        frame: frame(language, "/OneAgentWeb_Demo/desktop"),
        agent: "desk.one",
        instance_name: Some(INSTANCE),
        extension: Some("1001"),
        since: Timestamp(NOW.0 - 4_980),
        returns_by_pages: false,
        now: NOW,
    };
    let plain = PlainDesktopPage {
        frame: frame(language, "/OneAgentWeb_Demo/desktop/plain"),
        username: "desk.one",
        display_name: Part::Loaded("Desk <b>One</b>"),
        instance_name: Part::Loaded(INSTANCE),
        extension: Part::Loaded(Some(ExtensionShown { number: "1001", default: true })),
        browser: Part::Loaded(CHROME),
        install: "Demo",
        since: desktop.since,
        now: NOW,
    };
    let failed = PlainDesktopPage {
        display_name: Part::Failed,
        instance_name: Part::Failed,
        extension: Part::Failed,
        browser: Part::Failed,
        ..plain
    };
    let bare = PlainDesktopPage { extension: Part::Loaded(None), ..plain };
    vec![
        desk("desktop", language, &desktop),
        desk("desktop-bare", language, &DesktopPage { instance_name: None, extension: None, ..desktop }),
        desk("plain", language, &plain),
        desk("plain-without-extension", language, &bare),
        desk("plain-failed", language, &failed),
    ]
}

/// The pages that `OneContactLogin` has of its own, or shows in words of its own.
fn sign_ins(language: Language) -> Vec<Rendered> {
    const LOGIN: &str = "/OneContactLogin";
    let (blank, filled) = (Filled::default(), Filled { instance: "acme".into(), ..Filled::default() });
    let frame = Frame { home: Some(LOGIN), ..frame(language, "/OneContactLogin?next=") };
    let (application, cancel) = (Some("CRM & <Co>"), Some("/OneContactLogin/cancel?client_id=crm"));
    let (problems, blank_one) =
        ([(Field::Instance, FieldProblem::NotAnInstanceName)], [(Field::Instance, FieldProblem::Missing)]);
    let tenant = TenantPage {
        frame,
        filled: &blank,
        problems: &[],
        notice: None,
        form_token: "token",
        next: None,
        application: None,
        cancel: None,
    };
    let login = LoginPage {
        frame,
        instance: InstanceShown::Typed("acme"),
        allow_extension: false,
        filled: &filled,
        problems: &[],
        request_id: None,
        notice: None,
        form_token: "token",
        set_up: SetUpShown::Nothing,
        can_reset: true,
        next: None,
        application,
        cancel,
    };
    let signed_in = SignedInPage {
        frame,
        name: "Désirée <Front>",
        username: "desk.one",
        instance_name: INSTANCE,
        desktop: Some(HOME),
        form_token: "token",
        asks: false,
        kept: &[],
    };
    let refused = LoginPage { notice: Some(Notice::Refused), ..login };
    let away = |notice| {
        let frame = Frame { home: Some(HOME), path: HOME, ..frame };
        AwayPage { frame, instance_name: Some(INSTANCE), notice, start: HOME }
    };
    let told = |told| NotePage { frame, told };
    vec![
        rendered("tenant", language, &tenant),
        rendered("tenant-for-application", language, &TenantPage { application, cancel, next: Some("?a=b"), ..tenant }),
        rendered("tenant-problems", language, &TenantPage { problems: &problems, filled: &filled, ..tenant }),
        rendered("tenant-missing", language, &TenantPage { problems: &blank_one, ..tenant }),
        rendered("tenant-stale", language, &TenantPage { notice: Some(Notice::StaleForm), filled: &filled, ..tenant }),
        rendered("sign-in", language, &login),
        rendered("sign-in-known", language, &LoginPage { instance: InstanceShown::Known(INSTANCE), ..login }),
        rendered("sign-in-extension", language, &LoginPage { allow_extension: true, ..login }),
        rendered("sign-in-refused", language, &refused),
        rendered("signed-in", language, &signed_in),
        rendered("signed-in-without-desktop", language, &SignedInPage { desktop: None, ..signed_in }),
        rendered("sign-out-asked", language, &SignedInPage { asks: true, ..signed_in }),
        rendered("away-signed-out", language, &away(Notice::SignedOut)),
        rendered("away-over", language, &away(Notice::SessionOver(Some(EndReason::ConnectionLost)))),
        rendered("sign-in-cancelled", language, &told(Told::Cancelled)),
        rendered("sign-in-failed", language, &told(Told::NotSignedIn)),
    ]
}
