//! The reference file: every key with its documentation and default, generated from the types.
//!
//! Defaults are commented out, so a copy of the file changes nothing until a line is uncommented.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Writes the reference file of `T`, whose doc comments become comments.
pub fn reference<T: Default + Serialize + JsonSchema>() -> Result<String, toml::ser::Error> {
    let schema = schemars::schema_for!(T).to_value();
    let defaults = toml::to_string(&T::default())?;
    let mut out = description(&schema).map(comment).unwrap_or_default();
    let mut table = &schema;
    let mut missing = keys(table);
    for line in defaults.lines().filter(|line| !line.is_empty()) {
        if let Some(path) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            write_unset(&mut out, table, &missing);
            table = path.split('.').fold(&schema, |at, key| property(&schema, at, key));
            missing = keys(table);
            out += &format!("\n{}[{path}]\n", description(table).map(comment).unwrap_or_default());
        } else if let Some((key, _)) = line.split_once(" = ") {
            missing.remove(key);
            let about = description(&table["properties"][key]).map(comment).unwrap_or_default();
            out += &format!("\n{about}# {line}\n");
        }
    }
    write_unset(&mut out, table, &missing);
    Ok(out)
}

/// Keys that have no default, which the serialised default does not show.
fn write_unset(out: &mut String, table: &Value, missing: &BTreeSet<String>) {
    for key in missing {
        let property = &table["properties"][key];
        if property.get("$ref").is_none() {
            let about = description(property).map(comment).unwrap_or_default();
            *out += &format!("\n{about}# {key} =\n");
        }
    }
}

fn keys(table: &Value) -> BTreeSet<String> {
    table["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// The schema of `key` within `table`, references followed.
fn property<'a>(root: &'a Value, table: &'a Value, key: &str) -> &'a Value {
    let found = &table["properties"][key];
    match found["$ref"].as_str().and_then(|path| path.strip_prefix("#")) {
        Some(pointer) => root.pointer(pointer).unwrap_or(found),
        None => found,
    }
}

/// Whether the key at `path`, as `table.key`, holds text.
pub(super) fn is_text(root: &Value, path: &str) -> bool {
    let found = path.split('.').fold(root, |at, key| property(root, at, key));
    match &found["type"] {
        Value::Array(types) => types.iter().any(|kind| kind == "string"),
        kind => kind == "string",
    }
}

fn description(schema: &Value) -> Option<&str> {
    schema["description"].as_str()
}

fn comment(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of it.
    #[derive(Default, Serialize, JsonSchema)]
    struct Config {
        render: Render,
    }

    /// How pages are drawn.
    #[derive(Serialize, JsonSchema)]
    struct Render {
        /// Processes that draw.
        ///
        /// Default: `2`.
        children: u32,
        /// Where they work.
        dir: Option<String>,
    }

    impl Default for Render {
        fn default() -> Self {
            Self { children: 2, dir: None }
        }
    }

    #[test]
    fn text_is_told_from_numbers() {
        let schema = schemars::schema_for!(Config).to_value();

        let texts = ["render.dir", "render.children", "render.nothing", "render", "nothing.at.all"]
            .map(|path| is_text(&schema, path));

        assert_eq!(texts, [true, false, false, false, false]);
    }

    #[test]
    fn every_key_is_there_with_its_comment() {
        let text = reference::<Config>().unwrap();

        let expected = "# All of it.\n\n# How pages are drawn.\n[render]\n\n# Processes that draw.\n#\n# Default: `2`.\n\
                        # children = 2\n\n# Where they work.\n# dir =\n";
        assert_eq!(text, expected);
    }
}
