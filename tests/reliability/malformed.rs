//! Malformed requests.

use twofold_reliability::malformed;

use crate::{folder, program};

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_answered_without_a_fault() {
    let (_, outcome) = malformed::run(program(), folder(), 1, 8_000).await;
    assert_eq!(outcome.broken, Vec::<String>::new(), "{outcome:?}");
}
