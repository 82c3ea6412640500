//! Step `pixels`: the graph takes pictures as bytes, and normalises them itself.
//!
//! ```text
//!  pixels ─▶ Transpose ─▶ Gather ─▶ Cast ─▶ Mul ─▶ Add ─▶ what was the input
//!  u8 NHWC   NCHW         BGR       f32     1/(255·std)   -mean/std
//!  RGB                    if so
//! ```

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, integer_list, node, operation, value},
    tensor,
    wire::{Message, Value},
};
use crate::manifest::Normalise;

/// The name of the new input.
const PIXELS: &str = "pixels";

/// Puts the nodes of the picture above before the first input that has the four dimensions of pictures.
pub(super) fn apply(parts: &mut Parts, normalise: &Normalise) -> Result<(), GraphError> {
    let mut input = None;
    parts.graph.change_each(fields::INPUT, |info| {
        if input.is_none() && rank(info)? == 4 {
            input = info.text(value::NAME).map(str::to_owned);
            graph::redeclare(info, PIXELS, element::UINT8)?;
            graph::change_dimensions(info, |dimensions| dimensions[1..].rotate_left(1))?;
        }
        Ok(())
    })?;
    let input = input.ok_or(GraphError::NoPicture)?;
    let nodes = nodes(&input, normalise).into_iter().map(|node| (fields::NODE, Value::Bytes(node.encode())));
    let first = parts.graph.0.iter().position(|(field, _)| *field == fields::NODE).unwrap_or(0);
    parts.graph.0.splice(first..first, nodes);
    let whole = std::mem::take(&mut parts.graph);
    parts.graph =
        constants(normalise).iter().fold(whole, |graph, each| graph.with(fields::INITIALIZER, each));
    Ok(())
}

fn rank(info: &Message) -> Result<usize, GraphError> {
    let mut rank = 0;
    graph::change_dimensions(&mut info.clone(), |dimensions| rank = dimensions.len())?;
    Ok(rank)
}

fn nodes(input: &str, normalise: &Normalise) -> Vec<Message> {
    let mut nodes = vec![
        operation("Transpose", &[PIXELS], "pixel_planes")
            .with(node::ATTRIBUTE, &integer_list("perm", &[0, 3, 1, 2])),
    ];
    let mut planes = "pixel_planes";
    if normalise.channels.from_rgb() != [0, 1, 2] {
        let turned = operation("Gather", &[planes, "pixel_channels"], "pixel_turned");
        nodes.push(turned.with(node::ATTRIBUTE, &integer("axis", 1)));
        planes = "pixel_turned";
    }
    nodes.extend([
        operation("Cast", &[planes], "pixel_numbers")
            .with(node::ATTRIBUTE, &integer("to", element::FLOAT.cast_signed())),
        operation("Mul", &["pixel_numbers", "pixel_scale"], "pixel_scaled"),
        operation("Add", &["pixel_scaled", "pixel_offset"], input),
    ]);
    nodes
}

fn constants(normalise: &Normalise) -> [Message; 3] {
    let of_channels = |number: fn(f32, f32) -> f32| -> [f32; 3] {
        std::array::from_fn(|channel| number(normalise.mean[channel], normalise.std[channel]))
    };
    let order = normalise.channels.from_rgb().map(|channel| channel as i32);
    [
        tensor::int32s("pixel_channels", &[3], order),
        tensor::floats("pixel_scale", &[1, 3, 1, 1], &of_channels(|_, std| 1.0 / (255.0 * std))),
        tensor::floats("pixel_offset", &[1, 3, 1, 1], &of_channels(|mean, std| -mean / std)),
    ]
}
