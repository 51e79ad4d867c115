//! What results depend on besides their inputs.

use super::call;
use std::fmt;
use std::sync::OnceLock;

/// What a result of torch depends on besides its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// version of libtorch, as of the build
    pub version: &'static str,
    /// vector instructions (`default`, `avx2`, `avx512`), as libtorch itself says
    pub capability: String,
    /// threads inside one operation
    pub threads: i32,
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.threads == 1 { "thread" } else { "threads" };
        write!(f, "libtorch {}, {} instructions, {} {threads}", self.version, self.capability, self.threads)
    }
}

/// The environment variable that makes libtorch use certain vector instructions: `default`, `avx2` or `avx512`. It is
/// read at the first operation, so it must be there when the process starts.
pub const CAPABILITY_VARIABLE: &str = "ATEN_CPU_CAPABILITY";

/// The state of libtorch in this process. The first call pins it to one thread: a tensor divided between threads has
/// more vector tails, at places that depend on the machine.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tch::set_num_threads(1);
        Runtime {
            version: option_env!("ACTAUDIT_TORCH_VERSION").unwrap_or("unknown"),
            capability: call::capability(),
            threads: tch::get_num_threads(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_of_an_audit_has_one_thread_of_torch() {
        assert_eq!(runtime().threads, 1);
        let elsewhere = std::thread::spawn(tch::get_num_threads).join();
        assert_eq!(elsewhere.ok(), Some(1));
    }
}
