//! The program, as people and scripts call it.

mod cli;
mod gate;
mod html;
mod identify;
mod interrupt;
mod killed;
mod schemas;
mod setup;
mod survey;
mod terminal;

#[path = "../common/there.rs"]
mod there;
#[path = "../common/valid.rs"]
mod valid;
