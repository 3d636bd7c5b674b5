//! Stages about who depends on whom: the table in ARCHITECTURE.md against Cargo's own account.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::Problems;
use super::tools::{cargo, lines, run};

const DOCUMENT: &str = "ARCHITECTURE.md";
/// The header of the table.
const COLUMNS: [&str; 4] = ["Crate", "Ours", "Uses", "Reaches"];
/// Crates that decide what a crate of ours is able to do.
const POWERS: [&str; 5] = ["axum", "kube", "sqlx", "tokio", "tonic"];
/// What is never compiled, and what takes its place.
const FORBIDDEN: [(&str, &str); 7] = [
    ("native-tls", "rustls"),
    ("openssl-sys", "rustls with aws-lc-rs"),
    ("ring", "aws-lc-rs"),
    ("rsa", "aws-lc-rs"),
    ("serde_yaml", "serde-saphyr, declared as serde_yaml"),
    ("serde_yml", "serde-saphyr, declared as serde_yaml"),
    ("unsafe-libyaml", "serde-saphyr, declared as serde_yaml"),
];

type Names = BTreeSet<String>;

/// What a crate of ours depends on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Row {
    /// Crates of ours, by the name of their folder.
    ours: Names,
    /// Which of the [`POWERS`] it depends on by itself.
    uses: Names,
    /// Which of the [`POWERS`] it has through anything it depends on.
    reaches: Names,
}

/// The table says what the manifests say, in both directions. Dependencies of tests do not count.
pub(super) fn declared(root: &Path) -> Result<Problems> {
    let table = table(root)?;
    let crates = crates(root)?;
    let mut problems = Problems::new();
    for name in crates.keys().filter(|name| !table.contains_key(*name)) {
        problems.push(format!("{DOCUMENT}: has no row for {name}; add it"));
    }
    for name in table.keys().filter(|name| !crates.contains_key(*name)) {
        problems.push(format!(
            "{DOCUMENT}: has a row for {name}, which does not exist; remove it"
        ));
    }
    for (name, (manifest, actual)) in &crates {
        if let Some(allowed) = table.get(name) {
            problems.extend(OURS.differences(manifest, name, allowed, actual));
            problems.extend(USES.differences(manifest, name, allowed, actual));
        }
    }
    Ok(problems)
}

/// The table says which powers each crate has through everything that it depends on, with the
/// features that it has alone.
pub(super) fn reached(root: &Path) -> Result<Problems> {
    let table = table(root)?;
    let mut problems = Problems::new();
    for (name, (manifest, mut actual)) in crates(root)? {
        let Some(allowed) = table.get(&name) else {
            continue;
        };
        let package = manifest.package.as_str();
        let tree = tree(root, &["--package", package, "--edges", "normal"])?;
        actual.reaches = tree.into_iter().filter(|name| is_power(name)).collect();
        problems.extend(REACHES.differences(&manifest, &name, allowed, &actual));
    }
    Ok(problems)
}

/// No crate is compiled that is banned.
pub(super) fn forbidden(root: &Path) -> Result<Problems> {
    let tree = tree(root, &["--workspace", "--edges", "normal,build,dev"])?;
    Ok(FORBIDDEN
        .iter()
        .filter(|(name, _)| tree.contains(*name))
        .map(|(name, instead)| {
            format!("{name}: is compiled and must not be; use {instead} (cargo tree -i {name} says who wants it)")
        })
        .collect())
}

/// Where a crate is described, and how Cargo calls it.
struct Manifest {
    path: String,
    package: String,
}

/// One column of the table.
struct Column {
    title: &'static str,
    verb: &'static str,
    of: fn(&Row) -> &Names,
}

const OURS: Column = Column {
    title: COLUMNS[1],
    verb: "depends on",
    of: |row| &row.ours,
};
const USES: Column = Column {
    title: COLUMNS[2],
    verb: "depends on",
    of: |row| &row.uses,
};
const REACHES: Column = Column {
    title: COLUMNS[3],
    verb: "has, through others,",
    of: |row| &row.reaches,
};

impl Column {
    fn differences(
        &self,
        manifest: &Manifest,
        name: &str,
        allowed: &Row,
        actual: &Row,
    ) -> Problems {
        let Self { title, verb, of } = self;
        let path = &manifest.path;
        let extra = of(actual).difference(of(allowed)).map(|extra| {
            format!(
                "{path}: {verb} {extra}, which {DOCUMENT} does not allow; remove it, or add it to \"{title}\" of {name} and say why"
            )
        });
        let missing = of(allowed).difference(of(actual)).map(|missing| {
            format!(
                "{DOCUMENT}: \"{title}\" of {name} has {missing}, which {path} does not have; remove it"
            )
        });
        extra.chain(missing).collect()
    }
}

fn table(root: &Path) -> Result<BTreeMap<String, Row>> {
    let text =
        fs::read_to_string(root.join(DOCUMENT)).with_context(|| format!("read {DOCUMENT}"))?;
    parse_table(&text)
}

/// The rows of the table with our [`COLUMNS`], by crate.
fn parse_table(text: &str) -> Result<BTreeMap<String, Row>> {
    let mut rows = BTreeMap::new();
    let lines = text
        .lines()
        .skip_while(|line| cells(line) != COLUMNS)
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    for line in lines {
        let [name, ours, uses, reaches] = cells(line)[..] else {
            bail!(
                "{DOCUMENT}: this row has not {} cells: {line}",
                COLUMNS.len()
            );
        };
        let row = Row {
            ours: names(ours),
            uses: names(uses),
            reaches: names(reaches),
        };
        let name = name.trim_matches('`').to_owned();
        ensure!(
            rows.insert(name.clone(), row).is_none(),
            "{DOCUMENT}: {name} has two rows"
        );
    }
    ensure!(
        !rows.is_empty(),
        "{DOCUMENT} has no table with the columns {}",
        COLUMNS.join(", ")
    );
    Ok(rows)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim()
        .trim_matches('|')
        .split('|')
        .map(str::trim)
        .collect()
}

/// Every word in backticks.
fn names(cell: &str) -> Names {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn is_power(name: &str) -> bool {
    POWERS.contains(&name)
}

/// Every crate of the workspace with what it depends on directly, by the name of its folder.
fn crates(root: &Path) -> Result<BTreeMap<String, (Manifest, Row)>> {
    let output = run(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        complaint(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).context("read cargo metadata")?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let folders = packages
        .iter()
        .map(|package| Ok((text(&package["name"])?, folder(package)?)))
        .collect::<Result<BTreeMap<_, _>>>()?;
    packages
        .iter()
        .map(|package| {
            let path = Path::new(text(&package["manifest_path"])?);
            let manifest = Manifest {
                path: path
                    .strip_prefix(root)
                    .unwrap_or(path)
                    .display()
                    .to_string(),
                package: text(&package["name"])?.to_owned(),
            };
            Ok((folder(package)?, (manifest, row(package, &folders)?)))
        })
        .collect()
}

fn row(package: &Value, folders: &BTreeMap<&str, String>) -> Result<Row> {
    let mut row = Row::default();
    let dependencies = package["dependencies"]
        .as_array()
        .context("cargo metadata names no dependencies")?;
    for dependency in dependencies.iter().filter(|it| it["kind"] != "dev") {
        let name = text(&dependency["name"])?;
        if let Some(folder) = folders.get(name) {
            row.ours.insert(folder.clone());
        } else if is_power(name) {
            row.uses.insert(name.to_owned());
        }
    }
    Ok(row)
}

fn folder(package: &Value) -> Result<String> {
    Path::new(text(&package["manifest_path"])?)
        .parent()
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned())
        .context("a manifest lies in no folder")
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("cargo metadata has another shape")
}

/// Names of all crates that Cargo compiles for a selection.
fn tree(root: &Path, selection: &[&str]) -> Result<Names> {
    let output = run(cargo(root)
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}"])
        .args(selection))?;
    ensure!(
        output.status.success(),
        "cargo tree: {}",
        complaint(&output.stderr)
    );
    Ok(lines(&output.stdout)
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect())
}

/// The line in which Cargo says what is wrong.
fn complaint(said: &[u8]) -> String {
    lines(said)
        .find_map(|line| line.strip_prefix("error: ").map(str::to_owned))
        .unwrap_or_else(|| "failed and did not say why".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "text\n\n\
        | Crate | Ours | Uses | Reaches |\n\
        |---|---|---|---|\n\
        | `domain` | - | - | - |\n\
        | `crd` | `domain` | `kube` | `kube` |\n\
        \nmore text with a | in it\n";

    fn set(names: &[&str]) -> Names {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_table_is_read_where_its_header_is() {
        let table = parse_table(TABLE).unwrap();
        assert_eq!(table.len(), 2);
        assert_eq!(table["domain"], Row::default());
        assert_eq!(table["crd"].ours, set(&["domain"]));
        assert_eq!(table["crd"].reaches, set(&["kube"]));
    }

    #[test]
    fn a_document_without_the_table_is_a_problem() {
        assert!(parse_table("| Crate | Other |\n|---|---|\n| `a` | - |\n").is_err());
        assert!(parse_table(&TABLE.replace("| `kube` | `kube` |", "| `kube` |")).is_err());
    }

    #[test]
    fn differences_are_told_in_both_directions() {
        let manifest = Manifest {
            path: "crates/crd/Cargo.toml".into(),
            package: "tenantry-crd".into(),
        };
        let row = |ours: &[&str]| Row {
            ours: set(ours),
            ..Row::default()
        };
        let (allowed, actual) = (row(&["domain", "proto"]), row(&["domain", "render"]));
        let problems = OURS.differences(&manifest, "crd", &allowed, &actual);
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with("crates/crd/Cargo.toml: depends on render"));
        assert!(problems[1].starts_with("ARCHITECTURE.md: \"Ours\" of crd has proto"));
    }
}
