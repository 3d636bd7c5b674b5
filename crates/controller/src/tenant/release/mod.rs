//! Changes the release of a tenant: stop, copy, update, start, and a way back from each of these.

pub(super) mod decide;
pub(super) mod settle;

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tenantry_crd::{ReleaseChangePhase as Phase, ReleaseChangeStatus, TenantStatus};
use tenantry_database::{Server, TenantDatabase};
use tenantry_domain::{ConditionType, ReleaseFacts, ResourceName, TenantId, ValidTenant};
use tenantry_probe::Health;
use tenantry_render::tenant as render;
use tenantry_render::{Endpoint, Kind, names};

use self::decide::Event;
use super::findings::Finding;
use super::observe::Observed;
use super::plan::Outcome;
use super::{apply, stop};
use crate::context::Context;
use crate::diagnosis::Diagnosis;
use crate::error::{Error, Result};
use crate::job::{self, Job};
use crate::run::LOOK_AGAIN;
use crate::servers::Reached;

/// A tenant whose release is being changed.
struct Changing<'a> {
    change: &'a ReleaseChangeStatus,
    tenant: &'a ValidTenant,
    id: &'a TenantId,
    context: &'a Context,
}

/// Does what the phase of `change` does. Returns the change after it.
pub(super) async fn carry_out(
    change: ReleaseChangeStatus,
    tenant: &ValidTenant,
    id: &TenantId,
    observed: &Observed,
    context: &Context,
) -> Result<ReleaseChangeStatus> {
    let changing = Changing {
        change: &change,
        tenant,
        id,
        context,
    };
    if change.phase != Phase::Starting && change.phase != Phase::Finishing {
        context.prober.forget(&tenant.key);
    }
    let now = Timestamp::now();
    let event = match changing.carry_out(observed).await {
        Err(error) if changing.is_stuck() && !error.is_conflict() => Event::Failed(error.message()),
        event => event?,
    };
    let after = decide::after(change.clone(), event, now);
    if after.phase != change.phase {
        tracing::info!(
            tenant = %tenant.key, from = after.from, to = after.to, phase = ?after.phase,
            message = after.message, "release change"
        );
    }
    Ok(after)
}

impl Changing<'_> {
    /// Whether it fails for longer than its phase may be kept from its end: the tenant does not
    /// serve meanwhile. One that may serve already is not taken back for that.
    fn is_stuck(&self) -> bool {
        let key = &self.tenant.key;
        let failing = self.context.backoff.failing(&key.to_string());
        let longest = decide::longest(self.change.phase);
        let is_late = failing
            .zip(longest)
            .is_some_and(|(time, longest)| time >= longest);
        is_late && (self.change.phase != Phase::Starting || self.is_down())
    }

    /// Whether its login page was asked for, for long enough, and did not come.
    fn is_down(&self) -> bool {
        let verdict = self.context.prober.verdict(&self.tenant.key);
        verdict.is_some_and(|verdict| verdict.health == Health::Down)
    }

    async fn carry_out(&self, observed: &Observed) -> Result<Event> {
        match self.change.phase {
            Phase::Stopping => self.stop().await,
            Phase::Copying => self.copy().await,
            Phase::Updating => self.update().await,
            Phase::Starting => self.start(observed).await,
            Phase::Finishing => self.finish().await,
            Phase::Reverting => self.revert().await,
            Phase::Completed | Phase::Failed | Phase::Withdrawn => Ok(Event::Done),
        }
    }

    /// Stops what runs. Its hostnames show the parking page meanwhile.
    async fn stop(&self) -> Result<Event> {
        Ok(if stop::park(self.tenant, self.id, self.context).await? {
            Event::Done
        } else {
            Event::Waiting("its pods end".to_owned())
        })
    }

    async fn copy(&self) -> Result<Event> {
        let server = self.server().await?.connection;
        match self.begin(&server).await {
            Ok(()) => Ok(Event::Done),
            // It does not pass while the tenant is stopped for it.
            Err(error) if error.category() == "DatabaseDiskFull" => Ok(Event::Failed(format!(
                "no copy was made: {}",
                error.message()
            ))),
            Err(error) => Err(error),
        }
    }

    async fn begin(&self, server: &Server) -> Result<()> {
        let (database, password) = (self.database()?, self.password()?);
        Ok(server.begin_release_change(&database, &password).await?)
    }

    async fn update(&self) -> Result<Event> {
        let Some(release) = self.next_release() else {
            return Ok(self.release_gone());
        };
        let name = job_name(self.change);
        let namespace = self.tenant.key.namespace();
        match Job::of(&self.context.world.children, &namespace, &name) {
            Job::Absent => {
                let tenant = self.running(&release);
                let located = self.server().await?;
                let input = self.input(&tenant, &located.endpoint);
                let mut objects = apply::support(&input, self.context);
                objects.push(render::update_job(&input, &name));
                let children = &self.context.world.children;
                self.context.cluster.ensure(children, &objects).await?;
                Ok(Event::Begun)
            }
            Job::Running => {
                let trouble = job::trouble(self.context, &namespace, &name);
                let is_late = decide::is_overdue(self.change, Timestamp::now());
                Ok(updating(&name, trouble.as_ref(), is_late))
            }
            Job::Succeeded => {
                let database = self.database()?;
                let server = self.server().await?.connection;
                let findings = server
                    .update_findings(&database, &self.password()?, &release.odoo_version)
                    .await?;
                if findings.is_empty() {
                    return Ok(Event::Done);
                }
                let findings = findings.join("; ");
                Ok(Event::Failed(format!("Job {name} ended, but {findings}")))
            }
            Job::Failed(message) => {
                let secrets = [names::DATABASE_SECRET, names::ADMINISTRATOR_SECRET];
                let told = job::told_by(self.context, &namespace, &name, &secrets);
                let text = format!("Job {name} failed: {message} {told}");
                Ok(Event::Failed(text.trim_end().to_owned()))
            }
        }
    }

    async fn start(&self, observed: &Observed) -> Result<Event> {
        let Some(release) = self.next_release() else {
            return Ok(self.release_gone());
        };
        let tenant = self.running(&release);
        let prober = &self.context.prober;
        prober.watch(&tenant.key, &tenant.hostname, Health::Awaited);
        let located = self.server().await?;
        let input = self.input(&tenant, &located.endpoint);
        let children = &self.context.world.children;
        let cluster = &self.context.cluster;
        let namespace = tenant.key.namespace();
        let begun = children.get(Kind::Deployment, Some(&namespace), names::ODOO);
        let support = apply::support(&input, self.context);
        cluster.ensure(children, &support).await?;
        cluster
            .ensure(children, &[render::workload(&input)])
            .await?;
        apply::publish(&input, observed, self.context).await?;
        if begun.is_none() {
            // Its time does not run while the tenant is suspended.
            return Ok(Event::Begun);
        }
        let verdict = prober.verdict(&tenant.key);
        let serves = verdict
            .as_ref()
            .is_some_and(|verdict| verdict.health == Health::Serving);
        if serves && observed.workload_ready {
            return Ok(Event::Done);
        }
        // Who was away for that long has not seen that it does not come.
        if self.is_down() && decide::is_overdue(self.change, Timestamp::now()) {
            let detail = verdict.map(|verdict| verdict.detail).unwrap_or_default();
            let text = format!("its login page did not come in time: {detail}");
            return Ok(Event::Failed(text));
        }
        Ok(Event::Waiting("its login page has not come yet".to_owned()))
    }

    async fn finish(&self) -> Result<Event> {
        let database = self.database()?;
        let server = self.server().await?.connection;
        server.finish_release_change(&database).await?;
        Ok(Event::Done)
    }

    async fn revert(&self) -> Result<Event> {
        if self.stop().await? != Event::Done || !self.job_is_over().await? {
            return Ok(Event::Waiting("its pods end".to_owned()));
        }
        let database = self.database()?;
        let server = self.server().await?.connection;
        server.revert_release_change(&database).await?;
        Ok(Event::Done)
    }

    /// Ends the Job. One that is over is kept for its log.
    async fn job_is_over(&self) -> Result<bool> {
        let namespace = self.tenant.key.namespace();
        let name = job_name(self.change);
        match Job::of(&self.context.world.children, &namespace, &name) {
            Job::Succeeded | Job::Failed(_) => Ok(true),
            Job::Absent | Job::Running => {
                let cluster = &self.context.cluster;
                cluster.is_gone(Kind::Job, Some(&namespace), &name).await
            }
        }
    }

    async fn server(&self) -> Result<Reached> {
        let name = self.tenant.database_server.as_str();
        self.context.reach_named(name).await
    }

    fn database(&self) -> Result<TenantDatabase> {
        Ok(TenantDatabase::new(self.id.as_str())?)
    }

    /// The password of the tenant's own role, as which everything in its database is done.
    fn password(&self) -> Result<SecretString> {
        let namespace = self.tenant.key.namespace();
        let secret = names::DATABASE_SECRET;
        let found = self.context.world.children.password(&namespace, secret);
        found.ok_or_else(|| Error::CredentialsMissing {
            what: format!("{} {namespace}/{secret}", Kind::Secret),
        })
    }

    fn next_release(&self) -> Option<ReleaseFacts> {
        let name: ResourceName = self.change.to.parse().ok()?;
        self.context.release(&name)
    }

    fn release_gone(&self) -> Event {
        Event::Failed(format!("there is no Release {} any more", self.change.to))
    }

    /// The tenant as it runs `release`.
    fn running(&self, release: &ReleaseFacts) -> ValidTenant {
        ValidTenant {
            release: release.clone(),
            ..self.tenant.clone()
        }
    }

    fn input<'a>(&'a self, tenant: &'a ValidTenant, database: &'a Endpoint) -> render::Input<'a> {
        render::Input {
            tenant,
            id: self.id,
            database,
            settings: &self.context.settings,
        }
    }
}

/// Every change has a Job of its own.
fn job_name(change: &ReleaseChangeStatus) -> String {
    format!("update-{}", change.start_time.0.as_millisecond())
}

/// How a Job stands that is not over. An update may take long; what keeps it from running may not.
fn updating(job: &str, trouble: Option<&Diagnosis>, is_late: bool) -> Event {
    let Some(trouble) = trouble else {
        return Event::Waiting(format!("Odoo updates its database in Job {job}"));
    };
    let text = format!("{}: Job {job}: {}", trouble.reason, trouble.message());
    if is_late {
        Event::Failed(text)
    } else {
        Event::Waiting(text)
    }
}

/// Notes in the status what came of a change.
pub(super) fn note(status: &mut TenantStatus, tenant: &ValidTenant, outcome: Option<&Outcome>) {
    if let Some(Outcome::Changing(change)) = outcome {
        if change.phase == Phase::Completed {
            status.release = Some(change.to.clone());
        }
        status.release_change = Some(change.clone());
    } else if let Some(change) = &mut status.release_change
        && change.phase == Phase::Failed
        && tenant.next_release.is_none()
    {
        change.phase = Phase::Withdrawn;
    }
}

/// How the change stands.
pub(super) fn finding(change: &ReleaseChangeStatus) -> Finding {
    let kind = ConditionType::ReleaseApplied;
    let ReleaseChangeStatus {
        from, to, message, ..
    } = change;
    match change.phase {
        Phase::Completed => Finding::new(kind, true, "ReleaseRuns", format!("it runs {to}")),
        Phase::Withdrawn => Finding::new(kind, true, "ReleaseRuns", format!("it runs {from}")),
        Phase::Failed => {
            let text = format!(
                "it runs {from} as before, because the change to {to} failed: {message}. \
                 To try again, name {from} and then {to} in spec.release"
            );
            Finding::new(kind, false, "ReleaseChangeFailed", text)
        }
        phase => {
            let text = format!("from {from} to {to}: {phase:?}. {message}");
            Finding::new(kind, false, "ReleaseChanging", text.trim_end())
        }
    }
}

/// When to look again if nothing happens.
pub(super) fn look_again(change: &ReleaseChangeStatus, now: Timestamp) -> Duration {
    let left = decide::left(change, now).filter(|left| !left.is_zero());
    left.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN)
}
