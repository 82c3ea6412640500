//! Scores: how near an output is to the truth. No files and no processes here.

pub mod edits;
pub mod headings;
pub mod platt;
pub mod rates;
pub mod sections;
pub mod table;
pub mod text;
pub mod tree;
pub mod words;
