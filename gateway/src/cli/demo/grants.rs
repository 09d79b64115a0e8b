//! The reviewed grants of a demonstration.

use crate::config::Config;

use super::super::data_dir::{DataDir, write_whole};

/// The file that a new demonstration starts with.
pub(super) const GRANTS: &str = include_str!("grants.toml");

/// Writes the grants, unless there are some.
pub(super) fn write(data: &DataDir, config: &Config) -> anyhow::Result<()> {
    let file = data.join(&config.policy.grants.to_string_lossy());
    if file.exists() {
        return Ok(());
    }
    write_whole(&file, GRANTS)
}
