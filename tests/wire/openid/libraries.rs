//! The libraries that applications sign agents in with complete the flow against the running provider. They check its
//! answers in their own code; what they do in the tests is in `tests/applications`.

use std::process::Command;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::directory::{Client, ClientAuth, ClientKey, LoginSite, SigningAlg};
use kv_schema::names::{ClientId, RedirectUri, SiteAddress};
use onecontact_tests::openid::{SECRET, crm};
use onecontact_tests::service::secret;
use onecontact_tests::world::PASSWORD;
use onecontact_tests::{World, project, tokens};
use serde_json::{Value, json};

const CALLBACK: &str = "http://127.0.0.1:9/signed-in";
const SIGNED_OUT: &str = "http://127.0.0.1:9/signed-out";

/// A world reached at its own address, with one application that has a secret and one that has a key.
async fn world(alg: SigningAlg) -> (World, Value) {
    let world = World::standard().token_keys(&tokens::key_set_with_p256()).start().await;
    world.secrets().add(tokens::P256_SECRET);
    let site = format!("http://{}", world.node().address());
    world.directory.declare(&LoginSite::new(SiteAddress::parse(&site).unwrap()));
    let with_secret = Client {
        redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
        post_logout_redirect_uris: vec![RedirectUri::parse(SIGNED_OUT).unwrap()],
        instances: vec![world.instance("acme")],
        id_token_alg: alg,
        ..crm()
    };
    let key = key(alg);
    let text = |name: &str| key[name].as_str().map(str::to_owned);
    let (x, y) = (text("x").unwrap(), text("y"));
    let with_key = Client {
        id: ClientId::parse("crm-with-key").unwrap(),
        auth: ClientAuth::Keys(vec![ClientKey { kid: "k1".into(), x, y }]),
        ..with_secret.clone()
    };
    world.directory.declare(&with_secret);
    world.directory.declare(&with_key);
    world.secrets().add(SECRET);
    world.secrets().add(&text("d").unwrap());
    let told = json!({
        "site": site, "issuer": format!("{site}/OneContactLogin"), "alg": alg.name(),
        "clientId": "crm", "secret": SECRET, "keyClientId": "crm-with-key",
        "key": key,
        "callback": CALLBACK, "signedOut": SIGNED_OUT,
        "username": "desk1", "password": PASSWORD, "name": "desk1 Front", "sub": format!("{}/desk1", world.instance("acme")),
    });
    (world, told)
}

/// The application's own key, of the kind that `alg` needs.
fn key(alg: SigningAlg) -> Value {
    let text = |bytes: &[u8; 32]| Base64UrlUnpadded::encode_string(bytes);
    let (x, d) = (text(&secret(1).verifying_key().to_bytes()), text(&secret(1).to_bytes()));
    match alg {
        SigningAlg::EdDSA => json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": x, "d": d }),
        SigningAlg::ES256 => json!({
            "kty": "EC", "crv": "P-256", "kid": "k1", "x": "KEZawyyJQJzpJphQLczvRh6hdmWsvBWV8ZvHmq8yolY",
            "y": "gyXzlXD1MR51GWORRVD5f2Ka4AS2ldJlQSn6oKguOSY", "d": "Me5_y5u-vTCOJsQrXP6j_q49JpBvEl54sqAuhFiSPuQ",
        }),
    }
}

/// Runs a program of `tests/applications`, which must succeed.
async fn runs(program: Command, told: &Value) {
    let mut program = program;
    program.env("APPLICATION", told.to_string());
    let ran = tokio::task::spawn_blocking(move || program.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    crate::tell(said.trim());
}

fn node(script: &str) -> Command {
    let folder = project::root().join("tests/applications");
    assert!(folder.join("node_modules").exists(), "`cargo xtask test --only wire` installs what {script} needs");
    let mut command = Command::new(project::node());
    command.arg(folder.join(script));
    command
}

#[tokio::test]
async fn openid_client_signs_an_agent_in_refreshes_and_signs_out() {
    for alg in [SigningAlg::EdDSA, SigningAlg::ES256] {
        let (world, told) = world(alg).await;
        runs(node("openid-client.mjs"), &told).await;
        assert_eq!(world.log().wait_for("signed_out", 2).await.len(), 2);
    }
}

/// `cargo xtask test --only authlib` installs it, and names a Python that has it in `AUTHLIB`; without that the test
/// does nothing.
#[tokio::test]
async fn authlib_signs_an_agent_in_and_refreshes() {
    let Ok(python) = std::env::var("AUTHLIB") else { return };
    for alg in [SigningAlg::EdDSA, SigningAlg::ES256] {
        let (world, told) = world(alg).await;
        let mut program = Command::new(&python);
        program.arg(project::root().join("tests/applications/authlib_client.py"));
        runs(program, &told).await;
        assert_eq!(world.log().wait_for("tokens_issued", 4).await.len(), 4);
    }
}

#[tokio::test]
async fn oauth4webapi_signs_an_agent_in_with_a_key_of_its_own() {
    for alg in [SigningAlg::EdDSA, SigningAlg::ES256] {
        let (world, told) = world(alg).await;
        runs(node("oauth4webapi.mjs"), &told).await;
        assert_eq!(world.log().only("tokens_issued").await["detail"], "crm-with-key");
    }
}
