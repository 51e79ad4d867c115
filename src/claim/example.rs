//! The smallest claim file that says something: what `claims --help` and `explain claims` show.

/// The text of the file, for `concat!`.
macro_rules! example {
    () => {
        "  paper = \"A. Author, A paper, 2026\"
  [[claim]]
  id = \"bound\"
  quote = \"S-ReLU differs from ReLU by at most 0.0002.\"
  source = \"section 4\"
  activation = \"srelu\"
  quantity = \"distance\"
  to = \"relu\"
  kind = \"upper_bound\"
  value = \"0.0002\"
"
    };
}
pub(crate) use example;
