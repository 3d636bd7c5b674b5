//! Writes about a tenant by their names: runs differ in the order of their writes and in how many
//! there are, and not in what has to be written.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use hyper::Method;
use serde_json::Value;
use tokio::sync::Notify;

use crate::daemon::Control;
use crate::proxy::{Fate, Seen};
use crate::traces::Traces;

/// So long nothing is written after the last write of an action.
const QUIET: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_mins(2);
/// A write may not come about in a run; in none of so many it is an error.
const TRIES_MAX: usize = 4;
/// What the name of a Job begins with that has a time for the rest.
const UPDATE: &str = "update-";
/// What is told of a change of release.
const PHASE: &str = "phase ";

/// A write as far as it is the same in every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    what: String,
    /// What a status says.
    facts: BTreeSet<String>,
}

impl Write {
    /// The write that `seen` is, if it is one about the tenant.
    fn of(seen: &Seen, traces: &Traces) -> Option<Self> {
        // Events are news, not state.
        let is_state = seen.is_write() && !seen.path.contains("/events");
        if !is_state || !traces.are_in(seen) {
            return None;
        }
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let mut what = format!("{} {}", seen.method, seen.path);
        if seen.method == Method::POST {
            let name = body["metadata"]["name"].as_str().unwrap_or_default();
            what = format!("{what}/{name}");
        }
        let facts = if seen.path.ends_with("/status") {
            facts(&body["status"])
        } else {
            BTreeSet::new()
        };
        Some(Self {
            what: without_time(&traces.normalise(&what)),
            facts,
        })
    }
}

fn facts(status: &Value) -> BTreeSet<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let mut facts: BTreeSet<_> = conditions
        .map(|c| {
            let [kind, status, reason] = ["type", "status", "reason"].map(|field| text(&c[field]));
            format!("{kind}={status} {reason}")
        })
        .collect();
    let phase = status["releaseChange"]["phase"].as_str();
    facts.extend(phase.map(|phase| format!("{PHASE}{phase}")));
    facts
}

fn without_time(text: &str) -> String {
    let Some((before, rest)) = text.split_once(UPDATE) else {
        return text.to_owned();
    };
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{UPDATE}TIME{after}")
}

/// The first write of a name, or the first of them that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    what: String,
    fact: Option<String>,
}

impl Target {
    fn is(&self, write: &Write) -> bool {
        let says = |fact| write.facts.contains(fact);
        self.what == write.what && self.fact.as_ref().is_none_or(says)
    }

    /// Whether it says that a change of release is in this phase.
    pub(crate) fn is_phase(&self, phase: &str) -> bool {
        self.fact
            .as_deref()
            .and_then(|fact| fact.strip_prefix(PHASE))
            == Some(phase)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fact {
            Some(fact) => write!(f, "{} ({fact})", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Every write of an undisturbed run that every other run has, too. Of what a status says these
/// are the phases, and what it says in the end; the rest is a matter of time.
pub(crate) fn targets(writes: &[Write]) -> Vec<Target> {
    let last = writes.iter().rfind(|write| !write.facts.is_empty());
    let stays = |fact: &&String| {
        fact.starts_with(PHASE) || last.is_some_and(|last| last.facts.contains(*fact))
    };
    let mut told = BTreeSet::new();
    let mut targets = Vec::new();
    for write in writes {
        let mut news = write.facts.difference(&told).filter(stays);
        let target = Target {
            what: write.what.clone(),
            fact: news.next().cloned(),
        };
        let is_known = |known: &Target| known.what == target.what;
        if target.fact.is_some() || !targets.iter().any(is_known) {
            targets.push(target);
        }
        told.extend(write.facts.iter().cloned());
    }
    targets
}

/// Targets that the daemon is still to be killed after, each with what it is a part of, and how
/// often it was tried.
pub(crate) struct Left<T>(VecDeque<(T, Target, usize)>);

impl<T> Left<T> {
    pub(crate) fn new(targets: impl IntoIterator<Item = (T, Target)>) -> Self {
        let targets = targets.into_iter();
        Self(targets.map(|(of, target)| (of, target, 0)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn next(&mut self) -> Option<(T, Target, usize)> {
        self.0.pop_front()
    }

    /// What did not come about in a run that wrote `writes` is tried again later.
    pub(crate) fn again(
        &mut self,
        (of, target, tries): (T, Target, usize),
        writes: &[Write],
    ) -> Result<()> {
        let names: Vec<_> = writes.iter().map(|write| write.what.as_str()).collect();
        ensure!(
            tries + 1 < TRIES_MAX,
            "{target} was part of an undisturbed run and of none of {TRIES_MAX} others; the last \
             one wrote\n  {}",
            names.join("\n  ")
        );
        self.0.push_back((of, target, tries + 1));
        Ok(())
    }
}

/// The writes about a tenant that pass, until the one that stops them.
#[derive(Clone)]
pub(crate) struct Watched {
    writes: Arc<Mutex<(Vec<Write>, Instant)>>,
    reached: Arc<Notify>,
}

impl Watched {
    /// Lets every request pass until the write `target` about a tenant, which is done and not
    /// answered.
    pub(crate) fn until(control: &Control, traces: Traces, target: Option<Target>) -> Self {
        let watched = Self {
            writes: Arc::new(Mutex::new((Vec::new(), Instant::now()))),
            reached: Arc::default(),
        };
        let watching = watched.clone();
        control
            .proxy
            .decide(move |seen| watching.decide(seen, &traces, target.as_ref()));
        watched
    }

    fn decide(&self, seen: &Seen, traces: &Traces, target: Option<&Target>) -> Fate {
        let Some(write) = Write::of(seen, traces) else {
            return Fate::Pass;
        };
        let mut locked = self.locked();
        let (writes, last) = &mut *locked;
        let is_target = target.is_some_and(|target| target.is(&write));
        let is_first = !writes
            .iter()
            .any(|it| target.is_some_and(|target| target.is(it)));
        writes.push(write);
        *last = Instant::now();
        if is_target && is_first {
            self.reached.notify_one();
            return Fate::Unanswered;
        }
        Fate::Pass
    }

    /// Returns when the target was written, if it ever is.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// What was written so far.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.locked().0.clone()
    }

    /// Waits until nothing is written any more, and returns what was.
    pub(crate) async fn settled(&self) -> Result<Vec<Write>> {
        let begin = Instant::now();
        while self.locked().1.elapsed() < QUIET {
            if begin.elapsed() > PATIENCE {
                bail!("it does not come to rest: {:#?}", self.writes());
            }
            tokio::time::sleep(QUIET / 10).await;
        }
        let writes = self.writes();
        ensure!(!writes.is_empty(), "nothing was written");
        Ok(writes)
    }

    fn locked(&self) -> MutexGuard<'_, (Vec<Write>, Instant)> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(what: &str, facts: &[&str]) -> Write {
        Write {
            what: what.to_owned(),
            facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
        }
    }

    #[test]
    fn of_all_that_a_status_says_only_what_every_run_says_is_waited_for() {
        let run = [
            write("status", &[]),
            write("POST secret", &[]),
            write("status", &["Accepted", "Ready=False Starting"]),
            write("status", &["Accepted", "Ready=False Slow"]),
            write("POST secret", &[]),
            write("status", &["Accepted", "phase Copying"]),
            write("status", &["Accepted", "Ready=True"]),
        ];
        let names: Vec<_> = targets(&run).iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "status",
                "POST secret",
                "status (Accepted)",
                "status (phase Copying)",
                "status (Ready=True)",
            ]
        );
    }

    #[test]
    fn the_time_in_the_name_of_a_job_is_no_part_of_a_writes_name() {
        assert_eq!(
            without_time("POST jobs/update-1712345"),
            "POST jobs/update-TIME"
        );
        assert_eq!(without_time("PATCH pods/a"), "PATCH pods/a");
    }
}
