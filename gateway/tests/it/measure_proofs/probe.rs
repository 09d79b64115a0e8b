//! What an operation costs: CPU of its thread, the clock, memory of the process. And how files leave the page cache.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant as Stopwatch;

/// Counts for the thread that made it.
pub(crate) struct Probe {
    file: File,
    /// CPU µs of counting nothing.
    empty: f64,
}

/// CPU and clock of single operations, µs, in order of size.
pub(crate) struct Costs {
    cpu: Vec<f64>,
    clock: Vec<f64>,
}

impl Probe {
    pub(crate) fn new() -> Self {
        let file = File::open("/proc/thread-self/schedstat").expect("Linux");
        let empty = Self { file, empty: 0.0 }.each(2_000, |_| ());
        Self { file: File::open("/proc/thread-self/schedstat").expect("Linux"), empty: at(&empty.cpu, 50) }
    }

    /// CPU µs of the thread. The kernel brings the sum up to date when the thread gives way.
    pub(crate) fn cpu(&self) -> f64 {
        std::thread::yield_now();
        let mut text = [0; 96];
        let read = self.file.read_at(&mut text, 0).expect("Linux");
        let text = std::str::from_utf8(&text[..read]).expect("text");
        text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).expect("nanoseconds") / 1_000.0
    }

    /// Does `operation` `count` times; what it gives is dropped outside of what is counted.
    pub(crate) fn each<T>(&self, count: u64, mut operation: impl FnMut(u64) -> T) -> Costs {
        let mut costs = Costs { cpu: Vec::new(), clock: Vec::new() };
        for number in 0..count {
            self.once(&mut costs, || operation(number));
        }
        costs.sorted()
    }

    /// Does `operation` once, after `before`, which is not counted; `after` sees what it gave.
    pub(crate) fn each_between<T>(
        &self,
        count: u64,
        mut before: impl FnMut(u64),
        mut operation: impl FnMut(u64) -> T,
        mut after: impl FnMut(u64, T),
    ) -> Costs {
        let mut costs = Costs { cpu: Vec::new(), clock: Vec::new() };
        for number in 0..count {
            before(number);
            let given = self.once(&mut costs, || operation(number));
            after(number, given);
        }
        costs.sorted()
    }

    fn once<T>(&self, costs: &mut Costs, operation: impl FnOnce() -> T) -> T {
        let cpu = self.cpu();
        let clock = Stopwatch::now();
        let given = std::hint::black_box(operation());
        costs.clock.push(clock.elapsed().as_secs_f64() * 1e6);
        costs.cpu.push((self.cpu() - cpu - self.empty).max(0.0));
        given
    }
}

impl Costs {
    fn sorted(mut self) -> Self {
        self.cpu.sort_by(f64::total_cmp);
        self.clock.sort_by(f64::total_cmp);
        self
    }
}

impl std::fmt::Display for Costs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [cpu, clock] = [&self.cpu, &self.clock].map(|all| (at(all, 50), at(all, 99)));
        write!(out, "µs CPU {:.1}, p99 {:.1}; µs by the clock {:.1}, p99 {:.1}", cpu.0, cpu.1, clock.0, clock.1)
    }
}

/// What `percent` of a hundred do not exceed.
fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

/// Takes a file's pages out of the page cache: what is written is synced, then the kernel is told that nobody needs them.
pub(crate) fn forget(file: &Path) {
    File::open(file).and_then(|file| file.sync_all()).expect("synced");
    let from = format!("if={}", file.display());
    let told = Command::new("dd").args([from.as_str(), "iflag=nocache", "count=0", "status=none"]).status();
    assert!(told.expect("dd of coreutils").success(), "{}", file.display());
}

/// MB of memory that the process has now, and the most it has had.
pub(crate) fn memory() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("kB") / 1_000.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}
