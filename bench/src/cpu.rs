//! Who took the processor: this benchmark's own processes, and everybody else's.

use std::collections::HashMap;
use std::fs;

use crate::fault::{Result, fault};
use crate::number::share;

/// Microseconds of a tick; Linux tells times to programs in hundredths of a second everywhere.
const TICK: u64 = 10_000;

/// One process's processor time so far.
struct Spent {
    name: String,
    micros: u64,
}

/// All processors' time so far, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    /// Spent, also on what a hypervisor gave to others.
    busy: u64,
    /// Of that, what a hypervisor gave to others.
    stolen: u64,
    /// Passed.
    whole: u64,
}

/// Every process's processor time so far.
pub struct Glance {
    machine: Machine,
    processes: HashMap<u32, Spent>,
}

/// What was spent between two glances.
pub struct Took {
    /// By process, microseconds.
    pub by_process: HashMap<u32, u64>,
    /// The share of the machine that went to processes which are not ours, 0 to 1.
    pub foreign: f64,
    /// Who took most of it, in words.
    pub by_whom: String,
}

/// Looks at every process.
pub fn glance() -> Result<Glance> {
    let machine = machine(&fs::read_to_string("/proc/stat")?)?;
    let mut processes = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        if let Ok(stat) = fs::read_to_string(entry.path().join("stat"))
            && let Some(spent) = process(&stat)
        {
            processes.insert(pid, spent);
        }
    }
    Ok(Glance { machine, processes })
}

impl Glance {
    /// What was spent since `before`; `ours` are this benchmark's processes.
    pub fn since(&self, before: &Self, ours: &[u32]) -> Took {
        let mut by_process = HashMap::new();
        let mut others: Vec<(u64, &str)> = Vec::new();
        for (pid, spent) in &self.processes {
            let earlier = before.processes.get(pid).map_or(0, |spent| spent.micros);
            let micros = spent.micros.saturating_sub(earlier);
            if ours.contains(pid) {
                by_process.insert(*pid, micros);
            } else if micros > 0 {
                others.push((micros, &spent.name));
            }
        }
        let mine: u64 = by_process.values().sum();
        let since = |of: fn(&Machine) -> u64| of(&self.machine).saturating_sub(of(&before.machine));
        let foreign = since(|machine| machine.busy).saturating_sub(mine);
        let stolen = since(|machine| machine.stolen);
        // What came and went between two glances is in the machine's time only, as is some of the
        // kernel's.
        let named: u64 = others.iter().map(|(micros, _)| micros).sum();
        others.push((stolen, "the hypervisor"));
        others.push((foreign.saturating_sub(named + stolen), "the kernel and what came and went"));
        others.sort_by_key(|(micros, _)| std::cmp::Reverse(*micros));
        let whole = since(|machine| machine.whole);
        let most = others
            .iter()
            .take(3)
            .map(|(micros, name)| format!("{name} {:.0} %", 100.0 * share(*micros, whole)));
        let by_whom = most.collect::<Vec<_>>().join(", ");
        Took { foreign: share(foreign, whole), by_whom, by_process }
    }
}

/// The first line of `/proc/stat`.
fn machine(stat: &str) -> Result<Machine> {
    let line = stat.lines().next().and_then(|line| line.strip_prefix("cpu "));
    let line = line.ok_or_else(|| fault("/proc/stat does not tell of the processors"))?;
    // user nice system idle iowait irq softirq steal
    let ticks: Vec<u64> =
        line.split_whitespace().take(8).map(str::parse).collect::<std::result::Result<_, _>>()?;
    let whole: u64 = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    let stolen = ticks.get(7).copied().unwrap_or_default();
    Ok(Machine { busy: (whole - idle) * TICK, stolen: stolen * TICK, whole: whole * TICK })
}

/// A line of `/proc/<pid>/stat`; the name stands in parentheses and may hold anything.
fn process(stat: &str) -> Option<Spent> {
    let (head, tail) = stat.rsplit_once(") ")?;
    let (_, name) = head.split_once('(')?;
    // After the name: state is field 3, utime 14, stime 15.
    let ticks: u64 =
        tail.split(' ').skip(11).take(2).filter_map(|tick| tick.parse::<u64>().ok()).sum();
    Some(Spent { name: name.to_owned(), micros: ticks * TICK })
}

/// Resident memory of a process, bytes.
pub fn resident(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| fault("the process has no memory: it ended"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_read() {
        let line = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 25 17 0 0 20 0 1 0 1 1 1";
        let spent = process(line).unwrap();
        assert_eq!((spent.name.as_str(), spent.micros), ("a ) b", 42 * TICK));
    }

    #[test]
    fn idle_and_waiting_are_not_busy() {
        let expected = Machine { busy: 21 * TICK, stolen: 6 * TICK, whole: 171 * TICK };
        assert_eq!(machine("cpu  1 2 3 100 50 4 5 6 0 0\ncpu0 …").unwrap(), expected);
    }
}
