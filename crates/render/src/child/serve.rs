//! The conversation: requests in, replies out, one document open at a time.

use std::fs::File;

use crate::{
    channel::Channel,
    wire::{Reply, Request},
};

use super::{
    arguments::Arguments,
    document::{Document, PageTarget},
    pdfium::Library,
};

/// A reply that is none, for the tests.
const NOISE: [u8; 9] = [0xff; 9];

/// Answers requests until the parent hangs up.
pub(super) fn serve(channel: &Channel, library: Library, arguments: &Arguments) {
    let mut open: Option<Document> = None;
    while let Ok((request, Some(fd))) = channel.receive_with_fd::<Request>() {
        let file = File::from(fd);
        let reply = match request {
            Request::Open { password } => {
                // The old document goes first: both together may not fit into memory.
                open = None;
                match Document::open(library, &file, password.as_deref(), arguments) {
                    Ok(document) => {
                        let info = document.info();
                        open = Some(document);
                        Reply::Opened(info)
                    }
                    Err(refusal) => Reply::OpenRefused(refusal),
                }
            }
            Request::Render(request) => {
                let target = PageTarget { memory: file, request, misbehaviour: arguments.misbehaviour };
                let page = request.page;
                let reply = match &open {
                    Some(document) => document.render(target),
                    None => Reply::PageRefused("no document is open".to_owned()),
                };
                if arguments.misbehaviour.is_some_and(|how| how.chatters(page)) {
                    if channel.send(&NOISE, None).is_err() {
                        return;
                    }
                    continue;
                }
                reply
            }
        };
        if channel.send(&reply, None).is_err() {
            return;
        }
    }
}
