//! `--device`: what computes the networks of a worker.

use std::str::FromStr;

/// A device that this build can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// The processor; `[pipeline] provider` says how.
    Cpu,
}

/// A device that it cannot use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this build computes on cpu only")]
pub(super) struct UnknownDevice;

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        if text == "cpu" { Ok(Self::Cpu) } else { Err(UnknownDevice) }
    }
}
