//! How reading a page ends.

use quire_models::ModelError;
use quire_proto::record::{FailureClass, PageFailure, PageRecord};
use quire_render::{PageError, RenderError};

use super::FigureFile;
use crate::{batcher::BatchError, chain::Chain, cpu::CpuError, engine::OpenError};

/// A page that was judged: read, blank or failed.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// Its record.
    pub record: PageRecord,
    /// The pictures its record names.
    pub figures: Vec<FigureFile>,
}

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum PageStop {
    /// The page is at fault: this becomes its record.
    #[error("{}", .0.message)]
    Failed(PageFailure),
    /// The worker is stopping; the page was not judged.
    #[error("stopped before the page was read")]
    Interrupted,
    /// The renderer does not work here; the page was not judged.
    #[error("render page")]
    Render(#[source] RenderError),
    /// The networks do not open; the page was not judged.
    #[error("the engine does not open")]
    EngineClosed(#[from] OpenError),
    /// A model's thread is gone; the page was not judged.
    #[error("the engine has stopped")]
    EngineStopped(#[source] BatchError),
}

impl PageStop {
    fn model(error: &(dyn std::error::Error + 'static)) -> Self {
        let message = Chain(error).to_string();
        Self::Failed(PageFailure { class: FailureClass::Model, message, attempts: 1, milliseconds: 0 })
    }
}

impl From<PageError> for PageStop {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Failed(failure) => Self::Failed(failure),
            PageError::NotJudged(error) => Self::Render(error),
        }
    }
}

impl From<BatchError> for PageStop {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Model { .. } | BatchError::OutputCount { .. } => Self::model(&error),
            BatchError::Stopped { .. } => Self::EngineStopped(error),
        }
    }
}

impl From<ModelError> for PageStop {
    fn from(error: ModelError) -> Self {
        Self::model(&error)
    }
}

impl From<CpuError> for PageStop {
    fn from(error: CpuError) -> Self {
        Self::model(&error)
    }
}
