//! The OpenAPI document, made of the table of endpoints and of the types.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    Problem,
    caller::TENANT,
    endpoints::{self, Content, Endpoint},
};

/// OpenAPI 3.1, whose schemas are those of JSON Schema 2020-12.
pub(super) fn document() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for endpoint in endpoints::all() {
        let operation = operation(&endpoint, &problem.clone().to_value(), &mut generator);
        let path = paths.entry(endpoint.path).or_insert_with(|| Value::Object(Map::new()));
        path[endpoint.method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Quire coordinator",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{}, { "token": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(endpoint: &Endpoint, problem: &Value, generator: &mut SchemaGenerator) -> Value {
    let in_path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| parameter("path", name, "", true));
    let in_query = endpoint.query.iter().map(|(name, about)| parameter("query", name, about, false));
    let tenant = parameter("header", TENANT, "whose jobs are meant; `local` when absent", false);
    let parameters: Vec<Value> = in_path.chain(in_query).chain([tenant]).collect();
    let answer = match &endpoint.answer {
        Some(content) => ("200", json!({ "description": "Done.", "content": media(content, generator) })),
        None => ("204", json!({ "description": "Done." })),
    };
    let mut operation = json!({
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": {
            "default": {
                "description": "An error.",
                "content": { "application/json": { "schema": problem } },
            },
        },
    });
    operation["responses"][answer.0] = answer.1;
    if let Some(content) = &endpoint.request {
        operation["requestBody"] = json!({ "required": true, "content": media(content, generator) });
    }
    operation
}

fn parameter(place: &str, name: &str, about: &str, required: bool) -> Value {
    let schema = json!({ "type": "string" });
    json!({ "in": place, "name": name, "description": about, "required": required, "schema": schema })
}

fn media(content: &Content, generator: &mut SchemaGenerator) -> Value {
    let schema = content.schema.map_or_else(|| json!({}), |schema| schema(generator).to_value());
    json!({ content.media: { "schema": schema } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();

        let mut unread = vec![&document];
        let mut references = 0;
        while let Some(value) = unread.pop() {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').unwrap_or_default();
                assert!(document.pointer(pointer).is_some(), "{reference}");
                references += 1;
            }
            match value {
                Value::Object(fields) => unread.extend(fields.values()),
                Value::Array(items) => unread.extend(items),
                _ => {}
            }
        }
        assert!(references > 20, "{references}");
    }
}
