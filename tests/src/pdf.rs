//! Small PDFs made to measure.

/// Width and height of A4 in points.
pub const A4: (u32, u32) = (595, 842);

/// A PDF of `count` pages of `size`, each with a few lines of text that name the page.
pub fn text_pages(count: usize, size: (u32, u32)) -> Vec<u8> {
    pages((0..count).map(|page| content(page + 1, size.1)), size, None)
}

/// A PDF with a page of `size` for each of `contents`, which may use the font `F1`, the font `F2`, whose codes are two bytes of
/// Unicode (Latin, Hebrew and Arabic), and the picture `Im1` if there is a scan.
pub fn pages(
    contents: impl ExactSizeIterator<Item = String>,
    size: (u32, u32),
    scan: Option<&Scan>,
) -> Vec<u8> {
    let (count, (width, height)) = (contents.len(), size);
    let kids: String = (0..count).map(|page| format!("{} 0 R ", 6 + 2 * page)).collect();
    let (image, globals) =
        scan.map_or((&b"null"[..], &b"null"[..]), |scan| (&scan.image[..], &scan.globals[..]));
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let unicode = 6 + 2 * count;
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>").into_bytes(),
        font.as_bytes().to_vec(),
        image.to_vec(),
        globals.to_vec(),
    ];
    for (page, content) in contents.enumerate() {
        let page = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R /F2 {unicode} 0 R >> /XObject << /Im1 4 0 R >> >> >>",
            7 + 2 * page
        );
        let content = format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len());
        objects.extend([page.into_bytes(), content.into_bytes()]);
    }
    objects.extend(unicode_font(unicode));
    file(&objects)
}

/// The font `F2` as objects from number `first` on: half an em to each character, and Unicode for its codes.
fn unicode_font(first: usize) -> [Vec<u8>; 3] {
    let map = "begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
               3 beginbfrange <0020> <007E> <0020> <05D0> <05EA> <05D0> <0621> <064A> <0621> endbfrange\nendcmap";
    let font = format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [{} 0 R] /ToUnicode {} 0 R >>",
        first + 1,
        first + 2
    );
    let descendant = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 500 \
                      /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>";
    let map = format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len());
    [font.into_bytes(), descendant.as_bytes().to_vec(), map.into_bytes()]
}

/// A scanned page: a picture that `/Im1 Do` draws, one unit wide and high.
pub struct Scan {
    image: Vec<u8>,
    globals: Vec<u8>,
}

impl Scan {
    /// The page of the sample `jbig2-linn.pdf`, given its bytes; its picture is object 9 of the file, and needs object 11.
    pub fn of_sample(file: &[u8]) -> Option<Self> {
        let find = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
        let object = |number: u8| {
            let head = format!("\n{number} 0 obj\n");
            let start = find(file, head.as_bytes())? + head.len();
            let end = find(&file[start..], b"\nendobj")?;
            Some(file[start..start + end].to_vec())
        };
        let mut image = object(9)?;
        let at = find(&image, b"11 0 R")?;
        image.splice(at..at + 2, *b" 5");
        Some(Self { image, globals: object(11)? })
    }
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

/// A PDF with an A4 page for each of `leans`: the same text, leaning by so many degrees clockwise about the middle of the page.
pub fn leaning_pages(leans: &[f64]) -> Vec<u8> {
    let (width, height) = A4;
    let (x, y) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let contents = leans.iter().map(|lean| {
        let (sin, cos) = lean.to_radians().sin_cos();
        // Up is positive here, so that clockwise is the other way round.
        let (dx, dy) = (x - cos * x - sin * y, y + sin * x - cos * y);
        format!("{cos} {} {sin} {cos} {dx} {dy} cm {}", -sin, paragraphs())
    });
    pages(contents, A4, None)
}

/// What draws some paragraphs of text on an A4 page, from margin to margin.
pub fn paragraphs() -> String {
    const WORDS: &str = "the river was high that spring and the ferry did not run so that nobody had crossed before the first \
                         of May when the water fell at last and the miller sent his boat to the other side for flour";
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let line = |row: usize| {
        let words = words.iter().cycle().skip(row * 7).take(if row % 9 == 8 { 5 } else { 13 });
        let words: Vec<&str> = words.copied().collect();
        let gap = if row % 9 == 8 { "T* " } else { "" };
        format!("({}) Tj T* {gap}", words.join(" "))
    };
    let lines: String = (0..36).map(line).collect();
    format!("BT /F1 11 Tf 90 750 Td 16 TL {lines}ET")
}

fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n", index + 1).bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    bytes.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}
