//! Makes the container images, gives them to the cluster, pushes them to a registry.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::go;
use super::place::Place;
use crate::process;
use crate::progress::Progress;

/// Images with a recipe that the cluster needs.
const RECIPES: [&str; 3] = ["pause", "postgresql", "odoo"];
/// What every image of a program of ours stands on.
const RUNTIME: &str = "runtime";
/// The program that has an image.
const PROGRAM: &str = "tenantryd";

/// An image in the cache.
#[derive(Debug, Deserialize)]
pub(crate) struct Image {
    layout: PathBuf,
    pub(crate) repository: String,
    pub(crate) digest: String,
}

impl Image {
    /// As the charts want it.
    fn value(&self) -> Value {
        json!({ "repository": self.repository, "digest": self.digest })
    }
}

/// All images, and the program that handles them.
pub(crate) struct Images {
    tool: PathBuf,
    images: BTreeMap<String, Image>,
}

/// Makes the images that have a recipe.
pub(crate) fn from_recipes(place: &Place, progress: &Progress) -> Result<Images> {
    let tool = progress.step("build the image tool", |detail| {
        go::image_tool(place, detail)
    })?;
    let images = progress.step("make images", |detail| build(place, &tool, detail))?;
    Ok(Images { tool, images })
}

fn build(place: &Place, tool: &Path, detail: &dyn Fn(&str)) -> Result<BTreeMap<String, Image>> {
    let mut build = Command::new(tool);
    build.arg("build").args(RECIPES).arg(RUNTIME);
    add_places(&mut build, place);
    // The result is the last line; what comes before says what is being made.
    let log = place.log("images");
    process::run_logged(&mut build, &log, detail)?;
    let text = fs::read_to_string(&log)?;
    let result = text.lines().last().context("the image tool said nothing")?;
    serde_json::from_str(result).context("the image tool said something unexpected")
}

fn add_places(command: &mut Command, place: &Place) {
    command.arg("--recipes").arg(place.recipes());
    command.arg("--cache").arg(&place.cache);
}

impl Images {
    /// Adds the image of the daemon as it was just built.
    pub(crate) fn with_program(mut self, place: &Place, program: &Path) -> Result<Self> {
        let mut make = Command::new(&self.tool);
        make.arg("program").arg(program);
        add_places(&mut make, place);
        let image: Image = serde_json::from_str(&process::output(&mut make)?)?;
        self.images.insert(PROGRAM.to_owned(), image);
        Ok(self)
    }

    /// Gives the cluster what it does not have.
    pub(crate) fn import(&self) -> Result<()> {
        let mut import = Command::new(&self.tool);
        import.arg("import");
        for name in RECIPES {
            import.arg(&self.get(name)?.layout);
        }
        process::output(&mut import)?;
        // Tenants may run an older Odoo; nobody needs an older daemon.
        let mut replace = Command::new(&self.tool);
        replace
            .args(["import", "--replace"])
            .arg(&self.get(PROGRAM)?.layout);
        process::output(&mut replace)?;
        Ok(())
    }

    /// Pushes what users need, and writes the chart's values that name it.
    pub(crate) fn push(&self, target: &str, values: &Path, progress: &Progress) -> Result<()> {
        let mut pushed = BTreeMap::new();
        for name in [PROGRAM, "odoo", "postgresql"] {
            let repository = format!("{}/{name}", target.trim_end_matches('/'));
            let image = progress.step(&format!("push {repository}"), |_| {
                let mut push = Command::new(&self.tool);
                push.arg("push")
                    .arg(&self.get(name)?.layout)
                    .arg(&repository);
                Ok(serde_json::from_str::<Image>(&process::output(&mut push)?)?)
            })?;
            progress.say(&format!("{}@{}", image.repository, image.digest));
            pushed.insert(name.to_owned(), image);
        }
        let pushed = Self {
            tool: self.tool.clone(),
            images: pushed,
        };
        fs::write(values, serde_yaml::to_string(&pushed.values()?)?)
            .with_context(|| format!("cannot write {}", values.display()))?;
        progress.say(&format!("values for the chart: {}", values.display()));
        Ok(())
    }

    /// Says what there is.
    pub(crate) fn describe(&self, progress: &Progress) {
        for image in self.images.values() {
            progress.say(&format!("{}@{}", image.repository, image.digest));
        }
    }

    /// The part of the chart's values that names images.
    pub(crate) fn values(&self) -> Result<Value> {
        Ok(json!({
            "image": self.get(PROGRAM)?.value(),
            "images": {
                "odoo": self.get("odoo")?.value(),
                "postgresql": self.get("postgresql")?.value(),
            },
        }))
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Image> {
        self.images
            .get(name)
            .with_context(|| format!("image {name} was not made"))
    }
}
