//! What the processes of a fleet share: the way to RabbitMQ, S3 and Redis.

pub(crate) mod connect;
