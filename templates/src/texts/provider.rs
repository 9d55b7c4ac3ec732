//! The texts about an instance's own provider, which to its agents is the organisation's login.

use super::ProblemText;

/// The organisation's login.
pub(crate) struct Provider {
    pub title: &'static str,
    pub lead: &'static str,
    pub go: &'static str,
    /// What the page on the way there remembers.
    pub remember_hint: &'static str,
    /// Precedes its name.
    pub name: &'static str,
    pub refused: ProblemText,
    pub down: ProblemText,
    /// The agent has signed out here.
    pub left: &'static str,
    /// They are on the way to signing out there.
    pub leaving: &'static str,
    pub leaving_todo: &'static str,
    pub leave: &'static str,
    /// They could not be signed out there.
    pub stays: &'static str,
    pub stays_todo: &'static str,
    pub stays_on: &'static str,
}

/// English.
pub(super) const EN: Provider = Provider {
    title: "Sign in at {provider}",
    lead: "Your organisation signs you in at {provider}. You will then come back here.",
    go: "Go to {provider}",
    remember_hint: "Tenant and extension. Do not tick this on a shared desk.",
    name: "Your organisation’s login:",
    refused: ProblemText {
        title: "We could not sign you in",
        what: "The answer from your organisation’s login does not give you access here.",
        todo: "Try again; you can choose another account there. If it happens again, give your supervisor the request ID below.",
    },
    down: ProblemText {
        title: "Your organisation’s login is not responding",
        what: "We cannot sign you in without it. You have done nothing wrong.",
        todo: "Try again in a minute. If it still does not work, give your supervisor the request ID below.",
    },
    left: "You have signed out here",
    leaving: "{provider} is now signing you out as well.",
    leaving_todo: "If nothing happens, sign out there with this button, or close all windows of this browser. Until then, you may still be signed in at {provider}.",
    leave: "Sign out at {provider}",
    stays: "You may still be signed in at {provider}: we could not sign you out there. The next person at this workstation could sign in as you.",
    stays_todo: "Sign out at {provider} yourself, or close all windows of this browser.",
    stays_on: "Continue",
};

/// Portuguese.
pub(super) const PT: Provider = Provider {
    title: "Iniciar sessão em {provider}",
    lead: "A sua organização usa {provider} para iniciar sessão. Depois, volta para aqui.",
    go: "Ir para {provider}",
    remember_hint: "Organização e extensão. Não assinale esta opção num posto partilhado.",
    name: "Início de sessão da sua organização:",
    refused: ProblemText {
        title: "Não foi possível iniciar sessão",
        what: "A resposta do início de sessão da sua organização não lhe dá acesso aqui.",
        todo: "Tente novamente; pode escolher lá outra conta. Se voltar a acontecer, avise o seu supervisor e indique o identificador abaixo.",
    },
    down: ProblemText {
        title: "O início de sessão da sua organização não responde",
        what: "Sem ele não é possível iniciar sessão. O erro não é seu.",
        todo: "Tente novamente dentro de um minuto. Se persistir, avise o seu supervisor e indique o identificador abaixo.",
    },
    left: "A sessão foi terminada aqui",
    leaving: "{provider} termina agora também a sua sessão.",
    leaving_todo: "Se nada acontecer, termine lá a sessão com este botão ou feche todas as janelas deste navegador. Até lá, a sua sessão em {provider} pode continuar aberta.",
    leave: "Terminar sessão em {provider}",
    stays: "A sua sessão em {provider} pode continuar aberta: não conseguimos terminá-la. Quem usar este posto a seguir poderia entrar em seu nome.",
    stays_todo: "Termine a sessão em {provider} ou feche todas as janelas deste navegador.",
    stays_on: "Continuar",
};

/// Spanish.
pub(super) const ES: Provider = Provider {
    title: "Iniciar sesión en {provider}",
    lead: "Su organización usa {provider} para iniciar sesión. Después volverá aquí.",
    go: "Ir a {provider}",
    remember_hint: "Organización y extensión. No marque esta opción en un puesto compartido.",
    name: "Inicio de sesión de su organización:",
    refused: ProblemText {
        title: "No se ha podido iniciar sesión",
        what: "La respuesta del inicio de sesión de su organización no le da acceso aquí.",
        todo: "Inténtelo de nuevo; allí puede elegir otra cuenta. Si ocurre otra vez, avise a su supervisor e indique el identificador de abajo.",
    },
    down: ProblemText {
        title: "El inicio de sesión de su organización no responde",
        what: "Sin él no es posible iniciar sesión. No es culpa suya.",
        todo: "Inténtelo de nuevo dentro de un minuto. Si continúa, avise a su supervisor e indique el identificador de abajo.",
    },
    left: "Ha cerrado la sesión aquí",
    leaving: "{provider} cierra ahora también su sesión.",
    leaving_todo: "Si no ocurre nada, cierre allí la sesión con este botón o cierre todas las ventanas de este navegador. Hasta entonces, su sesión en {provider} puede seguir abierta.",
    leave: "Cerrar la sesión en {provider}",
    stays: "Su sesión en {provider} puede seguir abierta: no hemos podido cerrarla. Quien use este puesto después podría entrar en su nombre.",
    stays_todo: "Cierre la sesión en {provider} o cierre todas las ventanas de este navegador.",
    stays_on: "Continuar",
};

/// French.
pub(super) const FR: Provider = Provider {
    title: "Se connecter chez {provider}",
    lead: "Votre organisation vous connecte chez {provider}. Vous reviendrez ensuite ici.",
    go: "Aller chez {provider}",
    remember_hint: "L’organisation et le numéro de poste. Ne cochez pas cette case sur un poste de travail partagé.",
    name: "Connexion de votre organisation\u{a0}:",
    refused: ProblemText {
        title: "La connexion n’a pas abouti",
        what: "La réponse du service de connexion de votre organisation ne vous donne pas accès ici.",
        todo: "Réessayez\u{202f}; vous pouvez y choisir un autre compte. Si cela se reproduit, prévenez votre superviseur en indiquant l’identifiant ci-dessous.",
    },
    down: ProblemText {
        title: "Le service de connexion de votre organisation ne répond pas",
        what: "Sans lui, nous ne pouvons pas vous connecter. Vous n’y êtes pour rien.",
        todo: "Réessayez dans une minute. Si cela dure, prévenez votre superviseur en indiquant l’identifiant ci-dessous.",
    },
    left: "Votre session est fermée ici",
    leaving: "{provider} vous déconnecte maintenant aussi.",
    leaving_todo: "Si rien ne se passe, déconnectez-vous là-bas avec ce bouton ou fermez toutes les fenêtres de ce navigateur. D’ici là, votre session chez {provider} peut rester ouverte.",
    leave: "Se déconnecter chez {provider}",
    stays: "Votre session chez {provider} est peut-être encore ouverte\u{a0}: nous n’avons pas pu la fermer. La personne suivante sur ce poste de travail pourrait se connecter à votre place.",
    stays_todo: "Déconnectez-vous chez {provider} ou fermez toutes les fenêtres de ce navigateur.",
    stays_on: "Continuer",
};

/// German.
pub(super) const DE: Provider = Provider {
    title: "Bei {provider} anmelden",
    lead: "Ihre Organisation meldet Sie bei {provider} an. Von dort kommen Sie hierher zurück.",
    go: "Weiter zu {provider}",
    remember_hint: "Mandant und Nebenstelle. An gemeinsam genutzten Arbeitsplätzen bitte nicht ankreuzen.",
    name: "Anmeldung Ihrer Organisation:",
    refused: ProblemText {
        title: "Die Anmeldung war nicht möglich",
        what: "Mit dem, was von der Anmeldung Ihrer Organisation zurückkam, können wir Sie hier nicht anmelden.",
        todo: "Versuchen Sie es noch einmal; dort können Sie ein anderes Konto wählen. Wenn es wieder geschieht, nennen Sie Ihrer Teamleitung die Anfrage-ID unten.",
    },
    down: ProblemText {
        title: "Die Anmeldung Ihrer Organisation antwortet nicht",
        what: "Ohne sie können wir Sie nicht anmelden. Es liegt nicht an Ihnen.",
        todo: "Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, nennen Sie Ihrer Teamleitung die Anfrage-ID unten.",
    },
    left: "Sie sind hier abgemeldet",
    leaving: "{provider} meldet Sie jetzt ebenfalls ab.",
    leaving_todo: "Wenn nichts geschieht, melden Sie sich dort mit dieser Schaltfläche ab, oder schließen Sie alle Fenster dieses Browsers. Bis dahin sind Sie bei {provider} möglicherweise noch angemeldet.",
    leave: "Bei {provider} abmelden",
    stays: "Sie sind bei {provider} möglicherweise noch angemeldet: Wir konnten Sie dort nicht abmelden. Wer nach Ihnen an diesen Arbeitsplatz kommt, könnte sich unter Ihrem Namen anmelden.",
    stays_todo: "Melden Sie sich bei {provider} selbst ab, oder schließen Sie alle Fenster dieses Browsers.",
    stays_on: "Weiter",
};
