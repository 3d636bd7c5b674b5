//! All that the command writes. A reader that went away is not an error.

use std::io::{self, Write as _};

/// Writes the command's result.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
}

/// Tells how things go; not part of the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Tells why the command failed.
pub(crate) fn fail(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
