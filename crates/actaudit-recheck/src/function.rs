//! What a certificate speaks about: ends of intervals, and functions made of pieces.

use crate::certificate;
use crate::field::{Field, Value};
use crate::near::limit_beside;
use crate::system;
use crate::unbounded::limit_of_germ;
use actaudit_expr::catalog;
use actaudit_expr::plain::Interval;
use actaudit_expr::plain::{clipped, eval, shortened};
use actaudit_expr::{self as expr, Activation, Expr};
use rug::{Float, Rational};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// Bits with which the values of two neighbouring pieces are compared where they meet.
const JUNCTION_BITS: u32 = 512;
/// Numbers beyond 2^this, or nearer to zero, are refused: as rationals they would have that many bits.
const MAX_EXPONENT: u32 = 1 << 20;

/// A point of the real line, or an end of it.
#[derive(Clone)]
pub(super) enum End {
    /// plus (true) or minus infinity
    Infinite(bool),
    At(Point),
}

/// A constant expression; exact where it is rational.
#[derive(Clone)]
pub(super) struct Point {
    pub expr: Expr,
    pub exact: Option<Rational>,
    pub value: Interval,
}

impl Point {
    pub fn float(x: &Float) -> Option<Self> {
        let q = rational(x)?;
        Some(Self { expr: Expr::rational(q.clone()), exact: Some(q), value: Interval::point(x) })
    }

    pub fn zero(prec: u32) -> Self {
        Self { expr: Expr::int(0), exact: Some(Rational::new()), value: Interval::int(prec, 0) }
    }

    pub fn neg(&self) -> Self {
        Self {
            expr: (-self.expr.clone()).simplified(),
            exact: self.exact.as_ref().map(|q| Rational::from(-q)),
            value: self.value.neg(),
        }
    }

    /// A constant expression with a bounded value.
    pub fn parse(text: &str, prec: u32) -> Result<Self, String> {
        match End::parse(text, prec)? {
            End::At(point) => Ok(point),
            End::Infinite(_) => Err("a number is infinite".into()),
        }
    }

    /// A rational number that is certainly not above.
    pub fn down(&self) -> Rational {
        self.exact.clone().or_else(|| rational(&self.value.lo)).unwrap_or_default()
    }

    /// A rational number that is certainly not below.
    pub fn up(&self) -> Rational {
        self.exact.clone().or_else(|| rational(&self.value.hi)).unwrap_or_default()
    }

    /// The value as the certificate's reader sees it.
    pub fn text(&self) -> String {
        self.exact.as_ref().map_or_else(|| self.expr.to_string(), |q| Expr::rational(q.clone()).to_string())
    }
}

/// Whether a number is so large or so small that it would take megabytes as a rational.
fn is_absurd(x: &Float) -> bool {
    x.get_exp().is_some_and(|e| e.unsigned_abs() > MAX_EXPONENT)
}

/// The same number; `None` if it is infinite, or absurd.
pub(super) fn rational(x: &Float) -> Option<Rational> {
    if is_absurd(x) { None } else { x.to_rational() }
}

/// Whether two constants are certainly the same number: their difference simplifies to zero, or is zero as an exact value.
pub(super) fn same(a: &Expr, b: &Expr) -> bool {
    if (a.clone() - b.clone()).simplified().exact_rational().is_some_and(|q| q == 0) {
        return true;
    }
    let field = Field::new(BTreeMap::new());
    let value = |e: &Expr| system::eval(&field, e, &Value::default());
    match (value(a), value(b)) {
        (Ok(a), Ok(b)) => field.minus(&a, &b).is_some_and(|d| d.is_zero()),
        _ => false,
    }
}

impl End {
    pub fn parse(text: &str, prec: u32) -> Result<Self, String> {
        match text.trim() {
            "inf" => return Ok(Self::Infinite(true)),
            "-inf" => return Ok(Self::Infinite(false)),
            _ => {}
        }
        let expr = expr::parse_expr(text).map_err(|e| format!("the point `{}`: {e}", clipped(text)))?;
        if expr.depends_on_x() || expr.has_params() {
            return Err(format!("`{}` is not a point: a name in it has no value", clipped(text)));
        }
        let value = eval(&expr, &Interval::int(prec, 0))?;
        if !value.is_bounded() || is_absurd(&value.lo) || is_absurd(&value.hi) {
            return Err(format!("the point `{}` is too far out, or too near zero", clipped(text)));
        }
        Ok(Self::At(Point { exact: expr.exact_rational(), value, expr }))
    }

    /// The order, proved: exactly where both are rational or the difference is, else by enclosures.
    pub fn order(&self, rhs: &Self) -> Option<Ordering> {
        let (a, b) = match (self, rhs) {
            (Self::Infinite(a), Self::Infinite(b)) => return Some(a.cmp(b)),
            (Self::Infinite(plus), _) => return Some(if *plus { Ordering::Greater } else { Ordering::Less }),
            (_, Self::Infinite(_)) => return rhs.order(self).map(Ordering::reverse),
            (Self::At(a), Self::At(b)) => (a, b),
        };
        if let (Some(a), Some(b)) = (&a.exact, &b.exact) {
            return Some(a.cmp(b));
        }
        match (a.value.hi < b.value.lo, a.value.lo > b.value.hi) {
            (true, _) => Some(Ordering::Less),
            (_, true) => Some(Ordering::Greater),
            // it has a value, so that it is equal to itself
            _ if a.expr == b.expr => Some(Ordering::Equal),
            _ => Some((a.expr.clone() - b.expr.clone()).simplified().exact_rational()?.cmp0()),
        }
    }

    pub fn is(&self, rhs: &Self, order: Ordering) -> bool {
        self.order(rhs) == Some(order)
    }

    /// Whether this is certainly not to the right of the other.
    pub fn at_most(&self, rhs: &Self) -> bool {
        self.order(rhs).is_some_and(Ordering::is_le)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Infinite(plus) => f.write_str(if *plus { "inf" } else { "-inf" }),
            // all of it: what is printed is what was checked
            Self::At(p) => f.write_str(&p.text().escape_debug().to_string()),
        }
    }
}

/// The values of all points between two ends.
pub(super) fn span(lo: &End, hi: &End, prec: u32) -> Interval {
    let mut all = Interval::line(prec);
    if let End::At(p) = lo {
        all.lo.clone_from(&p.value.lo);
    }
    if let End::At(p) = hi {
        all.hi.clone_from(&p.value.hi);
    }
    all
}

/// One expression on one interval.
pub(super) struct Piece {
    pub lo: End,
    pub hi: End,
    pub lo_closed: bool,
    pub hi_closed: bool,
    pub value: Expr,
}

impl Piece {
    fn parse(piece: &certificate::Piece, prec: u32) -> Result<Self, String> {
        let value =
            expr::parse_expr(&piece.value).map_err(|e| format!("the value `{}`: {e}", clipped(&piece.value)))?;
        if value.has_params() {
            return Err(format!("the value `{}` holds a name without a value", shortened(&value)));
        }
        let (lo, hi) = (End::parse(&piece.lo, prec)?, End::parse(&piece.hi, prec)?);
        let closed = (piece.lo_closed, piece.hi_closed);
        match lo.order(&hi) {
            Some(Ordering::Less) => {}
            Some(Ordering::Equal) if closed == (true, true) && matches!(lo, End::At(_)) => {}
            Some(Ordering::Equal) => return Err(format!("no point lies between `{lo}` and `{hi}`")),
            _ => return Err(format!("`{lo}` and `{hi}` do not come in this order")),
        }
        if [(&lo, closed.0), (&hi, closed.1)].iter().any(|(end, closed)| *closed && matches!(end, End::Infinite(_))) {
            return Err("an infinite end belongs to no piece".into());
        }
        Ok(Self { lo, hi, lo_closed: piece.lo_closed, hi_closed: piece.hi_closed, value })
    }

    /// Whether both are certainly the same function on the same interval.
    fn is(&self, rhs: &Self) -> bool {
        let difference = || (self.value.clone() - rhs.value.clone()).simplified();
        self.lo.is(&rhs.lo, Ordering::Equal)
            && self.hi.is(&rhs.hi, Ordering::Equal)
            && (self.lo_closed, self.hi_closed) == (rhs.lo_closed, rhs.hi_closed)
            && (self.value == rhs.value || difference().as_rational().is_some_and(|q| *q == 0))
    }

    /// Whether the closure holds all points between two ends.
    pub fn holds(&self, lo: &End, hi: &End) -> bool {
        self.lo.at_most(lo) && hi.at_most(&self.hi)
    }

    /// Whether a point belongs to the piece itself.
    pub fn owns(&self, p: &End) -> bool {
        self.holds(p, p)
            && (self.lo_closed || self.lo.is(p, Ordering::Less))
            && (self.hi_closed || p.is(&self.hi, Ordering::Less))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = (if self.lo_closed { '[' } else { '(' }, if self.hi_closed { ']' } else { ')' });
        write!(f, "{} on {open}{}, {}{close}", self.value, self.lo, self.hi)
    }
}

/// `[A-Za-z][A-Za-z0-9_]*`, and not absurdly long.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A function on the whole real line.
pub(super) struct Function {
    /// the id; with the values of the parameters if the catalogue has it
    pub name: String,
    /// whether the catalogue defines it so
    pub catalogued: bool,
    pub pieces: Vec<Piece>,
}

impl Function {
    pub fn parse(given: &certificate::Function, prec: u32) -> Result<Self, String> {
        if let Some(name) = [&given.id].into_iter().chain(given.params.keys()).find(|name| !is_name(name)) {
            return Err(format!("`{}` is not a name", clipped(name)));
        }
        let read = |pieces: &[certificate::Piece]| -> Result<Vec<Piece>, String> {
            let number = |(i, p)| Piece::parse(p, prec).map_err(|e| format!("piece {i}: {e}"));
            pieces.iter().enumerate().map(number).collect()
        };
        let pieces = read(&given.pieces)?;
        for (i, pair) in pieces.windows(2).enumerate() {
            if !pair[0].hi.is(&pair[1].lo, Ordering::Equal) || pair[0].hi_closed == pair[1].lo_closed {
                return Err(format!("pieces {i} and {} leave a gap or overlap", i + 1));
            }
        }
        if pieces.windows(2).any(|pair| matches!(pair[0].hi, End::Infinite(_))) {
            return Err("an inner end of a piece is infinite".into());
        }
        match (pieces.first(), pieces.last()) {
            (Some(Piece { lo: End::Infinite(false), .. }), Some(Piece { hi: End::Infinite(true), .. })) => {}
            _ => return Err("the pieces do not cover the real line".into()),
        }
        let Some(own) = catalogued(given)? else {
            return Ok(Self { name: given.id.clone(), catalogued: false, pieces });
        };
        let expected = read(&certificate::Function::from(&own).pieces)?;
        if expected.len() != pieces.len() || !expected.iter().zip(&pieces).all(|(a, b)| a.is(b)) {
            let listed: Vec<String> = expected.iter().map(Piece::to_string).collect();
            return Err(format!("it differs from the catalogue's {}: {}", own.label(), listed.join("; ")));
        }
        Ok(Self { name: own.label(), catalogued: true, pieces })
    }

    /// The pieces whose closure holds all points between two ends.
    pub fn pieces_over(&self, lo: &End, hi: &End) -> impl Iterator<Item = (usize, &Piece)> {
        let (lo, hi) = (lo.clone(), hi.clone());
        self.pieces.iter().enumerate().filter(move |(_, p)| p.holds(&lo, &hi))
    }

    /// The piece that a point belongs to.
    pub fn owner(&self, p: &End) -> Option<usize> {
        self.pieces.iter().position(|piece| piece.owns(p))
    }

    /// Proves that neighbouring pieces meet wherever both are seen from the domain.
    pub fn continuity(&self, domain: &[End; 2]) -> Result<(), String> {
        for pair in self.pieces.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let End::At(p) = &a.hi else { continue };
            let only_right = a.hi.at_most(&domain[0]) && (b.lo_closed || a.hi.is(&domain[0], Ordering::Less));
            let only_left = domain[1].at_most(&a.hi) && (a.hi_closed || domain[1].is(&a.hi, Ordering::Less));
            if only_right || only_left {
                continue;
            }
            let place = shortened(&p.expr);
            match self.jump(a, b, p) {
                Jump::None => {}
                Jump::Proved(jump) => {
                    let name = &self.name;
                    return Err(format!(
                        "`{name}` is discontinuous at {place} (it jumps by {jump}), so its slope is unbounded"
                    ));
                }
                Jump::Open(reason) => {
                    return Err(format!("`{}` could not be proved continuous at {place}: {reason}", self.name));
                }
            }
        }
        Ok(())
    }

    /// The difference of two neighbouring pieces where they meet.
    pub fn jump(&self, a: &Piece, b: &Piece, p: &Point) -> Jump {
        let [left, right] = [a, b].map(|piece| piece.value.substitute_x(&p.expr));
        let zero = Interval::int(JUNCTION_BITS, 0);
        if eval(&left, &zero).is_err() || eval(&right, &zero).is_err() {
            match self.jump_of_limits(a, b, p) {
                Jump::Open(_) => {}
                decided => return decided,
            }
        }
        // both must exist before their difference says anything
        for value in [&left, &right] {
            if let Err(reason) =
                eval(value, &zero).or_else(|reason| eval(&value.simplified(), &zero).map_err(|_| reason))
            {
                return Jump::Open(reason);
            }
        }
        if same(&left, &right) {
            return Jump::None;
        }
        let jump = (right - left).simplified();
        if let Some(q) = jump.exact_rational() {
            return Jump::Proved(q.to_string());
        }
        match eval(&jump, &zero) {
            Ok(v) if v.lo > 0 || v.hi < 0 => Jump::Proved(format!("a number in {v}")),
            Ok(v) => Jump::Open(format!("its jump lies in {v}")),
            Err(reason) => Jump::Open(reason),
        }
    }
}

impl Function {
    /// The same where a formula has no value at p, such as sin(x)/x at 0, but a limit: f has there the value of the piece to which p belongs.
    fn jump_of_limits(&self, a: &Piece, b: &Piece, p: &Point) -> Jump {
        let here = End::At(p.clone());
        let field = Field::new(BTreeMap::new());
        let exactly = |piece: &Piece, right: bool| match piece.owns(&here) {
            true => system::eval(&field, &piece.value.substitute_x(&p.expr), &Value::default()),
            false => limit_of_germ(&piece.value, p, right),
        };
        let rationally = |piece: &Piece, right: bool| match piece.owns(&here) {
            true => piece.value.substitute_x(&p.expr).exact_rational(),
            false => limit_beside(&piece.value, (p, right), JUNCTION_BITS).ok()?.exact,
        };
        let exact = || {
            let jump = field.minus(&exactly(b, true).ok()?, &exactly(a, false).ok()?)?;
            Some((jump.is_zero(), field.sign(&jump).is_nonzero()))
        };
        let rational = || {
            let jump = rationally(b, true)? - rationally(a, false)?;
            Some((jump == 0, jump != 0))
        };
        match exact().or_else(rational) {
            Some((true, _)) => Jump::None,
            Some((_, true)) => Jump::Proved("a number that is not zero".into()),
            _ => Jump::Open(String::new()),
        }
    }
}

/// How two pieces meet.
pub(super) enum Jump {
    /// they have the same value
    None,
    /// they have different values; the difference in words
    Proved(String),
    /// not decided; why
    Open(String),
}

/// The function of this name in the catalogue, if there is one.
///
/// # Errors
/// If it does not take these parameters.
fn catalogued(given: &certificate::Function) -> Result<Option<Activation>, String> {
    let Ok(definition) = catalog::find(&given.id) else { return Ok(None) };
    let value = |(name, text): (&String, &String)| match expr::parse_rational(text) {
        Ok(q) => Ok((name.clone(), q)),
        Err(e) => Err(format!("the value `{}` of a parameter: {e}", clipped(text))),
    };
    let values = given.params.iter().map(value).collect::<Result<_, _>>()?;
    Activation::new(definition, &values).map(Some).map_err(|e| e.to_string())
}
