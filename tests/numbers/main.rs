//! The number systems: their laws, other people's tests of them, and each against the others.

mod agree;
mod itf1788;
mod laws;
