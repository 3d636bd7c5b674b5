//! Says what is being done and for how long: on a terminal in one line that is kept current,
//! elsewhere in a line every few seconds, so that a log shows that something still happens.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

const TERMINAL_PERIOD: Duration = Duration::from_millis(200);
const LOG_PERIOD: Duration = Duration::from_secs(10);
/// A step that took less is not worth a line in a log.
const WORTH_A_LINE: Duration = Duration::from_millis(300);
const TERMINAL_WIDTH: usize = 110;

/// Shows steps, which may run at the same time. Clones show to the same place.
#[derive(Clone)]
pub(crate) struct Progress {
    shared: Arc<Shared>,
}

struct Shared {
    running: Mutex<Vec<Running>>,
    terminal: bool,
    stopped: AtomicBool,
}

struct Running {
    what: String,
    detail: String,
    begin: Instant,
}

impl Progress {
    /// Begins to show.
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared {
            running: Mutex::new(Vec::new()),
            terminal: io::stderr().is_terminal(),
            stopped: AtomicBool::new(false),
        });
        let watched = Arc::clone(&shared);
        // It ends with the process; nothing waits for it.
        thread::spawn(move || watched.show_until_stopped());
        Self { shared }
    }

    /// Shows `what` while `work` is done; `work` may say how far it is.
    pub(crate) fn step<T>(
        &self,
        what: &str,
        work: impl FnOnce(&dyn Fn(&str)) -> Result<T>,
    ) -> Result<T> {
        let begin = Instant::now();
        self.shared.lock().push(Running {
            what: what.to_owned(),
            detail: String::new(),
            begin,
        });
        let result = work(&|detail| self.shared.detail(what, detail));
        self.shared.lock().retain(|running| running.what != what);
        let elapsed = begin.elapsed();
        match &result {
            Ok(_) if elapsed < WORTH_A_LINE => {}
            Ok(_) => self.say(&format!("{what}: {}", seconds(elapsed))),
            Err(_) => self.say(&format!("{what}: failed after {}", seconds(elapsed))),
        }
        result
    }

    /// Prints a line of its own.
    pub(crate) fn say(&self, line: &str) {
        self.shared.clear();
        write(&format!("{line}\n"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The watching thread has the other one.
        if Arc::strong_count(&self.shared) == 2 {
            self.shared.stopped.store(true, Ordering::Relaxed);
            self.shared.clear();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Running>> {
        // What is shown may be half right; that is no reason to stop the work.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn detail(&self, what: &str, detail: &str) {
        for running in self
            .lock()
            .iter_mut()
            .filter(|running| running.what == what)
        {
            detail.trim().clone_into(&mut running.detail);
        }
    }

    fn show_until_stopped(&self) {
        let period = if self.terminal {
            TERMINAL_PERIOD
        } else {
            LOG_PERIOD
        };
        loop {
            thread::sleep(period);
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let line = describe(&self.lock());
            match (line.is_empty(), self.terminal) {
                (true, _) => {}
                (false, true) => {
                    let short: String = line.chars().take(TERMINAL_WIDTH).collect();
                    write(&format!("\r\x1b[K{short}"));
                }
                (false, false) => write(&format!("… {line}\n")),
            }
        }
    }

    fn clear(&self) {
        if self.terminal {
            write("\r\x1b[K");
        }
    }
}

fn describe(running: &[Running]) -> String {
    let steps: Vec<_> = running
        .iter()
        .map(|step| {
            let elapsed = seconds(step.begin.elapsed());
            match step.detail.as_str() {
                "" => format!("{} {elapsed}", step.what),
                detail => format!("{} {elapsed} ({detail})", step.what),
            }
        })
        .collect();
    steps.join(" | ")
}

fn seconds(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", elapsed.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

fn write(text: &str) {
    // Nobody is left to be told when this fails.
    _ = io::stderr().lock().write_all(text.as_bytes());
}
