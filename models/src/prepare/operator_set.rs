//! Older graphs in the form of operator set 13, the first that quantises each channel by its own scale.

use super::{
    GraphError,
    graph::{self, Parts, fields, node},
    tensor,
    wire::Message,
};

/// The first operator set whose `DequantizeLinear` knows channels.
const CHANNELS: u64 = 13;
/// What has its axes as an attribute before, and as an input since.
const MOVED: [&str; 3] = ["ReduceSum", "Squeeze", "Unsqueeze"];
/// What took all dimensions from its axis on before, and takes one since; the same where the axis is the last.
const NARROWED: [&str; 3] = ["Hardmax", "LogSoftmax", "Softmax"];
/// What else changed its form on the way: graphs with it stay as they are.
const OTHER: [&str; 4] = ["BatchNormalization", "Dropout", "Pad", "Split"];

/// Writes the graph of `parts` in operator set 13, when it has an older one.
pub(super) fn raise(parts: &mut Parts) -> Result<(), GraphError> {
    if parts.operator_set >= CHANNELS {
        return Ok(());
    }
    let mut nodes = graph::nodes(&parts.graph)?;
    let mut axes = Vec::new();
    for each in &mut nodes {
        let operator = each.text(node::OPERATOR).unwrap_or_default().to_owned();
        let attribute = |name| graph::attribute(each, name);
        match operator.as_str() {
            moved if MOVED.contains(&moved) => {
                let Some(list) = attribute("axes").map(|axes| graph::attribute_integers(&axes)) else {
                    continue;
                };
                let name = format!("{}_axes", each.text(node::OUTPUT).unwrap_or_default());
                axes.push(tensor::int64s(&name, &[list.len() as u64], &list));
                graph::drop_attribute(each, "axes");
                *each = std::mem::take(each).with_text(node::INPUT, &name);
            }
            narrowed if NARROWED.contains(&narrowed) && attribute("axis").is_none() => {
                return Err(GraphError::OldOperator(operator));
            }
            other if OTHER.contains(&other) && parts.operator_set < changed(other) => {
                return Err(GraphError::OldOperator(operator));
            }
            _ => {}
        }
    }
    graph::set_nodes(&mut parts.graph, &nodes);
    let whole = std::mem::take(&mut parts.graph);
    parts.graph = axes.iter().fold(whole, |graph: Message, each| graph.with(fields::INITIALIZER, each));
    parts.operator_set = CHANNELS;
    Ok(())
}

/// Since which operator set `operator` has the form that it has in 13.
fn changed(operator: &str) -> u64 {
    match operator {
        "Pad" => 11,
        "BatchNormalization" => 9,
        _ => CHANNELS,
    }
}
