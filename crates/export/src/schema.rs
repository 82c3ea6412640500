//! The published JSON Schemas, generated from the types.

use quire_proto::record::PageRecord;
use schemars::schema_for;

use crate::Document;

/// The schemas and the names of their files below `docs/schema/`.
pub fn all() -> [(&'static str, schemars::Schema); 2] {
    [("page-record.json", schema_for!(PageRecord)), ("document.json", schema_for!(Document))]
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_published_schemas_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");

        for (name, schema) in all() {
            let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            if std::env::var_os("UPDATE_SCHEMAS").is_some() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(name), &generated).unwrap();
            }
            let published = fs::read_to_string(folder.join(name)).unwrap_or_default();
            assert!(published == generated, "docs/schema/{name} is out of date: run with UPDATE_SCHEMAS=1");
        }
    }
}
