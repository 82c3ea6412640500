//! The one thread that starts processes.
//!
//! A parent-death signal follows the thread that started the child, not the
//! process, and threads of a test runtime come and go.

use std::{
    io,
    process::{Child, Command},
    sync::{
        OnceLock,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

type Order = (Command, SyncSender<io::Result<Child>>);

/// Starts a process that the system kills when this process ends.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<SyncSender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, received) = sync_channel::<Order>(0);
        thread::spawn(move || {
            for (mut command, reply) in received {
                // Whoever asked may be gone, and then the process goes too.
                drop(reply.send(command.spawn()));
            }
        });
        orders
    });
    let (reply, child) = sync_channel(1);
    let gone = |_| io::Error::other("the thread that starts processes has ended");
    spawner
        .send((command, reply))
        .map_err(|_| io::Error::other("the thread that starts processes has ended"))?;
    child.recv().map_err(gone)?
}
