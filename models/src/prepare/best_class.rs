//! Step `best-class`: the best class of each column and its probability, instead of all classes.
//!
//! An alphabet has thousands of letters. Returning each one's probability for each
//! column takes longer than computing them; the two arrays returned here are small.

use super::{
    GraphError,
    graph::{self, Parts, attribute, element, fields, node, value},
    wire::{Message, Value},
};

/// `AttributeProto.AttributeType`: an integer, and a list of them.
const INT: u64 = 2;
const INTS: u64 = 7;
/// From this operator set on, `ReduceMax` takes its axes in another way.
const AXES_MOVE: u64 = 18;

/// Appends `ArgMax` and `ReduceMax` over the last dimension of the only output.
pub(super) fn apply(parts: &mut Parts) -> Result<(), GraphError> {
    if parts.operator_set >= AXES_MOVE {
        return Err(GraphError::OperatorSet(parts.operator_set));
    }
    let outputs = parts.graph.all(fields::OUTPUT).count();
    let (1, Some(output)) = (outputs, parts.graph.bytes(fields::OUTPUT)) else {
        return Err(GraphError::Outputs(outputs));
    };
    let output = Message::parse(output)?;
    let classes = output.text(value::NAME).unwrap_or_default().to_owned();
    let best = output_like(&output, "best_class", element::INT64)?;
    let probability = output_like(&output, "best_probability", element::FLOAT)?;

    let arg_max = reduction("ArgMax", &classes, "best_class")
        .with(node::ATTRIBUTE, &integer("axis", -1))
        .with(node::ATTRIBUTE, &integer("keepdims", 0));
    let reduce_max = reduction("ReduceMax", &classes, "best_probability")
        .with(node::ATTRIBUTE, &integers("axes", &[-1]))
        .with(node::ATTRIBUTE, &integer("keepdims", 0));

    parts.graph.0.retain(|(field, _)| *field != fields::OUTPUT);
    let graph = std::mem::take(&mut parts.graph);
    parts.graph = graph
        .with(fields::NODE, &arg_max)
        .with(fields::NODE, &reduce_max)
        .with(fields::OUTPUT, &best)
        .with(fields::OUTPUT, &probability);
    Ok(())
}

fn reduction(operator: &str, input: &str, output: &str) -> Message {
    Message::default()
        .with_text(node::INPUT, input)
        .with_text(node::OUTPUT, output)
        .with_text(node::NAME, output)
        .with_text(node::OPERATOR, operator)
}

fn integer(name: &str, number: i64) -> Message {
    Message::default()
        .with_text(attribute::NAME, name)
        .with_number(attribute::NUMBER, number as u64)
        .with_number(attribute::KIND, INT)
}

fn integers(name: &str, numbers: &[i64]) -> Message {
    let attribute = Message::default().with_text(attribute::NAME, name);
    let with_all =
        numbers.iter().fold(attribute, |a, &number| a.with_number(attribute::NUMBERS, number as u64));
    with_all.with_number(attribute::KIND, INTS)
}

/// The declaration of an output with the shape of `output`, but for the classes.
fn output_like(output: &Message, name: &str, element: u64) -> Result<Message, GraphError> {
    let mut info = output.clone();
    let mut rank = 0;
    graph::change_dimensions(&mut info, |dimensions| {
        rank = dimensions.len();
        dimensions.pop();
    })?;
    if rank != 3 {
        return Err(GraphError::Rank(rank));
    }
    info.change_each(value::TYPE, |kind| {
        kind.change_each(value::TENSOR_TYPE, |tensor| {
            tensor.0.retain(|(field, _)| *field != value::ELEMENT);
            tensor.0.insert(0, (value::ELEMENT, Value::Number(element)));
            Ok(())
        })
    })?;
    info.0.retain(|(field, _)| *field != value::NAME);
    info.0.insert(0, (value::NAME, Value::Bytes(name.as_bytes().to_vec())));
    Ok(info)
}
