//! Step `extremes`: what could compute in bytes tells between which numbers its inputs lie.

use std::collections::BTreeMap;

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, node, operation, value},
    int8::{self, Product},
    wire::Message,
};

/// An input of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its name.
    pub(crate) tensor: String,
    /// Numbers that one output of a product takes from one place of it.
    pub(crate) depth: u64,
    /// Weights of all its products: multiplications for each place.
    pub(crate) weights: u64,
    /// Whether one of the products looks over the edge, so that it needs numbers that are never negative.
    pub(crate) padded: bool,
}

/// Adds three outputs for each candidate behind those of the graph: lowest, highest and count of its numbers.
pub(super) fn apply(parts: &mut Parts) -> Result<Vec<Candidate>, GraphError> {
    let constants = int8::constants(&parts.graph)?;
    let mut found: BTreeMap<String, Candidate> = BTreeMap::new();
    for product in graph::nodes(&parts.graph)?.iter().filter_map(|each| Product::of(each, &constants)) {
        let Product { input: tensor, padded, .. } = &product;
        let known = found.entry(tensor.clone()).or_insert_with(|| Candidate {
            tensor: tensor.clone(),
            depth: product.depth(),
            weights: 0,
            padded: false,
        });
        known.padded |= padded;
        known.weights += product.weights();
    }
    let candidates: Vec<_> = found.into_values().collect();
    for Candidate { tensor, .. } in &candidates {
        let [low, high, count] = ["low", "high", "count"].map(|part| format!("{tensor}_{part}"));
        let whole = |operator, output: &str| {
            operation(operator, &[tensor], output).with(node::ATTRIBUTE, &integer("keepdims", 0))
        };
        parts.graph = std::mem::take(&mut parts.graph)
            .with(fields::NODE, &whole("ReduceMin", &low))
            .with(fields::NODE, &whole("ReduceMax", &high))
            .with(fields::NODE, &operation("Size", &[tensor], &count))
            .with(fields::OUTPUT, &number(&low, element::FLOAT))
            .with(fields::OUTPUT, &number(&high, element::FLOAT))
            .with(fields::OUTPUT, &number(&count, element::INT64));
    }
    Ok(candidates)
}

/// The declaration of an output without dimensions.
fn number(name: &str, element: u64) -> Message {
    let tensor =
        Message::default().with_number(value::ELEMENT, element).with(value::SHAPE, &Message::default());
    Message::default()
        .with_text(value::NAME, name)
        .with(value::TYPE, &Message::default().with(value::TENSOR_TYPE, &tensor))
}
