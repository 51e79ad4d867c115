//! Where a function that grows in waves may tend to infinity: places at which its waves are in one phase. The checker looks itself.

use super::objective::{Edge, Objective};
use super::period::turn;
use crate::expr::{Expr, Func, Node};
use actaudit_recheck::certificate::{Growth, Infinity, Phase};

/// A turn is looked at in so many phases.
const PHASES: u32 = 8;

/// Slopes of what stands below sines and cosines, where that is a multiple of the phase and a constant.
fn slopes(e: &Expr, phase: Phase, out: &mut Vec<Expr>) {
    if let Node::Call(Func::Sin | Func::Cos, u) = e.node() {
        let by = match phase {
            Phase::Line => Expr::int(1),
            Phase::Square => Expr::int(2) * Expr::var(),
            Phase::Exponential => Expr::call(Func::Exp, Expr::var()),
        };
        // at 1 no phase is flat
        let quotient = |x: Expr| (u.derivative() / by.clone()).substitute_x(&x).simplified();
        let [a, b] = [Expr::int(1), Expr::int(2)].map(quotient);
        let same = a == b || (a.clone() - b).simplified().exact_rational().is_some_and(|d| d == 0);
        if same && !out.contains(&a) && a.exact_rational().is_none_or(|q| q != 0) {
            out.push(a);
        }
    }
    e.children().into_iter().for_each(|child| slopes(child, phase, out));
}

/// What sines and cosines are taken of.
fn waves(e: &Expr, out: &mut Vec<Expr>) {
    const MOST: usize = 3;
    if let Node::Call(Func::Sin | Func::Cos, u) = e.node()
        && u.depends_on_x()
        && !out.contains(u)
        && out.len() < MOST
    {
        out.push(u.clone());
    }
    e.children().into_iter().for_each(|child| waves(child, out));
}

/// Growth in waves of an objective that reaches an end of the line.
pub(super) fn growths(o: &Objective) -> Vec<Growth> {
    let Some(h) = o.symbolic(0).filter(|_| o.near.is_none()) else { return vec![] };
    let mut all = vec![];
    for phase in [Phase::Line, Phase::Square, Phase::Exponential] {
        let mut found = vec![];
        slopes(h, phase, &mut found);
        let common = turn(&found);
        let alone = found.iter().filter_map(|a| turn(std::slice::from_ref(a)));
        let mut turns: Vec<Expr> = common.into_iter().collect();
        alone.for_each(|t| {
            if !turns.contains(&t) {
                turns.push(t)
            }
        });
        for (t, j) in turns.iter().flat_map(|t| (0..PHASES).map(move |j| (t, j))) {
            let from = (t.clone() * Expr::rational((j, PHASES))).simplified().to_string();
            for (edge, limit) in [(&o.hi, Infinity::Plus), (&o.lo, Infinity::Minus)] {
                let waves = phase != Phase::Exponential || limit == Infinity::Plus;
                if *edge == Edge::Infinite && waves {
                    let (piece, to_piece, turn) = (o.piece, o.to_piece, t.to_string());
                    all.push(Growth::Waves { piece, to_piece, limit, phase, turn, from: from.clone() });
                }
            }
        }
    }
    let mut found = vec![];
    waves(h, &mut found);
    for (wave, phase) in found.iter().flat_map(|u| ["0", "pi/2", "pi", "3*pi/2"].map(|phase| (u.to_string(), phase))) {
        for (edge, limit) in [(&o.hi, Infinity::Plus), (&o.lo, Infinity::Minus)] {
            if *edge == Edge::Infinite {
                let (piece, to_piece, wave) = (o.piece, o.to_piece, wave.clone());
                all.push(Growth::Crossings { piece, to_piece, limit, wave, phase: phase.into() });
            }
        }
    }
    all
}
