//! What holds tokens has no `Debug`.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::*;
use crate::flows::log_in::CarriedTokens;

/// Whether a type can be printed: the inherent constant is preferred, if it exists.
struct Probe<T>(PhantomData<T>);

impl<T: Debug> Probe<T> {
    const CAN_BE_PRINTED: bool = true;
}

trait Unprintable {
    const CAN_BE_PRINTED: bool = false;
}

impl<T> Unprintable for Probe<T> {}

#[test]
fn what_holds_tokens_cannot_be_printed() {
    let printable = [
        Probe::<Carrier>::CAN_BE_PRINTED,
        Probe::<Credentials<'_>>::CAN_BE_PRINTED,
        Probe::<CarriedTokens<'_>>::CAN_BE_PRINTED,
    ];
    assert_eq!(printable, [true, false, false]);
}
