//! Step `levels`: a map of probabilities comes back as bytes, 255 for certainty.
//!
//! ```text
//!  map ─▶ Mul(255) ─▶ Cast ─▶ levels
//! ```
//!
//! A quarter of the bytes leave the device. They are cut, not rounded: in 16-bit brain floats 255.5 is 256, which is no byte.

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, node, operation, value},
    tensor,
};

/// Appends the nodes of the picture above to the only output.
pub(super) fn apply(parts: &mut Parts) -> Result<(), GraphError> {
    let outputs = parts.graph.all(fields::OUTPUT).count();
    if outputs != 1 {
        return Err(GraphError::Outputs(outputs));
    }
    let mut map = String::new();
    parts.graph.change_each(fields::OUTPUT, |info| {
        info.text(value::NAME).unwrap_or_default().clone_into(&mut map);
        graph::redeclare(info, "levels", element::UINT8)
    })?;
    let cast = operation("Cast", &["scaled_map"], "levels")
        .with(node::ATTRIBUTE, &integer("to", element::UINT8.cast_signed()));
    parts.graph = std::mem::take(&mut parts.graph)
        .with(fields::INITIALIZER, &tensor::floats("most_level", &[], &[255.0]))
        .with(fields::NODE, &operation("Mul", &[&map, "most_level"], "scaled_map"))
        .with(fields::NODE, &cast);
    Ok(())
}
