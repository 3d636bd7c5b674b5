//! Every sample is what the API server takes.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use tenantry_tests::kubectl;

#[tokio::test]
async fn every_sample_is_accepted() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/samples");
    let mut samples = 0;
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path().display().to_string();
        let arguments = [
            "apply",
            "--server-side",
            "--dry-run=server",
            "--validate=strict",
            "--field-manager=kubectl",
            "--filename",
            &path,
        ];
        let output = kubectl(&arguments, "").await?;
        ensure!(output.success, "{path}: {}", output.complaint);
        samples += 1;
    }
    ensure!(samples > 0, "there are no samples");
    Ok(())
}
