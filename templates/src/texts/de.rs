//! German: *Sie*.

use super::{
    CHROME_SETTINGS, Common, Cookies, Desktop, EDGE_SETTINGS, FIREFOX_SETTINGS, FieldTexts, Login, NewPassword,
    Notices, ProblemText, Problems, Step, TakeOver, Texts,
};

pub(super) const TEXTS: Texts = Texts {
    common: COMMON,
    login: LOGIN,
    new_password: NEW_PASSWORD,
    take_over: TAKE_OVER,
    cookies: COOKIES,
    problems: PROBLEMS,
    desktop: DESKTOP,
};

const COMMON: Common = Common { languages: "Sprache", try_again: "Erneut versuchen", to_login: "Zur Anmeldeseite" };

const LOGIN: Login = Login {
    name: "Anmelden",
    signing_in: "Anmeldung läuft…",
    error_title: "Bitte prüfen",
    mandatory: "* Pflichtfeld",
    instance: "Instanz",
    instance_hint: "Aus dieser Adresse geht Ihre Instanz nicht hervor. Ihre Teamleitung kennt den Namen.",
    username: "Benutzername",
    username_hint: "Ihre E-Mail-Adresse funktioniert auch.",
    password: "Passwort",
    extension: "Nebenstelle",
    extension_hint: "Leer lassen, um Ihre gewohnte Nebenstelle zu verwenden.",
    remember: "Angaben auf diesem Gerät merken",
    remember_hint: "Instanz, Benutzername und Nebenstelle, niemals das Passwort. An geteilten Arbeitsplätzen bitte nicht ankreuzen.",
    show: "Anzeigen",
    hide: "Verbergen",
    show_password: "Passwort anzeigen",
    hide_password: "Passwort verbergen",
    caps_lock: "Die Feststelltaste ist aktiv.",
    cookie_help: "So schalten Sie Cookies ein",
    check_fields: |count| match count {
        1 => "Bitte prüfen Sie das markierte Feld.".into(),
        _ => format!("Bitte prüfen Sie die {count} markierten Felder."),
    },
    fields: FieldTexts {
        missing_instance: "Geben Sie den Namen Ihrer Instanz ein.",
        missing_username: "Geben Sie Ihren Benutzernamen ein.",
        missing_password: "Geben Sie Ihr Passwort ein.",
        too_long: "Das ist zu lang. Bitte kürzen Sie es.",
        bad_characters: "Das enthält Zeichen, die nicht verwendet werden können. Bitte geben Sie es neu ein.",
        repeated: "Dieses Feld kam mehrfach an. Bitte geben Sie es neu ein.",
        not_an_instance_name: "Der Name einer Instanz besteht nur aus Buchstaben, Ziffern und Bindestrichen, etwa „acme-support“.",
        not_digits: "Eine Nebenstelle besteht nur aus Ziffern, etwa 1001.",
        too_many_digits: |most| format!("Eine Nebenstelle hat höchstens {most} Ziffern."),
        not_allowed: "Hier lässt sich keine Nebenstelle wählen. Melden Sie sich ohne diese Angabe an, um Ihre gewohnte Nebenstelle zu verwenden.",
    },
    notices: Notices {
        refused: "Die Anmeldung war nicht möglich",
        refused_check: "Prüfen Sie den Benutzernamen und geben Sie das Passwort neu ein. Ist die Feststelltaste aus?",
        refused_check_with_instance: "Prüfen Sie die Instanz und den Benutzernamen und geben Sie das Passwort neu ein. Ist die Feststelltaste aus?",
        refused_wait: "Nach mehreren falschen Versuchen wird ein Konto für einige Minuten gesperrt. Warten Sie und versuchen Sie es dann erneut.",
        refused_ask: "Wenn es weiterhin nicht klappt, wenden Sie sich an Ihre Teamleitung.",
        stale_form: "Dieses Formular war abgelaufen. Bitte geben Sie das Passwort neu ein; alles andere ist noch da.",
        password_set: "Ihr neues Passwort ist gesetzt. Bitte melden Sie sich damit an.",
        signed_out: "Sie haben sich abgemeldet.",
        session_over: "Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.",
        over_taken_over: "Sie haben sich woanders angemeldet. Damit endete die Sitzung hier.",
        over_replaced: "Dieser Browser hat sich neu angemeldet. Damit endete die Sitzung davor.",
        over_connection_lost: "Ihre Verbindung war zu lange weg, daher wurden Sie abgemeldet. Bitte melden Sie sich erneut an.",
        over_hard_end: "Die Zeit Ihrer Sitzung war um, wie nach jeder Schicht. Bitte melden Sie sich erneut an.",
        over_forced: "Ihre Sitzung wurde von der Administration beendet. Fragen Sie Ihre Teamleitung, wenn Sie nicht wissen, warum.",
        over_disabled: "Ihr Konto wurde deaktiviert. Bitte wenden Sie sich an Ihre Teamleitung.",
        sign_in_first: "Bitte melden Sie sich an, um fortzufahren.",
    },
};

const NEW_PASSWORD: NewPassword = NewPassword {
    title: "Passwort wählen",
    lead: "Ihr Passwort wurde Ihnen zugeteilt. Wählen Sie ein eigenes, das sonst niemand kennt.",
    password: "Neues Passwort",
    again: "Neues Passwort, noch einmal",
    submit: "Passwort setzen",
    rules: "Regeln für das Passwort",
    not_met: "Noch nicht erfüllt:",
    too_short: |shortest| format!("Mindestens {shortest} Zeichen; mehrere Wörter merken sich leicht."),
    too_long: "Keine Steuerzeichen und höchstens 1024 Byte.",
    holds_name: "Ohne Ihren Benutzernamen, Ihren Namen oder Ihre E-Mail-Adresse.",
    repetitive: "Mindestens fünf verschiedene Zeichen.",
    same_as_given: "Nicht das Passwort, das Ihnen zugeteilt wurde.",
    different: "In beiden Feldern gleich.",
};

const TAKE_OVER: TakeOver = TakeOver {
    title: "Sie sind bereits angemeldet",
    lead: "Ihr Arbeitsplatz ist woanders geöffnet:",
    place: "Ort",
    doing: "Status",
    not_ready: "Nicht bereit",
    ready: "Bereit",
    in_interaction: "In einer Interaktion",
    wrap_up: "Nachbearbeitung",
    silent: "Von dort kam seit {duration} kein Zeichen.",
    seconds: "{seconds}\u{a0}s",
    consequence: "Es gibt immer nur einen Arbeitsplatz je Agent. Wenn Sie übernehmen, endet der andere und zeigt an, wo Sie sind.",
    engaged: "Dort läuft eine Interaktion. Sie geht hier weiter, und der Ton am anderen Computer endet.",
    anyway: "Ich möchte während dieser Interaktion übernehmen.",
    submit: "Übernehmen",
    busy: "Wird übernommen…",
    cancel: "Abbrechen",
};

const COOKIES: Cookies = Cookies {
    title: "Cookies sind ausgeschaltet",
    lead: "OneContact Agent braucht Cookies, damit Sie angemeldet bleiben. Schalten Sie sie im Browser ein und versuchen Sie es dann erneut.",
    own: "Ihr Browser: {browser}",
    each: "Wählen Sie Ihren Browser",
    others: "Andere Browser",
    managed: "Wenn sich die Einstellung nicht ändern lässt, verwaltet sie Ihre Organisation. Wenden Sie sich an Ihre Teamleitung.",
    close: "Schließen",
    chrome: [
        Step::typing(
            "Öffnen Sie einen neuen Tab, geben Sie dies in die Adressleiste ein und drücken Sie die Eingabetaste:",
            CHROME_SETTINGS,
        ),
        Step::new("Wählen Sie „Websites erlauben, Daten auf deinem Gerät zu speichern“."),
        Step::new(
            "Falls diese Website unter „Speichern von Daten auf deinem Gerät nicht genehmigt“ steht, entfernen Sie sie dort.",
        ),
    ],
    edge: [
        Step::typing(
            "Öffnen Sie einen neuen Tab, geben Sie dies in die Adressleiste ein und drücken Sie die Eingabetaste:",
            EDGE_SETTINGS,
        ),
        Step::new("Schalten Sie „Zulassen, dass Websites Cookiedaten speichern und lesen (empfohlen)“ ein."),
        Step::new("Falls diese Website in der Liste der blockierten Websites steht, entfernen Sie sie dort."),
    ],
    firefox: [
        Step::typing(
            "Öffnen Sie einen neuen Tab, geben Sie dies in die Adressleiste ein und drücken Sie die Eingabetaste:",
            FIREFOX_SETTINGS,
        ),
        Step::new("Wählen Sie unter „Verbesserter Schutz vor Aktivitätenverfolgung“ die Stufe „Standard“."),
        Step::new("Falls Sie „Benutzerdefiniert“ brauchen, darf es nicht alle Cookies blockieren."),
        Step::new(
            "Öffnen Sie unter „Cookies und Website-Daten“ den Punkt „Ausnahmen verwalten…“ und entfernen Sie diese Website, falls sie blockiert ist.",
        ),
    ],
    safari_mac: [
        Step::new("Wählen Sie in der Menüleiste „Safari“ und dann „Einstellungen…“."),
        Step::new("Öffnen Sie „Erweitert“ (in älteren Versionen „Datenschutz“)."),
        Step::new("Entfernen Sie das Häkchen bei „Alle Cookies blockieren“."),
    ],
    safari_ios: [
        Step::new(
            "Öffnen Sie die App „Einstellungen“, dann „Apps“ und „Safari“ (in älteren Versionen direkt „Safari“).",
        ),
        Step::new("Öffnen Sie „Erweitert“."),
        Step::new("Schalten Sie „Alle Cookies blockieren“ aus."),
    ],
    internet_explorer: [
        Step::new("Klicken Sie oben rechts auf das Zahnrad und dann auf „Internetoptionen“."),
        Step::new("Öffnen Sie die Registerkarte „Datenschutz“ und klicken Sie auf „Erweitert“."),
        Step::new("Wählen Sie unter „Cookies von Erstanbietern“ die Option „Annehmen“ und bestätigen Sie mit „OK“."),
        Step::new("Microsoft pflegt den Internet Explorer nicht mehr. Besser geeignet ist Microsoft Edge."),
    ],
};

const PROBLEMS: Problems = Problems {
    no_install_here: ProblemText {
        title: "Die Adresse ist unvollständig",
        what: "Die Adresse von OneContact Agent endet mit dem Namen Ihrer Installation.",
        todo: "Ergänzen Sie die Adresse oder fragen Sie Ihre Teamleitung danach.",
    },
    unknown_install: ProblemText {
        title: "Diese Installation gibt es nicht",
        what: "Der Name am Ende der Adresse ist hier nicht bekannt. Vielleicht ist er falsch geschrieben.",
        todo: "Prüfen Sie die Adresse oder fragen Sie Ihre Teamleitung danach.",
    },
    install_without_instances: ProblemText {
        title: "Diese Installation ist noch nicht bereit",
        what: "Sie bedient keine Instanz, daher kann sich niemand anmelden.",
        todo: "Die Administration muss die Einrichtung abschließen. Bitte sagen Sie Ihrer Teamleitung Bescheid.",
    },
    unknown_page: ProblemText {
        title: "Diese Seite gibt es nicht",
        what: "Die Adresse ist falsch geschrieben, oder die Seite gibt es nicht mehr.",
        todo: "Beginnen Sie neu auf der Anmeldeseite.",
    },
    method_not_allowed: ProblemText {
        title: "So lässt sich diese Seite nicht verwenden",
        what: "Sie wurde auf eine Weise aufgerufen, die sie nicht kennt.",
        todo: "Beginnen Sie neu auf der Anmeldeseite.",
    },
    length_required: ProblemText {
        title: "Das Formular kam nicht vollständig an",
        what: "Die Angabe seiner Länge fehlte. Ein Proxy im Netzwerk kann die Ursache sein.",
        todo: "Versuchen Sie es erneut. Wenn es wieder geschieht, sagen Sie Ihrer Teamleitung Bescheid.",
    },
    too_large: ProblemText {
        title: "Das Formular war zu groß",
        what: "Es kam mehr an, als jemand in dieses Formular eingibt.",
        todo: "Kehren Sie zur Anmeldeseite zurück und füllen Sie das Formular neu aus.",
    },
    not_a_form: ProblemText {
        title: "Das Formular war nicht lesbar",
        what: "Es kam in einem Format an, das Browser nicht senden.",
        todo: "Kehren Sie zur Anmeldeseite zurück und füllen Sie das Formular dort aus.",
    },
    cookies_required: ProblemText {
        title: "Cookies sind ausgeschaltet",
        what: "Das Formular kam ohne das Cookie an, mit dem Sie angemeldet bleiben.",
        todo: "Schalten Sie Cookies im Browser ein und melden Sie sich dann erneut an.",
    },
    too_many_attempts: ProblemText {
        title: "Zu viele Versuche",
        what: "Aus Ihrem Netzwerk kamen in kurzer Zeit zu viele Anmeldeversuche.",
        todo: "Warten Sie einen Moment. Ihr Konto ist davon nicht betroffen.",
    },
    unavailable: ProblemText {
        title: "Das geht im Moment leider nicht",
        what: "Ein Teil unseres Dienstes antwortet nicht. Es liegt nicht an Ihnen.",
        todo: "Versuchen Sie es in einigen Sekunden erneut.",
    },
    unreadable: ProblemText {
        title: "Das geht im Moment leider nicht",
        what: "Ein Datensatz, den diese Seite braucht, ist nicht lesbar.",
        todo: "Die Administration muss ihn reparieren. Bitte nennen Sie Ihrer Teamleitung die Anfrage-ID unten.",
    },
    misconfigured: ProblemText {
        title: "Dieser Dienst ist nicht vollständig eingerichtet",
        what: "Eine nötige Einstellung fehlt oder ist falsch.",
        todo: "Die Administration muss sie korrigieren. Bitte nennen Sie Ihrer Teamleitung die Anfrage-ID unten.",
    },
    defect: ProblemText {
        title: "Etwas ist fehlgeschlagen",
        what: "Das ist ein Fehler der Software. Sie haben ihn nicht verursacht.",
        todo: "Versuchen Sie es noch einmal. Geschieht es wieder, geben Sie die Anfrage-ID unten weiter.",
    },
    address_form: "Sie sieht so aus:",
    address: "https://<Server>/OneAgentWeb_<Installation>",
    wait: |seconds| match seconds {
        0 | 1 => "Versuchen Sie es in einer Sekunde erneut.".into(),
        2..=90 => format!("Versuchen Sie es in {seconds} Sekunden erneut."),
        _ => format!("Versuchen Sie es in {} Minuten erneut.", seconds.div_ceil(60)),
    },
    cookie_steps: "So schalten Sie Cookies ein",
    request_id: "Anfrage-ID für den Support:",
};

const DESKTOP: Desktop = Desktop {
    title: "Arbeitsplatz",
    sign_out: "Abmelden",
    loading: "Ihr Arbeitsplatz wird geladen",
    loading_failed: "Nicht alles konnte geladen werden",
    waiting: "Wartet",
    failed: "Nicht geladen",
    retry: "Wiederholen",
    retry_part: "Wiederholen: {part}",
    retry_all: "Alle wiederholen",
    go_on: "Arbeitsplatz trotzdem öffnen",
    slow: "Passiert nichts?",
    plain_link: "Seite ohne Skript öffnen",
    plain_note: "Ohne Skript aktualisiert sich diese Seite nicht von selbst.",
    refresh: "Aktualisieren",
    profile: "Profil",
    instance: "Instanz",
    extension: "Nebenstelle",
    session: "Sitzung",
    signed_in_as: "Angemeldet als {agent}",
    username: "Benutzername",
    usual: "Ihre gewohnte Nebenstelle",
    chosen: "Für diese Sitzung gewählt",
    none: "Keine",
    without_extension: "Sie haben sich ohne Nebenstelle angemeldet.",
    since: "Beginn der Sitzung",
    lasting: "vor {duration}",
    just_now: "gerade eben",
    ends: "Ende der Sitzung",
    remaining: "in {duration}",
    browser: "Browser",
    browser_on: "{browser} unter {system}",
    browser_unknown: "Unbekannter Browser",
    install: "Installation",
    unknown: "Unbekannt",
    minutes: "{minutes} Min.",
    hours: "{hours} Std. {minutes} Min.",
};
