//! The exit codes: one constant each, the contract that scripts rely on.

/// Every verdict asked for is proved or within budget.
pub const OK: u8 = 0;
/// Something is refuted or over budget.
pub const REFUTED: u8 = 1;
/// Bad usage, definition or configuration; nothing was run.
pub const USAGE: u8 = 2;
/// Undecided, or nothing was compared.
pub const UNDECIDED: u8 = 3;
/// A subject or device that was asked for is not there.
pub const ABSENT: u8 = 4;
/// A defect of this program.
pub const INTERNAL: u8 = 70;
