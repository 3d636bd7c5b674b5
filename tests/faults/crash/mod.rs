//! Killed right after every single write of whatever can be asked of a tenant.
//!
//! The writes are those of an undisturbed run: a step that is added later is killed after, too.

pub(crate) mod actions;

use anyhow::{Result, ensure};
use tenantry_tests::{Platform, TestPartner};

use self::actions::{Action, CREATE, ENDS, PAIRS, RETAIN};
use crate::daemon::in_control;
use crate::end_state::{End, EndState, nothing_left};
use crate::traces::{Traces, id_of, identity};
use crate::victim::{Doing, Outcome, Victim};
use crate::writes::{Left, Target};

/// A partner whose tenants have a blueprint of its own, and the daemon that is killed.
struct Scene<'a> {
    partner: &'a TestPartner,
    blueprint: String,
    victim: Victim<'a>,
}

/// Runs `test` on a scene of its own.
async fn on_scene(test: impl AsyncFnOnce(&mut Scene<'_>) -> Result<()>) -> Result<()> {
    in_control(async |control, partner| {
        Platform::of(partner, async |platform| {
            let mut scene = Scene {
                partner,
                blueprint: actions::blueprint(platform).await?,
                victim: Victim::start(control)?,
            };
            test(&mut scene).await?;
            scene.victim.end().await
        })
        .await
    })
    .await
}

impl Scene<'_> {
    async fn ask(&self, action: &Action, tenant: &str) -> Result<()> {
        action.ask(self.partner, tenant, &self.blueprint).await
    }

    /// Does `action` without any fault. Returns its writes, and what there is afterwards.
    async fn undisturbed(&self, action: &Action, tenant: &str) -> Result<(Vec<Target>, EndState)> {
        let partner = self.partner;
        let doing = Doing {
            name: format!("to {} {tenant}", action.name),
            traces: Traces::of(partner, tenant).await?,
            ask: async || self.ask(action, tenant).await,
            over: async || action.end.reached(partner, tenant).await,
        };
        let targets = self.victim.undisturbed(&doing).await?;
        Ok((targets, EndState::of(partner, tenant, action.end).await?))
    }

    /// The writes by which a tenant ends.
    async fn undisturbed_end(&self, end: &Action, tenant: &str) -> Result<Vec<Target>> {
        let partner = self.partner;
        let id = identity(partner, tenant).await?;
        let doing = Doing {
            name: format!("to {} {tenant}", end.name),
            traces: Traces::of(partner, tenant).await?,
            ask: async || self.ask(end, tenant).await,
            over: async || nothing_left(partner, tenant, &id).await,
        };
        self.victim.undisturbed(&doing).await
    }

    /// Does `action`, killed after the next of what is left. All is as `expected` afterwards.
    async fn disturbed(
        &mut self,
        action: &Action,
        tenant: &str,
        left: &mut Left<&'static Action>,
        expected: &EndState,
    ) -> Result<()> {
        let (partner, blueprint) = (self.partner, self.blueprint.clone());
        let doing = Doing {
            name: format!("to {} {tenant}", action.name),
            traces: Traces::of(partner, tenant).await?,
            ask: async || action.ask(partner, tenant, &blueprint).await,
            over: async || expected.again(partner, tenant, action.end).await,
        };
        let next = left.next();
        let target = next.as_ref().map(|(_, target, _)| target);
        let outcome = self.victim.until(&doing, target).await?;
        let before = id_of(partner, tenant).await?;
        self.victim.recover(&doing, target).await?;
        let after = id_of(partner, tenant).await?;
        ensure!(
            before.is_none() || before == after,
            "{tenant} became another: {before:?}, {after:?}"
        );
        outcome.settle(next, left)
    }

    /// Ends the tenant, killed after the next of what is left. Returns its id; it is not waited
    /// until it is gone.
    async fn end(&mut self, tenant: &str, left: &mut Left<&'static Action>) -> Result<String> {
        let (partner, blueprint) = (self.partner, self.blueprint.clone());
        let id = identity(partner, tenant).await?;
        let next = left.next();
        let Some((end, target, _)) = &next else {
            let [delete, _] = &ENDS;
            self.ask(delete, tenant).await?;
            return Ok(id);
        };
        let doing = Doing {
            name: format!("to {} {tenant}", end.name),
            traces: Traces::of(partner, tenant).await?,
            ask: async || end.ask(partner, tenant, &blueprint).await,
            over: async || End::Gone.reached(partner, tenant).await,
        };
        let outcome: Outcome = self.victim.until(&doing, Some(target)).await?;
        self.victim.revive()?;
        outcome.settle(next, left)?;
        Ok(id)
    }

    /// Does an action and what undoes it, until the daemon was killed after every write of both.
    async fn there_and_back(&mut self, tenant: &str, pair: &'static [Action; 2]) -> Result<()> {
        let mut sides = Vec::new();
        for action in pair {
            let (targets, expected) = self.undisturbed(action, tenant).await?;
            let targets = targets.into_iter().map(|target| (action, target));
            sides.push((action, Left::new(targets), expected));
        }
        while sides.iter().any(|(_, left, _)| !left.is_empty()) {
            for (action, left, expected) in &mut sides {
                self.disturbed(action, tenant, left, expected).await?;
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn killed_after_any_write_a_tenant_comes_to_be_and_goes_all_the_same() -> Result<()> {
    on_scene(async |scene| {
        let (making, expected) = scene.undisturbed(&CREATE, "calm").await?;
        scene.undisturbed(&CREATE, "still").await?;
        let mut ending = Vec::new();
        for (end, tenant) in ENDS.iter().zip(["calm", "still"]) {
            let targets = scene.undisturbed_end(end, tenant).await?;
            ending.extend(targets.into_iter().map(|target| (end, target)));
        }
        let mut making = Left::new(making.into_iter().map(|target| (&CREATE, target)));
        let mut ending = Left::new(ending);
        let mut going = Vec::new();
        while !making.is_empty() || !ending.is_empty() {
            let tenant = format!("crash{}x", going.len());
            scene
                .disturbed(&CREATE, &tenant, &mut making, &expected)
                .await?;
            let id = scene.end(&tenant, &mut ending).await?;
            going.push((tenant, id));
        }
        for (tenant, id) in going {
            nothing_left(scene.partner, &tenant, &id).await?;
        }
        scene.victim.control.no_orphans().await
    })
    .await
}

#[tokio::test]
async fn killed_after_any_write_whatever_is_asked_of_a_tenant_comes_about() -> Result<()> {
    on_scene(async |scene| {
        scene.undisturbed(&CREATE, "often").await?;
        scene.undisturbed(&RETAIN, "often").await?;
        for pair in PAIRS {
            scene.there_and_back("often", pair).await?;
        }
        Ok(())
    })
    .await
}
