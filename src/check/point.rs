//! One input with its output and the real value, and pairs of them.

use super::Context;
use crate::expr::FloatFormat;
use crate::number::{DdI, Enclosure, F64I, Format};
use crate::reference::{Evaluator, Kind};
use serde::{Deserialize, Serialize};

/// One input with its output and the real value.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Point {
    /// the input's bits
    pub input: u64,
    /// the input
    pub x: f64,
    /// the output's bits
    pub output: u64,
    /// the output
    pub y: f64,
    /// an enclosure of the real value; the whole line if the input is not finite
    pub real: F64I,
    /// what happens at this input if it is a junction
    pub kind: Kind,
    /// a tighter enclosure, where the format asks for one
    pub ball: Option<DdI>,
    /// how many inputs that follow each other, from this one on, this stands for: more than one only where they are alike to
    /// every check, and their outputs are NaN or the same infinity
    pub weight: u64,
}

impl Point {
    /// An input with its real value, evaluated by itself; the output is still to come.
    pub fn at<T: Format>(reference: &Evaluator<'_>, input: T) -> Self {
        let x = input.to_f64();
        let junction = if reference.reference().order() > 0 { reference.junction(x) } else { None };
        let fine = T::FORMAT == FloatFormat::F64 && x.is_finite();
        let ball = fine.then(|| reference.enclose_finely(x));
        let real = match &ball {
            _ if !x.is_finite() => F64I::new(&(), &f64::NEG_INFINITY, &f64::INFINITY),
            Some(ball) if ball.radius().is_finite() => {
                let [lo, hi] = ball.ends();
                F64I::new(&(), &lo, &hi)
            }
            _ => reference.enclose(x),
        };
        let kind = match junction {
            Some(junction) => junction.kind,
            None if x.is_finite() && !real.total() && reference.has_no_value(x) => Kind::Undefined,
            None => Kind::Smooth,
        };
        Self { input: input.bits64(), x, output: 0, y: 0.0, real, ball, kind, weight: 1 }
    }

    /// With an output, and with the real value that is declared to be right if this is a kink.
    #[must_use]
    pub fn answered<T: Format>(self, output: T, cx: &Context<'_>) -> Self {
        let answered = Self { output: output.bits64(), y: output.to_f64(), ..self };
        let Some(side) = cx.policy.side_at(self.x) else { return answered };
        match cx.reference.junction(self.x).filter(|_| self.kind == Kind::Kink) {
            Some(junction) => Self { real: junction.sides[side], ball: None, ..answered },
            None => answered,
        }
    }
}

/// The ends of a run of ascending inputs, for checks that compare each input with the one before it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ends {
    first: Option<Point>,
    last: Option<Point>,
}

impl Ends {
    /// The last input so far.
    pub fn last(&self) -> Option<Point> {
        self.last
    }

    /// The next input; gives the one before it.
    pub fn push(&mut self, point: &Point) -> Option<Point> {
        self.first.get_or_insert(*point);
        self.last.replace(*point)
    }

    /// Joins with the inputs that follow; gives the pair where both meet.
    pub fn join(&mut self, next: &Self) -> Option<(Point, Point)> {
        let seam = self.last.zip(next.first);
        *self = Self { first: self.first.or(next.first), last: next.last.or(self.last) };
        seam
    }
}
