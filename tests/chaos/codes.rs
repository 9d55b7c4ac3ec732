//! Codes of a second step typed at two nodes at once while KV is late, and passkeys shown there: either way, exactly
//! one login is let in.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use kv_schema::Timestamp;
use kv_schema::directory::{LockPolicy, SecondStep};
use kv_schema::names::{InstallName, PhoneNumber, SiteAddress, Username};
use onecontact_domain::guard::{Answer, Ask, Attempt, Checked, Replaced};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::second_step::passkey::{Ceremony, Passkey};
use onecontact_domain::second_step::{Place, Secret, new_flow, recovery_codes, recovery_hash};
use onecontact_domain::token::{KeySet, StepClaims};
use onecontact_tests::cluster::Edge;
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, now, username};
use onecontact_tests::{Authenticator, Browser, Cluster, World, tokens};
use rand_core::OsRng;

use crate::{alone, sized, tell};

/// So lenient that the losers of many races lock nobody out.
const POLICY: LockPolicy = LockPolicy { attempts: 100, window_seconds: 1, lock_seconds: 1 };
/// How many agents race at a time.
const AT_ONCE: usize = 8;
/// When everybody's password was declared.
const PASSWORD: Replaced = Replaced { declared: Timestamp(1_795_000_000), own: None };

/// The origin of browsers with passkeys, and its host.
const ORIGIN: &str = "http://acme.localhost";
const ADDRESS: &str = "acme.localhost";
/// The cookie that marks a browser.
const MARK: &str = "__Host-onecontact-form";

/// What belongs to an agent: their passkey, their app's secret, its recovery codes, and the code that an SMS would have
/// brought.
struct Racer {
    name: Username,
    secret: Secret,
    recovery: Vec<String>,
    sms: String,
    authenticator: Authenticator,
}

impl Racer {
    /// An agent whose guard knows all of it.
    async fn prepared(cluster: &Cluster, number: usize) -> Self {
        let secret = Secret::generate(&mut OsRng);
        let recovery = recovery_codes(&Secret::generate(&mut OsRng));
        let (name, sms) = (username(&format!("racer{number}")), format!("{number:06}"));
        let racer = Self { name, secret, recovery, sms, authenticator: Authenticator::at(ORIGIN) };
        let set_up = |generation, passkey: Option<&Passkey>| Attempt {
            policy: POLICY,
            at: Place::SetUp,
            flow: new_flow(now(), rand_core::RngCore::next_u64(&mut OsRng).into()),
            generation,
            replaced: PASSWORD,
            // The previous step's code: the present one is still to be raced for.
            code: racer.secret.code(Timestamp(now().0 - 30)).unwrap(),
            hashes: racer.recovery.iter().map(|code| recovery_hash(&racer.secret, code)).collect(),
            secret: Some(racer.secret.clone()),
            passkey: passkey.map(Passkey::text),
            has_signed: false,
            remember: None,
        };
        let passkey = Passkey {
            id: racer.authenticator.id_text(),
            rp: ADDRESS.to_owned(),
            key: racer.authenticator.jwk(),
            ..Passkey::default()
        };
        let made = racer.ask(cluster, &Ask::Code(set_up(0, Some(&passkey)))).await;
        assert_eq!(made, Answer::Code(Checked::Passkey, None));
        let mut app = racer.ask(cluster, &Ask::Code(set_up(1, None))).await;
        if app == Answer::Code(Checked::Wrong, None) {
            // Meanwhile the step has passed.
            app = racer.ask(cluster, &Ask::Code(set_up(1, None))).await;
        }
        assert_eq!(app, Answer::Code(Checked::App, None));
        let keys = KeySet::parse(&tokens::key_set()).unwrap();
        let owner = (&cluster.instance("acme"), &racer.name);
        let hash = keyed::hashes(&keys, Purpose::SmsCode, owner, &racer.sms, now()).remove(0);
        assert_eq!(racer.ask(cluster, &Ask::Text { hash }).await, Answer::Done);
        racer
    }

    async fn ask(&self, cluster: &Cluster, ask: &Ask) -> Answer {
        let name = format!("{}/{}", cluster.instance("acme"), self.name);
        let answer = cluster.door().ask(Object::AccountGuard, &name, &serde_json::to_value(ask).unwrap()).await;
        serde_json::from_value(answer.unwrap()).unwrap()
    }

    /// A token for this agent's login, in this browser and at this place.
    fn step(&self, cluster: &Cluster, browser: &Browser, at: Place) -> String {
        let claims = StepClaims {
            agent: self.name.clone(),
            instance: cluster.instance("acme"),
            install: InstallName::parse("Lisbon").unwrap(),
            browser: browser.cookie(MARK).unwrap(),
            extension: None,
            at,
            flow: new_flow(now(), rand_core::RngCore::next_u64(&mut OsRng).into()),
            generation: 2,
            has_app: true,
            has_passkey: true,
            codes_left: 10,
            replaced: PASSWORD,
            due: None,
            sets_up: false,
            secret: None,
            seed: None,
            second: None,
        };
        tokens::sealed(&claims, now())
    }

    /// Types `code` at both nodes at once, each in its own login. Returns how many were let in.
    async fn race(&self, cluster: &Cluster, at: Place, code: &str) -> usize {
        let [first, second] = Edge::ALL.map(async |edge| {
            let browser = cluster.browser_at(edge);
            let form = browser.get(HOME).await.form();
            let mut form = form.with("step", &self.step(cluster, &browser, at)).with("code", code);
            form.action = format!("{HOME}/second-step");
            let page = browser.submit(&form).await;
            assert!(page.lets_in() || page.status == 403, "{}: {}", page.status, page.body);
            usize::from(page.lets_in())
        });
        let (first, second) = tokio::join!(first, second);
        first + second
    }

    /// Shows a passkey's signature for one login at both nodes at once. Returns how many were let in.
    async fn race_of_passkey(&self, cluster: &Cluster) -> usize {
        let browser = cluster.browser_at(Edge::A).at(ADDRESS);
        let form = browser.get(HOME).await.form();
        let step = self.step(cluster, &browser, Place::Passkey);
        let address = SiteAddress::parse(ORIGIN).unwrap();
        let ceremony = Ceremony::of(&step, &address).unwrap();
        let sent = self.authenticator.sent(&self.authenticator.signing(ceremony.challenge()));
        let mut form = sent.iter().fold(form.with("step", &step), |form, (name, value)| form.with(name, value));
        form.action = format!("{HOME}/second-step");
        let [first, second] = Edge::ALL.map(async |edge| {
            let same = cluster.browser_at(edge).at(ADDRESS);
            same.plant(MARK, &browser.cookie(MARK).unwrap());
            let page = same.submit(&form).await;
            let is_over = page.status == 303 && page.location().contains("start-over");
            assert!(page.lets_in() || is_over, "{}: {}", page.status, page.body);
            usize::from(page.lets_in())
        });
        let (first, second) = tokio::join!(first, second);
        first + second
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_have_one_code_or_one_signature_at_two_nodes_at_once_one_is_let_in() {
    let _alone = alone().await;
    let count = sized(1_000, 24);
    let mut world = World::builder().install("Lisbon").instance_with("acme", &["Lisbon"], |instance| {
        instance.second_step = SecondStep::Required;
        instance.lock = POLICY;
        instance.address = SiteAddress::parse(ORIGIN).ok();
    });
    for number in 0..count {
        let with_phone = |agent: &mut kv_schema::directory::Agent| {
            agent.phone = PhoneNumber::parse("+351912345678").ok();
            agent.default_extension = None;
            agent.requires_extension = Some(false);
        };
        world = world.agent_with("acme", &format!("racer{number}"), with_phone);
    }
    let cluster = world.start_cluster().await;
    cluster.directory.be_late_by(Duration::from_mins(1));
    let race = async |number: usize| {
        let agent = Racer::prepared(&cluster, number).await;
        let app = agent.secret.code(now()).unwrap();
        [
            agent.race(&cluster, Place::App, &app).await,
            agent.race(&cluster, Place::App, &agent.recovery[number % 10]).await,
            agent.race(&cluster, Place::Sms, &agent.sms).await,
            agent.race_of_passkey(&cluster).await,
        ]
    };
    let won: Vec<[usize; 4]> = stream::iter(0..count).map(race).buffer_unordered(AT_ONCE).collect().await;
    for (at, kind) in ["an app’s code", "a recovery code", "a code by SMS", "a passkey"].into_iter().enumerate() {
        let winners: Vec<usize> = won.iter().map(|won| won[at]).collect();
        tell(&format!("{count} races for {kind} between two nodes: {} winners", winners.iter().sum::<usize>()));
        assert!(winners.iter().all(|winners| *winners == 1), "{kind}: {winners:?}");
    }
    assert_eq!(cluster.events("second_step_passed").len(), 4 * count);
}
