//! The render child: started by `quire_render::RenderPool`, of no use by itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    quire_render::child::main(std::env::args_os().skip(1))
}
