//! The repository itself: its rules, the examples of its documents, the licences of what it uses.

mod api;
mod docs;
mod licences;
mod rules;
#[path = "../common/there.rs"]
mod there;
