//! One child and the conversation with it.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    process::Command,
    time::{Duration, Instant},
};

use quire_proto::{page_text::PageText, record::PageSize};
use quire_raster::Raster;
use serde::de::DeserializeOwned;

use crate::{
    channel::{Channel, Patience, ReceiveError},
    config::RenderConfig,
    error::RenderError,
    fault::Fault,
    page_memory::PageMemory,
    reaped_child::ReapedChild,
    sandbox_level::SandboxLevel,
    source::SourceFile,
    trust::{check_header, check_text},
    wire::{DocumentInfo, MAX_TEXT_BYTES, PageHeader, RenderRequest, Reply, Request},
};

/// A child that has reported ready.
pub(crate) struct LiveChild {
    process: ReapedChild,
    channel: Channel,
    open: Option<(u64, DocumentInfo)>,
    pages: u32,
}

/// One page as a child delivered it, checked.
pub(crate) struct Delivered {
    pub(crate) size: PageSize,
    pub(crate) raster: Raster,
    pub(crate) text: PageText,
    pub(crate) rendered_smaller: bool,
}

impl LiveChild {
    /// Starts a child and waits until it is ready.
    pub(crate) fn start(
        config: &RenderConfig,
        stop: BorrowedFd<'_>,
    ) -> Result<(Self, SandboxLevel), RenderError> {
        let system = |action| move |source| RenderError::System { action, source };
        let (channel, theirs) = Channel::pair().map_err(system("create a socket"))?;
        let mut command = Command::new(&config.program);
        command.arg("--pdfium").arg(&config.pdfium);
        command.args(["--sandbox", config.sandbox.name()]);
        command.args(["--address-space", &config.address_space.to_string()]);
        command.args(["--document-bytes", &config.max_document_bytes.to_string()]);
        command.args(&config.child_arguments);
        let process = ReapedChild::spawn(command, theirs)
            .map_err(|source| RenderError::Program { program: config.program.clone(), source })?;

        let mut child = Self { process, channel, open: None, pages: 0 };
        let level = match child.reply::<Reply>(config.open_deadline, stop) {
            Ok(Reply::Ready(level)) => level,
            Ok(Reply::NoPdfium(reason)) => {
                return Err(RenderError::Pdfium { library: config.pdfium.clone(), reason });
            }
            Ok(other) => return Err(RenderError::Start { reason: format!("it says {other:?}") }),
            Err(Fault::NotJudged(error)) => return Err(error),
            Err(fault) => return Err(RenderError::Start { reason: format!("{fault:?}") }),
        };
        if config.sandbox == crate::SandboxPolicy::Require && !level.is_full() {
            return Err(RenderError::Sandbox { level });
        }
        Ok((child, level))
    }

    /// The document that the child holds open.
    pub(crate) fn holds(&self) -> Option<u64> {
        self.open.map(|(id, _)| id)
    }

    /// Whether the child has done its share of pages or grown too large.
    pub(crate) fn is_worn(&self, config: &RenderConfig) -> bool {
        self.pages >= config.recycle_pages
            || self.process.resident_bytes().is_some_and(|bytes| bytes > config.recycle_rss)
    }

    /// Opens `source`, unless it is open already.
    pub(crate) fn open(
        &mut self,
        source: &SourceFile,
        config: &RenderConfig,
        stop: BorrowedFd<'_>,
    ) -> Result<DocumentInfo, Fault> {
        if let Some((_, info)) = self.open.filter(|(id, _)| *id == source.id()) {
            return Ok(info);
        }
        self.open = None;
        let request = Request::Open { password: source.password().map(str::to_owned) };
        self.send(&request, source.file().as_fd())?;
        let info = match self.reply(config.open_deadline, stop)? {
            Reply::Opened(info) if info.pages > 0 => info,
            Reply::OpenRefused(refusal) => return Err(Fault::OpenRefused(refusal)),
            _ => return Err(Fault::Lied("not an answer to open".to_owned())),
        };
        if info.pages > config.max_pages {
            return Err(Fault::TooManyPages { pages: info.pages, limit: config.max_pages });
        }
        self.open = Some((source.id(), info));
        Ok(info)
    }

    /// Renders a page of the open document.
    pub(crate) fn render(
        &mut self,
        request: RenderRequest,
        config: &RenderConfig,
        stop: BorrowedFd<'_>,
    ) -> Result<Delivered, Fault> {
        let memory = PageMemory::create(request.max_pixels * 3 + MAX_TEXT_BYTES)
            .map_err(|source| system("create shared memory", source))?;
        self.send(&Request::Render(request), memory.fd())?;
        self.pages += 1;
        match self.reply(config.page_deadline, stop)? {
            Reply::Rendered(header) => accept(header, request.max_pixels, memory),
            Reply::PageRefused(reason) => Err(Fault::PageRefused(short(reason))),
            Reply::PageTooLarge(reason) => Err(Fault::PageTooLarge(short(reason))),
            _ => Err(Fault::Lied("not an answer to render".to_owned())),
        }
    }

    fn send(&mut self, request: &Request, fd: BorrowedFd<'_>) -> Result<(), Fault> {
        match self.channel.send(request, Some(fd)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(self.died()),
            Err(error) => Err(system("send to the renderer", error)),
        }
    }

    fn reply<T: DeserializeOwned>(&mut self, limit: Duration, stop: BorrowedFd<'_>) -> Result<T, Fault> {
        let patience = Patience { deadline: Instant::now() + limit, stop };
        self.channel.receive(patience).map_err(|error| match error {
            ReceiveError::Timeout => Fault::Slow(limit),
            ReceiveError::Stopped => Fault::NotJudged(RenderError::Stopped),
            ReceiveError::Closed => self.died(),
            ReceiveError::Malformed => Fault::Lied("not a message".to_owned()),
            ReceiveError::System(error) => system("receive from the renderer", error),
        })
    }

    fn died(&mut self) -> Fault {
        match self.process.end() {
            Ok(status) => Fault::Died(status),
            Err(error) => system("end the renderer", error),
        }
    }
}

/// Checks what was delivered and wraps it; nothing is copied but the text record.
fn accept(header: PageHeader, max_pixels: u64, memory: PageMemory) -> Result<Delivered, Fault> {
    check_header(&header, max_pixels).map_err(Fault::Lied)?;
    let frozen = memory.freeze().map_err(|_| Fault::Lied("the memory can still be written".to_owned()))?;
    let pixel_bytes = header.width_px as usize * header.height_px as usize * 3;
    let text = frozen
        .read(pixel_bytes as u64, header.text_bytes as usize)
        .map_err(|source| system("read shared memory", source))?;
    let text = check_text(&text).map_err(Fault::Lied)?;
    let pixels = frozen.map(pixel_bytes).map_err(|source| system("map shared memory", source))?;
    let raster = Raster::new(header.width_px, header.height_px, pixels)
        .map_err(|error| Fault::Lied(error.to_string()))?;
    let size = PageSize {
        width_pt: header.width_pt,
        height_pt: header.height_pt,
        width_px: header.width_px,
        height_px: header.height_px,
        dpi: header.dpi,
    };
    Ok(Delivered { size, raster, text, rendered_smaller: header.rendered_smaller })
}

fn system(action: &'static str, source: io::Error) -> Fault {
    Fault::NotJudged(RenderError::System { action, source })
}

/// A message of a child, cut to what fits in a record.
fn short(message: String) -> String {
    message.chars().filter(|char| !char.is_control()).take(200).collect()
}
