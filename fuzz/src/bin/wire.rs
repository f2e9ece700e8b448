#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| twofold::fuzzing::wire(bytes));
