//! Orientation of lines and of whole pages.
