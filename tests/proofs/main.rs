//! What is proved: held against values that others computed, against random statements with known answers, and against false
//! certificates.

mod golden;
mod mollified;
mod published;
mod statements;
mod suprema;
