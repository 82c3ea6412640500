//! Small PDFs made to measure.

/// Width and height of A4 in points.
pub const A4: (u32, u32) = (595, 842);

/// A PDF of `pages` pages of `size`, each with a few lines of text that name the page.
pub fn text_pages(pages: usize, size: (u32, u32)) -> Vec<u8> {
    let contents: Vec<String> = (1..=pages).map(|page| content(page, size.1)).collect();
    drawn_pages(&contents, size)
}

/// A PDF of pages of `size` with these content streams, in which `/F1` is Helvetica.
pub fn drawn_pages(contents: &[String], size: (u32, u32)) -> Vec<u8> {
    let pages = contents.len();
    let kids: String = (0..pages).map(|page| format!("{} 0 R ", 4 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (page, content) in contents.iter().enumerate() {
        let (width, height) = size;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * page
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    file(&objects)
}

/// The page names itself in the middle of a paragraph, where nothing takes it for a running header.
fn content(page: usize, height: u32) -> String {
    let top = height - 144;
    let lines = [
        "The river was high that spring and the ferry did not run.".to_owned(),
        format!("This is page {page} of the report, and nobody had"),
        "crossed before the first of May.".to_owned(),
    ];
    let lines: String = lines.iter().map(|line| format!("({line}) Tj T* ")).collect();
    format!("BT /F1 12 Tf 72 {top} Td 16 TL {lines}ET")
}

fn file(objects: &[String]) -> Vec<u8> {
    let mut text = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(text.len());
        text += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = text.len();
    text += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        // Writing to a string does not fail.
        text.push_str(&format!("{offset:010} 00000 n \n"));
    }
    text += &format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    text.into_bytes()
}
