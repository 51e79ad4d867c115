//! The command line.

fn main() -> std::process::ExitCode {
    actaudit::internal::main()
}
