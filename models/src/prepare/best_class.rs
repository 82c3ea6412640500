//! Step `best-class`: the best class of each column and its probability, instead of all classes.
//!
//! An alphabet has thousands of letters. Returning each one's probability for each column takes longer than
//! computing them, and so does making probabilities of all scores: most can be ruled out by the highest of their group.
//!
//! ```text
//!  scores ─▶ groups ─┬─▶ highest of each group ─┬─▶ best group ─▶ its scores ─▶ best_class
//!                    └──────────────────────────┼──────▲              │
//!                                               └───── rivals ◀───────┘─▶ best_probability
//! ```
//!
//! Scores are what the last `Softmax` of the graph takes, or the output of a graph that does not end with one. The
//! probability is that of the best class among its rivals: all classes of its own group, and the highest of each other
//! group. So it is too high by what two strong classes of another group would take; where one class stands out, it is the same.
//!
//! Scores that are made by a product and an addition get a few impossible classes more, so that they form groups as
//! many as they are long. Others are one group.

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, integer_list, node, operation, value},
    tensor,
    wire::Message,
};

/// From this operator set on, `ReduceMax` takes its axes in another way.
const AXES_MOVE: u64 = 18;
/// The score of a class that does not exist; a 16-bit float holds it.
const IMPOSSIBLE: f32 = -1e4;
/// Classes of a group are a multiple of this: what the widest instructions take at once.
const LANES: u64 = 16;

/// Puts the nodes of the picture above behind the scores of the only output.
pub(super) fn apply(parts: &mut Parts) -> Result<(), GraphError> {
    if parts.operator_set >= AXES_MOVE {
        return Err(GraphError::OperatorSet(parts.operator_set));
    }
    let outputs = parts.graph.all(fields::OUTPUT).count();
    let (1, Some(output)) = (outputs, parts.graph.bytes(fields::OUTPUT)) else {
        return Err(GraphError::Outputs(outputs));
    };
    let output = Message::parse(output)?;
    let count = class_count(&output)?;
    let best = output_like(&output, "best_class", element::INT64)?;
    let probability = output_like(&output, "best_probability", element::FLOAT)?;

    let mut scores = without_softmax(&mut parts.graph, output.text(value::NAME).unwrap_or_default())?;
    let mut groups = Groups { count: 1, length: count };
    let square = Groups::square(count);
    if pad(&mut parts.graph, &scores, square.count * square.length)? {
        groups = square;
        PADDED.clone_into(&mut scores);
    }
    parts.graph.0.retain(|(field, _)| *field != fields::OUTPUT);
    let graph = std::mem::take(&mut parts.graph);
    let graph = constants(groups).iter().fold(graph, |graph, each| graph.with(fields::INITIALIZER, each));
    let graph =
        nodes(&scores, parts.operator_set).iter().fold(graph, |graph, node| graph.with(fields::NODE, node));
    parts.graph = graph.with(fields::OUTPUT, &best).with(fields::OUTPUT, &probability);
    graph::drop_unused(&mut parts.graph)
}

/// How classes are parted.
#[derive(Clone, Copy)]
struct Groups {
    count: u64,
    length: u64,
}

impl Groups {
    /// About as many groups as each has classes, enough for `classes`.
    fn square(classes: u64) -> Self {
        let length = classes.isqrt().max(1).next_multiple_of(LANES);
        Self { count: classes.div_ceil(length), length }
    }
}

/// Takes away the `Softmax` that makes `output`, if one does; answers with the name of the scores.
fn without_softmax(graph: &mut Message, output: &str) -> Result<String, GraphError> {
    let mut nodes = graph::nodes(graph)?;
    let (mut name, mut passed) = (output.to_owned(), Vec::new());
    let mut is_softmax = false;
    while let Some(at) = maker(&nodes, &name) {
        let operator = nodes[at].text(node::OPERATOR).unwrap_or_default();
        if !(operator == "Identity" || operator == "Softmax" && !is_softmax) {
            break;
        }
        is_softmax |= operator == "Softmax";
        passed.push(at);
        nodes[at].text(node::INPUT).unwrap_or_default().clone_into(&mut name);
    }
    if !is_softmax {
        return Ok(output.to_owned());
    }
    passed.sort_unstable();
    passed.iter().rev().for_each(|&at| drop(nodes.remove(at)));
    graph::set_nodes(graph, &nodes);
    Ok(name)
}

/// Which node makes `name`.
fn maker(nodes: &[Message], name: &str) -> Option<usize> {
    nodes.iter().position(|node| node.all(node::OUTPUT).any(|output| output == name.as_bytes()))
}

/// The scores with impossible classes, and the weights and the addition that make them.
const PADDED: &str = "padded_scores";
const PADDED_PRODUCTS: &str = "padded_products";
const PADDED_WEIGHTS: &str = "padded_weights";
const PADDED_BIAS: &str = "padded_bias";

/// Makes `scores`, `MatMul` with a constant and `Add` of a constant, anew with `width` classes. False when they are something else.
fn pad(graph: &mut Message, scores: &str, width: u64) -> Result<bool, GraphError> {
    let mut nodes = graph::nodes(graph)?;
    let made_by = |nodes: &[Message], name: &str, operator: &str| {
        maker(nodes, name).filter(|&at| nodes[at].text(node::OPERATOR) == Some(operator))
    };
    let Some(add) = made_by(&nodes, scores, "Add") else { return Ok(false) };
    let terms = graph::names(&nodes[add], node::INPUT);
    let product = terms.iter().find_map(|name| made_by(&nodes, name, "MatMul"));
    let bias = terms.iter().find_map(|name| graph::initializer(graph, name));
    let (Some(product), Some(bias)) = (product, bias) else { return Ok(false) };
    let factors = graph::names(&nodes[product], node::INPUT);
    let [values, weights] = factors.as_slice() else { return Ok(false) };
    let Some(weights) = graph::initializer(graph, weights) else { return Ok(false) };
    let wider = |tensor: &Message, fill| {
        Some(padded(&tensor::float_numbers(tensor)?, *tensor::dimensions(tensor).last()?, width, fill))
    };
    let (Some(weight_numbers), Some(bias_numbers)) = (wider(&weights, 0.0), wider(&bias, IMPOSSIBLE)) else {
        return Ok(false);
    };
    let &[rows, _] = tensor::dimensions(&weights).as_slice() else { return Ok(false) };
    let values = values.clone();
    nodes.remove(add.max(product));
    nodes.remove(add.min(product));
    nodes.push(operation("MatMul", &[&values, PADDED_WEIGHTS], PADDED_PRODUCTS));
    nodes.push(operation("Add", &[PADDED_PRODUCTS, PADDED_BIAS], PADDED));
    graph::set_nodes(graph, &nodes);
    *graph = std::mem::take(graph)
        .with(fields::INITIALIZER, &tensor::floats(PADDED_WEIGHTS, &[rows, width], &weight_numbers))
        .with(fields::INITIALIZER, &tensor::floats(PADDED_BIAS, &[width], &bias_numbers));
    Ok(true)
}

/// Each row of `from` numbers made `to` long with `fill`.
fn padded(numbers: &[f32], from: u64, to: u64, fill: f32) -> Vec<f32> {
    let (from, missing) = (from.max(1) as usize, to.saturating_sub(from) as usize);
    let row = |row: &[f32]| row.iter().copied().chain(std::iter::repeat_n(fill, missing)).collect::<Vec<_>>();
    numbers.chunks(from).flat_map(row).collect()
}

fn constants(groups: Groups) -> [Message; 8] {
    let (count, length) = (groups.count.cast_signed(), groups.length.cast_signed());
    [
        // A length of 0 is the one that was there.
        tensor::int64s("class_groups", &[4], &[0, 0, count, length]),
        tensor::int64s("class_one_group", &[4], &[0, 0, 1, 1]),
        tensor::int64s("class_each", &[4], &[1, 1, 1, length]),
        tensor::int64s("class_flat", &[3], &[0, 0, length]),
        tensor::int64s("class_columns", &[2], &[0, 0]),
        tensor::int64s("class_length", &[], &[length]),
        tensor::int64s("class_axis", &[1], &[-1]),
        tensor::floats("class_itself", &[], &[1.0]),
    ]
}

/// The best group, the best class in it, and what the best score is among its rivals.
fn nodes(scores: &str, operator_set: u64) -> [Message; 18] {
    [
        operation("Reshape", &[scores, "class_groups"], "grouped"),
        over_last("ReduceMax", "grouped", "group_highest", false),
        over_last("ReduceMax", "group_highest", "highest", true),
        best("group_highest", "best_group"),
        operation("Reshape", &["best_group", "class_one_group"], "best_group_alone"),
        operation("Expand", &["best_group_alone", "class_each"], "best_group_each"),
        operation("GatherElements", &["grouped", "best_group_each"], "best_scores_grouped")
            .with(node::ATTRIBUTE, &integer("axis", 2)),
        operation("Reshape", &["best_scores_grouped", "class_flat"], "best_scores"),
        best("best_scores", "best_in_group"),
        operation("Mul", &["best_group", "class_length"], "before_group"),
        operation("Add", &["before_group", "best_in_group"], "best_class_column"),
        operation("Reshape", &["best_class_column", "class_columns"], "best_class"),
        operation("Concat", &["group_highest", "best_scores"], "rivals")
            .with(node::ATTRIBUTE, &integer("axis", -1)),
        operation("Sub", &["rivals", "highest"], "rivals_below"),
        operation("Exp", &["rivals_below"], "rival_shares"),
        sum_over_last("rival_shares", "rival_sum", operator_set),
        // The best class is there twice: as the highest of its group and in its group.
        operation("Sub", &["rival_sum", "class_itself"], "share_of_all"),
        operation("Reciprocal", &["share_of_all"], "best_probability"),
    ]
}

/// Where the highest number of the last dimension is, which stays with length 1.
fn best(input: &str, output: &str) -> Message {
    operation("ArgMax", &[input], output).with(node::ATTRIBUTE, &integer("axis", -1))
}

/// Reduces the last dimension to one number, kept as a dimension of length 1 or dropped.
fn over_last(operator: &str, input: &str, output: &str, keep: bool) -> Message {
    operation(operator, &[input], output)
        .with(node::ATTRIBUTE, &integer_list("axes", &[-1]))
        .with(node::ATTRIBUTE, &integer("keepdims", keep.into()))
}

/// Drops the last dimension; from operator set 13 on, `ReduceSum` takes its axes as an input.
fn sum_over_last(input: &str, output: &str, operator_set: u64) -> Message {
    if operator_set < 13 {
        return over_last("ReduceSum", input, output, false);
    }
    operation("ReduceSum", &[input, "class_axis"], output).with(node::ATTRIBUTE, &integer("keepdims", 0))
}

/// The last dimension of the output.
fn class_count(output: &Message) -> Result<u64, GraphError> {
    let mut last = None;
    graph::change_dimensions(&mut output.clone(), |dimensions| {
        last = dimensions.last().and_then(|(_, dimension)| graph::fixed_length(dimension));
    })?;
    last.filter(|count| (1..1 << 24).contains(count)).ok_or(GraphError::Classes)
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
