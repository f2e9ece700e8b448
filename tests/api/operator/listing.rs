//! `twofold users list`: the search, and the columns.

use serde_json::json;

use crate::harness::TestApp;

/// The addresses that a search finds.
fn found(app: &TestApp, text: &str) -> Vec<String> {
    let page = app.operator(&["users", "list", "--search", text, "--json"]).assert_code(0).json();
    let users = page["users"].as_array().unwrap().iter();
    users.map(|user| user["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_part_of_an_address_or_a_name_in_any_case() {
    let app = TestApp::spawn().await;
    for (name, email) in [
        ("Ada Lovelace", "ada@example.com"),
        ("Bea (née Österreich)", "bea+tag@example.com"),
        ("c.eo [x] ^$|*?\\Qy\\E", "cleo@example.org"),
    ] {
        let form = json!({ "name": name, "email": email, "password": "plum velvet tractor" });
        app.browser().post("/api/auth/register", form).await.assert_status(201);
    }
    let (ada, bea, cleo) = ("ada@example.com", "bea+tag@example.com", "cleo@example.org");
    for (text, expected) in [
        ("LOVE", vec![ada]),
        ("ADA@", vec![ada]),
        ("example.com", vec![ada, bea]),
        ("a+t", vec![bea]),
        ("(NÉE ö", vec![bea]),
        ("c.e", vec![cleo]),
        ("[x] ^$|*?\\Qy\\E", vec![cleo]),
        // None of these is a pattern.
        (".*", vec![]),
        ("^a", vec![]),
        ("a|b", vec![]),
        ("(", vec![bea]),
        ("\\E.*\\Q", vec![]),
        ("{\"$gt\":\"\"}", vec![]),
        ("dora", vec![]),
    ] {
        assert_eq!(found(&app, text), expected, "{text}");
    }
    let both = ["users", "list", "--search", "example", "--two-factor", "on", "--json"];
    assert_eq!(app.operator(&both).json()["users"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_have_headers_and_each_account_has_one_line() {
    let app = TestApp::spawn().await;
    app.register("ada").await.with_totp().await;
    app.register("beatrice").await;
    let listed = app.operator(&["users", "list"]);
    let lines: Vec<&str> = listed.assert_code(0).stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let columns = ["ID", "EMAIL", "TWO-FACTOR", "STATE"];
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), columns);
    let starts = |column: &str| lines[0].find(column).unwrap();
    assert!(lines[1][starts("EMAIL")..].starts_with("ada@example.com "));
    assert!(lines[1][starts("TWO-FACTOR")..].starts_with("on, 10 recovery codes left"));
    assert!(lines[2][starts("EMAIL")..].starts_with("beatrice@example.com "));
    assert!(lines[2][starts("STATE")..].starts_with("active"));

    let shown = app.operator(&["users", "show", "ada@example.com"]);
    for header in [
        ["KIND", "AAL", "IP", "LAST", "SEEN", "USER", "AGENT"].join(" "),
        ["TIME", "KIND", "IP", "USER", "AGENT"].join(" "),
    ] {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.stdout.lines().any(|line| words(line) == header), "{}", shown.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_cannot_change_how_a_terminal_shows_the_line() {
    let app = TestApp::spawn().await;
    let form = json!({
        "name": "e\u{301}\u{202e}adA\u{2066}\u{200f}\u{2028}!", "email": "ada@example.com",
        "password": "plum velvet tractor",
    });
    app.browser().post("/api/auth/register", form).await.assert_status(201);
    let shown = app.operator(&["users", "show", "ada@example.com"]);
    let name = "(e\u{301}\u{fffd}adA\u{fffd}\u{fffd}\u{fffd}!)";
    assert!(shown.assert_code(0).stdout.contains(name), "{:?}", shown.stdout);
    let exported = app.operator(&["users", "export", "ada@example.com"]);
    assert!(exported.assert_code(0).stdout.contains(r"\u202eadA\u2066\u200f\u2028!"));
    assert!(exported.json()["user"]["name"].as_str().unwrap().contains('\u{202e}'));
}
