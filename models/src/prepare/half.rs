//! Step `half`: the graph computes in 16-bit floats and still answers in 32-bit ones.
//!
//! Weights and constants are rounded, and what was cast to 32-bit floats is cast to 16-bit ones. The sizes that a `Resize`
//! takes stay as they are: the operator asks for that. Numbers beyond what 16 bits hold become the largest they do.

use std::collections::HashSet;

use half::f16;

use super::{
    GraphError,
    graph::{self, Parts, attribute, element, fields, integer, node, operation, value},
    tensor,
    wire::{Message, Value},
};

/// Rounds the graph.
pub(super) fn apply(parts: &mut Parts) -> Result<(), GraphError> {
    let kept = sizes(&parts.graph)?;
    parts.graph.change_each(fields::INITIALIZER, |tensor| {
        if tensor::name(tensor).is_none_or(|name| !kept.contains(name)) {
            round(tensor);
        }
        Ok(())
    })?;
    parts.graph.change_each(fields::NODE, |each| {
        let casts = each.text(node::OPERATOR) == Some("Cast");
        let keeps = each.text(node::OUTPUT).is_some_and(|output| kept.contains(output));
        each.change_each(node::ATTRIBUTE, |of_node| {
            if casts && of_node.number(attribute::NUMBER) == Some(element::FLOAT) {
                *of_node = integer("to", element::FLOAT16.cast_signed());
            }
            of_node.change_each(attribute::TENSOR, |tensor| {
                if !keeps {
                    round(tensor);
                }
                Ok(())
            })
        })
    })?;
    widen_outputs(parts)
}

/// Names of the values that say how large a `Resize` makes its input.
fn sizes(whole: &Message) -> Result<HashSet<String>, GraphError> {
    let mut names = HashSet::new();
    for bytes in whole.all(fields::NODE) {
        let each = Message::parse(bytes)?;
        if matches!(each.text(node::OPERATOR), Some("Resize" | "Upsample")) {
            let sizes = each.all(node::INPUT).skip(1);
            names.extend(sizes.map(|name| String::from_utf8_lossy(name).into_owned()));
        }
    }
    Ok(names)
}

/// Makes 16-bit floats of a tensor of 32-bit ones; leaves others as they are.
fn round(tensor: &mut Message) {
    let Some(numbers) = tensor::float_numbers(tensor) else { return };
    let most = f16::MAX.to_f32();
    let raw = numbers.into_iter().flat_map(|number| f16::from_f32(number.clamp(-most, most)).to_le_bytes());
    tensor::set_raw(tensor, element::FLOAT16, raw.collect());
}

/// Every output of 32-bit floats comes out of a cast.
fn widen_outputs(parts: &mut Parts) -> Result<(), GraphError> {
    let mut outputs = Vec::new();
    for bytes in parts.graph.all(fields::OUTPUT) {
        let info = Message::parse(bytes)?;
        if graph::element_type(&info)? == Some(element::FLOAT) {
            outputs.push(info.text(value::NAME).unwrap_or_default().to_owned());
        }
    }
    let narrow = |name: &str| format!("{name}_half");
    parts.graph.change_each(fields::NODE, |each| {
        for (field, value) in &mut each.0 {
            if let (node::INPUT | node::OUTPUT | node::NAME, Value::Bytes(bytes)) = (*field, value)
                && let Some(name) = outputs.iter().find(|name| name.as_bytes() == bytes.as_slice())
            {
                *bytes = narrow(name).into_bytes();
            }
        }
        Ok(())
    })?;
    let cast = |name: &String| {
        operation("Cast", &[&narrow(name)], name)
            .with(node::ATTRIBUTE, &integer("to", element::FLOAT.cast_signed()))
    };
    let whole = std::mem::take(&mut parts.graph);
    parts.graph = outputs.iter().fold(whole, |graph, name| graph.with(fields::NODE, &cast(name)));
    Ok(())
}
