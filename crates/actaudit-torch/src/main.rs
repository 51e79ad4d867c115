//! The program that calls libtorch, started by `actaudit`, which speaks with it over pipes.

fn main() -> std::process::ExitCode {
    actaudit::internal::serve(actaudit_torch::load)
}
