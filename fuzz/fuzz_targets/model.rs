//! `make fuzz` runs it. The tests of the crate run the same function over the same corpus.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| actaudit::internal::fuzz_model(data));
