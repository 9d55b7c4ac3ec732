//! French: *vous*. A no-break space stands before high punctuation and inside guillemets.

use super::{
    CHROME_SETTINGS, Common, Cookies, Desktop, EDGE_SETTINGS, FIREFOX_SETTINGS, FieldTexts, Forgot, Login, Messages,
    NewPassword, Notices, ProblemText, Problems, Step, TakeOver, Texts,
};

pub(super) const TEXTS: Texts = Texts {
    common: COMMON,
    login: LOGIN,
    new_password: NEW_PASSWORD,
    second_step: super::second_step::FR,
    sign_in: super::sign_in::FR,
    provider: super::provider::FR,
    take_over: TAKE_OVER,
    cookies: COOKIES,
    problems: PROBLEMS,
    forgot: FORGOT,
    messages: MESSAGES,
    desktop: DESKTOP,
};

const COMMON: Common =
    Common { languages: "Langue", try_again: "Réessayer", to_login: "Aller à la page de connexion" };

const LOGIN: Login = Login {
    name: "Se connecter",
    signing_in: "Connexion en cours…",
    error_title: "À vérifier",
    mandatory: "* obligatoire",
    instance: "Instance",
    instance_hint: "Cette adresse n’indique pas votre instance. Votre superviseur en connaît le nom.",
    username: "Nom d’utilisateur",
    username_hint: "Votre adresse e-mail convient aussi.",
    password: "Mot de passe",
    extension: "Numéro de poste",
    extension_hint: "Laissez vide pour utiliser votre numéro de poste habituel.",
    remember: "Mémoriser mes informations sur cet appareil",
    remember_hint: "La prochaine fois, tout sera rempli sauf le mot de passe. Ne cochez pas cette case sur un poste partagé.",
    show: "Afficher",
    hide: "Masquer",
    show_password: "Afficher le mot de passe",
    hide_password: "Masquer le mot de passe",
    caps_lock: "Le verrouillage des majuscules est activé.",
    cookie_help: "Comment activer les cookies",
    check_fields: |count| match count {
        1 => "Vérifiez le champ signalé.".into(),
        _ => format!("Vérifiez les {count} champs signalés."),
    },
    fields: FieldTexts {
        missing_instance: "Saisissez le nom de votre instance.",
        missing_username: "Saisissez votre nom d’utilisateur.",
        missing_password: "Saisissez votre mot de passe.",
        too_long: "Ce texte est trop long. Raccourcissez-le.",
        bad_characters: "Ce texte contient des caractères inutilisables. Saisissez-le à nouveau.",
        repeated: "Ce champ est arrivé plusieurs fois. Saisissez-le à nouveau.",
        not_an_instance_name: "Le nom d’une instance ne comporte que des lettres, des chiffres et des traits d’union, comme «\u{a0}acme-support\u{a0}».",
        not_digits: "Un numéro de poste ne comporte que des chiffres, comme 1001.",
        too_many_digits: |most| format!("Un numéro de poste comporte au plus {most} chiffres."),
        not_allowed: "Il n’est pas possible de choisir un numéro de poste ici. Connectez-vous sans l’indiquer pour utiliser votre numéro habituel.",
        unknown_extension: "Ce numéro de poste n’existe pas ici. Vérifiez-le.",
        extension_of_other_instance: "Ce numéro de poste appartient à une autre instance. Choisissez-en un de la vôtre.",
        extension_not_for_you: "Vous ne pouvez pas utiliser ce numéro de poste. Choisissez-en un autre.",
        another_agent: "Un autre agent",
        extension_held: "{agent} utilise ce numéro de poste. Choisissez-en un autre.",
        extension_held_until: "{agent} utilise ce numéro de poste. Il sera libre dans {duration} au plus tard.",
        extension_held_silent: "{agent} occupe ce numéro de poste, mais n’est pas connecté en ce moment. Sans retour de sa part, il sera libre dans {duration}.",
    },
    notices: Notices {
        refused: "La connexion n’a pas abouti",
        refused_check: "Vérifiez le nom d’utilisateur et saisissez à nouveau le mot de passe. Le verrouillage des majuscules est-il désactivé\u{a0}?",
        refused_check_with_instance: "Vérifiez l’instance et le nom d’utilisateur, et saisissez à nouveau le mot de passe. Le verrouillage des majuscules est-il désactivé\u{a0}?",
        refused_wait: "Après plusieurs essais erronés, un compte est bloqué pendant quelques minutes. Patientez, puis réessayez.",
        refused_ask: "Si cela ne fonctionne toujours pas, adressez-vous à votre superviseur.",
        stale_form: "Ce formulaire avait expiré. Saisissez à nouveau votre mot de passe\u{a0}; le reste a été conservé.",
        password_set: "Votre nouveau mot de passe est enregistré. Connectez-vous avec lui.",
        signed_out: "Votre session est fermée.",
        recorder_failed: "Votre session a été fermée : l’enregistreur d’écran n’a pas pu démarrer. Connectez-vous pour réessayer.",
        session_over: "Votre session est terminée. Connectez-vous à nouveau.",
        over_taken_over: "Vous vous êtes connecté ailleurs, ce qui a fermé la session ici.",
        over_replaced: "Ce navigateur s’est reconnecté, ce qui a fermé la session précédente.",
        over_connection_lost: "La connexion a été perdue trop longtemps et votre session a été fermée. Connectez-vous à nouveau.",
        over_hard_end: "Le temps de votre session est écoulé, comme après chaque service. Connectez-vous à nouveau.",
        over_forced: "Un administrateur a fermé votre session. Si vous ne savez pas pourquoi, adressez-vous à votre superviseur.",
        over_disabled: "Votre compte a été désactivé. Adressez-vous à votre superviseur.",
        over_password_changed: "Votre mot de passe a été modifié, ce qui a fermé toutes les sessions. Connectez-vous avec le nouveau.",
        sign_in_first: "Connectez-vous pour continuer.",
    },
};

const NEW_PASSWORD: NewPassword = NewPassword {
    title: "Choisissez un mot de passe",
    lead: "Votre mot de passe vous a été attribué. Choisissez le vôtre, que personne d’autre ne connaît.",
    lead_too_old: "Votre mot de passe est plus ancien que votre organisation ne le permet. Choisissez-en un nouveau.",
    password: "Nouveau mot de passe",
    again: "Nouveau mot de passe, encore une fois",
    submit: "Enregistrer le mot de passe",
    check: "Vérifier les règles du mot de passe",
    met: "Respectée\u{a0}:",
    unmet: "Non respectée\u{a0}:",
    not_met: "À respecter :",
    too_short: |shortest| format!("Au moins {shortest} caractères ; plusieurs mots se retiennent facilement."),
    too_long: "Sans caractère de contrôle et 1 024 octets au plus.",
    holds_name: "Sans votre nom d’utilisateur, votre nom ni votre adresse e-mail.",
    repetitive: "Au moins cinq caractères différents.",
    common: "Aucun des mots de passe les plus courants, ni tiré de l’un d’eux.",
    used_before: |count| match count {
        0 | 1 => "Différent du mot de passe actuel.".into(),
        _ => format!("Aucun de vos {count} derniers mots de passe, l’actuel compris."),
    },
    different: "Identique dans les deux champs.",
};

const FORGOT: Forgot = Forgot {
    link: "Mot de passe oublié\u{a0}?",
    title: "Mot de passe oublié\u{a0}?",
    lead: "Dites-nous qui vous êtes. Nous envoyons un lien à votre adresse e-mail\u{a0}; il vous permet de choisir un nouveau mot de passe.",
    submit: "Envoyer le lien",
    sending: "Envoi en cours…",
    stale: "Ce formulaire avait expiré. Envoyez-le de nouveau.",
    sent_title: "Consultez votre messagerie",
    sent: "Si ce compte existe et possède une adresse e-mail, un lien est en route. Il est valable une heure et ne sert qu’une fois.",
    sent_wait: "Cela peut prendre quelques minutes. Regardez aussi dans les indésirables.",
    sent_none: "Rien n’est arrivé\u{a0}? Demandez un autre lien ou adressez-vous à votre superviseur\u{a0}: c’est lui qui donne un nouveau mot de passe à un compte sans adresse e-mail.",
    again: "Demander un autre lien",
    reset_lead: "Choisissez un nouveau mot de passe pour {username}. Il prend effet aussitôt, met fin à toutes vos sessions et lève un blocage.",
    over_title: "Ce lien n’est plus valable",
    over: "Un lien est valable une heure et pour un seul nouveau mot de passe\u{a0}; en demander un autre y met fin.",
};

const MESSAGES: Messages = Messages {
    reset_subject: "Choisissez un nouveau mot de passe pour OneContact Agent",
    reset: "Bonjour {name},\n\nquelqu’un, sans doute vous, veut choisir un nouveau mot de passe pour votre compte {username} chez {instance}. Ce lien le permet\u{a0}; il est valable une heure et ne sert qu’une fois\u{a0}:\n\n{link}\n\nSi ce n’était pas vous, ne faites rien\u{a0}: votre mot de passe reste inchangé.\n",
    changed_subject: "Votre mot de passe OneContact Agent a été modifié",
    changed: "Bonjour {name},\n\nle mot de passe de votre compte {username} chez {instance} a été modifié à {time}, au moyen d’un lien envoyé à cette adresse. Si ce n’était pas vous, prévenez tout de suite votre superviseur.\n",
};

const TAKE_OVER: TakeOver = TakeOver {
    title: "Vous êtes déjà connecté ailleurs",
    lead: "Votre bureau est ouvert à un autre endroit\u{a0}:",
    place: "Endroit",
    doing: "État",
    not_ready: "Non disponible",
    ready: "Disponible",
    in_interaction: "En interaction",
    wrap_up: "Post-traitement",
    silent: "Plus aucun signe de là-bas depuis {duration}.",
    seconds: "{seconds}\u{a0}s",
    consequence: "Chaque agent n’a qu’un bureau à la fois. Si vous prenez le relais ici, l’autre se ferme et indique où vous êtes.",
    engaged: "Une interaction est en cours là-bas. Elle se poursuit ici et le son de l’autre ordinateur s’arrête.",
    anyway: "Je veux prendre le relais pendant cette interaction.",
    submit: "Prendre le relais",
    busy: "Prise de relais…",
    cancel: "Annuler",
};

const COOKIES: Cookies = Cookies {
    title: "Les cookies sont désactivés",
    lead: "OneContact Agent a besoin des cookies pour maintenir votre session. Activez-les dans votre navigateur, puis réessayez.",
    own: "Votre navigateur\u{a0}: {browser}",
    each: "Choisissez votre navigateur",
    others: "Autres navigateurs",
    managed: "Si vous ne pouvez pas modifier ce réglage, votre organisation le gère. Adressez-vous à votre superviseur.",
    close: "Fermer",
    chrome: [
        Step::typing(
            "Ouvrez un nouvel onglet, saisissez ceci dans la barre d’adresse et appuyez sur Entrée\u{a0}:",
            CHROME_SETTINGS,
        ),
        Step::new("Choisissez «\u{a0}Autoriser les sites à enregistrer des données sur votre appareil\u{a0}»."),
        Step::new(
            "Si ce site figure sous «\u{a0}Non autorisés à enregistrer des données sur votre appareil\u{a0}», retirez-le de cette liste.",
        ),
    ],
    edge: [
        Step::typing(
            "Ouvrez un nouvel onglet, saisissez ceci dans la barre d’adresse et appuyez sur Entrée\u{a0}:",
            EDGE_SETTINGS,
        ),
        Step::new(
            "Activez «\u{a0}Autoriser les sites à enregistrer et à lire les données des cookies (recommandé)\u{a0}».",
        ),
        Step::new("Si ce site figure dans la liste des sites bloqués, retirez-le de cette liste."),
    ],
    firefox: [
        Step::typing(
            "Ouvrez un nouvel onglet, saisissez ceci dans la barre d’adresse et appuyez sur Entrée\u{a0}:",
            FIREFOX_SETTINGS,
        ),
        Step::new("Sous «\u{a0}Protection renforcée contre le pistage\u{a0}», choisissez «\u{a0}Standard\u{a0}»."),
        Step::new("S’il vous faut «\u{a0}Personnalisée\u{a0}», vérifiez qu’elle ne bloque pas tous les cookies."),
        Step::new(
            "Sous «\u{a0}Cookies et données de sites\u{a0}», ouvrez «\u{a0}Gérer les exceptions…\u{a0}» et retirez ce site s’il est bloqué.",
        ),
    ],
    safari_mac: [
        Step::new("Dans la barre des menus, choisissez «\u{a0}Safari\u{a0}», puis «\u{a0}Réglages…\u{a0}»."),
        Step::new("Ouvrez «\u{a0}Avancés\u{a0}» (dans les anciennes versions, «\u{a0}Confidentialité\u{a0}»)."),
        Step::new("Décochez «\u{a0}Bloquer tous les cookies\u{a0}»."),
    ],
    safari_ios: [
        Step::new(
            "Ouvrez l’app «\u{a0}Réglages\u{a0}», puis «\u{a0}Apps\u{a0}» et «\u{a0}Safari\u{a0}» (dans les anciennes versions, directement «\u{a0}Safari\u{a0}»).",
        ),
        Step::new("Ouvrez «\u{a0}Avancé\u{a0}»."),
        Step::new("Désactivez «\u{a0}Bloquer tous les cookies\u{a0}»."),
    ],
    internet_explorer: [
        Step::new("Cliquez sur la roue dentée en haut à droite, puis sur «\u{a0}Options Internet\u{a0}»."),
        Step::new("Ouvrez l’onglet «\u{a0}Confidentialité\u{a0}» et cliquez sur «\u{a0}Avancé\u{a0}»."),
        Step::new(
            "Sous «\u{a0}Cookies internes\u{a0}», choisissez «\u{a0}Accepter\u{a0}», puis confirmez avec «\u{a0}OK\u{a0}».",
        ),
        Step::new("Microsoft n’assure plus la maintenance d’Internet Explorer. Préférez Microsoft Edge."),
    ],
};

const PROBLEMS: Problems = Problems {
    no_install_here: ProblemText {
        title: "L’adresse est incomplète",
        what: "L’adresse de OneContact Agent se termine par le nom de votre installation.",
        todo: "Complétez l’adresse ou demandez-la à votre superviseur.",
    },
    unknown_install: ProblemText {
        title: "Cette installation n’existe pas",
        what: "Le nom à la fin de l’adresse n’est pas connu ici. Il est peut-être mal orthographié.",
        todo: "Vérifiez l’adresse ou demandez-la à votre superviseur.",
    },
    install_without_instances: ProblemText {
        title: "Cette installation n’est pas encore prête",
        what: "Elle ne dessert aucune instance\u{a0}; personne ne peut donc s’y connecter.",
        todo: "Un administrateur doit achever sa configuration. Prévenez votre superviseur.",
    },
    unknown_page: ProblemText {
        title: "Cette page n’existe pas",
        what: "L’adresse est mal orthographiée ou la page a disparu.",
        todo: "Recommencez à partir de la page de connexion.",
    },
    method_not_allowed: ProblemText {
        title: "Cette page ne s’utilise pas ainsi",
        what: "Elle a été appelée d’une manière qu’elle ne reconnaît pas.",
        todo: "Recommencez à partir de la page de connexion.",
    },
    length_required: ProblemText {
        title: "Le formulaire n’est pas arrivé entier",
        what: "Il est arrivé sans indication de sa taille. Un proxy du réseau peut en être la cause.",
        todo: "Réessayez. Si cela se reproduit, prévenez votre superviseur.",
    },
    too_large: ProblemText {
        title: "Le formulaire était trop volumineux",
        what: "Il contenait plus que ce que l’on saisit dans ce formulaire.",
        todo: "Revenez à la page de connexion et remplissez à nouveau le formulaire.",
    },
    not_a_form: ProblemText {
        title: "Le formulaire n’a pas pu être lu",
        what: "Il est arrivé dans un format que les navigateurs n’envoient pas.",
        todo: "Revenez à la page de connexion et remplissez-y le formulaire.",
    },
    bad_application: ProblemText {
        title: "La demande de cette application n’est pas correcte",
        what: "L’application qui vous a envoyé ici a demandé quelque chose qui ne peut pas lui être donné.",
        todo: "Revenez à l’application et réessayez. Si cela se reproduit, prévenez la personne qui s’en occupe.",
    },
    cookies_required: ProblemText {
        title: "Les cookies sont désactivés",
        what: "Le formulaire est arrivé sans le cookie qui maintient votre session.",
        todo: "Activez les cookies dans votre navigateur, puis reconnectez-vous.",
    },
    too_many_attempts: ProblemText {
        title: "Trop de tentatives",
        what: "Trop de connexions ont été tentées depuis votre réseau en peu de temps.",
        todo: "Patientez un instant. Votre compte n’est pas concerné.",
    },
    unavailable: ProblemText {
        title: "Ce n’est pas possible pour le moment",
        what: "Une partie de notre service ne répond pas. Vous n’y êtes pour rien.",
        todo: "Réessayez dans quelques secondes.",
    },
    unreadable: ProblemText {
        title: "Ce n’est pas possible pour le moment",
        what: "Un enregistrement dont cette page a besoin est illisible.",
        todo: "Un administrateur doit le réparer. Prévenez votre superviseur en indiquant l’identifiant ci-dessous.",
    },
    misconfigured: ProblemText {
        title: "La configuration de ce service est incomplète",
        what: "Un réglage nécessaire manque ou est erroné.",
        todo: "Un administrateur doit le corriger. Prévenez votre superviseur en indiquant l’identifiant ci-dessous.",
    },
    defect: ProblemText {
        title: "Une erreur s’est produite",
        what: "C’est un défaut du logiciel. Vous n’en êtes pas la cause.",
        todo: "Réessayez. Si cela se reproduit, communiquez l’identifiant ci-dessous.",
    },
    address_form: "Elle se présente ainsi\u{a0}:",
    address: "https://<serveur>/OneAgentWeb_<installation>",
    wait: |seconds| match seconds {
        0 | 1 => "Réessayez dans une seconde.".into(),
        2..=90 => format!("Réessayez dans {seconds} secondes."),
        _ => format!("Réessayez dans {} minutes.", seconds.div_ceil(60)),
    },
    cookie_steps: "Comment activer les cookies",
    request_id: "Identifiant de la demande, pour l’assistance\u{a0}:",
};

const DESKTOP: Desktop = Desktop {
    title: "Bureau",
    sign_out: "Se déconnecter",
    loading: "Chargement de votre bureau",
    loading_failed: "Tout n’a pas pu être chargé",
    waiting: "En attente",
    failed: "Non chargé",
    retry: "Réessayer",
    retry_part: "Réessayer\u{a0}: {part}",
    retry_all: "Tout réessayer",
    go_on: "Ouvrir le bureau quand même",
    slow: "Il ne se passe rien\u{a0}?",
    plain_link: "Ouvrir la page sans script",
    plain_note: "Sans script, rien ne vous est proposé et cette page ne s’actualise pas d’elle-même.",
    refresh: "Actualiser",
    profile: "Profil",
    instance: "Instance",
    extension: "Numéro de poste",
    session: "Session",
    signed_in_as: "Session ouverte en tant que {agent}",
    username: "Nom d’utilisateur",
    usual: "Votre numéro habituel",
    chosen: "Choisi pour cette session",
    none: "Aucun",
    without_extension: "Session ouverte sans numéro de poste.",
    since: "Début de la session",
    lasting: "il y a {duration}",
    just_now: "à l’instant",
    ends: "Fin de la session",
    remaining: "dans {duration}",
    browser: "Navigateur",
    browser_on: "{browser} sur {system}",
    browser_unknown: "Navigateur inconnu",
    install: "Installation",
    unknown: "Inconnu",
    minutes: "{minutes} min",
    hours: "{hours} h {minutes} min",
};
