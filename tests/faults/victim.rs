//! A daemon that is killed right after a write, before the answer came, and started again.

use anyhow::{Context as _, Result};
use tenantry_tests::tell;

use crate::daemon::{Control, Daemon};
use crate::traces::Traces;
use crate::writes::{Left, Target, Watched, Write, targets};

/// Something that is done to a tenant.
pub(crate) struct Doing<Ask, Over> {
    pub(crate) name: String,
    pub(crate) traces: Traces,
    /// Asks for it.
    pub(crate) ask: Ask,
    /// Waits until it is done and all is as it should be.
    pub(crate) over: Over,
}

/// What came of something that was to be interrupted.
pub(crate) struct Outcome {
    /// Whether it came to the write after which the daemon was to be killed.
    pub(crate) killed: bool,
    /// What was written until then.
    writes: Vec<Write>,
}

impl Outcome {
    /// Has what was to be killed after `next` tried again, unless it was.
    pub(crate) fn settle<T>(
        &self,
        next: Option<(T, Target, usize)>,
        left: &mut Left<T>,
    ) -> Result<()> {
        match next {
            Some(next) if !self.killed => left.again(next, &self.writes),
            Some((_, target, _)) => {
                tell(&format!("killed after {target}; {} to go", left.len()));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The daemon; none while it is dead.
pub(crate) struct Victim<'a> {
    pub(crate) control: &'a Control,
    daemon: Option<Daemon>,
}

impl<'a> Victim<'a> {
    pub(crate) fn start(control: &'a Control) -> Result<Self> {
        control.proxy.pass();
        let daemon = Some(control.start()?);
        Ok(Self { control, daemon })
    }

    /// Has it done without any fault. Returns the writes that every run has.
    pub(crate) async fn undisturbed(
        &self,
        doing: &Doing<impl AsyncFn() -> Result<()>, impl AsyncFn() -> Result<()>>,
    ) -> Result<Vec<Target>> {
        let watched = Watched::until(self.control, doing.traces.clone(), None);
        let all = async {
            (doing.ask)().await?;
            (doing.over)().await?;
            watched.settled().await
        };
        let said = || format!("{}, undisturbed:\n{}", doing.name, self.control.said());
        let targets = targets(&all.await.with_context(said)?);
        self.control.proxy.pass();
        tell(&format!("{}: {} writes", doing.name, targets.len()));
        Ok(targets)
    }

    /// Has it done until `target` is written, and dies. If that does not come about, it is done.
    pub(crate) async fn until(
        &mut self,
        doing: &Doing<impl AsyncFn() -> Result<()>, impl AsyncFn() -> Result<()>>,
        target: Option<&Target>,
    ) -> Result<Outcome> {
        let watched = Watched::until(self.control, doing.traces.clone(), target.cloned());
        (doing.ask)().await?;
        let killed = tokio::select! {
            biased;
            () = watched.reached() => true,
            over = (doing.over)() => {
                over.with_context(|| self.said("not yet killed after", &doing.name, target))?;
                false
            }
        };
        if killed && let Some(daemon) = self.daemon.take() {
            daemon.kill().await?;
        }
        self.control.proxy.pass();
        Ok(Outcome {
            killed,
            writes: watched.writes(),
        })
    }

    /// Lives, and waits until what was interrupted is done and nothing belongs to nobody.
    pub(crate) async fn recover(
        &mut self,
        doing: &Doing<impl AsyncFn() -> Result<()>, impl AsyncFn() -> Result<()>>,
        target: Option<&Target>,
    ) -> Result<()> {
        self.revive()?;
        let over = async {
            (doing.over)().await?;
            self.control.no_orphans().await
        };
        over.await
            .with_context(|| self.said("killed after", &doing.name, target))
    }

    /// Lives.
    pub(crate) fn revive(&mut self) -> Result<()> {
        if self.daemon.is_none() {
            self.daemon = Some(self.control.start()?);
        }
        Ok(())
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.control.proxy.pass();
        match self.daemon {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    fn said(&self, when: &str, name: &str, target: Option<&Target>) -> String {
        let after = target.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        format!("{name}, {when} {after}:\n{}", self.control.said())
    }
}
