//! An S3 server: moto, which answers one request after the other.
//!
//! moto looks for an object and writes it in two steps, so with threads a
//! conditional write would have several winners. Its objects live in memory: a
//! server that is started again is empty.

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

const SERVE: &str = "
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
backend = DomainDispatcherApplication(create_backend_app)
def serve(environ, start_response):
    if sys.argv[2] == 'ignored':
        environ.pop('HTTP_IF_NONE_MATCH', None)
    return backend(environ, start_response)
run_simple('127.0.0.1', int(sys.argv[1]), serve, threaded=False, request_handler=MotoRequestHandler)
";

/// An S3 server that takes any key and secret.
#[derive(Debug)]
pub struct S3 {
    // Before the folder: the process ends first.
    server: Option<Server>,
    folder: TempDir,
    port: u16,
    conditions: &'static str,
}

impl S3 {
    /// Starts a server without buckets and waits until it answers.
    pub fn start() -> Result<Self> {
        Self::start_with("kept")
    }

    /// As [`S3::start`], but `If-None-Match` is accepted and ignored, as some servers do.
    pub fn start_without_conditions() -> Result<Self> {
        Self::start_with("ignored")
    }

    fn start_with(conditions: &'static str) -> Result<Self> {
        let [port] = ports::free()?;
        let mut s3 = Self { server: None, folder: tempfile::tempdir()?, port, conditions };
        s3.run()?;
        Ok(s3)
    }

    /// Makes an empty bucket.
    pub fn make_bucket(&self, bucket: &str) -> Result<()> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        write!(connection, "PUT /{bucket} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        ensure!(answer.contains(" 200 "), "moto makes no bucket: {answer}");
        Ok(())
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
        command.args(["-c", SERVE, &self.port.to_string(), self.conditions]);
        let mut server = Server::start(command, folder.join("log"))?;
        server.wait_for(self.port).context("start moto")?;
        self.server = Some(server);
        Ok(())
    }
}
