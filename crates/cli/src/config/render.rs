//! `[render]`: the render children and their limits.

use std::{
    env, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use bytesize::ByteSize;
use quire_render::{RenderConfig, SandboxPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InvalidConfig;

/// Render children: processes that read the hostile files, and their limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RenderTable {
    /// Children, and so pages rendered at once.
    ///
    /// Default: one per core, of which as many work as `tune` of `[pipeline]` finds useful. Since 0.1.0.
    pub children: Option<NonZeroUsize>,
    /// The child's program.
    ///
    /// Default: quire-render beside the running program. Since 0.1.0.
    pub program: Option<PathBuf>,
    /// Time that one page may take before its child is killed. Raise it for plans and maps of many megabytes.
    ///
    /// Default: `20s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub page_deadline: Duration,
    /// Time that opening a document, or starting a child, may take.
    ///
    /// Default: `20s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub open_deadline: Duration,
    /// Pixels of one page image; a page that asks for more is rendered smaller and flagged.
    ///
    /// Default: `40000000`. Since 0.1.0.
    pub max_pixels: u64,
    /// Bytes of one document.
    ///
    /// Default: `1 GiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub max_document: ByteSize,
    /// Pages of one document.
    ///
    /// Default: `20000`. Since 0.1.0.
    pub max_pages: u32,
    /// Address space of a child beside the mapped document. A page that needs more fails.
    ///
    /// Default: `2 GiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub address_space: ByteSize,
    /// Pages after which a child is replaced, so that leaks stay small.
    ///
    /// Default: `500`. Since 0.1.0.
    pub recycle_pages: u32,
    /// Resident memory above which a child is replaced after its page.
    ///
    /// Default: `1 GiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub recycle_memory: ByteSize,
    /// What to do when the system cannot confine a child: `require` refuses to start, `best-effort` uses
    /// what there is, `off` keeps the limits of time and memory only.
    ///
    /// Default: `best-effort`. Since 0.1.0.
    pub sandbox: Sandbox,
}

/// What to do when the system cannot confine a child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// Refuse to start.
    Require,
    /// Use what there is.
    #[default]
    BestEffort,
    /// Limits of time and memory only.
    Off,
}

impl From<Sandbox> for SandboxPolicy {
    fn from(sandbox: Sandbox) -> Self {
        match sandbox {
            Sandbox::Require => Self::Require,
            Sandbox::BestEffort => Self::BestEffort,
            Sandbox::Off => Self::Off,
        }
    }
}

impl Default for RenderTable {
    fn default() -> Self {
        let defaults = RenderConfig::new(PathBuf::new(), PathBuf::new());
        Self {
            children: None,
            program: None,
            page_deadline: defaults.page_deadline,
            open_deadline: defaults.open_deadline,
            max_pixels: defaults.max_pixels,
            max_document: ByteSize(defaults.max_document_bytes),
            max_pages: defaults.max_pages,
            address_space: ByteSize(defaults.address_space),
            recycle_pages: defaults.recycle_pages,
            recycle_memory: ByteSize(defaults.recycle_rss),
            sandbox: Sandbox::default(),
        }
    }
}

impl RenderTable {
    /// Checks what the types cannot express.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let wrong =
            |key, problem: &str| Err(InvalidConfig { table: "render", key, problem: problem.to_owned() });
        if self.page_deadline.is_zero() {
            return wrong("page_deadline", "must not be zero");
        }
        if self.open_deadline.is_zero() {
            return wrong("open_deadline", "must not be zero");
        }
        // Below this not even a thumbnail fits, which is a slip of the unit.
        if self.max_pixels < 10_000 {
            return wrong("max_pixels", "must be at least 10000");
        }
        if self.recycle_pages == 0 {
            return wrong("recycle_pages", "must not be zero");
        }
        Ok(())
    }

    /// The program in force.
    pub fn program(&self) -> io::Result<PathBuf> {
        match &self.program {
            Some(program) => Ok(program.clone()),
            None => Ok(env::current_exe()?.with_file_name("quire-render")),
        }
    }

    /// The settings of a pool that loads `pdfium`.
    pub fn to_config(&self, pdfium: &Path) -> io::Result<RenderConfig> {
        let mut config = RenderConfig::new(pdfium.to_owned(), self.program()?);
        if let Some(children) = self.children {
            config.children = children;
        }
        config.page_deadline = self.page_deadline;
        config.open_deadline = self.open_deadline;
        config.max_pixels = self.max_pixels;
        config.max_document_bytes = self.max_document.as_u64();
        config.max_pages = self.max_pages;
        config.address_space = self.address_space.as_u64();
        config.recycle_pages = self.recycle_pages;
        config.recycle_rss = self.recycle_memory.as_u64();
        config.sandbox = self.sandbox.into();
        Ok(config)
    }
}
