//! What is proved of a kernel and of a mollified activation. Only what the independent checker accepted is called proved.

use super::branches::{Branches, Form};
use super::convolve::Mollified;
use super::error::MollifyError;
use super::kernel::{Kernel, constants};
use super::poly::Poly;
use super::shape::{GOAL, Property, QUICK, at_most_zero, slope, value_at};
use super::write;
use crate::expr::{Activation, End, Expr, Piece};
use crate::number::exact::{Exact, Sign};
use crate::number::tail::{Limit, Tail, TailContext};
use crate::number::{Real as _, Tape, decimal};
use crate::prove::bound::{Side, bound};
use crate::prove::continuity::{Continuity, Order, continuity};
use crate::prove::uniform::exactly_equal;
use crate::prove::{Bound, Domain, Quantity};
use actaudit_recheck::certificate::{Certificate, Integral, IntegralMethod, Schema};
use actaudit_recheck::check;
use rug::float::Round;
use rug::{Float, Rational};
use std::collections::BTreeMap;

/// What is proved of a kernel.
#[derive(Debug)]
pub struct KernelFacts {
    /// whether the checker accepted that its integral is 1
    pub normalised: bool,
    /// whether the checker accepted that it is even
    pub even: bool,
    /// whether the checker accepted that it is nowhere negative
    pub not_negative: bool,
    /// its range
    pub range: Bound,
    /// whether it was proved to fall on both sides of 0
    pub unimodal: bool,
    /// whether the checker accepted that every antiderivative of its file vanishes at the left end; those of the program's own
    /// kernels are as their tests have them
    pub vanishing: bool,
}

impl KernelFacts {
    /// The total variation of a kernel that falls on both sides of 0, twice its largest value: exact if that is, and rounded up.
    pub fn variation(&self) -> Option<(Option<Expr>, Float)> {
        let top = &self.range.top;
        if !self.unimodal || !top.proved.value {
            return None;
        }
        let twice = |e: Expr| (Expr::int(2) * e).simplified();
        let answer = &top.answer;
        let exact = answer.exact.clone().map(Expr::rational).or_else(|| answer.symbolic.clone());
        Some((exact.filter(|_| top.proved.exact).map(twice), Float::with_val(answer.upper.prec(), &answer.upper * 2)))
    }
}

/// The bound that the paper's argument gives for the slope, M C / radius, with the variation C of the kernel and M = sup |f|.
#[derive(Debug, Default)]
pub struct PaperBound {
    /// M rounded up; `None`: infinite or not proved
    pub largest: Option<Float>,
    /// M C / radius, rounded up
    pub value: Option<Float>,
}

/// What became of a property of the base.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// which
    pub property: Property,
    /// whether the result has it; `None`: not proved
    pub result: Option<bool>,
}

/// What is proved of a mollified activation.
#[derive(Debug)]
pub struct Facts {
    /// of its kernel
    pub kernel: KernelFacts,
    /// the continuity class
    pub class: Continuity,
    /// sup |f_a - f|
    pub error: Bound,
    /// sup |f_a'|
    pub lipschitz: Bound,
    /// sup |f_a''|
    pub curvature: Bound,
    /// [inf f_a, sup f_a]
    pub range: Bound,
    /// [inf f, sup f]
    pub base_range: Bound,
    /// what the paper's argument says of the slope
    pub paper: PaperBound,
    /// of the properties that the base has
    pub kept: Vec<Kept>,
    /// the pieces on which the result is the base, identically
    pub unchanged: Vec<String>,
    /// whether the base is 0 at 0, and the value of the result there: in the parameters, and at their values
    pub at_zero: Option<(bool, [Expr; 2])>,
}

/// Proves what is to be known of a mollified activation.
///
/// # Errors
/// If the kernel is no even density, or a quantity cannot be attempted.
pub fn facts(m: &Mollified) -> Result<Facts, MollifyError> {
    let kernel = m.kernel.check()?;
    let line = Domain::default();
    let of = |quantity, f: &Activation| bound(quantity, f, None, &line, GOAL);
    let range = |f: &Activation| bound(Quantity::Range, f, None, &line, QUICK);
    let (range, base_range) = (range(&m.activation)?, range(&m.base)?);
    let paper = paper(&kernel, &base_range, &m.radius);
    let kept = Property::ALL.into_iter().filter(|p| p.holds(&m.base) == Some(true));
    let kept = kept.map(|property| Kept { property, result: property.holds(&m.activation) }).collect();
    let base_at_zero = value_at(&m.base, &Rational::new());
    let at_zero = super::at_zero(m).zip(base_at_zero).map(|(values, base)| (base.is_zero(), values));
    Ok(Facts {
        kernel,
        class: continuity(&m.activation),
        error: error(m)?,
        lipschitz: of(Quantity::Lipschitz, &m.activation)?,
        curvature: of(Quantity::Curvature, &m.activation)?,
        range,
        base_range,
        paper,
        kept,
        unchanged: unchanged(m),
        at_zero,
    })
}

/// The pieces of the result that lie in a piece of the base and are the same polynomial.
fn unchanged(m: &Mollified) -> Vec<String> {
    let cx = constants();
    let end = |end: &End| match end {
        End::Infinite => None,
        End::At { at, .. } => Some(Exact::eval(&cx, at, &Exact::int(&cx, 0))),
    };
    let not_before = |inner: Option<Exact>, outer: Option<Exact>, sign: [Sign; 2]| match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => sign.contains(&a.sub(&b).sign()),
    };
    let inside = |p: &Piece, b: &Piece| {
        not_before(end(&p.lo), end(&b.lo), [Sign::Positive, Sign::Zero])
            && not_before(end(&p.hi), end(&b.hi), [Sign::Negative, Sign::Zero])
    };
    let same = |p: &Piece, b: &Piece| {
        let both = Poly::of(&p.expr, &cx).zip(Poly::of(&b.expr, &cx));
        both.is_some_and(|(p, b)| p.minus(&b).is_zero())
    };
    let (written, own) = (&m.definition().pieces, &m.activation.pieces);
    let kept = |p: &Piece| m.base.pieces.iter().any(|b| inside(p, b) && same(p, b));
    match written.len() == own.len() {
        true => written.iter().zip(own).filter(|(_, p)| kept(p)).map(|(written, _)| written.on()).collect(),
        false => vec![],
    }
}

/// sup |f_a - f|
pub(super) fn error(m: &Mollified) -> Result<Bound, MollifyError> {
    Ok(bound(Quantity::Distance, &m.activation, Some(&m.base), &Domain::default(), GOAL)?)
}

fn paper(kernel: &KernelFacts, base: &Bound, radius: &Rational) -> PaperBound {
    let sides: Vec<&Side> = std::iter::once(&base.top).chain(&base.bottom).collect();
    if sides.iter().any(|s| s.proved_infinite()) {
        return PaperBound::default();
    }
    // sup |f| is the larger of sup f and sup -f
    let largest = sides.iter().all(|s| s.proved.value).then(|| {
        let upper = sides.iter().map(|s| s.answer.upper.clone()).reduce(|a, b| a.max(&b));
        upper.unwrap_or_else(|| Float::new(64))
    });
    let value = largest.as_ref().zip(kernel.variation()).map(|(m, (_, c))| {
        let product = Float::with_val_round(64, m * &c, Round::Up).0;
        Float::with_val_round(64, &product / radius, Round::Up).0
    });
    PaperBound { largest, value }
}

impl Kernel {
    /// Proves that it is an even density.
    ///
    /// # Errors
    /// If it is not, with the place; or if that was not proved.
    pub fn check(&self) -> Result<KernelFacts, MollifyError> {
        self.check_even()?;
        let vanishing = self.known || self.check_antiderivatives()?;
        let normalised = self.check_normalised()?;
        let line = Domain::default();
        let range = bound(Quantity::Range, &self.density, None, &line, GOAL)?;
        let undecided =
            |reason: &str| MollifyError::SignUndecided { kernel: self.name.clone(), reason: reason.to_owned() };
        let bottom = range.bottom.as_ref().ok_or_else(|| undecided("nothing was found"))?;
        let not_negative = match at_most_zero(bottom) {
            Some(true) => true,
            Some(false) => {
                let place = match bottom.answer.peak.as_ref() {
                    Some(peak) => {
                        let at = decimal::directed(&peak.at.0, 4, false);
                        format!("at x = {at} it is below {}", decimal::directed(&-peak.value.clone(), 3, true))
                    }
                    None => "somewhere".into(),
                };
                return Err(MollifyError::Negative { kernel: self.name.clone(), place });
            }
            // cos(pi/2) is no rational number in form
            None if bottom.bounds.as_ref().is_some_and(|[_, upper]| *upper < Rational::from(NARROW)) => false,
            None => {
                return Err(undecided(range.rejected.as_deref().unwrap_or("its smallest value was not decided")));
            }
        };
        let even = Property::Even.holds(&self.density) == Some(true);
        Ok(KernelFacts { normalised, even, not_negative, unimodal: self.falls(), vanishing, range })
    }

    /// Whether it falls right of 0, and so, since it is even, rises left of it.
    fn falls(&self) -> bool {
        let right = Domain { lo: Some(Expr::int(0)), hi: None };
        let falls = || at_most_zero(&bound(Quantity::Range, &slope(&self.density)?, None, &right, QUICK).ok()?.top);
        let down = || {
            let cx = constants();
            let branches = self.branches(&cx);
            branches.knots.iter().enumerate().all(|(i, knot)| {
                let value = |form: &Form| match form {
                    Form::Poly(p) => p.at(knot),
                    Form::Closed(e) => Exact::eval(&cx, e, knot),
                };
                let jump = value(&branches.forms[i + 1]).sub(&value(&branches.forms[i])).sign();
                knot.sign() != Sign::Positive || matches!(jump, Sign::Negative | Sign::Zero | Sign::NonPositive)
            })
        };
        down() && falls() == Some(true)
    }

    fn check_even(&self) -> Result<(), MollifyError> {
        let branches = self.branches(&constants());
        let not_even = |place: String| MollifyError::NotEven { kernel: self.name.clone(), place };
        let text = |e: &Exact| write::constant(e).map_or_else(|| "?".into(), |e| e.to_string());
        let count = branches.knots.len();
        for (i, knot) in branches.knots.iter().enumerate() {
            let other = &branches.knots[count - 1 - i];
            if !knot.add(other).is_zero() {
                let found = branches.knots.iter().any(|k| k.add(knot).is_zero());
                let (here, there) = if found { (other, other.neg()) } else { (knot, knot.neg()) };
                return Err(not_even(format!("a piece ends at {}, and none at {}", text(here), text(&there))));
            }
        }
        for (i, form) in branches.forms.iter().enumerate().take(count / 2 + 1) {
            let other = &branches.forms[count - i];
            let same = match (form, other) {
                (Form::Poly(p), Form::Poly(q)) => p.mirrored().minus(q).is_zero(),
                (Form::Closed(p), Form::Closed(q)) => exactly_equal(&p.substitute_x(&-Expr::var()), q) == Some(true),
                _ => false,
            };
            if !same {
                let show = |form: &Form| match form {
                    Form::Poly(p) => write::expanded(p).map_or_else(|| "?".into(), |e| e.to_string()),
                    Form::Closed(e) => e.to_string(),
                };
                let ends = [count.checked_sub(i + 1), Some(count - i)]
                    .map(|k| k.and_then(|k| branches.knots.get(k)).map_or_else(|| "infinity".into(), &text));
                let mirrored = match form {
                    Form::Poly(p) => Form::Poly(p.mirrored()),
                    Form::Closed(e) => Form::Closed(e.substitute_x(&-Expr::var()).simplified()),
                };
                let whole = format!("K(x) is {} and K(-x) is {}", show(other), show(&mirrored));
                return Err(not_even(match count {
                    0 => whole,
                    _ => format!("between {} and {} {whole}", ends[0], ends[1]),
                }));
            }
        }
        Ok(())
    }

    /// That each closed form is an antiderivative of the one before, without a jump, and vanishes at the left end; whether the
    /// checker accepted the latter.
    fn check_antiderivatives(&self) -> Result<bool, MollifyError> {
        let cx = constants();
        let mut vanishing = true;
        let mut before = self.branches(&cx);
        for (i, own) in self.antiderivatives.iter().enumerate() {
            let wrong =
                |reason: String| MollifyError::NoAntiderivative { kernel: self.name.clone(), number: i + 1, reason };
            let branches = Branches::of(&own.pieces, &cx);
            let fits = branches.knots.len() == before.knots.len()
                && branches.knots.iter().zip(&before.knots).all(|(a, b)| a.sub(b).is_zero());
            if !fits {
                return Err(wrong("its pieces are not those of the density".into()));
            }
            let texts = |form: &Form| match form {
                Form::Poly(p) => p.to_exact().to_expr(),
                Form::Closed(e) => Some(e.clone()),
            };
            for (form, slope) in branches.forms.iter().zip(&before.forms) {
                let pair = texts(form).zip(texts(slope));
                let same = pair.as_ref().and_then(|(f, k)| exactly_equal(&f.derivative(), k));
                if same != Some(true) {
                    let shown = pair.map_or_else(String::new, |(f, k)| format!(": the slope of {f} is not {k}"));
                    return Err(wrong(format!("its slope is not what stands before it{shown}")));
                }
            }
            if !matches!(continuity(own).order, Order::Analytic | Order::Infinite | Order::Class(0..)) {
                return Err(wrong("it is not shown to be continuous".into()));
            }
            if !branches.forms.first().is_some_and(vanishes) {
                return Err(wrong("it is not seen to vanish at the left end".into()));
            }
            // an integral of what is not negative is least at the left end
            let range = bound(Quantity::Range, own, None, &Domain::default(), QUICK)?;
            match range.bottom.as_ref().and_then(|side| side.bounds.clone()) {
                // bounds are of -f
                Some([lower, upper]) if lower > 0 || upper < 0 => {
                    return Err(wrong("it does not vanish at the left end".into()));
                }
                Some([lower, upper]) => vanishing &= lower == 0 && upper == 0,
                None => vanishing = false,
            }
            before = branches;
        }
        Ok(vanishing)
    }

    /// Whether the checker accepted that the integral is 1.
    fn check_normalised(&self) -> Result<bool, MollifyError> {
        let wrong = |integral: String| MollifyError::NotNormalised { kernel: self.name.clone(), integral };
        if let Some(distribution) = self.antiderivatives.first() {
            let range = bound(Quantity::Range, distribution, None, &Domain::default(), GOAL)?;
            let bounds = range.top.bounds.clone();
            return match bounds {
                Some([a, b]) if a == 1 && b == 1 => Ok(range.top.proved.value),
                // a limit that is no rational number in form
                Some([a, b]) if a <= 1 && b >= 1 && Rational::from(&b - &a) < Rational::from(NARROW) => Ok(false),
                Some([a, b]) => {
                    let digits = |q: &Rational, up| decimal::directed(&Float::with_val(128, q), 12, up);
                    Err(wrong(format!("in [{}, {}]", digits(&a, false), digits(&b, true))))
                }
                None => Err(wrong("infinite, or not known".into())),
            };
        }
        let cx = constants();
        let density = self.branches(&cx);
        let polys = density.polys().map_err(|_| MollifyError::NoClosedForm {
            kernel: self.name.clone(),
            reason: "its density is not a piecewise polynomial, and its file gives no [[antiderivative]]".into(),
        })?;
        if [polys.first(), polys.last()].into_iter().flatten().any(|p| !p.is_zero()) {
            return Err(wrong("infinite".into()));
        }
        let (mut sum, mut accepted) = (Exact::int(&cx, 0), true);
        for (pair, poly) in density.knots.windows(2).zip(&polys[1..]) {
            let primitive = poly.antiderivative();
            let value = primitive.at(&pair[1]).sub(&primitive.at(&pair[0]));
            accepted &= integral_is(poly, pair, &value);
            sum = sum.add(&value);
        }
        if sum.sub(&Exact::int(&cx, 1)).is_zero() {
            return Ok(accepted);
        }
        let shown = sum.as_rational().map(|q| decimal::rational(&q));
        Err(wrong(shown.or_else(|| write::constant(&sum).map(|e| e.to_string())).unwrap_or_else(|| "not known".into())))
    }
}

/// Enclosures that are narrower than this hold what they should.
const NARROW: (u32, u32) = (1, 1 << 30);
/// Bits of enclosures.
const BITS: u32 = 128;

/// Whether a form tends to 0 at the left end, as the arithmetic of tails sees it.
fn vanishes(form: &Form) -> bool {
    let closed = match form {
        Form::Poly(p) => return p.is_zero(),
        Form::Closed(e) => e,
    };
    let cx = TailContext::new(BITS, Float::with_val(BITS, 64)).deep();
    let limit = Tape::compile(closed).ok().and_then(|tape| tape.eval(&Tail::left(&cx)).limit());
    matches!(limit, Some(Limit::Finite(at)) if at.mag() < Float::with_val(BITS, 1) >> 40u32)
}

/// Whether the checker accepts the integral of a polynomial between two knots.
fn integral_is(poly: &Poly, ends: &[Exact], value: &Exact) -> bool {
    let text = |e: &Exact| write::constant(e).map(|e| e.to_string());
    let parts = (text(&poly.to_exact()), text(&ends[0]), text(&ends[1]), text(value));
    let (Some(integrand), Some(from), Some(to), Some(value)) = parts else { return false };
    let certificate = Certificate::Integral(Integral {
        schema: Schema::V1,
        integrand,
        from,
        to,
        cuts: vec![],
        domains: BTreeMap::new(),
        method: IntegralMethod::Exactly { value },
    });
    check(&certificate).is_ok()
}

impl Facts {
    /// What became of the range: whether the result stays between the smallest and the largest value of the base.
    pub fn within_hull(&self) -> Option<bool> {
        let inside = |own: &Side, base: &Side| {
            if base.proved_infinite() {
                return Some(true);
            }
            if own.proved_infinite() && base.bounds.is_some() {
                return Some(false);
            }
            let ([lower, upper], [base_lower, base_upper]) = (own.bounds.as_ref()?, base.bounds.as_ref()?);
            match () {
                () if upper <= base_lower => Some(true),
                () if lower > base_upper => Some(false),
                () => None,
            }
        };
        let top = inside(&self.range.top, &self.base_range.top);
        let bottom = inside(self.range.bottom.as_ref()?, self.base_range.bottom.as_ref()?);
        match (top, bottom) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}
