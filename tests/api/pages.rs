//! The pages that people look at, as they are served; what they do in a browser is tested in one.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::harness::{Answer, Call, TestApp};

async fn fetch(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let call = Call::new("GET", path);
    let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    app.browser().send(call).await
}

#[tokio::test]
async fn the_root_leads_to_the_web_ui() {
    let app = TestApp::spawn().await;
    let root = fetch(&app, "/", &[]).await;
    assert_eq!(root.assert_status(302).header("location"), Some("/static/index.html"));
    let page = fetch(&app, "/static/index.html", &[]).await;
    assert_eq!(page.assert_status(200).header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn every_page_has_a_strict_policy_and_may_not_be_framed() {
    let app = TestApp::spawn().await;
    for path in ["/static/index.html", "/docs", "/redoc"] {
        let page = fetch(&app, path, &[]).await;
        let policy = page.assert_status(200).header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-eval"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        let html = String::from_utf8(page.body.clone()).unwrap();
        assert!(
            ["<script>", "<style", "src=\"http", "href=\"http"]
                .iter()
                .all(|one| !html.contains(one)),
            "{path}"
        );
    }
    let ui = fetch(&app, "/static/index.html", &[]).await;
    assert!(!ui.header("content-security-policy").unwrap().contains("unsafe"));
}

#[tokio::test]
async fn files_have_their_types_and_come_compressed_to_whoever_takes_that() {
    let app = TestApp::spawn().await;
    for (path, content_type) in [
        ("/static/index.html", "text/html; charset=utf-8"),
        ("/static/app.css", "text/css; charset=utf-8"),
        ("/static/js/main.js", "text/javascript; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml"),
        ("/static/vendor/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/static/vendor/redoc.standalone.js", "text/javascript; charset=utf-8"),
        ("/openapi.json", "application/json"),
    ] {
        let plain = fetch(&app, path, &[]).await;
        assert_eq!(plain.assert_status(200).header("content-type"), Some(content_type));
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let packed = fetch(&app, path, &[("accept-encoding", "br, gzip;q=0.5")]).await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert!(packed.header("vary").unwrap().contains("Accept-Encoding"));
        let mut unpacked = Vec::new();
        GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.body, "{path}");
        for without in ["gzip;q=0, identity", "gzip;q=0, *", "*, GZIP; q=0", "br, *;q=0"] {
            let refused = fetch(&app, path, &[("accept-encoding", without)]).await;
            assert_eq!(refused.header("content-encoding"), None, "{path}: {without}");
        }
        for with in ["*", "GZip", "identity;q=0.5, *;q=0.1"] {
            let packed = fetch(&app, path, &[("accept-encoding", with)]).await;
            assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}: {with}");
        }
    }
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let app = TestApp::spawn().await;
    let first = fetch(&app, "/static/app.css", &[]).await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let etag = first.header("etag").unwrap();
    for tag in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()]
    {
        let again = fetch(&app, "/static/app.css", &[("if-none-match", &tag)]).await;
        assert!(again.assert_status(304).body.is_empty(), "{tag}");
        assert_eq!(again.header("etag"), Some(etag));
    }
    fetch(&app, "/static/app.css", &[("if-none-match", "\"other\"")]).await.assert_status(200);
}

#[tokio::test]
async fn there_is_no_way_out_of_the_folder() {
    let app = TestApp::spawn().await;
    for path in [
        "/static/",
        "/static/nothing.html",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static//etc/passwd",
        "/static/vendor/README.md",
        "/static/js",
    ] {
        fetch(&app, path, &[]).await.assert_problem(404, "not_found");
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page_to_a_browser_and_a_problem_to_everyone_else() {
    let app = TestApp::spawn().await;
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    for path in ["/nowhere", "/api/auth/nowhere", "/nowhere/else?and=more"] {
        let page = fetch(&app, path, &[browser, ("if-none-match", "*")]).await;
        assert_eq!(
            page.assert_status(404).header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let html = String::from_utf8(page.body.clone()).unwrap();
        assert!(html.contains("This page does not exist") && !html.contains("<script"), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        for accept in ["*/*", "application/json", "text/html;q=0, */*"] {
            fetch(&app, path, &[("accept", accept)]).await.assert_problem(404, "not_found");
        }
        let call = Call::new("POST", path).header(browser.0, browser.1);
        app.browser().send(call).await.assert_problem(404, "not_found");
    }
    let icon = fetch(&app, "/favicon.ico", &[("accept", "image/*,*/*;q=0.8")]).await;
    assert_eq!(icon.assert_status(302).header("location"), Some("/static/icon.svg"));
}

#[tokio::test]
async fn the_description_lists_calls_in_the_order_of_their_use() {
    let app = TestApp::spawn().await;
    let description = fetch(&app, "/openapi.json", &[]).await;
    let text = String::from_utf8(description.body).unwrap();
    let at = |path: &str| text.find(&format!("\"{path}\":")).unwrap();
    let in_order = ["register", "login", "otp/validate", "otp/generate", "otp/verify", "me"];
    assert!(in_order.map(|call| at(&format!("/api/auth/{call}"))).is_sorted());
}

#[tokio::test]
async fn the_page_knows_the_origins_that_a_sign_in_may_lead_back_to() {
    let origins = async |app: &TestApp| {
        let page = fetch(app, "/static/index.html", &[]).await;
        let html = String::from_utf8(page.assert_status(200).body.clone()).unwrap();
        let (_, rest) = html.split_once("<html data-").unwrap();
        let (_, value) = rest.split_once(r#"origins=""#).unwrap();
        value.split_once('"').unwrap().0.to_owned()
    };
    let settings = [
        ("APP_ENV", "production"),
        ("PUBLIC_ORIGIN", "https://auth.example.com"),
        ("CLIENT_ORIGIN", "https://app.example.com, https://Shop.example.com:443/"),
    ];
    let expected = "https://auth.example.com https://app.example.com https://shop.example.com";
    assert_eq!(origins(&TestApp::with(settings).await).await, expected);

    let app = TestApp::with([("CLIENT_ORIGIN", "http://a\"&lt;.example")]).await;
    let own = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{}", app.port));
    let (own, any) = (own.join(" "), "http://localhost http://localhost:*");
    assert_eq!(origins(&app).await, format!("{own} http://a&quot;&amp;lt;.example {any}"));
}

/// The whole of the web UI, without what is vendored and the documents' own pages. The pages of email take 17 kB
/// of it: links that are used once, explained when they are over, and an address that is changed. Passkeys take
/// 15 kB, and trusted devices 2 kB.
#[test]
fn the_web_ui_is_under_115_200_bytes() {
    fn size(folder: &std::path::Path) -> u64 {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let own = entries
            .filter(|entry| !["vendor", "docs"].contains(&entry.file_name().to_str().unwrap()));
        own.map(|entry| {
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder { size(&entry.path()) } else { entry.metadata().unwrap().len() }
        })
        .sum()
    }
    let web = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    assert!(size(&web) < 115_200, "{}", size(&web));
}
