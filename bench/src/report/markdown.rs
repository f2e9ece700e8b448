//! `docs/benchmarks.md`: the last recorded run and how to read it.

use std::fmt::Write;

use super::{figures, spread};
use crate::results::{Finding, Goal, Measured, Run, Side};

const INTRODUCTION: &str = "\
# Benchmarks

The last recorded run of `make bench`, written by it. A service is as fast as the database, the framework and
Argon2id allow, so every number is a *ratio* to a limit that was measured in the same run: their own speed.

";

const HOW_TO_READ: &str = "\
## How to read it

- **A limit** is a bare Actix server in a process of its own that does only what the call cannot do without, with
  the service's number of workers, the driver's options it has, and its answer byte for byte. Where a limit writes to the
  database, filter and update are the service's own, read from `mongod`'s profiler at the run's beginning.
- **What the service brings** beyond that is in the ratios, also where it gains: jemalloc, where a limit has the C library's
  allocator, and hashing threads that run at nice 10.
- **Settings** are development's, so that the budget of a network does not end the load, which comes from one: in production a
  login counts against that budget too, one write more. One client may have the whole hashing queue.
- **A ratio** is the median of the rounds' own ratios: of the service's answers a second in one round to the limit's in the
  next; in parentheses the least and the greatest of them. Rounds are short, many, and alternate (service, limit, service, …), so
  a machine that grows warm or busy does so for both. *By CPU alone* leaves the generator out: what the server and `mongod` spend
  on a request.
- **No ratio** is printed where other processes took more than 5 % of the machine, or a hypervisor more than 10 %, in too
  many rounds; such rounds are repeated.
- **The generator** is the benchmark's own, a process of one thread: `oha` and `wrk` send one request over and over, and here
  each request carries another session, another account or a code computed a moment before. It shares the machine, so absolute numbers
  are lower than a server alone would reach; its CPU time is listed separately.
- **Two limits** for `me`, `whoami` and `validate`. *The single-read limit* sends a command of its own for each request, as most services do.
  *The limit* shares commands between the requests that wait, as the service does. Both are measured with one caller and with 1, 4, 16, 32 and 128
  connections a core; goals are for 16, and for what one caller waits. Logins are measured with up to 32 a core: more find no place in the hashing queue.
- **Peers**: better-auth with its MongoDB adapter on the same `mongod`, set up as its documentation says, from npm and with the versions of its lock file: one
  process of Node.js, which uses one core for everything but hashes. Its rate limit is off. *By CPU alone* compares what both spend on a request, whatever the number of processes.
  The tutorial's FastAPI service, with the packages that it names, is one process of uvicorn. It is measured if the run names a folder of it (`--tutorial`), since its code is no
  part of this project.
- **Latencies** under full load are those of a full queue (16 connections a core, 8 where passwords are hashed, unless the work says another number), not of
  a visitor. Only `flood` is paced: its latency counts from the moment a request was due, so what waits behind a slow one is counted too.
- `mongod` runs standalone (no replica set, so commands have no numbers for a second try), with a cache of half the memory, as it takes by itself; a million accounts fit.
- A *second* run differs by a few percent: compare ratios, not answers a second. `make bench-check` fails where a ratio
  fell by more than a tenth of the recorded one.

";

/// The page.
pub fn page(run: &Run) -> String {
    let mut page = INTRODUCTION.to_owned();
    let machine = &run.machine;
    let memory = machine.memory_mib / 1024;
    // Writing to a text cannot fail.
    let _written = writeln!(
        page,
        "{}, {} cores, {memory} GiB, Linux {}; mongod {}; {}; {}. {} rounds of {} s a side, {}.\n",
        machine.processor,
        machine.cores,
        machine.kernel,
        machine.mongod,
        machine.service,
        machine.rustc,
        run.rounds,
        run.seconds,
        machine.date,
    );
    page.push_str("| work | call | measured | goal | |\n|---|---|---|---|---|\n");
    run.works.iter().for_each(|work| page.push_str(&row(work)));
    page.push_str("\n![Ratios](benchmarks/ratios.svg)\n\n");
    page.push_str(HOW_TO_READ);
    page.push_str("## Where a request's time goes\n\n");
    page.push_str("![CPU by process](benchmarks/processors.svg)\n\n");
    page.push_str("![Latencies](benchmarks/latencies.svg)\n\n");
    page.push_str("| work | side | a second (range) | p50 | p99 | p99.9 ms | server | mongod | ");
    page.push_str("generator µs |\n|---|---|---|---|---|---|---|---|---|\n");
    for work in &run.works {
        work.sides.iter().for_each(|one| page.push_str(&side(work, one)));
    }
    page.push_str("\n## What each is measured against\n\n");
    for work in &run.works {
        let notes = work.notes.join(" ");
        let _written = writeln!(page, "- **{}**: {}. {notes}", work.work, work.against);
    }
    page
}

fn row(work: &Measured) -> String {
    let Measured { work: name, call, findings, refused, .. } = work;
    if let Some(by_whom) = refused {
        return format!("| {name} | {call} | no ratio: {by_whom} took the machine | | |\n");
    }
    let line = |(place, found): (usize, &Finding)| {
        let (name, call) = if place == 0 { (name.as_str(), call.as_str()) } else { ("", "") };
        let verdict = match (found.goal, found.is_met()) {
            (Goal::Told, _) => "",
            (_, true) => "reached",
            (_, false) => "**missed**",
        };
        let (what, measured) = (&found.what, spread(found));
        let goal = match found.goal {
            Goal::Told => String::new(),
            goal => goal.in_words(&found.unit),
        };
        format!("| {name} | {call} | {what}: {measured} | {goal} | {verdict} |\n")
    };
    findings.iter().enumerate().map(line).collect()
}

fn side(work: &Measured, side: &Side) -> String {
    format!("| {} | {} | {} |\n", work.work, side.name, figures(side).join(" | "))
}
