//! Containers, as far as they can be checked without an engine: files, variables, ports, commands and names.
//!
//! Each check is shown to fail on a file that is wrong.

mod compose;
mod dockerfile;
mod images;
mod services;

#[test]
fn every_variable_of_the_file_has_a_default_and_every_key_is_known() {
    let text = compose::text();

    assert!(compose::parse(&text).is_ok());

    assert!(compose::parse(&text.replace("${QUIRE_TOKEN:-development}", "${QUIRE_TOKEN}")).is_err());
    assert!(compose::parse(&text.replace("healthcheck:", "healthchek:")).is_err());
}
