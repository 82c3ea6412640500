//! The render child: what runs in `quire-render`.
//!
//! ```text
//!  load pdfium ─▶ close descriptors, limits, sandbox ─▶ "ready" ─▶ request, reply, request, …
//! ```
//!
//! Everything after "ready" reads hostile bytes. The socket is standard input; when it ends, so does the child.

mod arguments;
mod document;
mod image;
mod misbehave;
mod objects;
mod page_text;
#[allow(unsafe_code, reason = "calls pdfium; see the SAFETY comments")]
mod pdfium;
#[allow(unsafe_code, reason = "tries forbidden system calls; see the SAFETY comments")]
mod probe;
mod resolution;
mod rulings;
mod sandbox;
mod serve;
mod tiff;
mod transform;

use std::{ffi::OsString, os::fd::AsFd, process::ExitCode};

use rustix::process::{Signal, set_parent_process_death_signal};

use crate::{channel::Channel, wire::Reply};
use arguments::Arguments;

/// Runs a child with these command line arguments until its parent is done with it.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::parse(arguments) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    // A child whose parent thread is gone is of no use. Should this fail, the end of the socket still ends us.
    set_parent_process_death_signal(Some(Signal::KILL)).ok();
    if arguments.probe_sandbox { probe::run(&arguments) } else { work(&arguments) }
}

fn work(arguments: &Arguments) -> ExitCode {
    let Ok(socket) = std::io::stdin().as_fd().try_clone_to_owned() else { return ExitCode::FAILURE };
    let channel = Channel::new(socket);
    let library = match pdfium::Library::load(&arguments.pdfium) {
        Ok(library) => library,
        Err(reason) => {
            let reason = reason.chars().take(500).collect();
            channel.send(&Reply::NoPdfium(reason), None).ok();
            return ExitCode::FAILURE;
        }
    };
    let level = sandbox::enter(arguments, &channel);
    if channel.send(&Reply::Ready(level), None).is_err() {
        return ExitCode::FAILURE;
    }
    serve::serve(&channel, library, arguments);
    ExitCode::SUCCESS
}
