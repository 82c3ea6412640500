//! Pages come out as they are in the file: pixels, text, and where both are.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{config, corpus, file, pdf, pdf_with, pdfium, render, text, three_pages};
use quire_render::{DocumentKind, OpenError, RenderConfig, RenderPool, SourceFile};

#[tokio::test]
async fn text_lies_where_its_pixels_are_however_the_page_is_turned() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();

    for turn in [0, 90, 180, 270] {
        let entries = format!("/MediaBox[-50 -20 562 772]/CropBox[0 0 500 700]/Rotate {turn}");
        let source = file(&pdf(&["BT /F 24 Tf 72 600 Td (Hxxo) Tj ET"], &entries));
        let page = render(&pool, &source, 1).await.unwrap();

        assert_eq!(text(&page), "Hxxo");
        let angle = page.text.chars[0].angle;
        assert!((angle - turn as f32).abs() < 0.1, "{angle} at {turn}");
        let dark: Vec<_> = page.text.chars.iter().map(|char| darkness(&page.raster, &char.rect)).collect();
        assert!(dark.iter().all(|share| *share > 0.1), "{dark:?} at {turn}");
        let (width, height) = if turn % 180 == 0 { (500.0, 700.0) } else { (700.0, 500.0) };
        assert_eq!((page.size.width_pt, page.size.height_pt), (width, height));
    }
}

/// Share of pixels in `rect` that are dark.
fn darkness(raster: &quire_raster::Raster, rect: &quire_proto::Rect) -> f32 {
    let crop = raster.crop(rect).unwrap();
    let dark = crop.bytes().chunks(3).filter(|pixel| pixel[0] < 128).count();
    dark as f32 / (crop.width() * crop.height()) as f32
}

#[tokio::test]
async fn the_text_record_tells_fonts_sizes_and_rulings() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let content = "BT /F 12 Tf 2 0 0 2 72 600 Tm (Big) Tj 3 Tr (ghost) Tj ET \
                   72 590 m 300 590 l S 72 400 200 100 re S 1 g 0 0 9 9 re f";

    let page = render(&pool, &file(&pdf(&[content], "/MediaBox[0 0 612 792]")), 1).await.unwrap();

    let record = &page.text;
    assert_eq!(record.fonts[0].name, "Helvetica-Bold");
    assert!(record.fonts[0].weight >= 700);
    assert!((record.chars[0].size - 24.0).abs() < 0.01, "the text matrix doubles 12 points");
    assert!(!record.chars[0].invisible && record.chars.iter().any(|char| char.invisible));
    assert_eq!(
        record.rulings.len(),
        5,
        "one line and the four edges of a frame; the white box does not show"
    );
    assert!(!record.has_graphics && !record.truncated);
}

#[tokio::test]
async fn the_outline_comes_with_the_pages_that_it_leads_to() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let entry =
        |title: &str, page: &str, more: &str| format!("<</Title({title})/Dest[{page} 0 R/Fit]{more}>>");
    let outline = format!(
        "/Outlines<</First {}>>",
        entry("A chapter", "4", &format!("/First {}", entry("A  section", "6", "")))
    );
    let source = file(&pdf_with(&["0 0 m", "0 0 m"], "/MediaBox[0 0 612 792]", &outline));

    let (first, second) =
        (render(&pool, &source, 1).await.unwrap(), render(&pool, &source, 2).await.unwrap());

    let entries = |page: &quire_render::RenderedPage| -> Vec<(u8, String)> {
        page.text.bookmarks.iter().map(|entry| (entry.level, entry.title.clone())).collect()
    };
    assert_eq!(entries(&first), [(1, "A chapter".to_owned())]);
    assert_eq!(entries(&second), [(2, "A section".to_owned())]);
}

#[tokio::test]
async fn what_is_filled_into_a_form_is_text() {
    let (Some(pdfium), Some(docs)) = (pdfium(), corpus("docs")) else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let source = SourceFile::open(&docs.join("form-f1040.pdf"), None).unwrap();

    let page = render(&pool, &source, 2).await.unwrap();

    assert!(text(&page).contains("foobar"));
}

#[tokio::test]
async fn a_field_without_an_appearance_is_text_and_pixels() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let field =
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ada)/Rect[72 600 300 640]/F 4/DA(/F 24 Tf 0 g)>>";
    let form = format!(
        "/AcroForm<</NeedAppearances true/DR<</Font<</F 3 0 R>>>>/DA(/F 24 Tf 0 g)/Fields[{field}]>>"
    );
    let source = file(&pdf_with(&["0 0 m"], &format!("/MediaBox[0 0 612 792]/Annots[{field}]"), &form));

    let page = render(&pool, &source, 1).await.unwrap();

    assert!(text(&page).contains("Ada"), "{:?}", text(&page));
    let a = page.text.chars.iter().find(|char| char.unicode == 'A').unwrap();
    assert!(darkness(&page.raster, &a.rect) > 0.1);
}

#[tokio::test]
async fn a_page_of_any_size_is_rendered_within_the_pixel_cap() {
    let Some(pdfium) = pdfium() else { return };
    let config = RenderConfig { max_pixels: 1_000_000, ..config(pdfium, 1) };
    let pool = RenderPool::start(config).unwrap();
    let source = file(&pdf(&["0 0 m 9 9 l S"], "/MediaBox[0 0 14400 14400]"));

    let page = render(&pool, &source, 1).await.unwrap();

    assert!(page.rendered_smaller);
    assert_eq!((page.raster.width(), page.raster.height()), (1000, 1000));
    assert_eq!(page.size.width_pt, 14_400.0);
}

#[tokio::test]
async fn an_image_comes_at_its_own_pixels() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 3, 2);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..18).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    let source = file(&bytes);

    let info = pool.open(&source).await.unwrap();
    let page = render(&pool, &source, 1).await.unwrap();

    assert_eq!((info.kind, info.pages), (DocumentKind::Image, 1));
    assert_eq!(page.raster.bytes(), pixels);
    assert_eq!(page.size.dpi, 200.0);
}

#[tokio::test]
async fn every_image_format_of_the_corpus_is_decoded() {
    let (Some(pdfium), Some(docs)) = (pdfium(), corpus("docs")) else { return };
    let pool = RenderPool::start(config(pdfium, 2)).unwrap();

    for path in std::fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().path()) {
        if !path.file_name().unwrap().to_string_lossy().starts_with("image-") {
            continue;
        }
        let source = SourceFile::open(&path, None).unwrap();
        let page = render(&pool, &source, 1).await.unwrap();

        let light = page.raster.bytes().iter().filter(|value| **value > 128).count() * 2;
        assert!(light > page.raster.byte_len(), "{}: more ink than paper", path.display());
    }
}

#[tokio::test]
async fn a_file_that_is_no_document_says_what_it_is() {
    let Some(pdfium) = pdfium() else { return };
    let pool = RenderPool::start(config(pdfium.clone(), 1)).unwrap();
    let no_pages = String::from_utf8(pdf(&[], "")).unwrap();

    assert!(matches!(pool.open(&file(b"")).await, Err(OpenError::Empty)));
    assert!(matches!(pool.open(&file(b"hello")).await, Err(OpenError::NotADocument)));
    assert!(matches!(pool.open(&file(b"%PDF-1.4 nothing")).await, Err(OpenError::Unreadable { .. })));
    assert!(matches!(pool.open(&file(no_pages.as_bytes())).await, Err(OpenError::NoPages)));
    assert!(matches!(pool.open(&file(b"II\x2a\0\xff\xff\xff\xff")).await, Err(OpenError::Unreadable { .. })));

    let small = RenderConfig { max_pages: 2, max_document_bytes: 10_000, ..config(pdfium, 1) };
    let pool = RenderPool::start(small).unwrap();
    assert!(matches!(pool.open(&three_pages()).await, Err(OpenError::TooManyPages { pages: 3, limit: 2 })));
    assert!(matches!(pool.open(&file(&[0; 10_001])).await, Err(OpenError::TooLarge { .. })));
}

#[tokio::test]
async fn a_password_opens_an_encrypted_document() {
    let (Some(pdfium), Some(docs)) = (pdfium(), corpus("docs")) else { return };
    let pool = RenderPool::start(config(pdfium, 1)).unwrap();
    let with = |password: Option<&str>| {
        SourceFile::open(&docs.join("encrypted-lo.pdf"), password.map(str::to_owned)).unwrap()
    };

    assert!(matches!(pool.open(&with(None)).await, Err(OpenError::PasswordRequired)));
    assert!(matches!(pool.open(&with(Some("wrong"))).await, Err(OpenError::PasswordWrong)));
    assert_eq!(pool.open(&with(Some("openpassword"))).await.unwrap().pages, 1);
}
