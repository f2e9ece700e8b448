//! A steady mix of everything that people do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::client::Client;
use crate::mailbox::Mailbox;
use crate::person::{Kind, Person};

/// People who are enrolled at the same time.
const AT_ONCE: usize = 6;

/// How often people act.
#[derive(Clone)]
pub enum Pace {
    /// Again after a rest.
    Pause(Duration),
    /// Whenever there is a ticket.
    Tickets(Arc<Semaphore>),
}

/// People who act until they are stopped.
pub struct Traffic {
    people: Vec<JoinHandle<Person>>,
    stop: watch::Sender<bool>,
    actions: Arc<AtomicU64>,
}

impl Pace {
    async fn wait(&self) {
        match self {
            Self::Pause(pause) => sleep(*pause).await,
            Self::Tickets(tickets) => tickets.acquire().await.unwrap().forget(),
        }
    }
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
    /// Everybody acts.
    #[must_use]
    pub fn start(people: Vec<Person>, pace: &Pace) -> Self {
        let (stop, actions) = (watch::Sender::new(false), Arc::<AtomicU64>::default());
        let people = people.into_iter().map(|mut person| {
            let (mut stopped, pace) = (stop.subscribe(), pace.clone());
            let actions = Arc::clone(&actions);
            tokio::spawn(async move {
                while !*stopped.borrow() {
                    person.act().await;
                    actions.fetch_add(1, Ordering::Relaxed);
                    tokio::select! {
                        () = pace.wait() => {}
                        _stopped = stopped.changed() => {}
                    }
                }
                person
            })
        });
        Self { people: people.collect(), stop, actions }
    }

    /// How often people have acted.
    #[must_use]
    pub fn actions(&self) -> u64 {
        self.actions.load(Ordering::Relaxed)
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
