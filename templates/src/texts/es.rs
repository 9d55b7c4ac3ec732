//! Spanish: *usted*.

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

const COMMON: Common =
    Common { languages: "Idioma", try_again: "Reintentar", to_login: "Ir a la página de inicio de sesión" };

const LOGIN: Login = Login {
    name: "Iniciar sesión",
    signing_in: "Iniciando sesión…",
    error_title: "Revise los datos",
    mandatory: "* obligatorio",
    instance: "Instancia",
    instance_hint: "Esta dirección no indica su instancia. Su supervisor conoce el nombre.",
    username: "Nombre de usuario",
    username_hint: "También puede usar su correo electrónico.",
    password: "Contraseña",
    extension: "Extensión",
    extension_hint: "Déjela en blanco para usar su extensión habitual.",
    remember: "Recordar mis datos en este dispositivo",
    remember_hint: "Instancia, nombre de usuario y extensión, nunca la contraseña. No marque esta opción en un puesto compartido.",
    show: "Mostrar",
    hide: "Ocultar",
    show_password: "Mostrar contraseña",
    hide_password: "Ocultar contraseña",
    caps_lock: "Bloq Mayús está activado.",
    cookie_help: "Cómo activar las cookies",
    check_fields: |count| match count {
        1 => "Revise el campo marcado.".into(),
        _ => format!("Revise los {count} campos marcados."),
    },
    fields: FieldTexts {
        missing_instance: "Escriba el nombre de su instancia.",
        missing_username: "Escriba su nombre de usuario.",
        missing_password: "Escriba su contraseña.",
        too_long: "El texto es demasiado largo. Acórtelo.",
        bad_characters: "El texto contiene caracteres que no se pueden usar. Escríbalo de nuevo.",
        repeated: "Este campo se ha recibido más de una vez. Escríbalo de nuevo.",
        not_an_instance_name: "El nombre de una instancia solo tiene letras, cifras y guiones, como «acme-soporte».",
        not_digits: "Una extensión solo tiene cifras, como 1001.",
        too_many_digits: |most| format!("Una extensión tiene como máximo {most} cifras."),
        not_allowed: "Aquí no se puede elegir la extensión. Inicie sesión sin indicarla para usar su extensión habitual.",
    },
    notices: Notices {
        refused: "No se ha podido iniciar sesión",
        refused_check: "Revise el nombre de usuario y escriba de nuevo la contraseña. ¿Está desactivado Bloq Mayús?",
        refused_check_with_instance: "Revise la instancia y el nombre de usuario y escriba de nuevo la contraseña. ¿Está desactivado Bloq Mayús?",
        refused_wait: "Tras varios intentos erróneos, la cuenta se bloquea durante unos minutos. Espere y vuelva a intentarlo.",
        refused_ask: "Si sigue sin funcionar, consulte a su supervisor.",
        stale_form: "Este formulario había caducado. Escriba de nuevo la contraseña; lo demás se ha conservado.",
        password_set: "La contraseña nueva está guardada. Inicie sesión con ella.",
        signed_out: "Ha cerrado la sesión.",
        session_over: "Su sesión ha terminado. Inicie sesión de nuevo.",
        sign_in_first: "Inicie sesión para continuar.",
    },
};

const NEW_PASSWORD: NewPassword = NewPassword {
    title: "Elija una contraseña",
    lead: "La contraseña que ha usado le fue asignada. Elija una propia que nadie más conozca.",
    password: "Contraseña nueva",
    again: "Contraseña nueva, otra vez",
    submit: "Guardar contraseña",
    rules: "Reglas de la contraseña",
    not_met: "Falta cumplir:",
    too_short: |shortest| format!("Al menos {shortest} caracteres; varias palabras son fáciles de recordar."),
    too_long: "Sin caracteres de control y con 1024 bytes como máximo.",
    holds_name: "Sin su nombre de usuario, su nombre ni su dirección de correo.",
    repetitive: "Al menos cinco caracteres distintos.",
    same_as_given: "Distinta de la contraseña que le fue asignada.",
    different: "Igual en los dos campos.",
};

const TAKE_OVER: TakeOver = TakeOver {
    title: "Ya tiene una sesión iniciada",
    lead: "Su escritorio está abierto en otro lugar:",
    place: "Lugar",
    doing: "Estado",
    not_ready: "No disponible",
    ready: "Disponible",
    in_interaction: "En interacción",
    wrap_up: "Trabajo posterior",
    silent: "No hay señal de allí desde hace {duration}.",
    seconds: "{seconds} s",
    consequence: "Cada agente tiene un solo escritorio a la vez. Si toma el control aquí, el otro termina e indica dónde está usted.",
    engaged: "Allí está en una interacción. Continúa aquí y el sonido del otro equipo se detiene.",
    anyway: "Quiero tomar el control durante esta interacción.",
    submit: "Tomar el control",
    busy: "Tomando el control…",
    cancel: "Cancelar",
};

const COOKIES: Cookies = Cookies {
    title: "Las cookies están desactivadas",
    lead: "OneContact Agent necesita cookies para mantener su sesión. Actívelas en el navegador y vuelva a intentarlo.",
    own: "Su navegador: {browser}",
    each: "Elija su navegador",
    others: "Otros navegadores",
    managed: "Si no puede cambiar el ajuste, lo administra su organización. Consulte a su supervisor.",
    close: "Cerrar",
    chrome: [
        Step::typing("Abra una pestaña nueva, escriba esto en la barra de direcciones y pulse Intro:", CHROME_SETTINGS),
        Step::new("Elija «Permitir que los sitios guarden datos en tu dispositivo»."),
        Step::new("Si este sitio figura en «No tienen permiso para guardar datos en tu dispositivo», quítelo de ahí."),
    ],
    edge: [
        Step::typing("Abra una pestaña nueva, escriba esto en la barra de direcciones y pulse Intro:", EDGE_SETTINGS),
        Step::new("Active «Permitir que los sitios guarden y lean los datos de las cookies (recomendado)»."),
        Step::new("Si este sitio figura en la lista de sitios bloqueados, quítelo de ahí."),
    ],
    firefox: [
        Step::typing(
            "Abra una pestaña nueva, escriba esto en la barra de direcciones y pulse Intro:",
            FIREFOX_SETTINGS,
        ),
        Step::new("En «Protección antirrastreo mejorada», elija «Estándar»."),
        Step::new("Si necesita «Personalizado», compruebe que no bloquea todas las cookies."),
        Step::new(
            "En «Cookies y datos del sitio», abra «Administrar excepciones…» y quite este sitio si está bloqueado.",
        ),
    ],
    safari_mac: [
        Step::new("En la barra de menús, elija «Safari» y después «Ajustes…»."),
        Step::new("Abra «Avanzado» (en versiones anteriores, «Privacidad»)."),
        Step::new("Desmarque «Bloquear todas las cookies»."),
    ],
    safari_ios: [
        Step::new("Abra la app «Ajustes», después «Apps» y «Safari» (en versiones anteriores, directamente «Safari»)."),
        Step::new("Abra «Avanzado»."),
        Step::new("Desactive «Bloquear todas las cookies»."),
    ],
    internet_explorer: [
        Step::new("Haga clic en la rueda dentada, arriba a la derecha, y en «Opciones de Internet»."),
        Step::new("Abra la pestaña «Privacidad» y haga clic en «Opciones avanzadas»."),
        Step::new("En «Cookies de origen», elija «Aceptar» y confirme con «Aceptar»."),
        Step::new("Microsoft ya no mantiene Internet Explorer. Es mejor usar Microsoft Edge."),
    ],
};

const PROBLEMS: Problems = Problems {
    no_install_here: ProblemText {
        title: "La dirección está incompleta",
        what: "La dirección de OneContact Agent termina con el nombre de su instalación.",
        todo: "Complete la dirección o pídasela a su supervisor.",
    },
    unknown_install: ProblemText {
        title: "Esa instalación no existe",
        what: "El nombre al final de la dirección no se conoce aquí. Quizá esté mal escrito.",
        todo: "Revise la dirección o pídasela a su supervisor.",
    },
    install_without_instances: ProblemText {
        title: "Esta instalación aún no está lista",
        what: "No da servicio a ninguna instancia, así que nadie puede iniciar sesión.",
        todo: "La configuración debe completarla un administrador. Avise a su supervisor.",
    },
    unknown_page: ProblemText {
        title: "Esa página no existe",
        what: "La dirección está mal escrita o la página ya no existe.",
        todo: "Empiece de nuevo en la página de inicio de sesión.",
    },
    method_not_allowed: ProblemText {
        title: "Esta página no se puede usar así",
        what: "Se ha llamado de una manera que no reconoce.",
        todo: "Empiece de nuevo en la página de inicio de sesión.",
    },
    length_required: ProblemText {
        title: "El formulario no ha llegado entero",
        what: "Ha llegado sin indicar su tamaño. La causa puede ser un proxy de la red.",
        todo: "Vuelva a intentarlo. Si se repite, avise a su supervisor.",
    },
    too_large: ProblemText {
        title: "El formulario era demasiado grande",
        what: "Ha llegado más texto del que nadie escribe en este formulario.",
        todo: "Vuelva a la página de inicio de sesión y rellene el formulario de nuevo.",
    },
    not_a_form: ProblemText {
        title: "No se ha podido leer el formulario",
        what: "Ha llegado en un formato que los navegadores no envían.",
        todo: "Vuelva a la página de inicio de sesión y rellene allí el formulario.",
    },
    cookies_required: ProblemText {
        title: "Las cookies están desactivadas",
        what: "El formulario ha llegado sin la cookie que mantiene su sesión.",
        todo: "Active las cookies en el navegador e inicie sesión de nuevo.",
    },
    too_many_attempts: ProblemText {
        title: "Demasiados intentos",
        what: "Ha habido demasiados intentos de inicio de sesión desde su red en poco tiempo.",
        todo: "Espere un momento. Su cuenta no se ve afectada.",
    },
    unavailable: ProblemText {
        title: "Ahora mismo no es posible",
        what: "Una parte de nuestro servicio no responde. No es culpa suya.",
        todo: "Vuelva a intentarlo dentro de unos segundos.",
    },
    unreadable: ProblemText {
        title: "Ahora mismo no es posible",
        what: "No se puede leer un registro que esta página necesita.",
        todo: "Debe repararlo un administrador. Avise a su supervisor e indique el identificador de abajo.",
    },
    misconfigured: ProblemText {
        title: "La configuración de este servicio está incompleta",
        what: "Falta un ajuste necesario o es erróneo.",
        todo: "Debe repararlo un administrador. Avise a su supervisor e indique el identificador de abajo.",
    },
    defect: ProblemText {
        title: "Algo ha fallado",
        what: "Es un defecto del programa. No lo ha causado nada que haya hecho.",
        todo: "Inténtelo de nuevo. Si vuelve a ocurrir, indique el identificador de abajo.",
    },
    address_form: "Tiene este aspecto:",
    address: "https://<servidor>/OneAgentWeb_<instalación>",
    wait: |seconds| match seconds {
        0 | 1 => "Vuelva a intentarlo dentro de un segundo.".into(),
        2..=90 => format!("Vuelva a intentarlo dentro de {seconds} segundos."),
        _ => format!("Vuelva a intentarlo dentro de {} minutos.", seconds.div_ceil(60)),
    },
    cookie_steps: "Cómo activar las cookies",
    request_id: "Identificador de la petición, para asistencia:",
};

const DESKTOP: Desktop = Desktop {
    title: "Escritorio",
    sign_out: "Cerrar sesión",
    loading: "Cargando su escritorio",
    loading_failed: "No se ha podido cargar todo",
    waiting: "En espera",
    failed: "No cargado",
    retry: "Repetir",
    retry_part: "Repetir: {part}",
    retry_all: "Repetir todo",
    go_on: "Abrir de todos modos",
    slow: "¿No ocurre nada?",
    plain_link: "Abrir la página sin script",
    plain_note: "Sin script, esta página no se actualiza sola.",
    refresh: "Actualizar",
    profile: "Perfil",
    instance: "Instancia",
    extension: "Extensión",
    session: "Sesión",
    signed_in_as: "Sesión iniciada como {agent}",
    username: "Nombre de usuario",
    usual: "Su extensión habitual",
    chosen: "Elegida para esta sesión",
    none: "Ninguna",
    without_extension: "Ha iniciado sesión sin extensión.",
    since: "Inicio de la sesión",
    lasting: "hace {duration}",
    just_now: "ahora mismo",
    ends: "Fin de la sesión",
    remaining: "dentro de {duration}",
    browser: "Navegador",
    browser_on: "{browser} en {system}",
    browser_unknown: "Navegador desconocido",
    install: "Instalación",
    unknown: "Desconocido",
    minutes: "{minutes} min",
    hours: "{hours} h {minutes} min",
};
