//! The texts that only `OneContactLogin` has.

/// `OneContactLogin`.
pub(crate) struct SignIn {
    pub title: &'static str,
    pub tenant: &'static str,
    pub tenant_hint: &'static str,
    pub missing_tenant: &'static str,
    pub not_a_tenant: &'static str,
    /// What to check after a refusal, if the agent typed the tenant.
    pub refused_check: &'static str,
    pub next: &'static str,
    /// Leads back to the tenant.
    pub another_tenant: &'static str,
    /// Which application the agent is on the way to.
    pub on_the_way: &'static str,
    pub signed_in: &'static str,
    pub signed_in_as: &'static str,
    pub at_tenant: &'static str,
    pub to_desktop: &'static str,
    pub sign_out: &'static str,
    pub sign_out_asked: &'static str,
    pub sign_out_hint: &'static str,
    pub cancelled: &'static str,
    pub failed: &'static str,
    /// What an agent can do about it.
    pub failed_hint: &'static str,
}

/// English.
pub(super) const EN: SignIn = SignIn {
    title: "Sign in",
    tenant: "Tenant",
    tenant_hint: "The name your organisation signs in with. Your supervisor knows it.",
    missing_tenant: "Enter the name of your tenant.",
    not_a_tenant: "Use only letters, digits and hyphens, such as “acme-support”.",
    refused_check: "Check the tenant and your username, and type your password again. Is Caps Lock off?",
    next: "Next",
    another_tenant: "Use another tenant",
    on_the_way: "You are signing in to {application}.",
    signed_in: "You are signed in",
    signed_in_as: "Signed in as",
    at_tenant: "Tenant",
    to_desktop: "Open the desktop",
    sign_out: "Sign out",
    sign_out_asked: "Do you want to sign out?",
    sign_out_hint: "Signing out ends your session in this browser and the access it gave other applications. Each application may stay open until it checks again.",
    cancelled: "You cancelled signing in.",
    failed: "We could not sign you in",
    failed_hint: "Please try again. If it happens again, tell your supervisor.",
};

/// Portuguese.
pub(super) const PT: SignIn = SignIn {
    title: "Iniciar sessão",
    tenant: "Organização",
    tenant_hint: "O nome com que a sua organização inicia sessão. O seu supervisor sabe qual é.",
    missing_tenant: "Escreva o nome da sua organização.",
    not_a_tenant: "O nome de uma organização só tem letras, algarismos e hífenes, por exemplo “acme-support”.",
    refused_check: "Verifique a organização e o nome de utilizador e escreva de novo a palavra-passe. A tecla Caps Lock está desativada?",
    next: "Seguinte",
    another_tenant: "Usar outra organização",
    on_the_way: "Está a iniciar sessão em {application}.",
    signed_in: "Tem sessão iniciada",
    signed_in_as: "Sessão iniciada como",
    at_tenant: "Organização",
    to_desktop: "Abrir o ambiente de trabalho",
    sign_out: "Terminar sessão",
    sign_out_asked: "Quer terminar a sessão?",
    sign_out_hint: "Ao terminar sessão, termina a sua sessão neste navegador e o acesso que ela deu a outras aplicações. Cada aplicação pode ficar aberta até voltar a verificar.",
    cancelled: "Cancelou o início de sessão.",
    failed: "Não foi possível iniciar sessão",
    failed_hint: "Tente novamente. Se voltar a acontecer, informe o seu supervisor.",
};

/// Spanish.
pub(super) const ES: SignIn = SignIn {
    title: "Iniciar sesión",
    tenant: "Organización",
    tenant_hint: "El nombre con el que su organización inicia sesión. Su supervisor lo conoce.",
    missing_tenant: "Escriba el nombre de su organización.",
    not_a_tenant: "El nombre de una organización solo tiene letras, cifras y guiones, por ejemplo «acme-support».",
    refused_check: "Compruebe la organización y el nombre de usuario y vuelva a escribir la contraseña. ¿Está desactivado Bloq Mayús?",
    next: "Siguiente",
    another_tenant: "Usar otra organización",
    on_the_way: "Está iniciando sesión en {application}.",
    signed_in: "Ha iniciado sesión",
    signed_in_as: "Sesión iniciada como",
    at_tenant: "Organización",
    to_desktop: "Abrir el escritorio",
    sign_out: "Cerrar sesión",
    sign_out_asked: "¿Quiere cerrar la sesión?",
    sign_out_hint: "Al cerrar la sesión, terminan su sesión en este navegador y el acceso que dio a otras aplicaciones. Cada aplicación puede seguir abierta hasta que vuelva a comprobarlo.",
    cancelled: "Ha cancelado el inicio de sesión.",
    failed: "No se ha podido iniciar sesión",
    failed_hint: "Vuelva a intentarlo. Si ocurre otra vez, avise a su supervisor.",
};

/// French.
pub(super) const FR: SignIn = SignIn {
    title: "Se connecter",
    tenant: "Organisation",
    tenant_hint: "Le nom avec lequel votre organisation se connecte. Votre superviseur le connaît.",
    missing_tenant: "Saisissez le nom de votre organisation.",
    not_a_tenant: "Le nom d’une organisation n’a que des lettres, des chiffres et des traits d’union, par exemple «\u{a0}acme-support\u{a0}».",
    refused_check: "Vérifiez l’organisation et le nom d’utilisateur, et saisissez de nouveau le mot de passe. Le verrouillage des majuscules est-il désactivé\u{202f}?",
    next: "Suivant",
    another_tenant: "Utiliser une autre organisation",
    on_the_way: "Vous vous connectez à {application}.",
    signed_in: "Vous êtes connecté",
    signed_in_as: "Connecté en tant que",
    at_tenant: "Organisation",
    to_desktop: "Ouvrir le bureau",
    sign_out: "Se déconnecter",
    sign_out_asked: "Voulez-vous vous déconnecter\u{202f}?",
    sign_out_hint: "La déconnexion met fin à votre session dans ce navigateur et à l’accès qu’elle a donné à d’autres applications. Chaque application peut rester ouverte jusqu’à sa prochaine vérification.",
    cancelled: "Vous avez annulé la connexion.",
    failed: "La connexion n’a pas abouti",
    failed_hint: "Veuillez réessayer. Si cela se reproduit, prévenez votre superviseur.",
};

/// German.
pub(super) const DE: SignIn = SignIn {
    title: "Anmelden",
    tenant: "Mandant",
    tenant_hint: "Der Name, mit dem sich Ihre Organisation anmeldet. Ihre Teamleitung kennt ihn.",
    missing_tenant: "Geben Sie den Namen Ihres Mandanten ein.",
    not_a_tenant: "Der Name eines Mandanten hat nur Buchstaben, Ziffern und Bindestriche, zum Beispiel „acme-support“.",
    refused_check: "Prüfen Sie Mandant und Benutzernamen, und geben Sie das Passwort noch einmal ein. Ist die Feststelltaste aus?",
    next: "Weiter",
    another_tenant: "Anderen Mandanten verwenden",
    on_the_way: "Sie melden sich bei {application} an.",
    signed_in: "Sie sind angemeldet",
    signed_in_as: "Angemeldet als",
    at_tenant: "Mandant",
    to_desktop: "Arbeitsbereich öffnen",
    sign_out: "Abmelden",
    sign_out_asked: "Möchten Sie sich abmelden?",
    sign_out_hint: "Mit dem Abmelden enden Ihre Sitzung in diesem Browser und der Zugriff, den sie anderen Anwendungen gegeben hat. Jede Anwendung kann offen bleiben, bis sie wieder nachprüft.",
    cancelled: "Sie haben die Anmeldung abgebrochen.",
    failed: "Die Anmeldung war nicht möglich",
    failed_hint: "Bitte versuchen Sie es noch einmal. Wenn es wieder geschieht, sagen Sie es Ihrer Teamleitung.",
};
