//! Compiles the calls into libtorch that tch does not have, and lets every binary find libtorch without LD_LIBRARY_PATH.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        let version_file = std::path::Path::new(&lib).with_file_name("build-version");
        println!("cargo::rerun-if-changed={}", version_file.display());
        if let Ok(version) = std::fs::read_to_string(version_file) {
            println!("cargo::rustc-env=ACTAUDIT_TORCH_VERSION={}", version.trim());
        }
        bridge(std::path::Path::new(&lib));
        println!("cargo::rustc-link-arg=-Wl,-rpath={lib}");
        // Nothing refers to libtorch.so itself, but the CUDA flavour's brings in the CUDA kernels (the CPU flavour's is
        // empty): linked in any case, one binary serves both.
        println!("cargo::rustc-link-arg=-Wl,--no-as-needed");
        println!("cargo::rustc-link-arg=-ltorch");
        println!("cargo::rustc-link-arg=-Wl,--as-needed");
    }
}

/// Compiles the calls into libtorch that tch does not have. libtorch's headers lie beside its libraries.
fn bridge(lib: &std::path::Path) {
    // the manifest for another libtorch lies one folder deeper
    let source = if std::path::Path::new("src").exists() { "src/call.cpp" } else { "../src/call.cpp" };
    println!("cargo::rerun-if-changed={source}");
    println!("cargo::rerun-if-env-changed=LIBTORCH_INCLUDE");
    let root = std::env::var_os("LIBTORCH_INCLUDE").map(std::path::PathBuf::from);
    let include = root.unwrap_or_else(|| lib.with_file_name("")).join("include");
    cc::Build::new().cpp(true).std("c++17").warnings(false).include(include).file(source).compile("actaudit_torch");
}
