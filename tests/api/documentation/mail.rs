//! The calls about email, as a service that sends mail answers them.

use chrono::TimeDelta;
use serde_json::json;

use super::guide::Guide;
use super::{post, put};
use crate::email::{Mailed, use_link};
use crate::harness::{Call, Person};

const NEW_ADDRESS: &str = "ada@example.org";

/// Every call about email, in the order of their use.
pub async fn mail(guide: &mut Guide) {
    guide.section("Email");
    guide.0.push_str("\nThese calls exist where mail is configured; elsewhere each answers 404 `mail_not_available`. A link's token is in the fragment of its URL: `https://auth.example.com/#/verify?token=…`. [frontend.md](frontend.md) describes the pages that links open.\n");
    let mailed = Mailed::spawn().await;
    let ada = verification(&mailed, guide).await;
    change(&mailed, guide, &ada).await;
    forgotten(&mailed, guide).await;
}

async fn verification(mailed: &Mailed, guide: &mut Guide) -> Person {
    let (ada, _) = mailed.register("ada").await;
    ada.browser.log_in(&ada).await.assert_status(200);
    mailed.app.advance(TimeDelta::seconds(60));
    let path = "/api/auth/email/verification";
    guide.call(&ada.browser, path, Call::new("POST", path), "Sends a new link that verifies the address. A registration sends the first one. An address gets one a minute and five an hour; beyond that the response is the same, and nothing is sent.").await.assert_status(202);
    let link = mailed.next(&ada, "verify").await;
    let path = "/api/auth/email/verify";
    let verify = || post(path, json!({ "token": link.token_for("verify") }));
    let stranger = mailed.app.browser();
    guide.call(&stranger, path, verify(), "Verifies the address. Requires the link and no session, opens no session, and works once.").await.assert_status(204);
    guide.0.push_str("\nThe same link again:\n");
    guide.example(&stranger, verify()).await.assert_status(400);

    let (_, link) = mailed.register("bea").await;
    let path = "/api/auth/email/disown";
    let disown = post(path, json!({ "token": link.token_for("disown") }));
    guide.call(&stranger, path, disown, "Deletes an account whose address was never verified. The link is in the mail of the registration: \"I did not sign up\".").await.assert_status(204);
    ada
}

async fn change(mailed: &Mailed, guide: &mut Guide, ada: &Person) {
    let path = "/api/auth/email";
    let change = put(path, json!({ "email": NEW_ADDRESS, "password": ada.password }));
    guide.call(&ada.browser, path, change, "Asks for another address. The current address, if it is verified, gets a notice with a link that approves the change; then the new address gets a link that confirms it. The response is the same if the address is taken. Requires a recent sign-in.").await.assert_status(202);
    let notice = mailed.next(ada, "notice-email_change_requested").await;
    let link = mailed.smtp.next_to(NEW_ADDRESS).await;
    let stranger = mailed.app.browser();

    let path = "/api/auth/email/confirm";
    let confirm = post(path, json!({ "token": link.token_for("confirm-email") }));
    guide.call(&stranger, path, confirm, "Confirms the new address. The change takes effect at once (`effective_at` is null) if the current address is not verified or has approved it, and otherwise after `EMAIL_CHANGE_DELAY` (24 hours).").await.assert_status(200);
    let path = "/api/auth/email/approve";
    let approve = post(path, json!({ "token": notice.token_for("approve-email") }));
    guide.call(&stranger, path, approve, "Approves the change from the current address. It takes effect as soon as the new address is confirmed.").await.assert_status(204);
    let path = "/api/auth/email/change";
    guide
        .call(
            &ada.browser,
            path,
            Call::new("DELETE", path),
            "Cancels a pending change. With none pending, the response is the same.",
        )
        .await
        .assert_status(204);
}

async fn forgotten(mailed: &Mailed, guide: &mut Guide) {
    let cleo = mailed.verified("cleo").await.with_totp().await;
    mailed.next(&cleo, "notice-factor_added").await;
    let (stranger, new) = (mailed.app.browser(), "a saucer of marbles");
    let path = "/api/auth/password/forgot";
    let forgot = post(path, json!({ "email": cleo.email }));
    guide.call(&stranger, path, forgot, "Asks for a link that sets a new password. The response is the same whether there is such an account. An address gets one link a minute and five an hour, and a network may ask 30 times an hour.").await.assert_status(202);
    let link = mailed.next(&cleo, "reset").await;

    mailed.app.advance(TimeDelta::seconds(30));
    let path = "/api/auth/password/reset";
    let token = link.token_for("reset");
    let reset = post(path, json!({ "token": token, "new_password": new }));
    guide.call(&stranger, path, reset, "Sets a new password with the link, within 30 minutes. Every session, every login in progress and every other link that resets ends. Opens no session. An account with two-factor authentication needs a code in the same call; without one nothing is used up:").await.assert_status(403);
    guide.0.push_str("\nWith a code of the authenticator app, or a recovery code:\n");
    let code = cleo.phone().code_at(mailed.app.clock.now());
    let reset = post(path, json!({ "token": token, "new_password": new, "code": code }));
    guide.example(&stranger, reset).await.assert_status(204);

    let notice = mailed.next(&cleo, "notice-password_reset").await;
    mailed.app.advance(TimeDelta::seconds(30));
    let path = "/api/auth/secure";
    let code = cleo.phone().code_at(mailed.app.clock.now());
    let secure = post(path, json!({ "token": notice.token_for("secure"), "code": code }));
    guide.call(&stranger, path, secure, "\"This wasn't me\", the link of a notice, within 72 hours: cancels a pending change of the address, removes second factors made at or after the event of the notice, ends every session and link, makes the password unusable, and sends a link that sets a new one. `code` is required if a second factor from before the event remains.").await.assert_status(204);
    let link = mailed.next(&cleo, "reset").await;
    use_link(&stranger, "password/reset", link.token_for("reset")).await.assert_status(422);
}
