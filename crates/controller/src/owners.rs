//! Whose an object of ours is, by its labels, and how its owner hears of it.

use std::collections::BTreeMap;

use kube::runtime::reflector::ObjectRef;
use tenantry_crd::{DatabaseServer, Partner, Tenant, labels};
use tenantry_domain::PartnerName;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// Owners whose children changed.
pub(crate) struct Touched {
    pub(crate) partners: UnboundedReceiverStream<ObjectRef<Partner>>,
    pub(crate) servers: UnboundedReceiverStream<ObjectRef<DatabaseServer>>,
    pub(crate) tenants: UnboundedReceiverStream<ObjectRef<Tenant>>,
}

/// Who is to be told of a child that changed.
#[derive(Clone)]
pub(crate) struct Owners {
    partners: mpsc::UnboundedSender<ObjectRef<Partner>>,
    servers: mpsc::UnboundedSender<ObjectRef<DatabaseServer>>,
    tenants: mpsc::UnboundedSender<ObjectRef<Tenant>>,
}

impl Owners {
    pub(crate) fn new() -> (Self, Touched) {
        let (partners, touched_partners) = mpsc::unbounded_channel();
        let (servers, touched_servers) = mpsc::unbounded_channel();
        let (tenants, touched_tenants) = mpsc::unbounded_channel();
        let owners = Self {
            partners,
            servers,
            tenants,
        };
        let touched = Touched {
            partners: UnboundedReceiverStream::new(touched_partners),
            servers: UnboundedReceiverStream::new(touched_servers),
            tenants: UnboundedReceiverStream::new(touched_tenants),
        };
        (owners, touched)
    }

    /// Tells the owner that a child with these labels has. A receiver that is gone means that the
    /// controller stops.
    pub(crate) fn tell(&self, labels: &BTreeMap<String, String>) {
        match owner(labels) {
            Some(Owner::Tenant(tenant)) => drop(self.tenants.send(tenant)),
            Some(Owner::Server(server)) => drop(self.servers.send(server)),
            Some(Owner::Partner(partner)) => drop(self.partners.send(partner)),
            None => (),
        }
    }
}

enum Owner {
    Tenant(ObjectRef<Tenant>),
    Server(ObjectRef<DatabaseServer>),
    Partner(ObjectRef<Partner>),
}

/// Whose a child with these labels is.
fn owner(labels: &BTreeMap<String, String>) -> Option<Owner> {
    if let Some(server) = labels.get(labels::DATABASE_SERVER) {
        return Some(Owner::Server(ObjectRef::new(server)));
    }
    let partner = labels.get(labels::PARTNER)?;
    match labels.get(labels::TENANT) {
        Some(tenant) => {
            let namespace = partner.parse::<PartnerName>().ok()?.namespace();
            Some(Owner::Tenant(ObjectRef::new(tenant).within(&namespace)))
        }
        None => Some(Owner::Partner(ObjectRef::new(partner))),
    }
}
