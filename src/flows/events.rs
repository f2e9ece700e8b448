//! The security events of an account, read by its owner.

use super::Auth;
use super::access::SignedIn;
use super::error::AuthError;
use crate::domain::event::RecordedEvent;
use crate::domain::event_page::{EventCursor, PageSize};
use crate::domain::ids::UserId;

/// A page of events.
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<RecordedEvent>,
    /// Where the next page begins, if there is one.
    pub next: Option<EventCursor>,
}

impl Auth {
    /// A page of the caller's own events, newest first. It includes everything that this instance has
    /// recorded so far.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`].
    pub async fn events(
        &self,
        caller: &SignedIn,
        after: Option<EventCursor>,
        size: PageSize,
    ) -> Result<EventPage, AuthError> {
        self.event_log.flush().await;
        self.page_of_events(caller.open().account().id, after, size).await
    }

    pub(super) async fn page_of_events(
        &self,
        user: UserId,
        after: Option<EventCursor>,
        size: PageSize,
    ) -> Result<EventPage, AuthError> {
        let since = self.clock.now() - self.rules.events_kept;
        // One event more than the page holds shows whether there is a next page.
        let mut events = self.store.events(user, after, size.get() + 1, since).await?;
        let has_more = events.len() > size.get();
        events.truncate(size.get());
        let last = events.last().filter(|_| has_more);
        let next = last.map(|event| EventCursor { at: event.at, id: event.id });
        Ok(EventPage { events, next })
    }
}
