//! The program that calls libtorch, started by `actaudit`, which speaks with it over pipes: a worker that answers batches, or,
//! with the argument `train`, one training run.

fn main() -> std::process::ExitCode {
    if std::env::args().nth(1).is_some_and(|argument| argument == actaudit::internal::train::COMMAND) {
        return actaudit_torch::train::serve();
    }
    actaudit::internal::serve(actaudit_torch::load)
}
