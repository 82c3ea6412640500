//! Renders a document with one child: pages per second, and pictures with the text record drawn on them.
//!
//! `render_pages LIBPDFIUM QUIRE_RENDER FILE [PNG_FOLDER]`

use std::{num::NonZeroUsize, path::Path, time::Instant};

use quire_proto::{PageNumber, Rect};
use quire_render::{RenderConfig, RenderOptions, RenderPool, RenderedPage, SourceFile};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, pdfium, program, file, folder @ ..] = arguments.as_slice() else {
        return Err("usage: render_pages LIBPDFIUM QUIRE_RENDER FILE [PNG_FOLDER]".into());
    };
    let config =
        RenderConfig { children: NonZeroUsize::MIN, ..RenderConfig::new(pdfium.into(), program.into()) };
    let pool = RenderPool::start(config)?;
    let source = SourceFile::open(Path::new(file), None)?;
    let info = pool.open(&source).await?;
    let (started, mut chars) = (Instant::now(), 0);
    for page in (1..=info.pages).filter_map(PageNumber::new) {
        let rendered = pool.render(&source, page, RenderOptions::default()).await?;
        chars += rendered.text.chars.len();
        if let Some(folder) = folder.first() {
            draw(&rendered, &Path::new(folder).join(format!("page-{page}.png")))?;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let pages = f64::from(info.pages);
    println!(
        "{} pages, {chars} characters, {:.1} pages/s, {}",
        info.pages,
        pages / seconds,
        pool.sandbox_level()
    );
    pool.shutdown().await;
    Ok(())
}

fn draw(page: &RenderedPage, path: &Path) -> Result<(), Failure> {
    let (width, height) = (page.raster.width(), page.raster.height());
    let mut pixels = page.raster.bytes().to_vec();
    let mut frame = |rect: &Rect, color: [u8; 3]| {
        let rect = rect.clamped(width as f32 - 1.0, height as f32 - 1.0);
        let (x0, y0, x1, y1) = (rect.x0 as usize, rect.y0 as usize, rect.x1 as usize, rect.y1 as usize);
        let edges =
            (x0..=x1).flat_map(|x| [(x, y0), (x, y1)]).chain((y0..=y1).flat_map(|y| [(x0, y), (x1, y)]));
        for (x, y) in edges {
            pixels[(y * width as usize + x) * 3..][..3].copy_from_slice(&color);
        }
    };
    page.text.chars.iter().for_each(|char| frame(&char.rect, [255, 0, 0]));
    page.text.images.iter().for_each(|image| frame(image, [0, 160, 0]));
    page.text.rulings.iter().for_each(|ruling| frame(ruling, [0, 0, 255]));
    let mut encoder = png::Encoder::new(std::fs::File::create(path)?, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}
