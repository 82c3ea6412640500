//! One file for each command of `quire-bench`.

pub mod accuracy;
pub mod calibrate;
pub mod fleet;
pub mod fleet_worker;
pub mod modes;
pub mod peers;
pub mod robustness;
pub mod speed;
pub mod text_layer;
pub mod tune;
