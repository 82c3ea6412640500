//! What `quire convert` promises, on the binaries that `make test` builds.

mod bad_input;
mod interruption;
mod line_numbers;
mod other_models;
mod privacy;
mod readme;
mod results;
mod right_to_left;
mod structure;
mod upright;
