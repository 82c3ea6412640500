//! The end of a process whose threads may still be inside a native library.

use std::io::{self, Write};

use signal_hook::low_level;

/// Ends the process with `code`, at once, without the exit handlers of native libraries.
///
/// Those take down the types and devices of an inference that still runs on another thread:
/// it then fails, and its page would be recorded as failed, or the process crashes.
pub fn leave(code: u8) -> ! {
    // Who closed the output does not want its last words.
    drop(io::stdout().flush());
    drop(io::stderr().flush());
    low_level::exit(code.into())
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        process::{Command, Output, Stdio},
    };

    use super::*;

    /// Tells the child of these tests how to end.
    const WAY: &str = "QUIRE_TEST_LEAVES_BY";

    /// What `leave` and a second signal do to a process that has written half a line.
    #[test]
    fn the_child_of_these_tests() {
        let Ok(way) = env::var(WAY) else { return };
        io::stdout().write_all(b"half a line").unwrap();
        match way.as_str() {
            "leave" => leave(7),
            "signals" => two_signals(),
            _ => std::process::exit(8),
        }
    }

    fn two_signals() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let shutdown = tokio_util::sync::CancellationToken::new();
            let waiting = tokio::spawn(crate::cancel_on_signal(shutdown.clone()));
            tokio::task::yield_now().await;
            low_level::raise(signal_hook::consts::SIGINT).unwrap();
            shutdown.cancelled().await;
            low_level::raise(signal_hook::consts::SIGTERM).unwrap();
            waiting.await.unwrap().unwrap();
        });
    }

    fn child(way: &str) -> Output {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "leave::tests::the_child_of_these_tests", "--nocapture"])
            .env(WAY, way)
            .stderr(Stdio::inherit())
            .output()
            .unwrap()
    }

    fn wrote_the_half(child: &Output) -> bool {
        String::from_utf8_lossy(&child.stdout).contains("half a line")
    }

    #[test]
    fn leaving_says_what_was_written() {
        let child = child("leave");

        assert_eq!(child.status.code(), Some(7));
        assert!(wrote_the_half(&child));
    }

    /// The flush of standard output is an exit handler too: one that can be seen.
    #[test]
    fn a_second_signal_runs_no_exit_handler() {
        let usual = child("exit");
        let signalled = child("signals");

        assert_eq!((usual.status.code(), wrote_the_half(&usual)), (Some(8), true));
        assert_eq!((signalled.status.code(), wrote_the_half(&signalled)), (Some(130), false));
    }
}
