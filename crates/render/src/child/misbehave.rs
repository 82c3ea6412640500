//! A test mode: the child does on one page what a hostile file might make it do.
//!
//! Switched on by `--misbehave KIND=PAGE` only, which the pool never passes by itself.

use std::str::FromStr;

use rustix::process::{Signal, getpid, kill_process};

use crate::wire::PageHeader;

/// What to do, and on which page (from one).
#[derive(Clone, Copy, Debug)]
pub(super) struct Misbehaviour {
    kind: Kind,
    page: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Die by a segmentation fault.
    Crash,
    /// Never answer.
    Hang,
    /// Take memory without end.
    Flood,
    /// Claim a larger image than there is memory for.
    Lie,
    /// Keep the right to write to the memory after answering.
    Cling,
    /// Answer with something that is not a message.
    Chatter,
}

impl FromStr for Misbehaviour {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, page) = text.split_once('=').ok_or(())?;
        let kind = match kind {
            "crash" => Kind::Crash,
            "hang" => Kind::Hang,
            "flood" => Kind::Flood,
            "lie" => Kind::Lie,
            "cling" => Kind::Cling,
            "chatter" => Kind::Chatter,
            _ => return Err(()),
        };
        Ok(Self { kind, page: page.parse().map_err(|_| ())? })
    }
}

impl Misbehaviour {
    /// Before a page (from zero) is rendered: the ways that never come back.
    pub(super) fn before_page(self, page: u32) {
        if page + 1 != self.page {
            return;
        }
        match self.kind {
            // The first one may be taken for a stack overflow, reported and forgotten by the runtime's handler.
            Kind::Crash => loop {
                kill_process(getpid(), Signal::SEGV).ok();
            },
            Kind::Hang => loop {
                std::thread::park();
            },
            Kind::Flood => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(vec![1_u8; 16 << 20]);
                }
            }
            Kind::Lie | Kind::Cling | Kind::Chatter => {}
        }
    }

    /// The header to send for a page in place of `header`.
    pub(super) fn header(self, page: u32, header: PageHeader) -> PageHeader {
        if page + 1 == self.page && self.kind == Kind::Lie {
            PageHeader { width_px: header.width_px * 3, height_px: header.height_px * 100, ..header }
        } else {
            header
        }
    }

    /// Whether to keep the page's memory mapped.
    pub(super) fn clings(self, page: u32) -> bool {
        page + 1 == self.page && self.kind == Kind::Cling
    }

    /// Whether to answer with noise.
    pub(super) fn chatters(self, page: u32) -> bool {
        page + 1 == self.page && self.kind == Kind::Chatter
    }
}
