//! Everything that can be rendered: every size of the fixtures with every option of the platform, of
//! blueprints and of database servers. What holds for all objects is asked of all of these.

use std::sync::LazyLock;

use tenantry_domain::{Egress, ValidTenant};
use tenantry_render::{DatabaseTls, Endpoint, Object, Settings, Tls};

use crate::world::{self, FULL, SMALL};

/// All that is rendered for one tenant, and for what it lives in.
#[derive(Debug)]
pub(crate) struct World {
    /// By what it differs from others.
    pub(crate) what: String,
    pub(crate) objects: Vec<Object>,
}

static WORLDS: LazyLock<Vec<World>> = LazyLock::new(render);

/// All worlds, rendered once.
pub(crate) fn worlds() -> &'static [World] {
    &WORLDS
}

/// The objects of all worlds.
pub(crate) fn everything() -> impl Iterator<Item = &'static Object> {
    worlds().iter().flat_map(|world| &world.objects)
}

/// Renders every combination.
pub(crate) fn render() -> Vec<World> {
    let worlds = tenants();
    let worlds = worlds.iter().flat_map(|(says, valid)| {
        let mut worlds = everywhere(valid);
        for world in &mut worlds {
            world.what = format!("{says}, {}", world.what);
        }
        worlds
    });
    worlds.collect()
}

/// All objects of `tenant`, in every cluster and on every server.
pub(crate) fn of(tenant: &ValidTenant) -> impl Iterator<Item = Object> {
    everywhere(tenant)
        .into_iter()
        .flat_map(|world| world.objects)
}

fn everywhere(tenant: &ValidTenant) -> Vec<World> {
    let mut worlds = Vec::new();
    for (cluster, settings) in clusters() {
        for (server, endpoint) in servers(tenant) {
            worlds.push(World {
                what: format!("{cluster}, {server}"),
                objects: objects(tenant, &settings, &endpoint),
            });
        }
    }
    worlds
}

/// What a tenant and its blueprint choose.
fn tenants() -> Vec<(String, ValidTenant)> {
    let mut tenants = Vec::new();
    for (says, manifest) in [("little", SMALL), ("all", FULL)] {
        for size in world::sizes() {
            for egress in [Egress::Internet, Egress::None] {
                let mut request = world::request(manifest);
                request.size.clone_from(&size);
                let mut valid = world::valid(&request);
                valid.egress = egress;
                tenants.push((format!("says {says}, {size}, reaches {egress:?}"), valid));
            }
        }
    }
    tenants
}

/// What a platform chooses.
fn clusters() -> Vec<(String, Settings)> {
    let domains = [("acme.example", "wildcard-acme"), ("globex.example", "")];
    let secrets = domains.map(|(domain, secret)| (domain.to_owned(), secret.to_owned()));
    let certificates = [
        Tls::Elsewhere,
        Tls::WildcardSecrets(secrets.into()),
        Tls::ClusterIssuer("letsencrypt".to_owned()),
    ];
    let mut clusters = Vec::new();
    for (kind, settings) in [
        ("decides all", world::settings()),
        ("relies on defaults", world::plain_settings()),
    ] {
        for tls in &certificates {
            let mut settings = settings.clone();
            settings.ingress.tls = tls.clone();
            clusters.push((format!("{kind}, {tls:?}"), settings));
        }
    }
    clusters
}

/// Where the database of `tenant` can be.
fn servers(tenant: &ValidTenant) -> Vec<(String, Endpoint)> {
    let external = |tls| Endpoint {
        tls: Some(tls),
        ..world::external()
    };
    let authorities = Some("-----BEGIN CERTIFICATE-----\n".to_owned());
    [
        ("managed", Endpoint::managed(&tenant.database_server)),
        ("in clear", external(DatabaseTls::Disabled)),
        ("encrypted", external(DatabaseTls::Required)),
        (
            "public authorities",
            external(DatabaseTls::Verified { authorities: None }),
        ),
        (
            "own authorities",
            external(DatabaseTls::Verified { authorities }),
        ),
    ]
    .map(|(kind, endpoint)| (kind.to_owned(), endpoint))
    .into()
}

fn objects(tenant: &ValidTenant, settings: &Settings, endpoint: &Endpoint) -> Vec<Object> {
    let mut objects = world::partner_objects();
    if endpoint.tls.is_none() {
        objects.extend(world::server_objects(settings));
    } else {
        objects.extend(world::external_server_objects_at(endpoint, settings));
    }
    objects.extend(world::tenant_objects_on(endpoint, tenant, settings));
    objects.extend([
        world::update_job_on(endpoint, tenant, settings),
        world::parked_ingress(tenant, settings),
        world::tombstone_of(tenant),
    ]);
    objects.extend(world::template_objects_on(endpoint, tenant));
    objects
}

#[test]
fn there_is_a_world_for_every_combination() {
    let mut whats: Vec<_> = worlds().iter().map(|world| &world.what).collect();
    let tenants = 2 * world::sizes().len() * 2;
    assert_eq!(whats.len(), tenants * 6 * 5);
    whats.sort();
    whats.dedup();
    assert_eq!(whats.len(), worlds().len());
}
