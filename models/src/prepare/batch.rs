//! Step `batch`: a graph made for one image takes any number of them.
//!
//! Such a graph is tied to one image by the constants of its `Reshape` nodes, which say
//! `[1, classes, -1]`. A 0 in place of the 1 copies the input's own dimension.

use std::collections::HashSet;

use super::{
    GraphError,
    graph::{self, Parts, attribute, fields, node},
    tensor,
    wire::{Message, Value},
};

/// Unties the batch dimension.
pub(super) fn apply(parts: &mut Parts) -> Result<(), GraphError> {
    let shapes = reshape_shapes(&parts.graph)?;
    let mut changed = 0;
    parts.graph.change_each(fields::NODE, |each| {
        let is_shape = each.text(node::OUTPUT).is_some_and(|output| shapes.contains(output));
        if is_shape && each.text(node::OPERATOR) == Some("Constant") {
            each.change_each(node::ATTRIBUTE, |value| {
                value.change_each(attribute::TENSOR, |tensor| {
                    changed += usize::from(untie(tensor));
                    Ok(())
                })
            })?;
        }
        Ok(())
    })?;
    parts.graph.change_each(fields::INITIALIZER, |tensor| {
        if tensor::name(tensor).is_some_and(|name| shapes.contains(name)) {
            changed += usize::from(untie(tensor));
        }
        Ok(())
    })?;
    if changed == 0 {
        return Err(GraphError::NothingToBatch);
    }
    for field in [fields::INPUT, fields::OUTPUT] {
        parts.graph.change_each(field, |info| graph::change_dimensions(info, |all| free_first(all)))?;
    }
    Ok(())
}

/// Names of the values that `Reshape` nodes take as shapes.
fn reshape_shapes(whole: &Message) -> Result<HashSet<String>, GraphError> {
    let mut shapes = HashSet::new();
    for bytes in whole.all(fields::NODE) {
        let each = Message::parse(bytes)?;
        if each.text(node::OPERATOR) == Some("Reshape") {
            let shape = each.all(node::INPUT).nth(1).unwrap_or_default();
            shapes.insert(String::from_utf8_lossy(shape).into_owned());
        }
    }
    Ok(shapes)
}

/// Only a shape with an open dimension holds an image; the others shape weights.
fn untie(tensor: &mut Message) -> bool {
    let Some(mut shape) = tensor::integers(tensor) else { return false };
    if shape.first() != Some(&1) || !shape.contains(&-1) {
        return false;
    }
    shape[0] = 0;
    tensor::set_integers(tensor, &shape);
    true
}

fn free_first(dimensions: &mut [(u32, Value)]) {
    if let Some(first) = dimensions.first_mut() {
        *first = graph::named_dimension("batch");
    }
}
