//! Page records to Markdown, plain text and JSON.
