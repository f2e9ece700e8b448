//! Metrics of the process, by the names that Prometheus has for them. What the system does not say stays at zero.

use std::fs;
use std::time::Duration;

use prometheus::{Counter, IntGauge, Result};
use rustix::param::page_size;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::define::Define;
use crate::domain::clock::Clock;

/// Metrics of the process.
#[derive(Clone)]
pub(super) struct ProcessMetrics {
    cpu: Counter,
    resident: IntGauge,
    virtual_memory: IntGauge,
    open_descriptors: IntGauge,
    most_descriptors: IntGauge,
}

impl ProcessMetrics {
    pub fn new(define: Define<'_>) -> Result<Self> {
        let started = define.gauge(
            "process_start_time_seconds",
            "Start of the process, seconds since the epoch.",
        )?;
        started.set(Clock::system().now().timestamp());
        Ok(Self {
            cpu: define.register(Counter::new(
                "process_cpu_seconds_total",
                "User and system CPU time, seconds.",
            )?)?,
            resident: define.gauge("process_resident_memory_bytes", "Resident memory.")?,
            virtual_memory: define.gauge("process_virtual_memory_bytes", "Virtual memory.")?,
            open_descriptors: define.gauge("process_open_fds", "Open file descriptors.")?,
            most_descriptors: define.gauge("process_max_fds", "Limit of file descriptors.")?,
        })
    }

    /// Reads them again.
    pub fn refresh(&self) {
        let used = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
        self.cpu.inc_by((used.as_secs_f64() - self.cpu.get()).max(0.0));
        let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let mut pages = statm.split(' ').map(|pages| pages.parse::<usize>().unwrap_or_default());
        for gauge in [&self.virtual_memory, &self.resident] {
            set(gauge, pages.next().unwrap_or_default().saturating_mul(page_size()));
        }
        set(&self.open_descriptors, fs::read_dir("/proc/self/fd").map_or(0, Iterator::count));
        let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        set(&self.most_descriptors, usize::try_from(most).unwrap_or(usize::MAX));
    }
}

fn set(gauge: &IntGauge, value: usize) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
