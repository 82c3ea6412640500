//! The child's own walls, put up before it sees a file.
//!
//! Landlock closes the file system and TCP, seccomp leaves only the system calls that rendering needs, limits
//! bound memory and time. Each layer reports whether it holds; the parent decides whether that is enough.

use std::os::fd::AsRawFd;

use ::landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, getpid, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::arguments::Arguments;
use crate::{
    channel::Channel,
    config::SandboxPolicy,
    sandbox_level::{Landlock, SandboxLevel},
};

/// Processor seconds of one child: a net below the parent's deadlines.
const CPU_SECONDS: u64 = 3600;

/// Descriptors of one child: standard ones, the socket, a file or a memory, spares.
const DESCRIPTORS: u64 = 16;

/// Puts up what the policy and the system allow.
pub(super) fn enter(arguments: &Arguments, channel: &Channel) -> SandboxLevel {
    close_inherited(channel);
    let limits = limit(arguments);
    if arguments.sandbox == SandboxPolicy::Off {
        return SandboxLevel { limits, no_new_privileges: false, landlock: Landlock::Absent, seccomp: false };
    }
    let no_new_privileges = rustix::thread::set_no_new_privs(true).is_ok();
    let landlock = close_files().unwrap_or(Landlock::Absent);
    let seccomp = filter_calls().is_ok();
    SandboxLevel { limits, no_new_privileges, landlock, seccomp }
}

/// Makes room for mapping a document of so many bytes, beside the address space for work.
pub(super) fn allow_document(arguments: &Arguments, bytes: u64) {
    let limit = Rlimit {
        current: Some(arguments.address_space + bytes.min(arguments.document_bytes)),
        maximum: Some(arguments.address_space + arguments.document_bytes),
    };
    // Should this fail, the smaller limit stays, and mapping may fail with an error of its own.
    setrlimit(Resource::As, limit).ok();
}

/// Closes what the parent's other libraries may have left open.
#[allow(unsafe_code, reason = "closes descriptors by number")]
fn close_inherited(channel: &Channel) {
    use std::os::fd::AsFd;
    let kept = channel.as_fd().as_raw_fd().unsigned_abs();
    // SAFETY: nobody in this process owns a descriptor above the standard ones but the channel, which stays.
    unsafe {
        if kept > 3 {
            libc::close_range(3, kept - 1, 0);
        }
        libc::close_range(kept + 1, u32::MAX, 0);
    }
}

fn limit(arguments: &Arguments) -> bool {
    let at_most = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    let address_space = Rlimit {
        current: Some(arguments.address_space),
        maximum: Some(arguments.address_space + arguments.document_bytes),
    };
    [
        (Resource::As, address_space),
        (Resource::Cpu, at_most(CPU_SECONDS)),
        (Resource::Nofile, at_most(DESCRIPTORS)),
        (Resource::Nproc, at_most(0)),
        (Resource::Core, at_most(0)),
    ]
    .into_iter()
    .all(|(resource, limit)| setrlimit(resource, limit).is_ok())
}

/// Closes the file system, TCP, and signals to other processes, as far as the kernel knows how.
fn close_files() -> Result<Landlock, RulesetError> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Absent,
    })
}

/// Allows the system calls of a process that computes in memory and talks over an open socket.
fn filter_calls() -> Result<(), seccompiler::Error> {
    let mut rules: Vec<(i64, Vec<SeccompRule>)> = allowed().iter().map(|call| (*call, Vec::new())).collect();
    let own_pid = getpid().as_raw_nonzero().get().unsigned_abs().into();
    let executable = libc::PROT_EXEC.unsigned_abs();
    let not_executable = || SeccompCmpOp::MaskedEq(executable.into());
    for (call, argument, operator, value) in [
        (libc::SYS_mmap, 2, not_executable(), 0),
        (libc::SYS_mprotect, 2, not_executable(), 0),
        (libc::SYS_prlimit64, 0, SeccompCmpOp::Eq, 0),
        (libc::SYS_kill, 0, SeccompCmpOp::Eq, own_pid),
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, own_pid),
    ] {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?;
        rules.push((call, vec![SeccompRule::new(vec![condition])?]));
    }
    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules.into_iter().collect(), denied, SeccompAction::Allow, arch)?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)
}

/// Calls allowed whatever their arguments.
fn allowed() -> &'static [i64] {
    &[
        // The socket, the file and the memory that came over it.
        libc::SYS_read,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_pwrite64,
        libc::SYS_recvmsg,
        libc::SYS_sendmsg,
        libc::SYS_fstat,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fcntl,
        // Memory.
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        // Time and chance.
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        // What the C library needs for itself, and for dying.
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sysinfo,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ]
}
