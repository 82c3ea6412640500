//! The vocabulary of Quire: what crosses a process boundary, and nothing else.
//!
//! ```text
//!  ids, range, page_set, profile    what things are called
//!  job, manifest, ledger            how work moves and is accounted for
//!  object_key                       where things lie in the store
//!  geometry, motion                 where things lie on a page
//!  page_text                        what a render child says about a page
//!  region, table                    what the models say about it
//!  record/                          what we say about it: the canonical page record
//! ```

pub mod geometry;
pub mod ids;
pub mod job;
pub mod ledger;
pub mod manifest;
pub mod motion;
pub mod object_key;
pub mod page_set;
pub mod page_text;
pub mod profile;
pub mod range;
pub mod record;
pub mod region;
pub mod table;

pub use geometry::{Point, Quad, Rect, Rotation};
pub use ids::{DocumentId, JobId, ProfileId};
pub use job::{Priority, RangeJob};
pub use ledger::Ledger;
pub use motion::Motion;
pub use object_key::{ObjectKey, Tenant};
pub use page_set::PageSet;
pub use profile::{ProcessingOptions, Profile, TextMode};
pub use range::{PageNumber, PageRange};
pub use region::{Region, RegionKind};
