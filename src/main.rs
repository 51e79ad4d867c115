//! The command line.

fn main() -> std::process::ExitCode {
    actaudit::cli::main()
}
