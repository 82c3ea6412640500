//! Splits documents into page ranges and accounts for every page.
