//! The house itself: rules that no compiler and no lint holds.

mod dependencies;
mod files;
mod licences;
mod metadata;
mod promises;
