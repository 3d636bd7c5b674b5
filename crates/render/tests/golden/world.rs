//! The fixtures, read and validated as the control plane does.

use serde::de::DeserializeOwned;
use serde_json::Value;
use tenantry_crd::{Blueprint, DatabaseServer, ManagedDatabase, Partner, Release, Tenant};
use tenantry_domain::{PartnerFacts, Pinned, TenantId, TenantRequest, ValidTenant, validate};
use tenantry_render::template::Template;
use tenantry_render::tenant::Input;
use tenantry_render::{
    DatabaseTls, Endpoint, Ingress, Kind, Network, Object, Peer, Settings, Tls, database_server,
    partner, template, tenant,
};

const WORLD: &str = include_str!("fixtures/world.yaml");
/// As little as a tenant can say.
pub(crate) const SMALL: &str = include_str!("fixtures/tenants/small.yaml");
/// All that a tenant can say.
pub(crate) const FULL: &str = include_str!("fixtures/tenants/full.yaml");

/// Passwords that no other text contains, so that a search finds where they went.
pub(crate) const PASSWORDS: [&str; 4] = [
    "password-of-the-database-role",
    "password-of-the-administrator",
    "password-of-the-server-login",
    "password-of-the-template-builder",
];

pub(crate) const RECIPE: &str = "print('the program that makes a template')\n";

/// The object of `T`'s kind among the fixtures.
pub(crate) fn read<T: DeserializeOwned>(kind: &str) -> T {
    let documents: Vec<Value> = serde_yaml::from_multiple(WORLD).unwrap();
    let found = documents.into_iter().find(|object| object["kind"] == kind);
    serde_json::from_value(found.unwrap()).unwrap()
}

/// What the platform decides, in a cluster that leaves nothing to defaults.
pub(crate) fn settings() -> Settings {
    Settings {
        namespace: "tenantry-system".into(),
        postgresql_image: format!("registry.example/postgresql@sha256:{}", "2".repeat(64))
            .parse()
            .unwrap(),
        storage_class_name: Some("fast".into()),
        ingress: Ingress {
            class_name: "contour".into(),
            annotations: [(
                "projectcontour.io/websocket-routes".to_owned(),
                "/websocket".to_owned(),
            )]
            .into(),
            scheme: "http".into(),
            public_port: Some(8080),
            tls: Tls::Elsewhere,
        },
        network: Network {
            ingress_controller: vec![
                pods("projectcontour", Some("envoy")),
                Peer::Addresses("192.0.2.7/32".parse().unwrap()),
            ],
            dns: vec![pods("kube-system", Some("coredns"))],
            control_plane: pods("tenantry-system", Some("tenantryd")),
            private_ranges: vec![
                "203.0.113.0/24".parse().unwrap(),
                "2001:db8::/32".parse().unwrap(),
            ],
        },
    }
}

fn pods(namespace: &str, app: Option<&str>) -> Peer {
    let label = |app: &str| ("app.kubernetes.io/name".to_owned(), app.to_owned());
    Peer::Pods {
        namespace: namespace.to_owned(),
        labels: app.map(label).into_iter().collect(),
    }
}

/// The same, in a cluster whose defaults are relied on.
pub(crate) fn plain_settings() -> Settings {
    let mut settings = settings();
    settings.storage_class_name = None;
    settings.ingress.annotations.clear();
    settings.network.ingress_controller = vec![pods("projectcontour", None)];
    settings.network.private_ranges.clear();
    settings
}

pub(crate) fn id() -> TenantId {
    TenantId::from_bytes([7; 10])
}

/// What the manifest of a tenant asks for.
pub(crate) fn request(manifest: &str) -> TenantRequest {
    let tenant: Value = serde_yaml::from_str(manifest).unwrap();
    let tenant: Tenant = serde_json::from_value(tenant).unwrap();
    tenant.request().unwrap()
}

/// The names of all sizes that a tenant of the fixtures can have.
pub(crate) fn sizes() -> Vec<String> {
    let blueprint: Blueprint = read("Blueprint");
    blueprint.spec.sizes.into_keys().collect()
}

/// What `request` means in the world of the fixtures.
pub(crate) fn valid(request: &TenantRequest) -> ValidTenant {
    let partner = PartnerFacts::from(&read::<Partner>("Partner").spec);
    let blueprint = read::<Blueprint>("Blueprint").facts().unwrap();
    let release = read::<Release>("Release").facts().unwrap();
    validate(request, &partner, &blueprint, &Pinned::default(), |name| {
        (*name == release.name).then(|| release.clone())
    })
    .unwrap()
}

/// Where the fixtures' managed server is reached.
fn managed(tenant: &ValidTenant) -> Endpoint {
    Endpoint::managed(&tenant.database_server)
}

/// A server of somebody else's, which has a certificate by an authority of its own.
pub(crate) fn external() -> Endpoint {
    Endpoint {
        host: "db.example".into(),
        port: 6432,
        tls: Some(DatabaseTls::Verified {
            authorities: Some("-----BEGIN CERTIFICATE-----\n".into()),
        }),
    }
}

/// All that a tenant on the managed server has, in the order in which it is written.
pub(crate) fn tenant_objects(tenant: &ValidTenant, settings: &Settings) -> Vec<Object> {
    tenant_objects_on(&managed(tenant), tenant, settings)
}

/// All that a tenant has whose database is reached at `database`.
pub(crate) fn tenant_objects_on(
    database: &Endpoint,
    tenant: &ValidTenant,
    settings: &Settings,
) -> Vec<Object> {
    let id = id();
    let input = Input {
        tenant,
        id: &id,
        database,
        settings,
    };
    let mut objects = vec![
        tenant::namespace(&input),
        tenant::database_secret(&input, &PASSWORDS[0].into()),
        tenant::administrator_secret(&input, &PASSWORDS[1].into()),
    ];
    objects.extend(tenant::support(&input));
    objects.extend([tenant::workload(&input), tenant::ingress(&input)]);
    objects
}

/// What a tenant that does not run has in place of its workload and its Ingress.
pub(crate) fn parked_ingress(tenant: &ValidTenant, settings: &Settings) -> Object {
    tenant::parked_ingress(tenant, &id(), settings)
}

/// What stays of the small tenant when it is deleted and retained.
pub(crate) fn tombstone() -> Object {
    tombstone_of(&valid(&request(SMALL)))
}

/// What stays of `tenant`.
pub(crate) fn tombstone_of(tenant: &ValidTenant) -> Object {
    let left = tenant::Left {
        database_server: tenant.database_server.as_str(),
        release: tenant.release.name.as_str(),
        deleted_at: "2026-11-22T00:00:00Z",
    };
    tenant::tombstone(&tenant.key, &id(), &left)
}

/// All that an external database server has.
pub(crate) fn external_server_objects() -> Vec<Object> {
    external_server_objects_at(&external(), &settings())
}

/// All that one has that is reached at `endpoint`.
pub(crate) fn external_server_objects_at(endpoint: &Endpoint, settings: &Settings) -> Vec<Object> {
    let name = "main".parse().unwrap();
    let mut objects = vec![database_server::namespace(&name)];
    objects.extend(database_server::external(&name, endpoint, settings));
    objects
}

/// The Job that updates the database of `tenant`.
pub(crate) fn update_job(tenant: &ValidTenant, settings: &Settings) -> Object {
    update_job_on(&managed(tenant), tenant, settings)
}

/// The same for a database that is reached at `database`.
pub(crate) fn update_job_on(
    database: &Endpoint,
    tenant: &ValidTenant,
    settings: &Settings,
) -> Object {
    let id = id();
    let input = Input {
        tenant,
        id: &id,
        database,
        settings,
    };
    tenant::update_job(&input, "update-1234")
}

/// The database server of the fixtures.
pub(crate) fn managed_server() -> ManagedDatabase {
    let server: DatabaseServer = read("DatabaseServer");
    server.spec.managed.unwrap()
}

/// All that the database server of the fixtures has.
pub(crate) fn server_objects(settings: &Settings) -> Vec<Object> {
    let name = "main".parse().unwrap();
    let mut objects = vec![
        database_server::namespace(&name),
        database_server::login_secret(&name, &PASSWORDS[2].into()),
    ];
    objects.extend(database_server::server(&name, &managed_server(), settings));
    objects
}

/// The Job that makes the template of `tenant` on the managed server.
pub(crate) fn template_objects(tenant: &ValidTenant) -> Vec<Object> {
    template_objects_on(&managed(tenant), tenant)
}

/// The same on a server that is reached at `endpoint`.
pub(crate) fn template_objects_on(endpoint: &Endpoint, tenant: &ValidTenant) -> Vec<Object> {
    let template = Template::of(tenant);
    let server = &tenant.database_server;
    let mut objects = vec![template::secret(
        server,
        &template.key(RECIPE),
        &PASSWORDS[3].into(),
    )];
    objects.extend(template::job(&template::Input {
        server,
        endpoint,
        template: &template,
        recipe: RECIPE,
        database: "template_unfinished",
    }));
    objects
}

/// All that the partner of the fixtures has.
pub(crate) fn partner_objects() -> Vec<Object> {
    let partner: Partner = read("Partner");
    let name = "acme".parse().unwrap();
    let mut objects = vec![partner::namespace(&name)];
    objects.extend(partner::contents(&name, &partner.spec.access));
    objects
}

/// The rules of a NetworkPolicy, in both directions; none of any other object.
pub(crate) fn rules(object: &Object) -> Vec<Value> {
    let spec = &object.manifest()["spec"];
    let of = |direction: &str| spec[direction].as_array().cloned().unwrap_or_default();
    if object.kind == Kind::NetworkPolicy {
        [of("ingress"), of("egress")].concat()
    } else {
        Vec::new()
    }
}

/// Whom a rule of a NetworkPolicy is about.
pub(crate) fn peers(rule: &Value) -> Vec<Value> {
    let of = |direction: &str| rule[direction].as_array().cloned().unwrap_or_default();
    [of("from"), of("to")].concat()
}
