//! Who took the processor: this benchmark's own processes, and everybody else's.

use std::collections::HashMap;
use std::fs;

use crate::fault::{Result, fault};
use crate::number::share;

/// Microseconds of a tick; Linux tells times to programs in hundredths of a second everywhere.
const TICK: u64 = 10_000;

/// One process's processor time so far, microseconds.
struct Spent {
    name: String,
    own: u64,
    /// Its own and that of all its children who ended.
    family: u64,
}

/// All processors' time so far, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Machine {
    /// What a hypervisor gave to others.
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
    /// The share that the hypervisor gave to others.
    pub stolen: f64,
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
            let earlier = before.processes.get(pid);
            if ours.contains(pid) {
                let earlier = earlier.map_or(0, |spent| spent.own);
                by_process.insert(*pid, spent.own.saturating_sub(earlier));
            } else {
                let earlier = earlier.map_or(0, |spent| spent.family);
                others.push((spent.family.saturating_sub(earlier), &spent.name));
            }
        }
        // What ends goes over to its parent, so the sum of all families loses nothing.
        let foreign = self.foreign(ours).saturating_sub(before.foreign(ours));
        let stolen = self.machine.stolen.saturating_sub(before.machine.stolen);
        let whole = self.machine.whole.saturating_sub(before.machine.whole);
        others.push((stolen, "the hypervisor"));
        others.sort_by_key(|(micros, _)| std::cmp::Reverse(*micros));
        let most = others
            .iter()
            .take(3)
            .map(|(micros, name)| format!("{name} {:.0} %", 100.0 * share(*micros, whole)));
        let by_whom = most.collect::<Vec<_>>().join(", ");
        Took { foreign: share(foreign, whole), stolen: share(stolen, whole), by_whom, by_process }
    }

    fn foreign(&self, ours: &[u32]) -> u64 {
        let others = self.processes.iter().filter(|(pid, _)| !ours.contains(pid));
        others.map(|(_, spent)| spent.family).sum()
    }
}

/// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
fn machine(stat: &str) -> Result<Machine> {
    let line = stat.lines().next().and_then(|line| line.strip_prefix("cpu "));
    let line = line.ok_or_else(|| fault("/proc/stat does not tell of the processors"))?;
    let ticks: Vec<u64> =
        line.split_whitespace().take(8).map(str::parse).collect::<std::result::Result<_, _>>()?;
    let stolen = ticks.get(7).copied().unwrap_or_default();
    Ok(Machine { stolen: stolen * TICK, whole: ticks.iter().sum::<u64>() * TICK })
}

/// A line of `/proc/<pid>/stat`; the name stands in parentheses and may hold anything.
fn process(stat: &str) -> Option<Spent> {
    let (head, tail) = stat.rsplit_once(") ")?;
    let (_, name) = head.split_once('(')?;
    // After the name: state is field 3, utime 14, stime 15, those of ended children 16 and 17.
    let times = tail.split(' ').skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok());
    let times: Vec<u64> = times.collect();
    let own = times.iter().take(2).sum::<u64>() * TICK;
    Some(Spent { name: name.to_owned(), own, family: times.iter().sum::<u64>() * TICK })
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
        let line = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 25 17 3 1 20 0 1 0 1 1 1";
        let spent = process(line).unwrap();
        let read = (spent.name.as_str(), spent.own / TICK, spent.family / TICK);
        assert_eq!(read, ("a ) b", 42, 46));
    }

    #[test]
    fn what_the_hypervisor_gave_to_others_is_told() {
        let expected = Machine { stolen: 6 * TICK, whole: 171 * TICK };
        assert_eq!(machine("cpu  1 2 3 100 50 4 5 6 0 0\ncpu0 …").unwrap(), expected);
    }

    #[test]
    fn a_child_that_ended_is_its_parent_s() {
        let glance = |processes: &[(u32, u64, u64)], whole| Glance {
            machine: Machine { stolen: 0, whole },
            processes: processes
                .iter()
                .map(|(pid, own, family)| {
                    (*pid, Spent { name: pid.to_string(), own: *own, family: *family })
                })
                .collect(),
        };
        let before = glance(&[(1, 5, 5), (2, 30, 30), (3, 7, 7)], 0);
        let after = glance(&[(1, 5, 45), (3, 17, 17)], 100);
        let took = after.since(&before, &[3]);
        assert!((took.foreign - 0.10).abs() < 1e-9);
        assert_eq!(took.by_process.get(&3), Some(&10));
    }
}
