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
    /// the widest instructions that oneDNN may use, which computes some operations in torch's place (f32 gelu, say) and
    /// chooses by itself: those of the processor, or the limit that the environment sets
    pub onednn: String,
    /// threads inside one operation
    pub threads: i32,
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.threads == 1 { "thread" } else { "threads" };
        let Self { version, capability, onednn, .. } = self;
        write!(f, "libtorch {version}, {capability} instructions (oneDNN: {onednn}), {} {threads}", self.threads)
    }
}

/// The environment variables that limit the instructions of oneDNN, the first that is set wins: `SSE41`, `AVX2`, ...
pub const ONEDNN_VARIABLES: [&str; 2] = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

fn onednn(limit: Option<String>) -> String {
    limit.map_or_else(|| widest().to_owned(), |limit| format!("at most {}", limit.to_lowercase()))
}

/// The widest vector instructions of the processor.
#[cfg(target_arch = "x86_64")]
fn widest() -> &'static str {
    use std::is_x86_feature_detected as has;
    if has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq") {
        "avx512"
    } else if has!("avx2") {
        "avx2"
    } else {
        "sse"
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn widest() -> &'static str {
    "those of the processor"
}

/// The state of libtorch in this process. The first call pins it to one thread: a tensor divided between threads has
/// more vector tails, at places that depend on the machine.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tch::set_num_threads(1);
        Runtime {
            version: option_env!("ACTAUDIT_TORCH_VERSION").unwrap_or("unknown"),
            capability: call::capability(),
            onednn: onednn(ONEDNN_VARIABLES.iter().find_map(|name| std::env::var(name).ok())),
            threads: tch::get_num_threads(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_onednn_is_recorded() {
        assert_eq!(onednn(Some("AVX2".into())), "at most avx2");
        assert_eq!(onednn(None), widest());
    }

    #[test]
    fn every_thread_of_an_audit_has_one_thread_of_torch() {
        assert_eq!(runtime().threads, 1);
        let elsewhere = std::thread::spawn(tch::get_num_threads).join();
        assert_eq!(elsewhere.ok(), Some(1));
    }
}
