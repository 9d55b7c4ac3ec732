//! The table "Bad input, and what it gets", as far as it concerns the address and the form. Tokens, records and outages
//! have their own files.

use hyper::Method;
use onecontact_tests::world::{HOME, HOST, PASSWORD};
use onecontact_tests::{Browser, Page, World, raw};

use crate::{DESKTOP, MARK};

const FORM: &str = "application/x-www-form-urlencoded";

/// A world where the address does not identify the instance, except at `acme.wire.test`.
async fn world_that_asks() -> World {
    World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .host("acme.wire.test", "acme")
        .agent("acme", "desk1")
        .start()
        .await
}

/// Requests the login page with exactly these host lines.
async fn get_raw(world: &World, path: &str, host_lines: &[u8]) -> Page {
    let mut request = format!("GET {path} HTTP/1.1\r\n").into_bytes();
    request.extend_from_slice(host_lines);
    request.extend_from_slice(b"connection: close\r\n\r\n");
    raw::exchange(world.node().address(), &request).await
}

#[tokio::test]
async fn whatever_the_host_says_the_instance_is_asked_for_and_no_link_is_built_from_it() {
    let world = world_that_asks().await;
    let long = "a".repeat(300);
    let deep = vec!["a"; 120].join(".");
    let hosts = [
        "unknown.wire.test",
        "unknown.wire.test:8787",
        "unknown.wire.test.",
        "UNKNOWN.WIRE.TEST",
        "ação.wire.test",
        "例え.wire.test",
        "xn--ls8h.wire.test",
        &long,
        &deep,
        "[::1]",
        "[::1]:80",
        "127.0.0.1",
        "*",
        "*.wire.test",
        "-",
        ".",
        "..",
        "a..b",
        "evil.test:99999",
        "evil.test:abc",
        "evil.test:",
        ":80",
        "evil test",
        "<script>alert(1)",
        "evil.test\"onload=\"x",
        "user@evil.test",
        "user:pass@evil.test",
        "evil.test#x",
        "%00",
        "%2e%2e",
        "evil.test\\x",
        "host:acme",
        "evil.test,acme.wire.test",
        "acme.wire.test,evil.test",
        "acme.wire.test@evil.test",
    ];
    for host in hosts {
        let page = get_raw(&world, HOME, format!("host: {host}\r\n").as_bytes()).await;
        if page.is_the_platforms() {
            assert_eq!(page.status, 400, "{host}: {}", page.body);
            continue;
        }
        page.check(&Method::GET, host);
        assert_eq!(page.status, 200, "{host}: {}", page.body);
        assert!(page.has_field("instance"), "{host}: {}", page.body);
    }
}

#[tokio::test]
async fn a_host_that_reaches_into_the_path_leads_nowhere_else() {
    let world = world_that_asks().await;
    for host in
        ["evil.test/", "evil.test/x", "x//evil.test", "x//evil.test/", "evil.test?", "evil.test?x=", "x/\\evil.test/"]
    {
        for path in [HOME, "/", "/nothing", "//evil.test/x", "/\\evil.test/x", DESKTOP] {
            let page = get_raw(&world, path, format!("host: {host}\r\n").as_bytes()).await;
            if page.is_the_platforms() {
                assert_eq!(page.status, 400, "{host} {path}: {}", page.body);
            } else {
                // What workerd takes for the path may be shown; it leads nowhere else.
                page.check(&Method::GET, "");
                assert!(page.status < 500, "{host} {path}: {}", page.status);
            }
        }
    }
}

#[tokio::test]
async fn a_path_that_looks_like_another_host_leads_nowhere_else() {
    let world = world_that_asks().await;
    for path in [
        "//evil.test",
        "//evil.test/",
        "//evil.test/OneAgentWeb_Lisbon",
        "/\\evil.test/",
        "/%5cevil.test",
        "/%2F%2Fevil.test",
        "///evil.test",
        "/OneAgentWeb_Lisbon//evil.test",
        "/OneAgentWeb_Lisbon/..//evil.test",
        "/./%2e%2e//evil.test",
    ] {
        let page = get_raw(&world, path, b"host: agent.wire.test\r\n").await;
        assert_eq!(page.status, 404, "{path}: {}", page.body);
        page.check(&Method::GET, HOST);
    }
}

#[tokio::test]
async fn hosts_that_are_no_text_twice_there_or_missing_are_never_an_internal_error() {
    let world = world_that_asks().await;
    let lines: [&[u8]; 5] = [
        b"host: \xff\xfe.test\r\n",
        b"host: a\x00b.test\r\n",
        b"host: acme.wire.test\r\nhost: evil.test\r\n",
        b"host:\r\n",
        b"",
    ];
    for line in lines {
        let page = get_raw(&world, HOME, line).await;
        let told = String::from_utf8_lossy(line);
        assert!(matches!(page.status, 200 | 400), "{told:?}: {} {}", page.status, page.body);
        if !page.is_the_platforms() {
            page.check(&Method::GET, "evil.test");
        }
    }
}

/// The login form, filled in correctly.
async fn filled(browser: &Browser) -> onecontact_tests::browser::Form {
    browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD)
}

#[tokio::test]
async fn each_faulty_field_is_named() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    let ten_thousand = "x".repeat(10_000);
    let cases = [
        ("username missing", form.clone().without("username"), "username"),
        ("username empty", form.clone().with("username", ""), "username"),
        ("username blank", form.clone().with("username", " \t "), "username"),
        ("username endless", form.clone().with("username", &ten_thousand), "username"),
        ("username with NUL", form.clone().with("username", "an\0a"), "username"),
        ("username with a line break", form.clone().with("username", "an\r\na"), "username"),
        ("username twice", form.clone().and("username", "desk1"), "username"),
        ("password missing", form.clone().without("password"), "password"),
        ("password empty", form.clone().with("password", ""), "password"),
        ("password of 10 kB", form.clone().with("password", &ten_thousand), "password"),
        ("password with NUL", form.clone().with("password", "correct\0horse battery"), "password"),
        ("password twice", form.clone().and("password", PASSWORD), "password"),
        ("extension twice", form.clone().with("extension", "1").and("extension", "2"), "extension"),
        ("extension endless", form.clone().with("extension", &ten_thousand), "extension"),
        ("extension with NUL", form.clone().with("extension", "1\0"), "extension"),
    ];
    for (what, form, field) in cases {
        let page = browser.submit(&form).await;
        assert_eq!(page.status, 422, "{what}: {}", page.body);
        assert!(page.field_problem(field).is_some_and(|problem| !problem.is_empty()), "{what}: {}", page.body);
        assert!(page.field_is(field, "autofocus"), "{what}: the focus");
        assert_eq!(page.field("password"), "", "{what}");
        let others = ["username", "password", "extension"].into_iter().filter(|other| *other != field);
        for other in others {
            assert_eq!(page.field_problem(other), None, "{what}");
        }
    }
    let page = browser.submit(&form.clone().with("username", "").with("password", "")).await;
    assert!(page.field_problem("username").is_some() && page.field_problem("password").is_some());
    assert!(page.notice().unwrap().contains('2'), "{:?}", page.notice());
    assert!(world.log().events("login_refused").is_empty(), "no attempt was counted");
    assert_eq!(browser.submit(&form).await.status, 303, "the same form, filled in rightly");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_faulty_field() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let token = filled(&browser).await.values("form").next().unwrap().to_owned();
    for (username, password, field) in [
        ("%FF%FE", "battery", "username"),
        ("desk1", "%C3%28battery", "password"),
        ("a\u{e9}\u{e9}", "%ff", "password"),
    ] {
        let mut body = format!("form={token}&username={username}&password={password}").into_bytes();
        let form = filled(&browser).await;
        let page = browser.ask(Method::POST, HOME).form(&form).body(body.clone()).send().await;
        assert_eq!((page.status, page.field_problem(field).is_some()), (422, true), "{username} {password}");
        body.extend_from_slice(b"&extension=\xff\xff");
        let page = browser.ask(Method::POST, HOME).form(&form).body(body).send().await;
        assert_eq!((page.status, page.field_problem("extension").is_some()), (422, true), "raw bytes");
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_of_a_browsers_is_refused_as_such() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    for kind in
        ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", ""]
    {
        let page = browser.ask(Method::POST, HOME).form(&form).header("content-type", kind).send().await;
        assert_eq!(page.status, 415, "{kind}");
    }
    let page = browser.ask(Method::POST, HOME).form(&form).without("content-type").send().await;
    assert_eq!(page.status, 415);
    for kind in ["application/x-www-form-urlencoded; charset=UTF-8", "Application/X-WWW-Form-Urlencoded"] {
        let page = browser.ask(Method::POST, HOME).form(&form).header("content-type", kind).send().await;
        assert_eq!(page.status, 303, "{kind}");
    }
}

#[tokio::test]
async fn a_body_larger_than_any_form_is_not_read() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    let page = browser.submit(&form.clone().with("password", &"x".repeat(70_000))).await;
    assert_eq!(page.status, 413, "{}", page.body);
    let head = head_of_post(&browser);
    let mut request = format!("{head}content-length: 5000000\r\n\r\n").into_bytes();
    request.resize(request.len() + 5_000_000, b'x');
    let page = raw::exchange(world.node().address(), &request).await;
    page.check(&Method::POST, HOST);
    assert_eq!(page.status, 413, "{}", page.body);
    assert_eq!(browser.submit(&form).await.status, 303, "the node goes on");
}

/// The start of a posted form, up to the line that gives its length.
fn head_of_post(browser: &Browser) -> String {
    let mark = browser.cookie(MARK).expect("the browser has seen the page");
    format!(
        "POST {HOME} HTTP/1.1\r\nhost: {HOST}\r\ncookie: __Host-onecontact-form={mark}\r\ncontent-type: {FORM}\r\n\
         connection: close\r\n"
    )
}

#[tokio::test]
async fn a_body_without_its_length_is_not_read() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    let head = head_of_post(&browser);
    let small = format!("{:x}\r\n{}\r\n0\r\n\r\n", form.encoded().len(), form.encoded());
    let page =
        raw::exchange(world.node().address(), format!("{head}transfer-encoding: chunked\r\n\r\n{small}").as_bytes())
            .await;
    page.check(&Method::GET, HOST);
    assert_eq!(page.status, 411, "{}", page.body);

    let mut endless = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..80 {
        endless.extend_from_slice(b"10000\r\n");
        endless.resize(endless.len() + 0x10000, b'x');
        endless.extend_from_slice(b"\r\n");
    }
    endless.extend_from_slice(b"0\r\n\r\n");
    let page = raw::exchange(world.node().address(), &endless).await;
    assert_eq!(page.status, 411, "{}", page.body);

    for length in ["-1", "abc", "1e3", "99999999999999999999999"] {
        let request = format!("{head}content-length: {length}\r\n\r\n");
        let page = raw::exchange(world.node().address(), request.as_bytes()).await;
        assert!(matches!(page.status, 400 | 411 | 413), "{length}: {} {}", page.status, page.body);
    }
    assert!(world.log().events("login_refused").is_empty(), "no attempt was counted");
}

#[tokio::test]
async fn headers_and_queries_that_make_no_sense_change_nothing() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let long = "x".repeat(10_000);
    let many = vec!["pt;q=0.1"; 1000].join(",");
    for (name, value) in [
        (
            "cookie",
            &b"\xff\xfe; ;;; =; a; __Host-oneagent-lisbon; __Host-onecontact-form=\x80; __Host-onecontact-language=\""
                [..],
        ),
        ("cookie", long.as_bytes()),
        ("cookie", b"__Host-onecontact-remembered-lisbon=username=%FF%FE%00%zz&extension=%E2%82"),
        ("accept-language", many.as_bytes()),
        ("accept-language", b"pt;q=NaN,de;q=1e99,fr;q=,es;q=-1;q=0,en;q=99999999,pt;q=.5.5,\xff"),
        ("user-agent", b"\xff\xfe"),
        ("user-agent", long.as_bytes()),
        ("sec-fetch-site", b"\xff"),
        ("cf-connecting-ip", b"not an address"),
    ] {
        let page = browser.ask(Method::GET, HOME).raw_header(name, value).send().await;
        assert_eq!((page.status, page.has_field("password")), (200, true), "{name}: {value:?}");
    }
    for query in
        ["next=%zz", "next=%ff%fe", "lang=%ff", "lang=", "next", "&&&=&", "signed-out=%3Cscript%3E", "next=%00"]
    {
        let page = get_raw(&world, &format!("{HOME}?{query}"), b"host: agent.wire.test\r\n").await;
        assert_eq!(page.status, 200, "{query}: {}", page.body);
        page.check(&Method::GET, HOST);
        assert!(!page.body.contains("<script>"), "{query}: {}", page.body);
    }
    let page =
        browser.ask(Method::POST, HOME).form(&filled(&browser).await).header("cf-connecting-ip", "x").send().await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn what_a_request_calls_itself_is_text_and_no_more() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let page = browser.ask(Method::GET, "/nothing").header("cf-ray", "<b>\"'&x").send().await;
    assert_eq!(page.status, 404);
    assert!(!page.body.contains("<b>"), "{}", page.body);
    let page = browser.ask(Method::GET, "/nothing").without("cf-ray").send().await;
    let id = page.body.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "an id of the Worker's own: {id}");
}
