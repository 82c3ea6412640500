//! Step `best-class`: the best class of each column and its probability, instead of all classes.
//!
//! An alphabet has thousands of letters. Returning each one's probability for each
//! column takes longer than computing them; the two arrays returned here are small.
//!
//! ```text
//!  classes ─┬─▶ ReduceMax ─┬─▶ Equal ─▶ Where(number of the class, number of classes) ─▶ ReduceMin ─▶ best_class
//!           └──────────────┼────▲
//!                          └─▶ ReduceMax (drops the dimension) ─▶ best_probability
//! ```
//!
//! That is an `ArgMax`, written out: OpenVINO computes `ArgMax` as a sort, which took a fifth of the
//! whole recognition (13 of 63 ms for a line of 1280 pixels; 3 ms this way).

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, integer_list, node, operation, value},
    wire::Message,
};

/// From this operator set on, `ReduceMax` takes its axes in another way.
const AXES_MOVE: u64 = 18;

/// The initializers: 0, 1, 2, … and how many there are.
const NUMBERS: &str = "class_numbers";
const COUNT: &str = "class_count";

/// Appends the nodes of the picture above to the only output.
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
    let count = class_count(&output)?;
    let best = output_like(&output, "best_class", element::INT64)?;
    let probability = output_like(&output, "best_probability", element::FLOAT)?;

    parts.graph.0.retain(|(field, _)| *field != fields::OUTPUT);
    let graph = std::mem::take(&mut parts.graph)
        .with(fields::INITIALIZER, &graph::int32s(NUMBERS, &[u64::from(count.unsigned_abs())], 0..count))
        .with(fields::INITIALIZER, &graph::int32s(COUNT, &[], [count]));
    let graph = best_class_nodes(&classes).iter().fold(graph, |graph, node| graph.with(fields::NODE, node));
    parts.graph = graph.with(fields::OUTPUT, &best).with(fields::OUTPUT, &probability);
    Ok(())
}

fn best_class_nodes(classes: &str) -> [Message; 6] {
    [
        reduction("ReduceMax", classes, "highest", true),
        reduction("ReduceMax", "highest", "best_probability", false),
        operation("Equal", &[classes, "highest"], "is_highest"),
        operation("Where", &["is_highest", NUMBERS, COUNT], "highest_numbers"),
        reduction("ReduceMin", "highest_numbers", "first_highest", false),
        operation("Cast", &["first_highest"], "best_class")
            .with(node::ATTRIBUTE, &integer("to", element::INT64.cast_signed())),
    ]
}

/// The last dimension of the output.
fn class_count(output: &Message) -> Result<i32, GraphError> {
    let mut last = None;
    graph::change_dimensions(&mut output.clone(), |dimensions| {
        last = dimensions.last().and_then(|(_, dimension)| graph::fixed_length(dimension));
    })?;
    last.and_then(|count| i32::try_from(count).ok()).ok_or(GraphError::Classes)
}

/// Reduces the last dimension to one number, kept as a dimension of length 1 or dropped.
fn reduction(operator: &str, input: &str, output: &str, keep: bool) -> Message {
    operation(operator, &[input], output)
        .with(node::ATTRIBUTE, &integer_list("axes", &[-1]))
        .with(node::ATTRIBUTE, &integer("keepdims", keep.into()))
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
    graph::redeclare(&mut info, name, element)?;
    Ok(info)
}
