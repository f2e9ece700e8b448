//! Labels with a closed set of values.

use std::marker::PhantomData;
use std::sync::Arc;

/// A label and all of its values.
pub trait Label: Copy + PartialEq + 'static {
    /// The label's name.
    const NAME: &'static str;
    /// Every value.
    const ALL: &'static [Self];

    /// The value as it is exported.
    fn as_str(self) -> &'static str;
}

/// Defines a label's values with their names, so that none lacks one.
macro_rules! label {
    ($(#[$doc:meta])+ $label:ident($name:literal) { $($(#[$about:meta])+ $value:ident = $text:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $label {
            $($(#[$about])+ $value,)+
        }

        impl $crate::metrics::labels::Label for $label {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $text,)+
                }
            }
        }
    };
}
pub(super) use label;

/// A metric for each value of a label. They are made once, so recording looks up no label.
pub struct PerLabel<L, M>(Arc<[M]>, PhantomData<L>);

impl<L, M> Clone for PerLabel<L, M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<L: Label, M> PerLabel<L, M> {
    pub fn of(metric: impl Fn(&'static str) -> M) -> Self {
        Self(L::ALL.iter().map(|value| metric(value.as_str())).collect(), PhantomData)
    }

    /// The metric of a value. There always is one.
    pub fn get(&self, value: L) -> Option<&M> {
        let index = L::ALL.iter().position(|known| *known == value)?;
        self.0.get(index)
    }
}

impl<L: Label> PerLabel<L, prometheus::IntCounter> {
    pub fn inc(&self, value: L) {
        if let Some(counter) = self.get(value) {
            counter.inc();
        }
    }
}
