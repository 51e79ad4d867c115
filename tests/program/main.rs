//! The program, as people and scripts call it.

mod cli;
mod gate;
mod html;
mod identify;
mod interrupt;
mod setup;
mod survey;
mod terminal;
