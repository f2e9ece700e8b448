//! What must hold for any bytes that the database returns. For `make fuzz`.

use bson::RawDocumentBuf;

use super::reading::read_account;
use crate::domain::account::Account;
use crate::domain::session::SessionKind;

/// Fields that every account has.
const REQUIRED: [&str; 8] =
    ["_id", "email", "name", "password", "epoch", "created_at", "updated_at", "codes"];

/// Fields that an account may lack, but that must be readable if it has them: a lock or a second
/// factor that is damaged must not count as none.
const OPTIONAL: [&str; 3] = ["disabled_at", "totp", "pending"];

/// Reads bytes as an account's document.
pub fn account(bytes: &[u8]) {
    let Ok(raw) = RawDocumentBuf::from_bytes(bytes.to_vec()) else { return };
    let Ok(account) = read_account(raw.clone()) else { return };
    read_lists(&account);
    for name in REQUIRED {
        let lacks = replaced(&raw, name, None);
        assert!(lacks.is_none_or(|raw| read_account(raw).is_err()), "{name} may be absent");
    }
    for name in OPTIONAL {
        let damaged = replaced(&raw, name, Some("damaged"));
        assert!(damaged.is_none_or(|raw| read_account(raw).is_err()), "{name} may be damaged");
        let lacks = replaced(&raw, name, None);
        assert!(lacks.is_none_or(|raw| read_account(raw).is_ok()), "{name} may not be absent");
    }
}

fn read_lists(account: &Account) {
    for session in account.sessions().unwrap_or_default() {
        let found = account.session(&session.digest);
        assert!(matches!(found, Ok(Some(found)) if found.digest == session.digest));
    }
    for challenge in account.challenges().unwrap_or_default() {
        let found = account.challenge(&challenge.digest);
        assert!(matches!(found, Ok(Some(found)) if found.digest == challenge.digest));
    }
    for kind in [SessionKind::Cookie, SessionKind::Bearer] {
        let _any = account.displaced_session(kind);
    }
    let _any =
        (account.displaced_challenge(), account.displaced_network(), account.recovery_codes());
}

/// The document without the field, or with a text in its place.
fn replaced(raw: &RawDocumentBuf, name: &str, text: Option<&str>) -> Option<RawDocumentBuf> {
    let mut other = RawDocumentBuf::new();
    for element in raw {
        let (key, value) = element.ok()?;
        match text {
            _ if key.as_str() != name => other.append(key, value),
            Some(text) => other.append(key, text),
            None => {}
        }
    }
    let is_there = raw.get(name).ok()?.is_some();
    is_there.then_some(other)
}
