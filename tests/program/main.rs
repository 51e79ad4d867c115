//! The program, as people and scripts call it.

mod cli;
mod identify;
mod interrupt;
mod survey;
