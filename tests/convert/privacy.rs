//! What a conversion leaves behind beside its results: nothing.

use std::fs;

use quire_tests::{quire::Room, sample};

#[test]
fn nothing_is_written_to_the_home_of_the_user() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.copy(&sample("sample.pdf"), "sample.pdf")?;
    let home = room.path("home");
    fs::create_dir(&home)?;

    // The native libraries of either provider have habits of their own.
    for provider in ["auto", "cpu"] {
        let setting = ("QUIRE__PIPELINE__PROVIDER", provider.as_ref());
        let ran =
            room.convert_with(&[("HOME", home.as_os_str()), setting], &["sample.pdf"], &["--overwrite"])?;

        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(fs::read_dir(&home)?.count(), 0, "{provider} wrote below {}", home.display());
    }
    Ok(())
}
