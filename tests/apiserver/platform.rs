//! One table of good and bad manifests of the platform's own kinds, judged by the API server.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::cases::{judged, merge};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    good: Value,
    changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    to: Value,
    refused: Option<String>,
}

#[tokio::test]
async fn the_api_server_judges_the_platforms_kinds_by_schema_and_rules() -> Result<()> {
    let kinds: Vec<Kind> = serde_yaml::from_str(include_str!("platform.yaml"))?;
    let mut wrong = Vec::new();
    for Kind { good, changes } in kinds {
        for Change { to, refused } in changes {
            let mut manifest = good.clone();
            merge(&mut manifest, &to);
            let output = judged(&manifest).await?;
            let as_expected = match &refused {
                None => output.success,
                Some(words) => !output.success && output.complaint.contains(words.as_str()),
            };
            if !as_expected {
                let told = format!("{}{}", output.text, output.complaint);
                wrong.push(format!("{} {to}: {refused:?}: {told}", good["kind"]));
            }
        }
    }
    ensure!(wrong.is_empty(), "judged otherwise:\n{}", wrong.join("\n"));
    Ok(())
}
