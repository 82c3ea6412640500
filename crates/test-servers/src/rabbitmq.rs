//! A RabbitMQ broker, with a port mapper of its own so that brokers do not meet.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::{
    child::{Server, command},
    find, ports,
};

/// A broker that keeps its data in a folder of its own; user and password are `guest`.
#[derive(Debug)]
pub struct RabbitMq {
    // Before the folder: the processes end first.
    broker: Option<Server>,
    _port_mapper: Server,
    folder: TempDir,
    node: String,
    ports: Ports,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    distribution: u16,
    mapper: u16,
}

impl RabbitMq {
    /// Starts an empty broker and waits until it answers, which takes some seconds.
    pub fn start() -> Result<Self> {
        let [amqp, distribution, mapper] = ports::free()?;
        let folder = tempfile::tempdir()?;
        let ports = Ports { amqp, distribution, mapper };
        let port_mapper = start_port_mapper(folder.path(), mapper)?;
        write_configuration(folder.path(), amqp)?;
        let node = format!("quire-{amqp}@localhost");
        let mut broker = Self { broker: None, _port_mapper: port_mapper, folder, node, ports };
        broker.run()?;
        Ok(broker)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.broker = None;
    }

    /// Kills it if it runs, and starts it again on what it had written.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        self.run()
    }

    /// Runs `rabbitmqctl` with these arguments and returns what it says.
    pub fn ctl(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command("rabbitmqctl")?;
        let output = command.args(["-q", "-n", &self.node]).args(arguments).output()?;
        ensure!(output.status.success(), "rabbitmqctl: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Writes the names of new queues to disk.
    ///
    /// The broker does that by itself after some seconds; one that is killed before never finds those queues again,
    /// and every declaration of them hangs (seen with 3.10.8).
    pub fn write_new_queues(&self) -> Result<()> {
        self.ctl(&["eval", "[ok = dets:sync(Table) || Table <- dets:all()]."]).map(drop)
    }

    fn run(&mut self) -> Result<()> {
        let mut broker = Server::start(self.command("rabbitmq-server")?, self.folder.path().join("log"))?;
        broker.wait_for(self.ports.amqp).context("start rabbitmq-server")?;
        self.broker = Some(broker);
        Ok(())
    }

    /// A program of RabbitMQ that knows this broker and nothing else of the machine.
    fn command(&self, program: &str) -> Result<Command> {
        let folder = self.folder.path();
        let Ports { amqp, distribution, mapper } = self.ports;
        let mut command = command(find::rabbitmq(program)?, folder);
        command.env("ERL_EPMD_PORT", mapper.to_string()).env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env("RABBITMQ_NODENAME", &self.node).env("RABBITMQ_USE_LONGNAME", "false");
        command.env("RABBITMQ_NODE_PORT", amqp.to_string());
        command.env("RABBITMQ_DIST_PORT", distribution.to_string());
        command.env("RABBITMQ_MNESIA_BASE", folder.join("data")).env("RABBITMQ_LOGS", "-");
        command.env("RABBITMQ_LOG_BASE", folder).env("RABBITMQ_PID_FILE", folder.join("pid"));
        command.env("RABBITMQ_CONF_ENV_FILE", "/dev/null");
        command.env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"));
        command.env("RABBITMQ_ADVANCED_CONFIG_FILE", folder.join("advanced.config"));
        command.env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"));
        // With input allowed the script becomes the broker instead of waiting for it: one process to kill.
        command.env("RABBITMQ_ALLOW_INPUT", "1");
        let arguments = "-noinput +S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}";
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", arguments);
        Ok(command)
    }
}

fn start_port_mapper(folder: &Path, port: u16) -> Result<Server> {
    let mut command = command(find::system("epmd")?, folder);
    command.args(["-address", "127.0.0.1", "-port", &port.to_string()]);
    let mut mapper = Server::start(command, folder.join("epmd.log"))?;
    mapper.wait_for(port).context("start epmd")?;
    Ok(mapper)
}

fn write_configuration(folder: &Path, port: u16) -> Result<()> {
    let configuration = format!("listeners.tcp.1 = 127.0.0.1:{port}\nlog.console.level = warning\n");
    fs::write(folder.join("rabbitmq.conf"), configuration)?;
    fs::write(folder.join("plugins"), "[].\n")?;
    Ok(())
}
