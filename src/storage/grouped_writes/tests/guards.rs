//! The service's own writes in a group: what they match and change is the same as alone.

use bson::{Document, doc};
use futures_util::future::{LocalBoxFuture, join};

use super::sample::{digest, document, full_of_sessions, insert, now, stored};
use super::*;
use crate::domain::account::Account;
use crate::domain::device::{DeviceId, Presented, TrustedDevice};
use crate::domain::ids::SessionId;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::mail::link::LinkKind;
use crate::domain::passkey::ceremony::VerifiedAssertion;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::second_factor::{UsedFactor, UsedPasskey, WrongFactor};
use crate::domain::session::{Proof, Session, SessionKind};
use crate::domain::totp::TimeStep;
use crate::storage::testing::{Server, TestStore, begin};
use crate::storage::{Carried, DeviceNote, NetworkNote, Opening, Rotation, Store};

type Writing<'a> = LocalBoxFuture<'a, Outcome>;
type Prepare = fn(&mut Document);
type Write = for<'a> fn(&'a Store, &'a Account) -> Writing<'a>;

const AS_IT_IS: Prepare = |_| {};

fn session_of(account: &Account, byte: u8) -> Session {
    account.session(&digest(byte)).unwrap().unwrap()
}

fn opening(account: &Account, kind: SessionKind) -> Opening {
    let session = Session {
        digest: digest(1),
        id: SessionId::new("new"),
        kind,
        methods: Proof::PASSWORD.methods,
        ..session_of(account, account.sessions().unwrap()[0].digest.bytes()[0])
    };
    Opening {
        session,
        in_place_of: None,
        network: NetworkNote::Nothing,
        device: DeviceNote::Nothing,
    }
}

/// Submits a correct factor.
async fn accept(
    (store, account): (&Store, &Account),
    target: u8,
    used: UsedFactor,
    opened: Option<Opening>,
) -> Outcome {
    let challenge = account.challenge(&digest(target)).unwrap();
    let session = account.session(&digest(target)).unwrap();
    let target = match (&challenge, &session) {
        (Some(challenge), _) => FactorTarget::Challenge(challenge),
        (_, Some(session)) => FactorTarget::Session(session),
        _ => FactorTarget::Password,
    };
    store.accept_factor(account, &target, &used, opened.as_ref(), now()).await
}

fn code() -> UsedFactor {
    UsedFactor::Code(TimeStep(9))
}

fn recovery() -> UsedFactor {
    UsedFactor::Recovery(digest(40))
}

fn passkey(account: &Account) -> UsedFactor {
    let verified = VerifiedAssertion { user_verified: true, backed_up: true, counter: 8 };
    let passkey = account.passkeys[0].clone();
    UsedFactor::Passkey(Box::new(UsedPasskey { passkey, challenge: digest(60), verified }))
}

async fn refuse((store, account): (&Store, &Account), target: FactorTarget<'_>) -> Outcome {
    let wrong = match target {
        FactorTarget::Session(_) => WrongFactor::Passkey,
        _ => WrongFactor::Unguessable,
    };
    Ok(store.count_wrong_factor(account, &target, wrong, now()).await?.is_some())
}

async fn open((store, account): (&Store, &Account), change: impl Fn(&mut Opening)) -> Outcome {
    let mut opening = opening(account, SessionKind::Cookie);
    change(&mut opening);
    store.open_session(account, &opening, Some(digest(31))).await
}

fn rotation(byte: u8, is: Presented) -> DeviceNote {
    DeviceNote::Rotate(Rotation {
        device: DeviceId::new("device-70"),
        presented: digest(byte),
        is,
        next: digest(2),
        at: now(),
        ip: "192.0.2.2".to_owned(),
        user_agent: "y".to_owned(),
    })
}

fn new_device(opening: &mut Opening) {
    opening.device = DeviceNote::Trust(TrustedDevice {
        id: DeviceId::new("new"),
        previous: None,
        unpresented: vec![digest(2)],
        until: now(),
        created_at: now(),
        last_seen_at: now(),
        ip: String::new(),
        user_agent: String::new(),
    });
}

/// Each write, and how the account is changed before it is read.
const WRITES: &[(&str, Prepare, Write)] = &[
    ("a code completes a login", AS_IT_IS, |store, account| {
        let opening = opening(account, SessionKind::Cookie);
        Box::pin(accept((store, account), 30, code(), Some(opening)))
    }),
    ("a recovery code completes a login, and a network is known", AS_IT_IS, |store, account| {
        let network = NetworkNote::Again(digest(51), now());
        let opening = Opening { network, ..opening(account, SessionKind::Cookie) };
        Box::pin(accept((store, account), 30, recovery(), Some(opening)))
    }),
    ("a passkey completes a login, and its device is trusted", AS_IT_IS, |store, account| {
        let mut opening = opening(account, SessionKind::Cookie);
        new_device(&mut opening);
        Box::pin(accept((store, account), 30, passkey(account), Some(opening)))
    }),
    ("a code in a session", AS_IT_IS, |store, account| {
        Box::pin(accept((store, account), 11, code(), None))
    }),
    ("a recovery code in a session", AS_IT_IS, |store, account| {
        Box::pin(accept((store, account), 11, recovery(), None))
    }),
    ("a passkey in a session", AS_IT_IS, |store, account| {
        Box::pin(accept((store, account), 11, passkey(account), None))
    }),
    ("a code beside a password", AS_IT_IS, |store, account| {
        let opening = opening(account, SessionKind::Bearer);
        Box::pin(accept((store, account), 0, code(), Some(opening)))
    }),
    ("the first code, of a login", not_confirmed, |store, account| {
        let opening = opening(account, SessionKind::Cookie);
        Box::pin(accept((store, account), 30, code(), Some(opening)))
    }),
    ("the first code, in a session", not_confirmed, |store, account| {
        Box::pin(accept((store, account), 11, code(), None))
    }),
    ("a wrong factor of a login", AS_IT_IS, |store, account| {
        let challenge = account.challenge(&digest(30)).unwrap().unwrap();
        Box::pin(async move { refuse((store, account), FactorTarget::Challenge(&challenge)).await })
    }),
    ("a wrong passkey in a session", AS_IT_IS, |store, account| {
        let session = session_of(account, 11);
        Box::pin(async move { refuse((store, account), FactorTarget::Session(&session)).await })
    }),
    ("a wrong factor at a link", AS_IT_IS, |store, account| {
        let link = account.mail.link(LinkKind::Reset).unwrap();
        Box::pin(refuse((store, account), FactorTarget::Reset(LinkKind::Reset, link)))
    }),
    ("a wrong factor at a link that undoes", AS_IT_IS, |store, account| {
        Box::pin(refuse((store, account), FactorTarget::Secure(now())))
    }),
    ("a login", AS_IT_IS, |store, account| Box::pin(open((store, account), |_| {}))),
    ("a login in place of a session", AS_IT_IS, |store, account| {
        Box::pin(open((store, account), |opening| opening.in_place_of = Some(digest(12))))
    }),
    ("a login where the list is full", full_of_sessions, |store, account| {
        Box::pin(open((store, account), |_| {}))
    }),
    ("a login from a new network", AS_IT_IS, |store, account| {
        let network = NetworkNote::New(digest(3), now());
        Box::pin(open((store, account), move |opening| opening.network = network))
    }),
    ("a login from a device", AS_IT_IS, |store, account| {
        let note = || rotation(70, Presented::First);
        Box::pin(open((store, account), move |opening| opening.device = note()))
    }),
    ("a login from a device whose answer was lost", AS_IT_IS, |store, account| {
        let note = || rotation(75, Presented::Again);
        Box::pin(open((store, account), move |opening| opening.device = note()))
    }),
    ("a challenge", AS_IT_IS, |store, account| {
        let carried = Carried { session: Some(digest(12)), challenge: None };
        Box::pin(challenge((store, account), carried))
    }),
    ("a challenge in place of another", AS_IT_IS, |store, account| {
        let carried = Carried { session: None, challenge: Some(digest(31)) };
        Box::pin(challenge((store, account), carried))
    }),
    ("a session gets a new token", AS_IT_IS, |store, account| {
        let new = opening(account, SessionKind::Cookie).session;
        let old = session_of(account, 11);
        Box::pin(async move { store.rotate_session(account, &old, &new).await })
    }),
    ("a session is seen", AS_IT_IS, |store, account| {
        Box::pin(store.writes.apply(GuardedWrite::seeing(account, &session_of(account, 11), now())))
    }),
];

fn not_confirmed(account: &mut Document) {
    let unconfirmed = doc! { "secret": sealed(), "last_step": 1_i64, "verified": false };
    account.insert("totp", unconfirmed);
}

fn sealed() -> bson::Binary {
    crate::storage::document::binary(&[2; 40])
}

async fn challenge((store, account): (&Store, &Account), carried: Carried) -> Outcome {
    store.open_challenge(account, &LoginChallenge::begin(digest(1), now()), carried).await
}

#[tokio::test]
async fn each_write_has_the_same_outcome_in_a_group_as_alone() {
    let test = TestStore::on(Server::ReplicaSet).await;
    let others = insert(&test, &document(255)).await;
    for (number, (name, prepare, write)) in (0..).step_by(4).zip(WRITES) {
        let account = |number| {
            let mut account = document(number);
            prepare(&mut account);
            account
        };
        let alone = insert(&test, &account(number)).await;
        let grouped = insert(&test, &account(number + 1)).await;
        assert!(write(&test.store, &alone).await.unwrap(), "{name}");
        let in_group = async |account: &Account| {
            let before = test.sent("update").len();
            let other = GuardedWrite::whenever(&others).add("epoch", 1);
            let other = begin(other.apply_in_group(&test.store));
            let (_, outcome) = join(other, begin(write(&test.store, account))).await;
            let sent = test.sent("update").split_off(before);
            assert_eq!(sent.len(), 1, "{name}");
            assert_eq!(sent[0].get_array("updates").unwrap().len(), 2, "{name}");
            outcome.unwrap()
        };
        assert!(in_group(&grouped).await, "{name}");
        let [alone, grouped] = [stored(&test, &alone).await, stored(&test, &grouped).await];
        let without_id = |account: Option<Document>| {
            let mut account = account.unwrap();
            account.remove("_id");
            account
        };
        assert_eq!(without_id(grouped), without_id(alone), "{name}");

        // Other sessions, and another epoch.
        let overtaken = insert(&test, &account(number + 2)).await;
        let none = doc! { "sessions": [], "tokens": [], "challenges": [], "epoch": 99_i64 };
        test.store.users.update_one(id_of(&overtaken), doc! { "$set": none }).await.unwrap();
        let before = stored(&test, &overtaken).await;
        assert!(!in_group(&overtaken).await, "{name}");
        assert_eq!(stored(&test, &overtaken).await, before, "{name}");

        test.store.users.delete_one(id_of(&overtaken)).await.unwrap();
        assert!(!in_group(&overtaken).await, "{name}");
        assert_eq!(stored(&test, &overtaken).await, None, "{name}");
    }
    let inserted = test.store.users.count_documents(doc! { "_id": 0 }).await.unwrap();
    assert_eq!(inserted, 0);
}

fn id_of(account: &Account) -> Document {
    doc! { "_id": crate::storage::document::id(account.id) }
}
