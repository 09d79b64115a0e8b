//! The program `natbase`.

/// Small allocations by the thousand a request: the system's allocator costs half as much again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::cli::run()
}
