//! Output that was dropped from the middle of a file. What is left stays in its place: there is a hole,
//! which takes nothing of the disk, and which the system tells from bytes.

use std::fs::File;
use std::io;

use rustix::buffer::spare_capacity;

/// What a file holds at some place.
pub enum Piece {
    Bytes(Vec<u8>),
    /// Nothing up to here.
    Dropped(u64),
}

/// At most `most` bytes from `offset` on; none where the file ends.
pub fn read(file: &File, offset: u64, most: usize) -> io::Result<Piece> {
    // At least one byte, even if none is wanted: a vector without room cannot be read into.
    let mut bytes = Vec::with_capacity(most.max(1));
    // Into what was never written: there is little most of the time.
    rustix::io::pread(file, spare_capacity(&mut bytes), offset)?;
    bytes.truncate(most);
    if bytes.is_empty() {
        return Ok(Piece::Bytes(bytes));
    }
    // After they were read: a hole that was made meanwhile is seen.
    let kept = find(file, offset);
    if kept == Some(0) {
        return Ok(Piece::Dropped(end(file, offset)?));
    }
    if let Some(kept) = kept.and_then(|kept| usize::try_from(kept).ok()) {
        bytes.truncate(kept);
    }
    Ok(Piece::Bytes(bytes))
}

/// How far it is from `offset` to the next hole, or to the end; `None` on a system that knows none.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn find(file: &File, offset: u64) -> Option<u64> {
    let hole = rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(offset)).ok()?;
    Some(hole - offset)
}

/// Where the hole at `offset` ends.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn end(file: &File, offset: u64) -> io::Result<u64> {
    match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(offset)) {
        // It is the rest of the file.
        Err(rustix::io::Errno::NXIO) => Ok(file.metadata()?.len()),
        end => Ok(end?),
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn find(_: &File, _: u64) -> Option<u64> {
    None
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn end(_: &File, offset: u64) -> io::Result<u64> {
    Ok(offset)
}

#[cfg(target_os = "linux")]
pub fn make(file: &File, from: u64, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    let hole = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(fallocate(file, hole, from, length)?)
}

#[cfg(not(target_os = "linux"))]
pub fn make(_: &File, _: u64, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
