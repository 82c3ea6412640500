//! An S3 server: moto, which answers one request after the other.
//!
//! moto looks for an object and writes it in two steps, so with threads a
//! conditional write would have several winners. Its objects live in memory: a
//! server that is started again is empty.

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    child::{Server, command},
    find, ports,
};

const SERVE: &str = "
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
app = DomainDispatcherApplication(create_backend_app)
run_simple('127.0.0.1', int(sys.argv[1]), app, threaded=False, request_handler=MotoRequestHandler)
";

/// An S3 server that takes any key and secret.
#[derive(Debug)]
pub struct S3 {
    // Before the folder: the process ends first.
    server: Option<Server>,
    folder: TempDir,
    port: u16,
}

impl S3 {
    /// Starts a server without buckets and waits until it answers.
    pub fn start() -> Result<Self> {
        let [port] = ports::free()?;
        let mut s3 = Self { server: None, folder: tempfile::tempdir()?, port };
        s3.run()?;
        Ok(s3)
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it as a power cut does; its objects are gone.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Kills it if it runs, and starts an empty one in its place.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        self.run()
    }

    fn run(&mut self) -> Result<()> {
        let folder = self.folder.path();
        let mut command = command(find::moto_python()?, folder);
        command.args(["-c", SERVE, &self.port.to_string()]);
        let mut server = Server::start(command, folder.join("log"))?;
        server.wait_for(self.port).context("start moto")?;
        self.server = Some(server);
        Ok(())
    }
}
