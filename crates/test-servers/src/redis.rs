//! A Redis.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::{
    child::{Server, command},
    find, ports,
};

/// A Redis that keeps its data in a folder of its own.
#[derive(Debug)]
pub struct Redis {
    // Before the folder: the process ends first.
    server: Option<Server>,
    folder: TempDir,
    port: u16,
}

impl Redis {
    /// Starts an empty Redis and waits until it answers.
    pub fn start() -> Result<Self> {
        let [port] = ports::free()?;
        let mut redis = Self { server: None, folder: tempfile::tempdir()?, port };
        redis.run()?;
        Ok(redis)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Kills it if it runs, and starts it again on what it had written.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        self.run()
    }

    /// Empties it, as an eviction or an operator does.
    pub fn empty(&self) -> Result<()> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.write_all(b"FLUSHALL\r\n")?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer)?;
        ensure!(&answer == b"+OK\r\n", "redis does not empty itself");
        Ok(())
    }

    fn run(&mut self) -> Result<()> {
        let folder = self.folder.path();
        let mut command = command(find::system("redis-server")?, folder);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--save", "", "--appendonly", "yes", "--dir"]).arg(folder);
        let mut server = Server::start(command, folder.join("log"))?;
        server.wait_for(self.port).context("start redis-server")?;
        self.server = Some(server);
        Ok(())
    }
}
