//! Questions before a change that cannot be undone.

use bson::doc;

use crate::harness::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_question_says_what_will_happen_and_only_yes_does_it() {
    let app = TestApp::spawn().await;
    app.register("ada").await;
    let delete = ["users", "delete", "ada@example.com"];
    let refused = app.operator_at_terminal(&delete, "y");
    let question =
        "This permanently deletes the account of ada@example.com. Type yes to continue: ";
    assert!(refused.assert_code(4).stdout.starts_with(question), "{}", refused.stdout);
    assert!(refused.stdout.contains("Not confirmed; nothing was changed."), "{}", refused.stdout);
    let users = app.collection("users").await;
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 1);

    for (command, question) in [
        ("sign-out", "This ends every session of ada@example.com."),
        ("reset-otp", "and the recovery codes, and ends every session, of ada@example.com."),
        ("disable", "new sign-ins to, the account of ada@example.com."),
        ("delete", question),
    ] {
        let asked = app.operator_at_terminal(&["users", command, "ada@example.com"], "yes");
        assert!(asked.assert_code(0).stdout.contains(question), "{}", asked.stdout);
    }
    assert_eq!(users.count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_about_an_account_that_does_not_exist() {
    let app = TestApp::spawn().await;
    for command in ["sign-out", "reset-otp", "disable", "delete"] {
        let arguments = ["users", command, "nobody@example.com"];
        let at_terminal = app.operator_at_terminal(&arguments, "yes");
        assert!(!at_terminal.assert_code(3).stdout.contains("continue"), "{}", at_terminal.stdout);
        app.operator(&arguments).assert_code(3);
    }
}
