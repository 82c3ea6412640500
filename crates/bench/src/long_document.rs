//! A long document out of a short one: its pages again and again, each a page object of its own.
//!
//! Content and resources are shared, so the file stays small; what is under test is the number of pages.

use std::path::Path;

use anyhow::Context;
use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

/// Attributes that a page may inherit from the page tree.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Writes a PDF of `pages` pages that repeats those of `source`.
pub fn write(source: &Path, pages: usize, out: &Path) -> anyhow::Result<()> {
    let mut document = Document::load(source).with_context(|| format!("open {}", source.display()))?;
    let originals: Vec<ObjectId> = document.get_pages().into_values().collect();
    anyhow::ensure!(!originals.is_empty(), "{} has no pages", source.display());
    let root = document.new_object_id();
    let mut kids = Vec::with_capacity(pages);
    for original in originals.iter().copied().cycle().take(pages) {
        let mut page = flattened(&document, original)?;
        page.set("Parent", root);
        kids.push(Object::Reference(document.add_object(page)));
    }
    let tree = dictionary! { "Type" => "Pages", "Count" => i64::try_from(pages)?, "Kids" => kids };
    document.objects.insert(root, tree.into());
    let catalog = document.catalog_mut()?;
    catalog.set("Pages", root);
    // Both point to the pages that are no longer in the tree.
    catalog.remove(b"Outlines");
    catalog.remove(b"Dests");
    document.prune_objects();
    document.save(out).with_context(|| format!("write {}", out.display()))?;
    Ok(())
}

/// A page with everything that it inherits.
fn flattened(document: &Document, page: ObjectId) -> anyhow::Result<Dictionary> {
    let mut flat = document.get_dictionary(page)?.clone();
    // Links of a page may point to pages that are no longer in the tree.
    flat.remove(b"Annots");
    let mut above = flat.clone();
    while let Ok(parent) = above.get(b"Parent").and_then(Object::as_reference) {
        above = document.get_dictionary(parent)?.clone();
        for key in INHERITED {
            if let (false, Ok(value)) = (flat.has(key), above.get(key)) {
                flat.set(key, value.clone());
            }
        }
    }
    Ok(flat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_pages() -> Document {
        let mut document = Document::new();
        let root = document.new_object_id();
        let page = |width: i64| dictionary! { "Type" => "Page", "Parent" => root, "UserUnit" => width };
        let kids = [1, 2].map(|width| Object::Reference(document.add_object(page(width))));
        let area: Vec<Object> = [0, 0, 100, 200].map(Object::Integer).into();
        let tree =
            dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids.to_vec(), "MediaBox" => area };
        document.objects.insert(root, tree.into());
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
        document.trailer.set("Root", catalog);
        document
    }

    #[test]
    fn pages_repeat_in_order_and_keep_what_they_inherited() {
        let folder = tempfile::tempdir().unwrap();
        let (short, long) = (folder.path().join("short.pdf"), folder.path().join("long.pdf"));
        two_pages().save(&short).unwrap();

        write(&short, 5, &long).unwrap();

        let document = Document::load(&long).unwrap();
        let pages: Vec<&Dictionary> =
            document.get_pages().values().map(|id| document.get_dictionary(*id).unwrap()).collect();
        let units: Vec<i64> =
            pages.iter().map(|page| page.get(b"UserUnit").unwrap().as_i64().unwrap()).collect();
        assert_eq!(units, [1, 2, 1, 2, 1]);
        assert!(pages.iter().all(|page| page.has(b"MediaBox")));
    }
}
