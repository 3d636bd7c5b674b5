//! `kubectl`, `helm` and `tenantry`, as people run them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// How a call of a program ended.
#[derive(Debug)]
pub struct Output {
    program: &'static str,
    /// Whether it succeeded.
    pub success: bool,
    /// What it printed.
    pub text: String,
    /// What it complained.
    pub complaint: String,
}

impl Output {
    /// What it printed.
    ///
    /// # Errors
    /// It failed; with its complaint.
    pub fn text(self) -> Result<String> {
        if !self.success {
            bail!("{}: {}", self.program, self.complaint.trim());
        }
        Ok(self.text)
    }
}

/// Runs `kubectl` with `input` to read.
///
/// # Errors
/// It could not be started.
pub async fn kubectl(arguments: &[&str], input: &str) -> Result<Output> {
    start("kubectl", arguments, input).await
}

/// Runs `helm`.
///
/// # Errors
/// It could not be started.
pub async fn helm(arguments: &[&str]) -> Result<Output> {
    start("helm", arguments, "").await
}

/// Runs `tenantry`, the command line of partners. Where the door is and what opens it, it has from
/// the environment.
///
/// # Errors
/// It could not be started.
pub async fn tenantry(arguments: &[&str]) -> Result<Output> {
    start("tenantry", arguments, "").await
}

async fn start(program: &'static str, arguments: &[&str], input: &str) -> Result<Output> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let input = input.to_owned();
    tokio::task::spawn_blocking(move || run(program, &arguments, &input)).await?
}

fn run(program: &'static str, arguments: &[String], input: &str) -> Result<Output> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} is not on the PATH: eval \"$(cargo xtask env)\""))?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program that reads nothing is judged by what it says.
        _ = pipe.write_all(input.as_bytes());
    }
    let output = child.wait_with_output()?;
    Ok(Output {
        program,
        success: output.status.success(),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
