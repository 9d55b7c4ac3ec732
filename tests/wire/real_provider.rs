//! A public `OpenID` provider (`oidc-provider`) signs our agents in: by each algorithm, and by each way in which we show it who
//! we are. `tests/provider/provider.mjs` is the provider, and the agent in front of it.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kv_schema::directory::{AccountClaim, ClientProof, Instance, Issuer, LoginSite, Provider, SecretName, Word};
use kv_schema::names::{InstanceName, SiteAddress};
use onecontact_tests::provider::{SECRET, SECRET_NAME};
use onecontact_tests::{World, project, tokens};

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
            .env("REDIRECT_URI", "https://login.wire.test/OneContactLogin/callback")
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

    /// Where the agent comes back to who was sent to `address`, and signs in.
    fn sign_in(&mut self, address: &str) -> String {
        writeln!(self.agent, "{address}").unwrap();
        self.addresses.next().expect("the agent comes back").unwrap()
    }

    /// What an operator declares of it.
    fn declared(&self, client: &str, proof: ClientProof) -> Provider {
        Provider {
            name: "Real ID".into(),
            issuer: Issuer::parse(&self.issuer).unwrap(),
            client_id: Word::parse(client).unwrap(),
            proof,
            scopes: Vec::new(),
            account_claim: AccountClaim::Username(Word::parse("preferred_username").unwrap()),
        }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }
}

#[tokio::test]
async fn a_public_provider_signs_our_agents_in_by_each_algorithm_and_each_proof() {
    let clients = ["rs256", "es256", "eddsa", "posted"];
    let builder = clients.iter().fold(World::builder().install("Lisbon"), |builder, client| {
        builder.instance(client, &["Lisbon"]).agent(client, "desk1")
    });
    let world = builder.with_access_tokens().provider_secret(SECRET_NAME, SECRET).start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse("https://login.wire.test").unwrap()));
    let mut real = Real::start(&world);
    for client in clients {
        let secret = ClientProof::Secret(SecretName::parse(SECRET_NAME).unwrap());
        let proof = if client == "eddsa" { ClientProof::Key } else { secret };
        let (id, name) = (world.instance(client), InstanceName::parse(client).unwrap());
        let instance = Instance::new(id, name, client.to_owned(), Vec::new());
        world.directory.declare(&Instance { provider: Some(real.declared(client, proof)), ..instance });
        let browser = world.browser().leading_to(&real.issuer);
        let page = browser.get(LOGIN).await;
        browser.submit(&page.form().with("instance", client)).await;
        let away = browser.get("/OneContactLogin/callback?go=1").await;
        let address = away.location().to_owned();
        let (back, returned) = tokio::task::spawn_blocking(move || (real.sign_in(&address), real)).await.unwrap();
        real = returned;
        let path = back.strip_prefix("https://login.wire.test").unwrap_or_else(|| panic!("back to {back}"));
        let page = browser.get(path).await;
        assert_eq!((page.status, page.location()), (303, LOGIN), "{client}: {}", page.body);
        let claims = tokens::parts(&browser.cookie("__Host-onecontact-login").expect("signed in")).1;
        assert_eq!((&claims["sub"], &claims["instance"]), (&"desk1".into(), &world.instance(client).as_str().into()));
    }
    assert_eq!(world.log().events("signed_in").len(), clients.len());
}
