//! Defines metrics in a registry.

use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, Result,
};

use super::labels::{Label, PerLabel};

/// Defines metrics in a registry, by name and help text.
#[derive(Clone, Copy)]
pub struct Define<'a>(pub &'a Registry);

impl Define<'_> {
    pub fn counter(self, name: &str, help: &str) -> Result<IntCounter> {
        self.register(IntCounter::new(name, help)?)
    }

    pub fn counters(self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
        self.register(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    pub fn gauge(self, name: &str, help: &str) -> Result<IntGauge> {
        self.register(IntGauge::new(name, help)?)
    }

    pub fn gauges(self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec> {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels)?)
    }

    pub fn histogram(self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram> {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.register(Histogram::with_opts(options)?)
    }

    pub fn histograms(
        self,
        (name, help): (&str, &str),
        labels: &[&str],
        buckets: &[f64],
    ) -> Result<HistogramVec> {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        self.register(HistogramVec::new(options, labels)?)
    }

    /// A counter for each value of a label, all exported from the start: a rate needs the zero before the first
    /// increment.
    pub fn counter_per<L: Label>(self, name: &str, help: &str) -> Result<PerLabel<L, IntCounter>> {
        let family = self.counters(name, help, &[L::NAME])?;
        Ok(PerLabel::of(|value| family.with_label_values(&[value])))
    }

    /// Counters by two labels, every pair of values exported from the start.
    pub fn counters_per_pair<A: Label, B: Label>(
        self,
        name: &str,
        help: &str,
    ) -> Result<IntCounterVec> {
        let family = self.counters(name, help, &[A::NAME, B::NAME])?;
        for (one, other) in
            A::ALL.iter().flat_map(|one| B::ALL.iter().map(move |other| (one, other)))
        {
            family.with_label_values(&[one.as_str(), other.as_str()]);
        }
        Ok(family)
    }

    /// A histogram for each value of a label.
    pub fn histogram_per<L: Label>(
        self,
        name: &str,
        help: &str,
        buckets: &[f64],
    ) -> Result<PerLabel<L, Histogram>> {
        let family = self.histograms((name, help), &[L::NAME], buckets)?;
        Ok(PerLabel::of(|value| family.with_label_values(&[value])))
    }

    pub fn register<C: Collector + Clone + 'static>(self, metric: C) -> Result<C> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
}
