//! Failures, collected so that one run shows them all.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

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
        if let Err(panic) = quiet(|| test(&mut |what| failures.push(what))) {
            failures.push(panic);
        }
        for what in failures {
            self.fail(case, what);
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

thread_local! {
    /// What the last panic on this thread said; `None` where panics are printed as usual.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `test`; a panic in it is an error instead of a print.
///
/// # Errors
/// What the panic said, and where.
pub fn quiet<T>(test: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let caught = CAUGHT
                .with_borrow_mut(|caught| caught.as_mut().map(|caught| *caught = info.to_string()).is_some());
            if !caught {
                usual(info);
            }
        }));
    });
    CAUGHT.set(Some(String::new()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(test));
    let said = CAUGHT.take().unwrap_or_default();
    outcome.map_err(|_| said)
}
