//! Walking a folder in the order of keys.

use std::{fs, io, path::Path, time::SystemTime};

use quire_ports::{Listing, ObjectMeta};
use quire_proto::ObjectKey;

/// Lists up to `limit` objects below `prefix`, after `after`.
pub(super) fn list(
    root: &Path,
    prefix: &str,
    after: Option<&ObjectKey>,
    limit: usize,
) -> io::Result<Listing> {
    let mut walk = Walk { after: after.map_or("", ObjectKey::as_str), limit, listing: Listing::default() };
    // The prefix comes from our own constructors; one that is no folder name lists nothing.
    if prefix.is_empty() || prefix.strip_suffix('/').is_some_and(|folder| folder.parse::<ObjectKey>().is_ok())
    {
        walk.folder(&root.join(prefix), prefix)?;
    }
    Ok(walk.listing)
}

struct Walk<'a> {
    after: &'a str,
    limit: usize,
    listing: Listing,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, prefix: &str) -> io::Result<()> {
        for name in sorted_names(path)? {
            if self.listing.more {
                break;
            }
            let key = format!("{prefix}{name}");
            if key.ends_with('/') {
                // All keys of a folder that is before `after` and does not hold it are before it too.
                if key.as_str() > self.after || self.after.starts_with(&key) {
                    self.folder(&path.join(&name), &key)?;
                }
            } else if key.as_str() > self.after {
                self.object(&path.join(&name), &key)?;
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &Path, key: &str) -> io::Result<()> {
        let Ok(key) = key.parse() else { return Ok(()) };
        if self.listing.objects.len() == self.limit {
            self.listing.more = true;
            return Ok(());
        }
        match fs::metadata(path) {
            Ok(metadata) => self.listing.objects.push(meta(key, &metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What a file says of its object.
pub(super) fn meta(key: ObjectKey, metadata: &fs::Metadata) -> ObjectMeta {
    let modified = metadata.modified().unwrap_or_else(|_| SystemTime::now());
    ObjectMeta { key, bytes: metadata.len(), modified }
}

/// Names in a folder; folders end with a slash, which makes the order that of whole keys.
fn sorted_names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(mut name) = entry.file_name().into_string() else { continue };
        // No key has such a segment: this is where files are staged.
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            name.push('/');
        }
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}
