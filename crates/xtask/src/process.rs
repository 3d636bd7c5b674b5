//! Runs other programs: their output goes to a log, its end into the error when they fail, and
//! all of them end when one step of several has failed.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const LAST_LINES: usize = 25;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Set once a step has failed: whatever else runs is in vain.
static IN_VAIN: AtomicBool = AtomicBool::new(false);

/// Ends every program that runs, and those that would still be started.
pub(crate) fn give_up() {
    IN_VAIN.store(true, Ordering::Relaxed);
}

/// A program was ended, or not even started, because of what happened elsewhere.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("stopped, because another step failed")
    }
}

impl Error for Stopped {}

/// Whether an error is only the consequence of `give_up`.
pub(crate) fn was_stopped(error: &anyhow::Error) -> bool {
    error.is::<Stopped>()
}

/// Takes back `give_up`, for the next attempt of the same process.
pub(crate) fn begin() {
    IN_VAIN.store(false, Ordering::Relaxed);
}

/// Runs a program whose complaints and output go to `log`, line by line also to `detail`.
pub(crate) fn run_logged(command: &mut Command, log: &Path, detail: &dyn Fn(&str)) -> Result<()> {
    let mut file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let (reader, writer) = std::io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let child = spawn(command)?;
    // The command holds the pipe's writing end, without whose end reading never ends.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    thread::scope(|scope| {
        let waited = scope.spawn(|| wait(child));
        for line in BufReader::new(reader).lines() {
            let Ok(line) = line else { continue };
            writeln!(file, "{line}")?;
            detail(&line);
        }
        match waited.join() {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => bail!(
                "{} failed. The end of {}:\n{}",
                describe(command),
                log.display(),
                last_lines(log)
            ),
            Ok(Err(error)) => Err(error),
            Err(_) => bail!("waiting for {} failed", describe(command)),
        }
    })
}

/// Runs a program and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    output_with(command, "")
}

/// The same, with something to read for the program.
pub(crate) fn output_with(command: &mut Command, input: &str) -> Result<String> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    thread::scope(|scope| {
        let fed = scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let complaints = scope.spawn(move || read(stderr));
        let waited = scope.spawn(|| wait(child));
        let printed = read(stdout);
        // A program that does not read all its input is judged by its exit status.
        _ = fed.join();
        let complaints = complaints.join().unwrap_or_default();
        match waited.join() {
            Ok(Ok(true)) => Ok(printed),
            Ok(Ok(false)) => bail!("{} failed: {}", describe(command), complaints.trim()),
            Ok(Err(error)) => Err(error),
            Err(_) => bail!("waiting for {} failed", describe(command)),
        }
    })
}

/// Whether a program by this name can be called.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}

fn spawn(command: &mut Command) -> Result<Child> {
    if IN_VAIN.load(Ordering::Relaxed) {
        return Err(Stopped.into());
    }
    command
        .spawn()
        .with_context(|| format!("cannot start {}", describe(command)))
}

/// True when the program ended well.
fn wait(mut child: Child) -> Result<bool> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if IN_VAIN.load(Ordering::Relaxed) {
            // It may have ended by itself in between.
            _ = child.kill();
            child.wait()?;
            return Err(Stopped.into());
        }
        thread::sleep(LOOK_AGAIN);
    }
}

fn read(pipe: Option<impl std::io::Read>) -> String {
    let mut text = Vec::new();
    if let Some(mut pipe) = pipe {
        // What was read until an error is still worth showing.
        _ = pipe.read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args().take(4) {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    format!("`{text}`")
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    // Cargo's messages for programs are not for people.
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('{')).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
