//! The first run of each network, in each shape that it will meet.

use std::thread;

use quire_raster::Raster;

use crate::{
    detect,
    error::ModelError,
    layout,
    load::{Loaded, Models, Shapes},
    manifest::Role,
    orient,
    recognize::{LINE_HEIGHT, LineImage},
    shapes, table,
};

/// Runs every network once. The first run allocates what later ones use again; a broken network fails here, not on
/// a page.
pub(crate) fn once(models: &mut Models) -> Result<(), ModelError> {
    let page = Raster::white(320, 320);
    let line = LineImage::default();
    if let Some(Loaded { networks, params }) = &mut models.layout {
        for layout in networks {
            layout.run(&[layout::preprocess(&page, params)?])?;
        }
    }
    if let Some(Loaded { networks, params }) = &mut models.detect {
        for detector in networks {
            detector.run(&[detect::preprocess(&page, params)?])?;
        }
    }
    if let Some(Loaded { networks, params: (params, _) }) = &mut models.recognize {
        for recognizer in networks {
            recognizer.run(&[&line], params.bucket(0), params)?;
        }
    }
    if let Some(Loaded { networks, params }) = &mut models.orient {
        for orienter in networks {
            orienter.run(&[orient::preprocess(&line)?], params.ground)?;
        }
    }
    warm_tables(models)
}

/// Networks whose graphs have a shape of their own.
fn warm_tables(models: &mut Models) -> Result<(), ModelError> {
    if let Some(Loaded { networks, params: (params, _) }) = &mut models.table {
        for reader in networks {
            reader.run(&[table::preprocess(&Raster::white(320, 320), params)?], params)?;
        }
    }
    Ok(())
}

/// Opens and runs the sessions that the first page of a stack of A4 pages needs, all beside each other.
pub(crate) fn shapes(models: &mut Models, shapes: &Shapes) -> Result<(), ModelError> {
    warm_tables(models)?;
    let first = |role| first_shapes(models, role);
    thread::scope(|scope| {
        let mut running = Vec::new();
        for (role, shaped) in shapes {
            for shape in first(*role)? {
                running.push(scope.spawn(move || shaped.warm(shape)));
            }
        }
        running
            .into_iter()
            .try_for_each(|running| running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Canvases on which the network with `role` sees A4 at 200 dpi.
fn first_shapes(models: &Models, role: Role) -> Result<Vec<(u32, u32)>, ModelError> {
    Ok(match (role, &models.layout, &models.detect) {
        (Role::Layout, Some(Loaded { params, .. }), _) => vec![(params.width, params.height)],
        (Role::Detect, _, Some(Loaded { params, .. })) => {
            vec![detect::preprocess(&Raster::white(1654, 2339), params)?.canvas]
        }
        (Role::Orient, ..) => vec![orient::SIZE],
        (Role::Recognize, ..) => shapes::FIRST_WIDTHS.map(|width| (width, LINE_HEIGHT)).to_vec(),
        _ => Vec::new(),
    })
}
