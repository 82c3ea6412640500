//! The child's command line.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use super::misbehave::Misbehaviour;
use crate::config::SandboxPolicy;

pub(super) const USAGE: &str = "\
usage: quire-render --pdfium PATH [options]

Started by quire; the request socket is standard input.

  --pdfium PATH            the pdfium library
  --sandbox POLICY         require, best-effort (default) or off
  --address-space BYTES    address space beside the mapped document
  --document-bytes BYTES   bytes of the largest document
  --probe-sandbox          enter the sandbox, try what it forbids, print one line for each try
  --misbehave KIND=PAGE    for tests: crash, hang, flood, lie, cling or chatter on that page, from one";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(super) pdfium: PathBuf,
    pub(super) sandbox: SandboxPolicy,
    pub(super) address_space: u64,
    pub(super) document_bytes: u64,
    pub(super) probe_sandbox: bool,
    pub(super) misbehaviour: Option<Misbehaviour>,
}

impl Arguments {
    pub(super) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut parsed = Self {
            pdfium: PathBuf::new(),
            sandbox: SandboxPolicy::BestEffort,
            address_space: 2 << 30,
            document_bytes: 1 << 30,
            probe_sandbox: false,
            misbehaviour: None,
        };
        while let Some(name) = arguments.next() {
            let name = name.to_string_lossy().into_owned();
            if name == "--probe-sandbox" {
                parsed.probe_sandbox = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--pdfium" => parsed.pdfium = value.into(),
                "--sandbox" => parsed.sandbox = read(&name, value)?,
                "--address-space" => parsed.address_space = read(&name, value)?,
                "--document-bytes" => parsed.document_bytes = read(&name, value)?,
                "--misbehave" => parsed.misbehaviour = Some(read(&name, value)?),
                _ => return Err(format!("unknown option {name}")),
            }
        }
        Ok(parsed)
    }
}

fn read<T: FromStr>(name: &str, value: OsString) -> Result<T, String> {
    let value = value.to_string_lossy();
    value.parse().map_err(|_| format!("{name} cannot be {value:?}"))
}
