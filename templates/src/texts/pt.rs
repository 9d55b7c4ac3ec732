//! Portuguese of Portugal: third person, without a pronoun.

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
    Common { languages: "Idioma", try_again: "Tentar novamente", to_login: "Ir para a página de início de sessão" };

const LOGIN: Login = Login {
    name: "Iniciar sessão",
    signing_in: "A iniciar sessão…",
    error_title: "Verifique os dados",
    mandatory: "* obrigatório",
    instance: "Instância",
    instance_hint: "Este endereço não indica a sua instância. O seu supervisor sabe o nome dela.",
    username: "Nome de utilizador",
    username_hint: "Também pode usar o seu endereço de e-mail.",
    password: "Palavra-passe",
    extension: "Extensão",
    extension_hint: "Deixe em branco para usar a sua extensão habitual.",
    remember: "Guardar os meus dados neste dispositivo",
    remember_hint: "Instância, nome de utilizador e extensão, nunca a palavra-passe. Não assinale esta opção num posto partilhado.",
    show: "Mostrar",
    hide: "Ocultar",
    show_password: "Mostrar palavra-passe",
    hide_password: "Ocultar palavra-passe",
    caps_lock: "A tecla Caps Lock está ativada.",
    cookie_help: "Como ativar os cookies",
    check_fields: |count| match count {
        1 => "Verifique o campo assinalado.".into(),
        _ => format!("Verifique os {count} campos assinalados."),
    },
    fields: FieldTexts {
        missing_instance: "Introduza o nome da sua instância.",
        missing_username: "Introduza o seu nome de utilizador.",
        missing_password: "Introduza a sua palavra-passe.",
        too_long: "O texto é demasiado longo. Encurte-o.",
        bad_characters: "O texto contém caracteres que não podem ser usados. Escreva-o de novo.",
        repeated: "Este campo foi recebido mais do que uma vez. Escreva-o de novo.",
        not_an_instance_name: "O nome de uma instância só tem letras, algarismos e hífenes, como “acme-apoio”.",
        not_digits: "Uma extensão só tem algarismos, como 1001.",
        too_many_digits: |most| format!("Uma extensão tem, no máximo, {most} algarismos."),
        not_allowed: "Aqui não é possível escolher a extensão. Inicie sessão sem a indicar para usar a sua extensão habitual.",
    },
    notices: Notices {
        refused: "Não foi possível iniciar sessão",
        refused_check: "Verifique o nome de utilizador e escreva de novo a palavra-passe. A tecla Caps Lock está desativada?",
        refused_check_with_instance: "Verifique a instância e o nome de utilizador e escreva de novo a palavra-passe. A tecla Caps Lock está desativada?",
        refused_wait: "Após várias tentativas erradas, a conta fica bloqueada durante alguns minutos. Aguarde e tente novamente.",
        refused_ask: "Se o problema persistir, fale com o seu supervisor.",
        stale_form: "Este formulário tinha expirado. Escreva de novo a palavra-passe; o resto foi conservado.",
        password_set: "A nova palavra-passe está definida. Inicie sessão com ela.",
        signed_out: "A sessão foi terminada.",
        session_over: "A sua sessão chegou ao fim. Inicie sessão novamente.",
        sign_in_first: "Inicie sessão para continuar.",
    },
};

const NEW_PASSWORD: NewPassword = NewPassword {
    title: "Escolha uma palavra-passe",
    lead: "A sua palavra-passe foi-lhe atribuída. Escolha uma sua, que mais ninguém conheça.",
    password: "Nova palavra-passe",
    again: "Nova palavra-passe, outra vez",
    submit: "Definir palavra-passe",
    rules: "Regras da palavra-passe",
    not_met: "Por cumprir:",
    too_short: |shortest| format!("Pelo menos {shortest} caracteres; várias palavras são fáceis de lembrar."),
    too_long: "Sem caracteres de controlo e com 1024 bytes, no máximo.",
    holds_name: "Sem o nome de utilizador, o nome ou o endereço de e-mail.",
    repetitive: "Pelo menos cinco caracteres diferentes.",
    same_as_given: "Diferente da palavra-passe que lhe foi atribuída.",
    different: "Igual nos dois campos.",
};

const TAKE_OVER: TakeOver = TakeOver {
    title: "Já tem uma sessão iniciada",
    lead: "O seu ambiente de trabalho está aberto noutro local:",
    place: "Local",
    doing: "Estado",
    not_ready: "Não disponível",
    ready: "Disponível",
    in_interaction: "Em interação",
    wrap_up: "Pós-atendimento",
    silent: "Não há sinal desse local há {duration}.",
    seconds: "{seconds} s",
    consequence: "Cada agente tem um só ambiente de trabalho de cada vez. Se assumir a sessão aqui, a outra termina e indica onde está.",
    engaged: "Está numa interação nesse local. Ela continua aqui e o som no outro computador para.",
    anyway: "Quero assumir a sessão durante esta interação.",
    submit: "Assumir a sessão",
    busy: "A assumir a sessão…",
    cancel: "Cancelar",
};

const COOKIES: Cookies = Cookies {
    title: "Os cookies estão desativados",
    lead: "O OneContact Agent precisa de cookies para manter a sua sessão. Ative-os no navegador e tente novamente.",
    own: "O seu navegador: {browser}",
    each: "Escolha o seu navegador",
    others: "Outros navegadores",
    managed: "Se não conseguir alterar a definição, é porque a sua organização a gere. Fale com o seu supervisor.",
    close: "Fechar",
    chrome: [
        Step::typing("Abra um novo separador, escreva isto na barra de endereço e prima Enter:", CHROME_SETTINGS),
        Step::new("Escolha “Permitir que os sites guardem dados no seu dispositivo”."),
        Step::new(
            "Se este site constar em “Sem autorização para guardar dados no seu dispositivo”, remova-o dessa lista.",
        ),
    ],
    edge: [
        Step::typing("Abra um novo separador, escreva isto na barra de endereço e prima Enter:", EDGE_SETTINGS),
        Step::new("Ative “Permitir que os sites guardem e leiam dados de cookies (recomendado)”."),
        Step::new("Se este site constar na lista de sites bloqueados, remova-o dessa lista."),
    ],
    firefox: [
        Step::typing("Abra um novo separador, escreva isto na barra de endereço e prima Enter:", FIREFOX_SETTINGS),
        Step::new("Em “Proteção melhorada contra a monitorização”, escolha “Padrão”."),
        Step::new("Se precisar de “Personalizada”, confirme que não bloqueia todos os cookies."),
        Step::new("Em “Cookies e dados de sites”, abra “Gerir exceções…” e remova este site, se estiver bloqueado."),
    ],
    safari_mac: [
        Step::new("Na barra de menus, escolha “Safari” e depois “Definições…”."),
        Step::new("Abra “Avançadas” (em versões anteriores, “Privacidade”)."),
        Step::new("Desmarque “Bloquear todos os cookies”."),
    ],
    safari_ios: [
        Step::new(
            "Abra a aplicação “Definições”, depois “Aplicações” e “Safari” (em versões anteriores, diretamente “Safari”).",
        ),
        Step::new("Abra “Avançadas”."),
        Step::new("Desative “Bloquear todos os cookies”."),
    ],
    internet_explorer: [
        Step::new("Clique na roda dentada, em cima à direita, e em “Opções da Internet”."),
        Step::new("Abra o separador “Privacidade” e clique em “Avançadas”."),
        Step::new("Em “Cookies originais”, escolha “Aceitar” e confirme com “OK”."),
        Step::new("A Microsoft já não mantém o Internet Explorer. É preferível usar o Microsoft Edge."),
    ],
};

const PROBLEMS: Problems = Problems {
    no_install_here: ProblemText {
        title: "O endereço está incompleto",
        what: "O endereço do OneContact Agent termina com o nome da sua instalação.",
        todo: "Complete o endereço ou peça-o ao seu supervisor.",
    },
    unknown_install: ProblemText {
        title: "Essa instalação não existe",
        what: "O nome no fim do endereço não é conhecido aqui. Talvez esteja mal escrito.",
        todo: "Verifique o endereço ou peça-o ao seu supervisor.",
    },
    install_without_instances: ProblemText {
        title: "Esta instalação ainda não está pronta",
        what: "Não serve nenhuma instância, pelo que ninguém pode iniciar sessão.",
        todo: "A configuração tem de ser concluída por um administrador. Informe o seu supervisor.",
    },
    unknown_page: ProblemText {
        title: "Essa página não existe",
        what: "O endereço está mal escrito ou a página deixou de existir.",
        todo: "Recomece na página de início de sessão.",
    },
    method_not_allowed: ProblemText {
        title: "Esta página não pode ser usada dessa forma",
        what: "Foi chamada de uma forma que não reconhece.",
        todo: "Recomece na página de início de sessão.",
    },
    length_required: ProblemText {
        title: "O formulário não chegou inteiro",
        what: "Chegou sem indicação do tamanho. A causa pode ser um proxy na rede.",
        todo: "Tente novamente. Se voltar a acontecer, informe o seu supervisor.",
    },
    too_large: ProblemText {
        title: "O formulário era demasiado grande",
        what: "Chegou mais texto do que alguém escreve neste formulário.",
        todo: "Volte à página de início de sessão e preencha o formulário de novo.",
    },
    not_a_form: ProblemText {
        title: "Não foi possível ler o formulário",
        what: "Chegou num formato que os navegadores não enviam.",
        todo: "Volte à página de início de sessão e preencha aí o formulário.",
    },
    cookies_required: ProblemText {
        title: "Os cookies estão desativados",
        what: "O formulário chegou sem o cookie que mantém a sua sessão.",
        todo: "Ative os cookies no navegador e inicie sessão de novo.",
    },
    too_many_attempts: ProblemText {
        title: "Demasiadas tentativas",
        what: "Houve demasiadas tentativas de início de sessão a partir da sua rede em pouco tempo.",
        todo: "Aguarde um momento. A sua conta não é afetada.",
    },
    unavailable: ProblemText {
        title: "De momento, não é possível",
        what: "Uma parte do nosso serviço não responde. O erro não é seu.",
        todo: "Tente novamente dentro de alguns segundos.",
    },
    unreadable: ProblemText {
        title: "De momento, não é possível",
        what: "Não foi possível ler um registo de que esta página precisa.",
        todo: "Tem de ser reparado por um administrador. Informe o seu supervisor e indique o identificador abaixo.",
    },
    misconfigured: ProblemText {
        title: "A configuração deste serviço está incompleta",
        what: "Falta uma definição necessária ou está errada.",
        todo: "Tem de ser reparada por um administrador. Informe o seu supervisor e indique o identificador abaixo.",
    },
    defect: ProblemText {
        title: "Algo falhou",
        what: "É um defeito do programa. Não foi causado por nada que tenha feito.",
        todo: "Tente outra vez. Se voltar a acontecer, comunique o identificador abaixo.",
    },
    address_form: "Tem este aspeto:",
    address: "https://<servidor>/OneAgentWeb_<instalação>",
    wait: |seconds| match seconds {
        0 | 1 => "Tente novamente dentro de um segundo.".into(),
        2..=90 => format!("Tente novamente dentro de {seconds} segundos."),
        _ => format!("Tente novamente dentro de {} minutos.", seconds.div_ceil(60)),
    },
    cookie_steps: "Como ativar os cookies",
    request_id: "Identificador do pedido, para assistência:",
};

const DESKTOP: Desktop = Desktop {
    title: "Ambiente de trabalho",
    sign_out: "Terminar sessão",
    loading: "A carregar o seu ambiente de trabalho",
    loading_failed: "Não foi possível carregar tudo",
    waiting: "Em espera",
    failed: "Não carregado",
    retry: "Repetir",
    retry_part: "Repetir: {part}",
    retry_all: "Repetir tudo",
    go_on: "Abrir mesmo assim",
    slow: "Não acontece nada?",
    plain_link: "Abrir a página sem script",
    plain_note: "Sem script, esta página não se atualiza sozinha.",
    refresh: "Atualizar",
    profile: "Perfil",
    instance: "Instância",
    extension: "Extensão",
    session: "Sessão",
    signed_in_as: "Sessão iniciada como {agent}",
    username: "Nome de utilizador",
    usual: "A sua extensão habitual",
    chosen: "Escolhida para esta sessão",
    none: "Nenhuma",
    without_extension: "Iniciou sessão sem extensão.",
    since: "Início da sessão",
    lasting: "há {duration}",
    just_now: "agora mesmo",
    ends: "Fim da sessão",
    remaining: "daqui a {duration}",
    browser: "Navegador",
    browser_on: "{browser} em {system}",
    browser_unknown: "Navegador desconhecido",
    install: "Instalação",
    unknown: "Desconhecido",
    minutes: "{minutes} min",
    hours: "{hours} h {minutes} min",
};
