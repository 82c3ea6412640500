//! What the coordinator promises, over ports in memory and a worker that makes records up.

mod chaos;
mod finalisers;
mod garbage;
mod interleaved;
mod jobs;
mod outages;
mod records;
mod service;
mod support;
