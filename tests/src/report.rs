//! Failures, collected so that one run shows them all.

use std::fmt::{self, Write as _};

/// The failures of one suite.
#[derive(Debug, Default)]
pub struct Report {
    failures: Vec<String>,
    ran: usize,
}

impl Report {
    /// Counts a case that ran.
    pub fn ran(&mut self) {
        self.ran += 1;
    }

    /// Notes a failure of `case`. `what` may have several lines.
    pub fn fail(&mut self, case: impl fmt::Display, what: impl fmt::Display) {
        let mut text = format!("{case}\n");
        for line in what.to_string().lines() {
            let _ = writeln!(text, "    {line}");
        }
        self.failures.push(text);
    }

    /// Notes the failure, where `result` is one.
    pub fn check(&mut self, case: impl fmt::Display, result: Result<(), String>) {
        if let Err(what) = result {
            self.fail(case, what);
        }
    }

    /// Runs a case; a panic in it is a failure of it, and the others still run.
    pub fn run(&mut self, case: &str, test: impl FnOnce(&mut dyn FnMut(String))) {
        self.ran();
        let mut failures = Vec::new();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            test(&mut |what| failures.push(what));
        }));
        for what in failures {
            self.fail(case, what);
        }
        if let Err(panic) = outcome {
            let what = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|what| (*what).to_owned()));
            self.fail(case, format!("panicked: {}", what.unwrap_or_default()));
        }
    }

    /// How many cases ran.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ran
    }

    /// Ends the suite.
    ///
    /// # Panics
    /// Where a case failed, with all failures; where no case ran, unless a filter is set.
    pub fn finish(self, suite: &str) {
        assert!(
            self.ran > 0,
            "{suite}: nothing ran. Is the data there{}?",
            if filter().is_some() { ", and does CASE match a case" } else { "" }
        );
        if self.failures.is_empty() {
            println!("{suite}: {} cases", self.ran);
            return;
        }
        let count = self.failures.len();
        panic!("{suite}: {count} failures in {} cases\n\n{}", self.ran, self.failures.join("\n"));
    }
}

/// The filter of this run: with `CASE=fetch`, only cases whose `topic/name` holds `fetch`.
#[must_use]
pub fn filter() -> Option<String> {
    std::env::var("CASE").ok().filter(|filter| !filter.is_empty())
}

/// Whether this run is to look at the case of this name.
#[must_use]
pub fn selected(name: &str) -> bool {
    filter().is_none_or(|filter| name.contains(&filter))
}
