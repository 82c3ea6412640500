//! The first run of each network, in each shape that it will meet.

use std::{panic::resume_unwind, thread};

use quire_raster::Raster;

use crate::{
    detect,
    error::ModelError,
    layout,
    load::{Loaded, Models, Shapes},
    manifest::Role,
    orient,
    recognize::{LINE_HEIGHT, LineImage},
    session::OnnxSession,
    shapes,
    table::{self, TableParams, TableReader, Vocabulary},
};

/// Runs every network once, all beside each other. The first run allocates what later ones use again; a broken
/// network fails here, not on a page.
pub(crate) fn once(models: &mut Models) -> Result<(), ModelError> {
    let page = &Raster::white(320, 320);
    let line = &LineImage::default();
    let Models { layout, detect, recognize, orient, table, transcribe, formula } = models;
    thread::scope(|scope| {
        let mut runs = Vec::new();
        if let Some(Loaded { networks, params }) = layout {
            let input = layout::preprocess(page, params)?;
            for network in networks {
                let input = input.clone();
                runs.push(scope.spawn(move || network.run(&[input]).map(drop)));
            }
        }
        if let Some(Loaded { networks, params }) = detect {
            let input = detect::preprocess(page, params)?;
            for network in networks {
                let input = input.clone();
                runs.push(scope.spawn(move || network.run(&[input]).map(drop)));
            }
        }
        if let Some(Loaded { networks, params: (params, _) }) = recognize {
            for network in networks {
                let params = &*params;
                runs.push(scope.spawn(move || network.run(&[line], params.bucket(0), params).map(drop)));
            }
        }
        if let Some(Loaded { networks, params }) = orient {
            let (input, ground) = (orient::preprocess(line)?, params.ground);
            for network in networks {
                let input = input.clone();
                runs.push(scope.spawn(move || network.run(&[input], ground).map(drop)));
            }
        }
        for Loaded { networks, .. } in transcribe.iter_mut().chain(formula) {
            runs.extend(networks.iter_mut().map(|network| scope.spawn(move || network.warm())));
        }
        let tables = warm_tables(table);
        let join =
            |run: thread::ScopedJoinHandle<'_, _>| run.join().unwrap_or_else(|panic| resume_unwind(panic));
        runs.into_iter().map(join).fold(tables, Result::and)
    })
}

/// Networks whose graphs have a shape of their own.
fn warm_tables(
    table: &mut Option<Loaded<TableReader<OnnxSession>, (TableParams, Vocabulary)>>,
) -> Result<(), ModelError> {
    if let Some(Loaded { networks, params: (params, _) }) = table {
        for reader in networks {
            reader.run(&[table::preprocess(&Raster::white(320, 320), params)?], params)?;
        }
    }
    Ok(())
}

/// Opens and runs the sessions that the first page of a stack of A4 pages needs, all beside each other.
pub(crate) fn shapes(models: &mut Models, shapes: &Shapes) -> Result<(), ModelError> {
    warm_tables(&mut models.table)?;
    for Loaded { networks, .. } in models.transcribe.iter_mut().chain(&mut models.formula) {
        networks.iter_mut().try_for_each(|network| network.warm())?;
    }
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
