//! PDFs of many empty pages, each page an object of its own.

use std::{fs, path::Path};

/// Writes `documents` PDFs of `pages` pages each into a new folder; no two are alike, in no two runs.
pub fn write(folder: &Path, documents: usize, pages: usize) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for number in 0..documents {
        fs::write(
            folder.join(format!("document-{number:04}.pdf")),
            pdf(&format!("{number} {}", salt()), pages),
        )?;
    }
    Ok(())
}

fn salt() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos())
}

fn pdf(title: &str, pages: usize) -> String {
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", 4 + page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} /MediaBox [0 0 595 842] >>"),
        format!("<< /Title ({title}) >>"),
    ];
    objects.extend(std::iter::repeat_n("<< /Type /Page /Parent 2 0 R >>".to_owned(), pages));
    let mut text = String::from("%PDF-1.4\n");
    let mut table = String::new();
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", text.len());
        text += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let (start, count) = (text.len(), objects.len() + 1);
    text += &format!("xref\n0 {count}\n0000000000 65535 f \n{table}");
    text + &format!("trailer\n<< /Size {count} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{start}\n%%EOF\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_an_object_of_its_own() {
        let document = lopdf::Document::load_mem(pdf("title", 40).as_bytes()).unwrap();

        assert_eq!(document.get_pages().len(), 40);
    }
}
