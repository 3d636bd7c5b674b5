//! Two daemons at once by mistake.

use std::time::Duration;

use anyhow::{Result, ensure};
use tenantry_tests::audit;

use crate::daemon::{in_control, scale};
use crate::end_state::{End, EndState, nothing_left};

const QUIET: Duration = Duration::from_secs(20);

#[tokio::test]
async fn two_daemons_make_one_tenant_of_each_spec_and_come_to_rest() -> Result<()> {
    in_control(async |control, partner| {
        let one = control.start()?;
        scale(&partner.environment, 1).await?;
        let names = ["twin1", "twin2", "twin3"];
        for name in names {
            partner.create_tenant(name).await?;
        }
        let mut ids = Vec::new();
        for name in names {
            EndState::of(partner, name, End::Serves).await?;
            let status = partner.tenants().get(name).await?.status;
            ids.extend(status.and_then(|status| status.tenant_id));
        }
        let log = audit::Log::from_rest().await?;
        tokio::time::sleep(QUIET).await;
        let writes: Vec<_> = log
            .requests()?
            .into_iter()
            .filter(audit::Request::is_write)
            .collect();
        ensure!(
            writes.is_empty(),
            "they undo each other's work: {writes:#?}"
        );
        for (name, id) in names.into_iter().zip(&ids) {
            partner.delete_tenant(name).await?;
            nothing_left(partner, name, id).await?;
        }
        one.kill().await
    })
    .await
}
