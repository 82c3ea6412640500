//! The promises of the fleet, with real servers and real processes.

mod coordinator;
mod garbage;
mod services;
mod workers;
