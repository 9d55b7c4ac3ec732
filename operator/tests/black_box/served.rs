//! Beside a `wrangler dev` that serves from the same store.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::folder::{CENTRE, Folder};

/// A `wrangler dev` that serves from the folder's store, until it is dropped.
struct Served(Child);

impl Served {
    fn from(folder: &Folder) -> Self {
        folder.write("worker.mjs", "export default { fetch: () => new Response(\"here\") };\n");
        folder.write("wrangler.toml", &format!("main = \"worker.mjs\"\n{}", folder.read("wrangler.toml")));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = folder.path("node_modules/.bin/node");
        let mut command = Command::new(if own.exists() { own } else { "node".into() });
        command.args(["node_modules/wrangler/bin/wrangler.js", "dev", "--local", "--ip", "127.0.0.1"]);
        command.args(["--persist-to", "state", "--show-interactive-dev-session=false", "--port", &port.to_string()]);
        command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false");
        command.current_dir(folder.path("")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let served = Self(command.spawn().unwrap());
        let began = Instant::now();
        while ureq::get(format!("http://127.0.0.1:{port}/")).call().is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "wrangler does not serve");
            std::thread::sleep(Duration::from_millis(100));
        }
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Asked to end, it ends the workerd that it started; killed, it would leave that behind.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[test]
fn to_a_store_that_is_served_nothing_is_applied_until_that_has_ended() {
    let folder = Folder::project();
    folder.write("centre/a.toml", CENTRE);
    let apply = || folder.run(&["apply", "centre", "--local", "--persist-to", "state"]);
    let serving = Served::from(&folder);
    let refused = apply();
    assert!(refused.code == 5 && refused.err.contains("has the store in "), "{refused:?}");
    assert!(refused.err.contains("end that one, apply, and start it again"), "{refused:?}");
    drop(serving);
    let done = apply();
    assert!(done.code == 0 && done.out.contains("Added: 1 instance,"), "{done:?}");
}
