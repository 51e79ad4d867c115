//! Columns of text.

/// Columns, left-aligned but for those marked, as wide as their widest cell.
pub(super) struct Columns {
    pub right: &'static [usize],
    pub rows: Vec<Vec<String>>,
}

impl Columns {
    /// A line for each row.
    pub fn lines(&self) -> Vec<String> {
        let width = |k: usize| self.rows.iter().filter_map(|r| r.get(k)).map(|c| c.chars().count()).max().unwrap_or(0);
        let line = |row: &Vec<String>| {
            let cells = row.iter().enumerate().map(|(k, cell)| match self.right.contains(&k) {
                true => format!("{cell:>w$}", w = width(k)),
                false => format!("{cell:<w$}", w = width(k)),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}
