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
    recognize::{self, LINE_HEIGHT, LineImage},
    shapes, table,
};

/// Runs every network once. The first run allocates what later ones use again; a broken network fails here, not on
/// a page.
pub(crate) fn once(models: &mut Models) -> Result<(), ModelError> {
    let page = Raster::white(320, 320);
    let line = LineImage::default();
    if let Some(Loaded { networks, params }) = &mut models.layout {
        for layout in networks {
            layout.run(vec![layout::preprocess(&page, params)?])?;
        }
    }
    if let Some(Loaded { networks, params }) = &mut models.detect {
        for detector in networks {
            detector.run(&[detect::preprocess(&page, params)?])?;
        }
    }
    if let Some(Loaded { networks, params: (params, _) }) = &mut models.recognize {
        for recognizer in networks {
            recognizer.run(recognize::to_batch(&[&line], params.bucket(0), params)?)?;
        }
    }
    if let Some(Loaded { networks, params }) = &mut models.orient {
        for orienter in networks {
            orienter.run(orient::to_batch(&[&line], &params.normalise)?)?;
        }
    }
    warm_tables(models)
}

/// Networks whose graphs have a shape of their own.
fn warm_tables(models: &mut Models) -> Result<(), ModelError> {
    if let Some(Loaded { networks, params: (params, _) }) = &mut models.table {
        for reader in networks {
            reader.run(table::preprocess(&Raster::white(320, 320), params)?)?;
        }
    }
    Ok(())
}

/// Opens and runs the session of every shape that a stack of A4 pages needs, all beside each other.
pub(crate) fn shapes(models: &mut Models, shapes: &Shapes) -> Result<(), ModelError> {
    warm_tables(models)?;
    let first = |role| first_shapes(models, role);
    thread::scope(|scope| {
        let mut running = Vec::new();
        for (role, shaped) in shapes {
            for shape in first(*role)? {
                running.push(scope.spawn(move || shaped.warm(&shape)));
            }
        }
        running
            .into_iter()
            .try_for_each(|running| running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Shapes of what the network with `role` sees of A4 at 200 dpi, without the batch.
fn first_shapes(models: &Models, role: Role) -> Result<Vec<Vec<usize>>, ModelError> {
    let items: Vec<Vec<usize>> = match (role, &models.layout, &models.detect, &models.orient) {
        (Role::Layout, Some(Loaded { params, .. }), _, _) => {
            vec![vec![3, params.height as usize, params.width as usize]]
        }
        (Role::Detect, _, Some(Loaded { params, .. }), _) => {
            let (height, width) = detect::preprocess(&Raster::white(1654, 2339), params)?.bucket();
            vec![vec![3, height, width]]
        }
        (Role::Orient, _, _, Some(Loaded { params, .. })) => {
            vec![orient::to_batch(&[&LineImage::default()], &params.normalise)?.shape.split_off(1)]
        }
        (Role::Recognize, ..) => {
            shapes::WIDTHS.iter().map(|&width| vec![3, LINE_HEIGHT as usize, width as usize]).collect()
        }
        _ => Vec::new(),
    };
    Ok(items)
}
