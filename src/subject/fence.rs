//! Where an array of a call may be put so that what reads or writes beyond it shows.

use serde_json::{Value, json};

/// An array that code is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Array {
    /// the inputs
    Input,
    /// what comes in for each, in the backward pass
    Gradient,
    /// the outputs
    Output,
}

impl Array {
    /// As commands of workers name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Gradient => "incoming gradient",
            Self::Output => "output",
        }
    }
}

/// An end of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Edge {
    /// before the first element
    Start,
    /// behind the last one
    End,
}

impl Edge {
    /// As commands of workers name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// Memory that cannot be touched, right beside one array of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Fence {
    /// which array
    pub array: Array,
    /// at which end of it
    pub edge: Edge,
}

impl Fence {
    /// Every one of them that a call has room for.
    pub fn all(backward: bool) -> impl Iterator<Item = Self> {
        let arrays = [Array::Input, Array::Gradient, Array::Output].into_iter();
        let there = arrays.filter(move |array| backward || *array != Array::Gradient);
        there.flat_map(|array| [Edge::End, Edge::Start].map(|edge| Self { array, edge }))
    }

    /// In a command, with the bytes between the array and the fence.
    pub(super) fn written(self, gap: usize) -> Value {
        json!({"array": self.array.name(), "edge": self.edge.name(), "gap": gap})
    }

    /// Out of a command.
    pub(super) fn read(value: &Value) -> Option<(Self, usize)> {
        let fence = Self::all(true).find(|f| value["array"] == f.array.name() && value["edge"] == f.edge.name());
        Some((fence?, usize::try_from(value["gap"].as_u64()?).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Fence::all(false).count(), 4);
        for fence in Fence::all(true) {
            assert_eq!(Fence::read(&fence.written(12)), Some((fence, 12)));
        }
        assert_eq!(Fence::read(&Value::Null), None);
    }
}
