//! Which release a tenant runs, and which it shall run next.
//!
//! A channel decides once, when the tenant comes to be. After that a tenant keeps its release until
//! its own spec names another: a channel that moves restarts nobody.

use super::{BlueprintFacts, Pinned, ReleaseFacts, TenantRequest, Violation, names};
use crate::ResourceName;

/// What the tenant runs, and what it shall run in place of that.
pub(super) fn resolve(
    request: &TenantRequest,
    blueprint: &BlueprintFacts,
    pinned: &Pinned,
    find: impl Fn(&ResourceName) -> Option<ReleaseFacts>,
) -> Result<(ReleaseFacts, Option<ReleaseFacts>), Violation> {
    let Some(current) = &pinned.release else {
        return Ok((first(request, blueprint, find)?, None));
    };
    let current = find(current).ok_or_else(|| {
        let text = format!("there is no Release {current}, which it runs; create it again");
        Violation::new("status.release", "ReleaseNotFound", text)
    })?;
    let next = match &request.release {
        Some(name) if *name != current.name.as_str() && !pinned.changes_release => {
            Some(successor(&current, named(name, &find)?)?)
        }
        _ => None,
    };
    Ok((current, next))
}

/// What a tenant begins with.
fn first(
    request: &TenantRequest,
    blueprint: &BlueprintFacts,
    find: impl Fn(&ResourceName) -> Option<ReleaseFacts>,
) -> Result<ReleaseFacts, Violation> {
    if let Some(name) = &request.release {
        return named(name, &find);
    }
    let name = channel(request, blueprint)?;
    find(name).ok_or_else(|| {
        let text = format!(
            "there is no Release {name}; create it, or point the channel of Blueprint {} at another",
            blueprint.name
        );
        Violation::new("spec.channel", "ReleaseNotFound", text)
    })
}

fn named(
    name: &str,
    find: &impl Fn(&ResourceName) -> Option<ReleaseFacts>,
) -> Result<ReleaseFacts, Violation> {
    let found = name.parse().ok().and_then(|name| find(&name));
    found.ok_or_else(|| {
        let text = format!("there is no Release {name}; create it, or name another");
        Violation::new("spec.release", "ReleaseNotFound", text)
    })
}

/// Odoo's update stays within one version of Odoo. From one to another leads a migration.
fn successor(current: &ReleaseFacts, next: ReleaseFacts) -> Result<ReleaseFacts, Violation> {
    if next.odoo_version == current.odoo_version {
        return Ok(next);
    }
    let text = format!(
        "Release {} is Odoo {}, and the tenant's Release {} is Odoo {}: name a Release of Odoo {}",
        next.name, next.odoo_version, current.name, current.odoo_version, current.odoo_version
    );
    Err(Violation::new("spec.release", "ReleaseMajorDiffers", text))
}

fn channel<'a>(
    request: &TenantRequest,
    blueprint: &'a BlueprintFacts,
) -> Result<&'a ResourceName, Violation> {
    let found = match &request.channel {
        Some(channel) => blueprint.channels.get(channel),
        None if blueprint.channels.len() == 1 => blueprint.channels.values().next(),
        None => None,
    };
    found.ok_or_else(|| {
        Violation::new(
            "spec.channel",
            "ChannelNotFound",
            format!(
                "choose a channel of Blueprint {}: {}",
                blueprint.name,
                names(blueprint.channels.keys())
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{blueprint, name, release as odoo_19, request};
    use super::*;
    use crate::Fault;

    /// `odoo-19`, its successor `odoo-19b`, and `odoo-20`.
    fn find(wanted: &ResourceName) -> Option<ReleaseFacts> {
        let mut facts = odoo_19(&name("odoo-19"))?;
        facts.name = wanted.clone();
        facts.odoo_version = match wanted.as_str() {
            "odoo-19" | "odoo-19b" => "19.0".into(),
            "odoo-20" => "20.0".into(),
            _ => return None,
        };
        Some(facts)
    }

    fn running() -> Pinned {
        Pinned {
            release: Some(name("odoo-19")),
            ..Pinned::default()
        }
    }

    /// What it runs and what it shall run, or the reason of the refusal.
    fn resolved(
        change: impl FnOnce(&mut TenantRequest, &mut BlueprintFacts, &mut Pinned),
    ) -> Result<(String, Option<String>), &'static str> {
        let (mut request, mut blueprint, mut pinned) = (request(), blueprint(), running());
        change(&mut request, &mut blueprint, &mut pinned);
        match resolve(&request, &blueprint, &pinned, find) {
            Ok((current, next)) => Ok((
                current.name.to_string(),
                next.map(|next| next.name.to_string()),
            )),
            Err(violation) => Err(violation.reason.as_str()),
        }
    }

    fn runs(current: &str, next: Option<&str>) -> (String, Option<String>) {
        (current.to_owned(), next.map(str::to_owned))
    }

    #[test]
    fn a_new_tenant_runs_the_release_it_names_or_its_channels() {
        let by_channel = resolved(|_, _, pinned| pinned.release = None);
        assert_eq!(by_channel, Ok(runs("odoo-19", None)));
        let by_name = resolved(|request, _, pinned| {
            request.release = Some("odoo-20".into());
            pinned.release = None;
        });
        assert_eq!(by_name, Ok(runs("odoo-20", None)));
    }

    #[test]
    fn a_new_tenants_channel_must_be_clear_and_lead_to_a_release() {
        let new = |change: &dyn Fn(&mut BlueprintFacts)| {
            resolved(|_, blueprint, pinned| {
                pinned.release = None;
                change(blueprint);
            })
        };
        let two = new(&|blueprint| {
            blueprint.channels.insert("edge".into(), name("odoo-19"));
        });
        assert_eq!(two, Err("ChannelNotFound"));
        let nowhere = new(&|blueprint| {
            blueprint.channels.insert("stable".into(), name("odoo-18"));
        });
        assert_eq!(nowhere, Err("ReleaseNotFound"));
    }

    #[test]
    fn a_tenant_keeps_its_release_when_its_channel_moves_or_goes() {
        let moved = resolved(|_, blueprint, _| {
            blueprint.channels.insert("stable".into(), name("odoo-20"));
        });
        assert_eq!(moved, Ok(runs("odoo-19", None)));
        let gone = resolved(|_, blueprint, _| blueprint.channels.clear());
        assert_eq!(gone, Ok(runs("odoo-19", None)));
    }

    #[test]
    fn a_tenant_that_names_another_release_of_its_odoo_shall_run_that() {
        let named =
            |text: &'static str| resolved(|request, _, _| request.release = Some(text.into()));
        assert_eq!(named("odoo-19"), Ok(runs("odoo-19", None)));
        assert_eq!(named("odoo-19b"), Ok(runs("odoo-19", Some("odoo-19b"))));
        assert_eq!(named("odoo-20"), Err("ReleaseMajorDiffers"));
        assert_eq!(named("odoo-21"), Err("ReleaseNotFound"));
    }

    #[test]
    fn while_a_release_is_being_changed_no_other_is_asked_for() {
        for text in ["odoo-19b", "odoo-20", "odoo-21"] {
            let found = resolved(|request, _, pinned| {
                request.release = Some(text.into());
                pinned.changes_release = true;
            });
            assert_eq!(found, Ok(runs("odoo-19", None)), "{text}");
        }
    }

    #[test]
    fn a_release_that_is_run_and_gone_is_told() {
        let gone = resolved(|_, _, pinned| pinned.release = Some(name("odoo-18")));
        assert_eq!(gone, Err("ReleaseNotFound"));
    }

    /// Who has to act when there is no release, after `change`.
    fn fault(change: impl FnOnce(&mut TenantRequest, &mut BlueprintFacts, &mut Pinned)) -> Fault {
        let (mut request, mut blueprint, mut pinned) = (request(), blueprint(), Pinned::default());
        change(&mut request, &mut blueprint, &mut pinned);
        let violation = resolve(&request, &blueprint, &pinned, find).unwrap_err();
        assert_eq!(violation.reason.as_str(), "ReleaseNotFound");
        violation.fault()
    }

    #[test]
    fn a_missing_release_is_for_whoever_named_it_to_mend() {
        let named = fault(|request, _, _| request.release = Some("odoo-18".into()));
        assert_eq!(named, Fault::Caller);
        let of_channel = fault(|_, blueprint, _| {
            blueprint.channels.insert("stable".into(), name("odoo-18"));
        });
        assert_eq!(of_channel, Fault::Platform);
        let run = fault(|_, _, pinned| pinned.release = Some(name("odoo-18")));
        assert_eq!(run, Fault::Platform);
    }
}
