//! The commands of `natbase`.

use std::process::ExitCode;

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::FAILURE
}
