//! Figures for operators, in Prometheus' text form. Labels are route templates, status classes and dataset names, never ids.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Upper bounds of the latency buckets, microseconds.
const BUCKETS_US: [u64; 12] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_000_000, 10_000_000];

/// Counters of one route.
#[derive(Default)]
struct Route {
    by_class: [u64; 6],
    buckets: [u64; 12],
    count: u64,
    sum_us: u64,
}

/// All counters.
#[derive(Default)]
pub struct Metrics {
    routes: Mutex<BTreeMap<&'static str, Route>>,
    /// Import rows taken.
    pub import_accepted: AtomicU64,
    /// Import rows refused.
    pub import_rejected: AtomicU64,
    /// Decisions found in the cache.
    pub decision_hits: AtomicU64,
    /// Decisions made.
    pub decision_misses: AtomicU64,
}

impl Metrics {
    /// Counts a request of a route template.
    pub fn request(&self, route: &'static str, status: u16, took_us: u64) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let of = routes.entry(route).or_default();
        if let Some(class) = of.by_class.get_mut(usize::from(status / 100)) {
            *class += 1;
        }
        if let Some(bucket) = BUCKETS_US.iter().position(|b| took_us <= *b).and_then(|at| of.buckets.get_mut(at)) {
            *bucket += 1;
        }
        of.count += 1;
        of.sum_us += took_us;
    }

    /// The text, with gauges that others hold: (name, labels, value).
    #[must_use]
    pub fn text(&self, gauges: &[(&str, String, f64)]) -> String {
        let mut out = String::with_capacity(8_192);
        out.push_str("# TYPE natbase_requests_total counter\n");
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        for (route, of) in routes.iter() {
            for (class, n) in of.by_class.iter().enumerate().filter(|(_, n)| **n > 0) {
                let _ = writeln!(out, "natbase_requests_total{{route=\"{route}\",status=\"{class}xx\"}} {n}");
            }
        }
        out.push_str("# TYPE natbase_request_seconds histogram\n");
        for (route, of) in routes.iter() {
            let mut below = 0;
            for (bound, n) in BUCKETS_US.iter().zip(of.buckets) {
                below += n;
                let bound = *bound as f64 / 1e6;
                let _ = writeln!(out, "natbase_request_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}} {below}");
            }
            let _ = writeln!(out, "natbase_request_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", of.count);
            let _ = writeln!(out, "natbase_request_seconds_sum{{route=\"{route}\"}} {}", of.sum_us as f64 / 1e6);
            let _ = writeln!(out, "natbase_request_seconds_count{{route=\"{route}\"}} {}", of.count);
        }
        drop(routes);
        for (name, counter) in [
            ("natbase_import_rows_accepted_total", &self.import_accepted),
            ("natbase_import_rows_rejected_total", &self.import_rejected),
            ("natbase_decision_cache_hits_total", &self.decision_hits),
            ("natbase_decision_cache_misses_total", &self.decision_misses),
        ] {
            let _ = writeln!(out, "# TYPE {name} counter\n{name} {}", counter.load(Ordering::Relaxed));
        }
        for (name, labels, value) in gauges {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
        out
    }
}
