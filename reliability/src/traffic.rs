//! A steady mix of everything that people do.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::client::Client;
use crate::mailbox::Mailbox;
use crate::person::{Kind, Person};

/// People who are enrolled at the same time.
const AT_ONCE: usize = 6;

/// People who act until they are stopped.
pub struct Traffic {
    people: Vec<JoinHandle<Person>>,
    stop: watch::Sender<bool>,
}

/// Registers people: a third with a password alone, a third with an app, a third with a passkey.
pub async fn enrol(count: usize, client: &Client, mailbox: &Arc<Mailbox>) -> Vec<Person> {
    let kinds = [Kind::Password, Kind::App, Kind::Passkey];
    let (mut enrolling, mut people) = (JoinSet::new(), Vec::new());
    for (number, kind) in (0..count).zip(kinds.into_iter().cycle()) {
        if enrolling.len() == AT_ONCE {
            people.push(enrolling.join_next().await.unwrap().unwrap());
        }
        enrolling.spawn(Person::enrolled(number, kind, client.clone(), Arc::clone(mailbox)));
    }
    people.extend(enrolling.join_all().await);
    people
}

impl Traffic {
    /// Everybody acts, and rests for `pause` in between.
    #[must_use]
    pub fn start(people: Vec<Person>, pause: Duration) -> Self {
        let stop = watch::Sender::new(false);
        let people = people.into_iter().map(|mut person| {
            let stopped = stop.subscribe();
            tokio::spawn(async move {
                while !*stopped.borrow() {
                    person.act().await;
                    sleep(pause).await;
                }
                person
            })
        });
        Self { people: people.collect(), stop }
    }

    /// Waits until everybody has finished what they were doing.
    pub async fn stop(self) -> Vec<Person> {
        self.stop.send_replace(true);
        let mut people = Vec::new();
        for person in self.people {
            people.push(person.await.unwrap());
        }
        people
    }
}
