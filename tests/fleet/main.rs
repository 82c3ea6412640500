//! The promises of the fleet, with real servers and real processes.

mod services;
mod workers;
