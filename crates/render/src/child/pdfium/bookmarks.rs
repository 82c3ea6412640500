//! The outline of a document: its bookmarks, as the viewer's side bar shows them.

use std::{collections::HashMap, ffi::c_ulong};

use pdfium_render::prelude::FPDF_BOOKMARK;
use quire_proto::page_text::Bookmark;

use super::Document;

/// Bookmarks looked at; more are no help to a reader, and a broken list has no end.
const MAX_BOOKMARKS: usize = 20_000;

/// Levels looked at.
const MAX_DEPTH: u8 = 12;

/// Bytes of a title; longer ones are left out.
const MAX_TITLE_BYTES: c_ulong = 2_000;

impl Document {
    /// The bookmarks by the index of the page that they lead to, in the order of the outline.
    pub(super) fn read_bookmarks(&self) -> HashMap<u32, Vec<Bookmark>> {
        let mut by_page: HashMap<u32, Vec<Bookmark>> = HashMap::new();
        let mut seen = 0;
        // Siblings still to visit, from the outermost level inwards.
        let mut open = vec![self.first_child(std::ptr::null_mut())];
        while let Some(next) = open.last_mut() {
            let bookmark = *next;
            if bookmark.is_null() || seen >= MAX_BOOKMARKS {
                open.pop();
                continue;
            }
            seen += 1;
            // SAFETY: the document and its bookmark are open.
            *next = unsafe { self.api.FPDFBookmark_GetNextSibling(self.handle, bookmark) };
            let level = u8::try_from(open.len()).unwrap_or(MAX_DEPTH);
            if let (Some(page), Some(title)) = (self.target(bookmark), self.title(bookmark)) {
                by_page.entry(page).or_default().push(Bookmark { level, title });
            }
            if level < MAX_DEPTH {
                open.push(self.first_child(bookmark));
            }
        }
        by_page
    }

    fn first_child(&self, of: FPDF_BOOKMARK) -> FPDF_BOOKMARK {
        // SAFETY: the document is open; a null bookmark stands for the whole outline.
        unsafe { self.api.FPDFBookmark_GetFirstChild(self.handle, of) }
    }

    /// Index of the page that a bookmark leads to.
    fn target(&self, bookmark: FPDF_BOOKMARK) -> Option<u32> {
        // SAFETY: the document and its bookmark are open; null handles are asked for nothing.
        unsafe {
            let mut target = self.api.FPDFBookmark_GetDest(self.handle, bookmark);
            if target.is_null() {
                let action = self.api.FPDFBookmark_GetAction(bookmark);
                if action.is_null() {
                    return None;
                }
                target = self.api.FPDFAction_GetDest(self.handle, action);
            }
            if target.is_null() {
                return None;
            }
            u32::try_from(self.api.FPDFDest_GetDestPageIndex(self.handle, target)).ok()
        }
    }

    fn title(&self, bookmark: FPDF_BOOKMARK) -> Option<String> {
        // SAFETY: the bookmark is open; without a buffer pdfium only says how many bytes it needs.
        let bytes = unsafe { self.api.FPDFBookmark_GetTitle(bookmark, std::ptr::null_mut(), 0) };
        if !(2..=MAX_TITLE_BYTES).contains(&bytes) {
            return None;
        }
        let mut buffer = vec![0_u16; bytes.div_ceil(2) as usize];
        // SAFETY: the buffer has at least `bytes` bytes.
        let written = unsafe { self.api.FPDFBookmark_GetTitle(bookmark, buffer.as_mut_ptr().cast(), bytes) };
        let units = (written.min(bytes) / 2) as usize;
        let text = String::from_utf16_lossy(buffer.get(..units)?);
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        let title = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        (!title.is_empty()).then_some(title)
    }
}
