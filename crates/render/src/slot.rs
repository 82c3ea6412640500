//! A place for one child: the child is replaced when it fails or wears out, the place stays.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
    time::Instant,
};

use quire_proto::{PageNumber, record::PageFailure};

use crate::{
    config::RenderConfig,
    error::{OpenError, PageError, RenderError},
    fault::Fault,
    live_child::{Delivered, LiveChild},
    rendered_page::{RenderOptions, RenderedPage},
    sandbox_level::SandboxLevel,
    source::SourceFile,
    wire::{DocumentInfo, RenderRequest},
};

/// Attempts for one page or one document, each in a fresh child after the first.
const ATTEMPTS: u32 = 2;

/// A place for one child. Lives on one thread for ever, because a child dies with the thread that started it.
pub(crate) struct Slot {
    config: Arc<RenderConfig>,
    /// Becomes readable when the pool closes.
    stop: Arc<OwnedFd>,
    child: Option<LiveChild>,
}

impl Slot {
    /// A place with a child that is ready.
    pub(crate) fn start(
        config: Arc<RenderConfig>,
        stop: Arc<OwnedFd>,
    ) -> Result<(Self, SandboxLevel), RenderError> {
        let (child, level) = LiveChild::start(&config, stop.as_fd())?;
        Ok((Self { config, stop, child: Some(child) }, level))
    }

    /// The document that the child holds open.
    pub(crate) fn holds(&self) -> Option<u64> {
        self.child.as_ref().and_then(LiveChild::holds)
    }

    /// Opens a document and counts its pages.
    pub(crate) fn open(&mut self, source: &SourceFile) -> Result<DocumentInfo, OpenError> {
        self.check_size(source)?;
        let opened = self.attempt(|child, config, stop| child.open(source, config, stop));
        let (info, _) = opened.map_err(|(fault, _)| fault.into_open_error(self.config.open_deadline))?;
        Ok(info)
    }

    /// Renders a page, in a fresh child if the first one fails on it.
    pub(crate) fn render(
        &mut self,
        source: &SourceFile,
        page: PageNumber,
        options: RenderOptions,
    ) -> Result<RenderedPage, PageError> {
        let started = Instant::now();
        let request =
            RenderRequest { page: page.index(), dpi: options.dpi, max_pixels: self.config.max_pixels };
        let delivered = self.attempt(|child, config, stop| {
            let info = child.open(source, config, stop)?;
            let delivered = child.render(request, config, stop)?;
            Ok((info, delivered))
        });
        let milliseconds = started.elapsed().as_millis() as u64;
        match delivered {
            Ok(((info, page), attempts)) => {
                let Delivered { size, raster, text, rendered_smaller } = page;
                let retried = attempts > 1;
                Ok(RenderedPage {
                    size,
                    raster,
                    text,
                    kind: info.kind,
                    rendered_smaller,
                    retried,
                    milliseconds,
                })
            }
            Err((fault, attempts)) => {
                let (class, message) = fault.into_page_failure()?;
                Err(PageError::Failed(PageFailure { class, message, attempts, milliseconds }))
            }
        }
    }

    /// Does `work` in the child, and once more in a fresh one where that may help. Tells how many attempts it took.
    fn attempt<T>(
        &mut self,
        mut work: impl FnMut(&mut LiveChild, &RenderConfig, std::os::fd::BorrowedFd<'_>) -> Result<T, Fault>,
    ) -> Result<(T, u32), (Fault, u32)> {
        let mut attempt = 1;
        loop {
            let done = self.child().and_then(|(child, config, stop)| work(child, config, stop));
            let worn = self.child.as_ref().is_some_and(|child| child.is_worn(&self.config));
            match done {
                Ok(done) => {
                    if worn {
                        self.child = None;
                    }
                    return Ok((done, attempt));
                }
                Err(fault) => {
                    tracing::debug!(?fault, attempt, "render attempt failed");
                    if worn || !fault.spares_child() {
                        self.child = None;
                    }
                    if attempt == ATTEMPTS || !fault.deserves_retry() {
                        return Err((fault, attempt));
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// The child, started if there is none.
    fn child(&mut self) -> Result<(&mut LiveChild, &RenderConfig, std::os::fd::BorrowedFd<'_>), Fault> {
        let stop = self.stop.as_fd();
        let child = match self.child.take() {
            Some(child) => child,
            None => LiveChild::start(&self.config, stop).map_err(Fault::NotJudged)?.0,
        };
        Ok((self.child.insert(child), &self.config, stop))
    }

    fn check_size(&self, source: &SourceFile) -> Result<(), OpenError> {
        let action = "read the size of the file";
        let metadata = source.file().metadata().map_err(|source| RenderError::System { action, source })?;
        let (bytes, limit) = (metadata.len(), self.config.max_document_bytes);
        match bytes {
            _ if !metadata.is_file() => Err(OpenError::NotADocument),
            0 => Err(OpenError::Empty),
            _ if bytes > limit => Err(OpenError::TooLarge { bytes, limit }),
            _ => Ok(()),
        }
    }
}
