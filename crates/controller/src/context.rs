//! What every reconciler is given.

use std::sync::Arc;

use tenantry_probe::Prober;
use tenantry_render::Settings;

use crate::backoff::Backoff;
use crate::builds::Builds;
use crate::cluster::Cluster;
use crate::measure::Measure;
use crate::placement::Grants;
use crate::servers::Servers;
use crate::world::World;

/// What every reconciler is given.
pub(crate) struct Context {
    pub(crate) world: World,
    pub(crate) cluster: Cluster,
    pub(crate) servers: Servers,
    pub(crate) grants: Grants,
    pub(crate) builds: Builds,
    pub(crate) prober: Arc<Prober>,
    pub(crate) settings: Settings,
    pub(crate) backoff: Backoff,
    pub(crate) measure: Measure,
}
