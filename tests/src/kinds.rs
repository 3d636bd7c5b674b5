//! Every kind of object that the API server can list, ours among them.

use anyhow::Result;
use kube::Client;
use kube::discovery::{ApiCapabilities, ApiResource, Discovery, verbs};

/// A kind, and what can be done with its objects.
pub type ListedKind = (ApiResource, ApiCapabilities);

/// Every kind that can be listed, in the version that the API server recommends.
///
/// # Errors
/// The API server cannot be asked.
pub async fn listed_kinds(client: &Client) -> Result<Vec<ListedKind>> {
    let discovery = Discovery::new(client.clone()).run_aggregated().await?;
    let mut kinds: Vec<_> = discovery
        .groups()
        .flat_map(kube::discovery::ApiGroup::recommended_resources)
        .filter(|(_, can)| can.supports_operation(verbs::LIST))
        .collect();
    kinds.sort_by(|(one, _), (other, _)| one.plural.cmp(&other.plural));
    Ok(kinds)
}
