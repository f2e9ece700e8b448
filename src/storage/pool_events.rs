//! Counts the connections of the driver's pools, and how long commands wait for one.

use mongodb::event::EventHandler;
use mongodb::event::cmap::CmapEvent;

use crate::metrics::DatabaseMetrics;

/// A handler that counts what a pool reports.
///
/// Commands are measured where they are sent, and not by the driver's events of them: those carry a parsed copy of every
/// command and reply.
pub(super) fn counted_by(metrics: DatabaseMetrics) -> EventHandler<CmapEvent> {
    EventHandler::callback(move |event| match event {
        CmapEvent::ConnectionCreated(_) => metrics.connections.inc(),
        CmapEvent::ConnectionClosed(_) => metrics.connections.dec(),
        CmapEvent::ConnectionCheckedOut(event) => {
            metrics.connections_in_use.inc();
            metrics.waited_for_connection(event.duration);
        }
        CmapEvent::ConnectionCheckedIn(_) => metrics.connections_in_use.dec(),
        CmapEvent::ConnectionCheckoutFailed(_) => metrics.connection_failures.inc(),
        _ => {}
    })
}
