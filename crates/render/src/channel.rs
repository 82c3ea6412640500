//! A packet socket between a pool and a child: whole messages, descriptors beside them.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Instant,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
        SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg,
        socketpair,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::wire::MAX_MESSAGE;

/// Why no message came.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    /// The deadline passed.
    Timeout,
    /// The pool is closing.
    Stopped,
    /// The other side is gone.
    Closed,
    /// What came is not a message.
    Malformed,
    /// The system refused.
    System(io::Error),
}

/// When to stop waiting for a message.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    pub(crate) deadline: Instant,
    /// Becomes readable when the pool closes.
    pub(crate) stop: BorrowedFd<'a>,
}

/// One end of the socket.
pub(crate) struct Channel(OwnedFd);

impl Channel {
    /// Both ends, not inherited by other children.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The end that `fd` is.
    pub(crate) const fn new(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Sends a message and, with it, a descriptor.
    pub(crate) fn send(&self, message: &impl Serialize, fd: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fds = fd.as_slice();
        if !fds.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(fds));
        }
        sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Waits for a message; descriptors sent with it are refused.
    pub(crate) fn receive<T: DeserializeOwned>(&self, patience: Patience<'_>) -> Result<T, ReceiveError> {
        self.wait(patience)?;
        let mut no_space = RecvAncillaryBuffer::default();
        self.read(&mut no_space)
    }

    /// Waits, for as long as it takes, for a message and the descriptor that may come with it.
    pub(crate) fn receive_with_fd<T: DeserializeOwned>(&self) -> Result<(T, Option<OwnedFd>), ReceiveError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let message = self.read(&mut control)?;
        let fd = control.drain().find_map(|extra| match extra {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        Ok((message, fd))
    }

    fn read<T: DeserializeOwned>(&self, control: &mut RecvAncillaryBuffer<'_>) -> Result<T, ReceiveError> {
        let mut buffer = [0_u8; MAX_MESSAGE];
        let received = loop {
            match recvmsg(&self.0, &mut [IoSliceMut::new(&mut buffer)], control, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => {}
                Err(Errno::CONNRESET) => return Err(ReceiveError::Closed),
                other => break other.map_err(|errno| ReceiveError::System(errno.into()))?,
            }
        };
        match buffer.get(..received.bytes) {
            Some([]) => Err(ReceiveError::Closed),
            Some(message) if !received.flags.contains(ReturnFlags::TRUNC) => {
                postcard::from_bytes(message).map_err(|_| ReceiveError::Malformed)
            }
            _ => Err(ReceiveError::Malformed),
        }
    }

    fn wait(&self, patience: Patience<'_>) -> Result<(), ReceiveError> {
        loop {
            let left = patience.deadline.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos().into() };
            let stop = patience.stop;
            let mut fds = [PollFd::new(&stop, PollFlags::IN), PollFd::new(&self.0, PollFlags::IN)];
            match poll(&mut fds, Some(&left)) {
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(ReceiveError::System(errno.into())),
                Ok(0) => return Err(ReceiveError::Timeout),
                Ok(_) if !fds[0].revents().is_empty() => return Err(ReceiveError::Stopped),
                Ok(_) => return Ok(()),
            }
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
