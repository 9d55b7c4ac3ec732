//! A public `OpenID` provider (`oidc-provider`) signs our agents in: with each algorithm, and with each way of proving
//! who we are. `tests/provider/provider.mjs` is the provider, and the agent in front of it.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kv_schema::directory::{AccountClaim, ClientProof, Instance, Issuer, LoginSite, Provider, SecretName, Word};
use kv_schema::names::{InstanceName, SiteAddress};
use onecontact_tests::openid::{SIGN_IN, SIGN_OUT, SITE};
use onecontact_tests::provider::{SECRET, SECRET_NAME};
use onecontact_tests::{Browser, World, project, tokens};

const LOGIN: &str = "/OneContactLogin";

/// The provider, as a process.
struct Real {
    process: Child,
    agent: ChildStdin,
    addresses: Lines<BufReader<ChildStdout>>,
    issuer: String,
}

impl Real {
    fn start(world: &World) -> Self {
        let script = project::root().join("tests/provider/provider.mjs");
        let packages = project::root().join("tests/provider/node_modules");
        assert!(packages.exists(), "`cargo xtask test --only wire` makes {}", packages.display());
        let mut process = Command::new(project::node())
            .arg(script)
            .env("REDIRECT_URI", "https://login.test/OneContactLogin/callback")
            .env("SIGNED_OUT_URI", "https://login.test/OneContactLogin/signed-out")
            .env("JWKS_URI", format!("http://{}/.well-known/jwks.json", world.node().address()))
            .env("SECRET", SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let agent = process.stdin.take().unwrap();
        let mut addresses = BufReader::new(process.stdout.take().unwrap()).lines();
        let issuer = addresses.next().expect("it says its issuer").unwrap();
        Self { process, agent, addresses, issuer }
    }

    /// Sends the agent to `address`, where they do as asked, and returns the address that they come back to.
    fn go(&mut self, address: &str) -> String {
        writeln!(self.agent, "{address}").unwrap();
        self.addresses.next().expect("the agent comes back").unwrap()
    }

    /// The provider as an operator declares it.
    fn declared(&self, client: &str, proof: ClientProof) -> Provider {
        Provider {
            name: "Real ID".into(),
            issuer: Issuer::parse(&self.issuer).unwrap(),
            client_id: Word::parse(client).unwrap(),
            proof,
            scopes: Vec::new(),
            account_claim: AccountClaim::Username(Word::parse("preferred_username").unwrap()),
            outlives_sign_out: false,
            creates: None,
        }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

/// Sends an agent of the instance `client` to the provider. Returns the address of the request and the path they come
/// back to.
async fn signing_in(real: Real, browser: &Browser, client: &str) -> (Real, String, String) {
    let page = browser.get(LOGIN).await;
    let page = browser.submit(&page.form().with("instance", client)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let away = browser.get("/OneContactLogin/callback?go=1").await;
    let address = away.location().to_owned();
    let (real, path) = gone(real, address.clone()).await;
    (real, address, path)
}

/// Sends the agent to `address` and returns the path that they come back to, at the one host that serves everything.
async fn gone(mut real: Real, address: String) -> (Real, String) {
    let (back, real) = tokio::task::spawn_blocking(move || (real.go(&address), real)).await.unwrap();
    let path = back.strip_prefix(SITE).unwrap_or_else(|| panic!("back to {back}"));
    (real, path.to_owned())
}

async fn started(clients: &[&str]) -> (World, Real) {
    let builder = clients.iter().fold(World::builder().install("Lisbon"), |builder, client| {
        builder.instance(client, &["Lisbon"]).agent(client, "desk1")
    });
    let world = builder.with_access_tokens().provider_secret(SECRET_NAME, SECRET).start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse(SITE).unwrap()));
    let real = Real::start(&world);
    for client in clients {
        let secret = ClientProof::Secret(SecretName::parse(SECRET_NAME).unwrap());
        let proof = if *client == "eddsa" { ClientProof::Key } else { secret };
        let (id, name) = (world.instance(client), InstanceName::parse(client).unwrap());
        let instance = Instance::new(id, name, (*client).to_owned(), Vec::new());
        world.directory.declare(&Instance { provider: Some(real.declared(client, proof)), ..instance });
    }
    (world, real)
}

#[tokio::test]
async fn a_public_provider_signs_our_agents_in_by_each_algorithm_and_each_proof_and_out_again() {
    let clients = ["rs256", "es256", "eddsa", "posted"];
    let (world, mut real) = started(&clients).await;
    for client in clients {
        let browser = world.browser().leading_to(&real.issuer);
        let (returned, asked, path) = signing_in(real, &browser, client).await;
        let page = browser.get(&path).await;
        assert_eq!((page.status, page.location()), (303, LOGIN), "{client}: {}", page.body);
        let claims = tokens::parts(&browser.cookie(SIGN_IN).expect("signed in")).1;
        assert_eq!((&claims["sub"], &claims["instance"]), (&"desk1".into(), &world.instance(client).as_str().into()));
        // While the provider's own session stands, it asks nothing.
        let quietly = format!("{asked}&prompt=none");
        let (returned, path) = gone(returned, quietly.clone()).await;
        assert!(path.contains("code="), "{client}: {path}");

        let page = browser.get(LOGIN).await;
        let page = browser.submit(&page.form_to(SIGN_OUT)).await;
        let page = browser.follow(&page).await;
        let go = page.header("refresh").and_then(|refresh| refresh.strip_prefix("0; url=")).expect("it leads on");
        let away = browser.get(go).await;
        let (returned, path) = gone(returned, away.location().to_owned()).await;
        let page = browser.get(&path).await;
        assert_eq!(page.location(), "https://login.test/OneContactLogin?signed-out=1", "{client}: {path}");
        let (returned, path) = gone(returned, quietly).await;
        assert!(path.contains("error=login_required"), "{client}: {path}");
        real = returned;
    }
    assert_eq!(world.log().events("signed_in").len(), clients.len());
    assert_eq!(world.log().events("signed_out").len(), clients.len());
}
