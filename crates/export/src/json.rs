//! JSON: one object per document around its page records.

use std::io;

use quire_proto::{DocumentId, record::PageRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name and version of the document schema.
pub const DOCUMENT_SCHEMA: &str = "quire.document/1";

/// A document as [`JsonWriter`] writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Name and version of the schema, `quire.document/1`.
    pub schema: String,
    /// The document's id.
    pub document: DocumentId,
    /// Name of the file it came from.
    pub source: String,
    /// Its pages in order.
    pub pages: Vec<PageRecord>,
}

/// Writes a [`Document`] page by page, one record per line.
#[derive(Debug)]
pub struct JsonWriter<W> {
    out: W,
    pages: u64,
}

impl<W: io::Write> JsonWriter<W> {
    /// A writer to `out` for the document that came from the file `source`.
    pub fn new(mut out: W, document: DocumentId, source: &str) -> io::Result<Self> {
        write!(out, "{{\"schema\":\"{DOCUMENT_SCHEMA}\",\"document\":\"{document}\",\"source\":")?;
        serde_json::to_writer(&mut out, source)?;
        out.write_all(b",\"pages\":[")?;
        Ok(Self { out, pages: 0 })
    }

    /// Writes one page; pages come in order.
    pub fn page(&mut self, page: &PageRecord) -> io::Result<()> {
        self.out.write_all(if self.pages == 0 { b"\n" } else { b",\n" })?;
        self.pages += 1;
        Ok(serde_json::to_writer(&mut self.out, page)?)
    }

    /// Closes the object, flushes, and hands the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{
        PageNumber,
        record::{ModeReason, PageMode, PageStatus},
    };

    use super::*;

    fn page(number: u32) -> PageRecord {
        PageRecord {
            mode: PageMode::Blank,
            mode_reason: ModeReason::NothingDrawn,
            ..PageRecord::empty(DocumentId::of(b"test"), PageNumber::new(number).unwrap(), PageStatus::Blank)
        }
    }

    #[test]
    fn what_is_written_page_by_page_reads_back_as_a_document() {
        for count in 0..3 {
            let pages: Vec<PageRecord> = (1..=count).map(page).collect();
            let mut writer = JsonWriter::new(Vec::new(), DocumentId::of(b"test"), "a \"b\".pdf").unwrap();

            pages.iter().for_each(|page| writer.page(page).unwrap());

            let document: Document = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
            assert_eq!(document.source, "a \"b\".pdf");
            assert_eq!(document.schema, DOCUMENT_SCHEMA);
            assert_eq!(document.pages, pages);
        }
    }
}
