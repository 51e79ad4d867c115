//! Functions that grow in waves: h tends to infinity along places at which the waves that matter are always in the same phase.

use super::function::{End, Point};
use super::period::turns;
use super::statement::Claim;
use super::tail::Tail;
use crate::certificate::{Infinity, Phase};
use actaudit_expr::plain::{Interval, eval};
use actaudit_expr::{Expr, Func, Node, always_defined, parse_expr};
use rug::Float;

/// Whole numbers k are looked at from 2^n on, for these n.
const STARTS: [u32; 4] = [0, 4, 16, 64];

/// The places x(k) at which the phase is `from + k turn`.
struct Places {
    phase: Phase,
    turn: Expr,
    from: Expr,
    right: bool,
}

impl Places {
    fn read(phase: Phase, turn: &str, from: &str, right: bool) -> Result<Self, String> {
        let constant = |text: &str| {
            let e = parse_expr(text).map_err(|e| e.to_string())?;
            if e.depends_on_x() || e.has_params() { Err(format!("`{text}` is no constant")) } else { Ok(e) }
        };
        let places = Self { phase, turn: constant(turn)?, from: constant(from)?, right };
        let turn = eval(&places.turn, &Interval::int(128, 0))?;
        if turn.lo > 0 { Ok(places) } else { Err("a turn is positive".into()) }
    }

    /// k stands where x does: a line rises or falls with k, a square and an exponential rise.
    fn phases(&self) -> Expr {
        let far = self.turn.clone() * Expr::var();
        match (self.phase, self.right) {
            (Phase::Line, false) => self.from.clone() - far,
            _ => self.from.clone() + far,
        }
    }

    /// x(k), which tends to the end of the line.
    fn x(&self) -> Result<Expr, String> {
        match (self.phase, self.right) {
            (Phase::Line, _) => Ok(self.phases()),
            (Phase::Square, true) => Ok(Expr::call(Func::Sqrt, self.phases())),
            (Phase::Square, false) => Ok(-Expr::call(Func::Sqrt, self.phases())),
            (Phase::Exponential, true) => Ok(Expr::call(Func::Log, self.phases())),
            (Phase::Exponential, false) => Err("an exponential makes no waves on the left".into()),
        }
    }

    fn is_phase(&self, e: &Expr) -> bool {
        match (self.phase, e.node()) {
            (Phase::Line, Node::Var) => true,
            (Phase::Square, Node::Pow(x, q)) => *x.node() == Node::Var && q.exact_rational().is_some_and(|q| q == 2),
            (Phase::Exponential, Node::Call(Func::Exp, x)) => *x.node() == Node::Var,
            _ => false,
        }
    }

    /// a and b, if the expression is built as a times the phase plus b.
    fn line(&self, u: &Expr) -> Option<(Expr, Expr)> {
        let zero = || Expr::int(0);
        if self.is_phase(u) {
            return Some((Expr::int(1), zero()));
        }
        if !u.depends_on_x() {
            return Some((zero(), u.clone()));
        }
        let both = |a: &Expr, b: &Expr| Some((self.line(a)?, self.line(b)?));
        match u.node() {
            Node::Neg(a) => self.line(a).map(|(a, b)| (-a, -b)),
            Node::Add(a, b) => both(a, b).map(|((a, b), (c, d))| (a + c, b + d)),
            Node::Sub(a, b) => both(a, b).map(|((a, b), (c, d))| (a - c, b - d)),
            Node::Mul(a, k) | Node::Mul(k, a) if !k.depends_on_x() => {
                self.line(a).map(|(a, b)| (a * k.clone(), b * k.clone()))
            }
            Node::Div(a, k) if !k.depends_on_x() => self.line(a).map(|(a, b)| (a / k.clone(), b / k.clone())),
            _ => None,
        }
    }

    /// e(x(k)) for whole k: a wave whose argument grows by whole turns keeps its value.
    fn along(&self, e: &Expr, x: &Expr) -> Expr {
        if let Node::Call(f @ (Func::Sin | Func::Cos), u) = e.node()
            && let Some((a, b)) = self.line(u)
            && turns(a.clone(), &self.turn)
        {
            return Expr::call(*f, (a * self.from.clone() + b).simplified());
        }
        match e.node() {
            Node::Var => x.clone(),
            _ => e.map_children(|c| self.along(c, x)),
        }
    }
}

/// That the pieces and the domain go on to an end of the line: from some place on all places are in them.
fn reaching(claim: &Claim, (piece, to_piece): (usize, Option<usize>), right: bool) -> Result<(), String> {
    let f = claim.f.pieces.get(piece).ok_or("there is no such piece")?;
    let g = claim.g.as_ref().zip(to_piece).map(|(g, j)| g.pieces.get(j).ok_or("there is no such piece")).transpose()?;
    let pieces: Vec<_> = [Some(f), g].into_iter().flatten().collect();
    let end = |e: &End| matches!(e, End::Infinite(plus) if *plus == right);
    let ends = pieces.iter().map(|p| if right { &p.hi } else { &p.lo }).chain([&claim.domain[usize::from(right)]]);
    if !ends.into_iter().all(end) {
        return Err("the piece or the domain does not go on to that end of the line".into());
    }
    Ok(())
}

/// m and c in e = m u + c, for a small whole number m.
fn multiple(e: &Expr, u: &Expr) -> Option<(Expr, Expr)> {
    [1, -1, 2, -2, 3, -3].into_iter().find_map(|m| {
        let rest = (e.clone() - Expr::int(m) * u.clone()).simplified();
        (!rest.depends_on_x()).then(|| (Expr::int(m), rest))
    })
}

/// The same where u is the phase and a whole number of turns: sines and cosines of m u + c are those of m phase + c.
fn crossing(e: &Expr, u: &Expr, phase: &Expr) -> Expr {
    if let Node::Call(f @ (Func::Sin | Func::Cos), a) = e.node()
        && let Some((m, c)) = multiple(a, u)
    {
        return Expr::call(*f, m * phase.clone() + c).simplified();
    }
    e.map_children(|child| crossing(child, u, phase))
}

/// h tends to infinity along the places at which u is the phase and a whole number of turns. As u is continuous and tends to an infinity, it
/// has each such value beyond some one, and none of them more than finitely often on a bounded interval: there are such places, as far out as
/// one likes. There h is what it is with the waves of u as constants.
///
/// # Errors
/// Where that is not shown.
pub(super) fn crossings(
    claim: &Claim,
    sign: i8,
    pieces: (usize, Option<usize>),
    limit: Infinity,
    (wave, phase): (&str, &str),
) -> Result<String, String> {
    let right = limit == Infinity::Plus;
    let u = parse_expr(wave).map_err(|e| e.to_string())?;
    let phase = Point::parse(phase, claim.prec)?.expr;
    if u.has_params() {
        return Err("a name in the wave has no value".into());
    }
    reaching(claim, pieces, right)?;
    let h = claim.objective(pieces.0, pieces.1, sign)?;
    let there = crossing(h.d(0)?, &u, &phase).simplified();
    for n in STARTS {
        let start = Float::with_val(claim.prec, Float::u_exp(1, n as i32));
        let Some(tail) = Tail::new(&start, !right) else { continue };
        let endless = tail.defined(&u).is_ok() && (tail.rises(&u) || tail.rises(&(-u.clone()).simplified()));
        // a derivative asks for values of f all around
        let f = h.signed(0)?;
        if endless && tail.rises(&there) && (always_defined(f) || tail.defined(f).is_ok()) {
            return Ok(format!("x -> {} in waves", End::Infinite(right)));
        }
    }
    Err("h is not shown to grow where the wave has this phase".into())
}

/// h tends to infinity along the places.
///
/// # Errors
/// Where that is not shown.
pub(super) fn check(
    claim: &Claim,
    sign: i8,
    (piece, to_piece): (usize, Option<usize>),
    (limit, phase): (Infinity, Phase),
    (turn, from): (&str, &str),
) -> Result<String, String> {
    let right = limit == Infinity::Plus;
    let places = Places::read(phase, turn, from, right)?;
    let x = places.x()?;
    reaching(claim, (piece, to_piece), right)?;
    let h = claim.objective(piece, to_piece, sign)?;
    let (h, base) = (places.along(h.d(0)?, &x).simplified(), places.along(h.signed(0)?, &x).simplified());
    for n in STARTS {
        let Some(tail) = Tail::new(&Float::with_val(claim.prec, Float::u_exp(1, n as i32)), false) else { continue };
        if tail.rises(&h) && tail.defined(&base).is_ok() {
            return Ok(format!("x -> {} in waves", End::Infinite(right)));
        }
    }
    Err("h is not shown to grow along these places".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn along(e: &str, phase: Phase, turn: &str, from: &str) -> String {
        let places = Places::read(phase, turn, from, true).expect("places");
        places.along(&parse_expr(e).expect("parses"), &places.x().expect("places")).simplified().to_string()
    }

    #[test]
    fn waves_keep_their_phase_for_whole_turns_only() {
        assert_eq!(along("x*cos(x)", Phase::Line, "2*pi", "0"), "2*pi*x");
        assert_eq!(along("x*cos(3*x + 1)", Phase::Line, "2*pi/3", "-1/3"), "2*pi*x/3 - 1/3");
        assert_eq!(along("cos(2*x^2)", Phase::Square, "pi", "0"), "1");
        assert_eq!(along("sin(exp(x))", Phase::Exponential, "2*pi", "pi/2"), "1");
        for (e, phase, turn) in [
            ("cos(x)", Phase::Line, "pi"),
            ("cos(x)", Phase::Line, "6"),
            ("cos(x^2)", Phase::Line, "2*pi"),
            ("cos(x^2 + x)", Phase::Square, "2*pi"),
            ("cos(exp(2*x))", Phase::Exponential, "2*pi"),
        ] {
            assert!(along(e, phase, turn, "0").contains("cos"), "{e} after {turn}");
        }
    }

    #[test]
    fn a_turn_is_a_positive_constant() {
        for turn in ["0", "-2*pi", "x", "log(-1)"] {
            assert!(Places::read(Phase::Line, turn, "0", true).is_err(), "{turn}");
        }
    }
}
