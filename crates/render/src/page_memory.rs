//! The shared memory that one page comes back in.
//!
//! ```text
//!  parent: create, fix the size ──▶ child: map, draw, unmap ──▶ parent: forbid writing, map
//! ```
//!
//! The parent fixes the size before the child sees the memory, so nobody can cut it under a reader's
//! feet. And it maps the memory only after the kernel has refused all further writing, which succeeds
//! only when the child has let go: a raster never changes while somebody reads it.

use std::{
    fs::File,
    io,
    os::{fd::AsFd, unix::fs::FileExt},
};

use memmap2::{Advice, Mmap, MmapMut, MmapOptions};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

/// Memory for one page, on the parent's side.
pub(crate) struct PageMemory(File);

impl PageMemory {
    /// `bytes` of address space; pages of it exist once they are written.
    pub(crate) fn create(bytes: u64) -> io::Result<Self> {
        let fd = memfd_create(c"quire-page", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        let file = File::from(fd);
        file.set_len(bytes)?;
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)?;
        Ok(Self(file))
    }

    pub(crate) fn fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Forbids writing for ever. Fails while the child can still write.
    pub(crate) fn freeze(self) -> io::Result<FrozenMemory> {
        fcntl_add_seals(&self.0, SealFlags::WRITE | SealFlags::SEAL)?;
        Ok(FrozenMemory(self.0))
    }
}

/// Memory that nobody can change any more.
pub(crate) struct FrozenMemory(File);

impl FrozenMemory {
    /// The first `length` bytes.
    pub(crate) fn map(&self, length: usize) -> io::Result<Mmap> {
        // SAFETY: the seals forbid writing and shrinking for as long as the file exists, so the bytes
        // behind the mapping are constant, and the kernel keeps them while the mapping lives.
        unsafe { MmapOptions::new().len(length).map_copy_read_only(&self.0) }
    }

    /// A copy of `length` bytes from `offset`.
    pub(crate) fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.0.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

/// The child's view of the first `length` bytes of a page's memory.
pub(crate) fn map_for_drawing(memory: &File, length: usize) -> io::Result<MmapMut> {
    // SAFETY: the parent never touches the memory before the child has unmapped it, and its size is sealed.
    let map = unsafe { MmapOptions::new().len(length).map_mut(memory)? };
    // Half of the time for a page of text goes into getting its memory, page by page. Large pages, where the
    // system lends them to shared memory, and one call for all make it cheaper; without, drawing gets them.
    map.advise(Advice::HugePage).ok();
    map.advise(Advice::PopulateWrite).ok();
    Ok(map)
}

/// The child's view of a document.
pub(crate) fn map_document(file: &File, length: usize) -> io::Result<Mmap> {
    // SAFETY: somebody may write to the file while it is mapped. The parsers that read the mapping treat every
    // byte as hostile and the process is expendable: at worst it dies, by SIGBUS if the file is cut.
    unsafe { MmapOptions::new().len(length).map_copy_read_only(file) }
}
