//! Whether a file is a document, by its first bytes.

use std::{
    fs::File,
    io::{Read, Seek},
    path::Path,
};

use super::InputError;

/// Bytes in which readers look for the beginning of a PDF; the standard's implementation note says 1024.
const HEAD: u64 = 1024;

/// First bytes of the image formats: PNG, JPEG, TIFF in both byte orders, BigTIFF in both.
const IMAGES: [&[u8]; 6] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

/// Checks that the file can be read and begins like a document.
pub(super) fn check(path: &Path) -> Result<(), InputError> {
    check_file(File::open(path).map_err(InputError::Unreadable)?)
}

/// The same for a file that is open; it is read from its beginning and left somewhere else.
pub(super) fn check_file(mut file: impl Read + Seek) -> Result<(), InputError> {
    file.rewind().map_err(InputError::Unreadable)?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).map_err(InputError::Unreadable)?;
    if head.is_empty() {
        return Err(InputError::Empty);
    }
    if is_document(&head) { Ok(()) } else { Err(InputError::NotADocument) }
}

fn is_document(head: &[u8]) -> bool {
    IMAGES.iter().any(|magic| head.starts_with(magic)) || head.windows(4).any(|window| window == b"%PDF")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_may_begin_with_rubbish() {
        assert!(is_document(b"\n\n<!-- mail -->%PDF-1.7"));
        assert!(!is_document(b"%PD"));
    }

    #[test]
    fn images_are_known_by_their_magic() {
        assert!(is_document(b"MM\0*\0\0\0\x08"));
        assert!(is_document(b"\xff\xd8\xff\xe0"));
        assert!(!is_document(b"GIF89a"));
    }
}
