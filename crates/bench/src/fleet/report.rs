//! The page of a figure in `docs/benchmarks`.

use std::{fs, path::Path};

use anyhow::Context;

use super::Common;
use crate::report::{self, Bar};

/// Prints a table and its bars, and writes both when asked to; whether all bars hold.
pub fn finish(common: &Common, command: &str, how: &str, table: &str, bars: &[Bar]) -> anyhow::Result<bool> {
    println!("{how}\n\n{table}");
    let hold = report::print_bars(bars);
    if common.record {
        let bars: String = bars.iter().map(|bar| format!("- {bar}\n")).collect();
        let page = format!(
            "# The fleet: {command}\n\nWritten by `quire-bench fleet {command} --record`. {how}\n\n{table}\n{bars}"
        );
        let file = Path::new("docs/benchmarks").join(format!("fleet-{command}.md"));
        fs::write(&file, page).with_context(|| format!("write {}", file.display()))?;
    }
    Ok(hold)
}
