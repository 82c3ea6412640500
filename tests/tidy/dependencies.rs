//! Dependencies between our crates point one way.

use crate::metadata::{is_ours, metadata, packages};

/// What each crate may use. A crate that is not here may not exist: say first where it stands.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("proto", &[]),
    ("runtime", &[]),
    ("test-servers", &[]),
    ("raster", &["proto"]),
    ("ports", &["proto"]),
    ("document", &["proto", "raster"]),
    ("export", &["proto"]),
    ("render", &["proto", "raster"]),
    ("models", &["proto", "raster"]),
    ("adapters", &["proto", "ports"]),
    ("coordinator", &["proto", "ports", "render", "runtime"]),
    ("worker", &["proto", "ports", "raster", "render", "models", "document", "runtime"]),
    (
        "cli",
        &[
            "proto",
            "ports",
            "raster",
            "render",
            "models",
            "document",
            "export",
            "adapters",
            "coordinator",
            "worker",
            "runtime",
        ],
    ),
    ("bench", &["proto", "ports", "models", "render", "worker", "runtime", "cli", "test-servers"]),
    ("tests", &["proto", "ports", "coordinator", "cli", "runtime", "test-servers"]),
];

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let ours = packages(&metadata).filter(|package| is_ours(package));

    let wrong: Vec<_> = ours
        .flat_map(|package| {
            let name = short(package["name"].as_str());
            let allowed = MAY_USE.iter().find(|(crate_name, _)| *crate_name == name).map(|(_, uses)| *uses);
            let used = package["dependencies"].as_array().into_iter().flatten();
            // Tests may use anything.
            let used =
                used.filter(|dependency| dependency["kind"].is_null() && dependency["path"].is_string());
            let used: Vec<_> = used.map(|dependency| short(dependency["name"].as_str())).collect();
            let wrong = used
                .into_iter()
                .filter(move |used| !allowed.is_some_and(|uses| uses.contains(&used.as_str())));
            wrong.map(move |used| format!("{name} uses {used}")).collect::<Vec<_>>()
        })
        .collect();

    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn short(name: Option<&str>) -> String {
    name.unwrap_or_default().trim_start_matches("quire-").to_owned()
}
