//! The normal law. Its density falls like e^(-u^2/2): where code computes in the format of its result, the rounding of u^2 and of
//! u/sqrt(2) would count u^2 times, so it is added again.

use super::EmitError;
use super::code::{Id, Op};
use super::lower::Lower;
use crate::expr::{Expr, FloatFormat, Func, Named, Node};
use rug::Rational;

/// Beyond this, halves of numbers are not formed: they might overflow, and the law has long ended.
const FAR: f64 = 1e6;

/// Splits numbers into halves: 2^s + 1, where s is half of the digits, rounded up.
const fn splitter(compute: FloatFormat) -> f64 {
    ((1_u64 << ((compute.precision() + 1) / 2)) + 1) as f64
}

/// The upper half of the digits of u, and the rest.
fn halves(to: &mut Lower<'_>, u: Id) -> Result<[Id; 2], EmitError> {
    let c = to.code.float(splitter(to.compute));
    let large = to.code.mul(c, u);
    let off = to.code.sub(large, u);
    let upper = to.code.sub(large, off);
    let size = to.primitive(Func::Abs, u)?;
    let far = to.code.float(FAR);
    let near = to.code.push(Op::Less(size, far));
    let upper = to.code.select(near, upper, u);
    let lower = to.code.sub(u, upper);
    Ok([upper, lower])
}

/// e^(-u^2/2)/sqrt(2 pi)
pub(super) fn pdf(to: &mut Lower<'_>, u: Id) -> Result<Id, EmitError> {
    let half = to.code.float(-0.5);
    let exp = |to: &mut Lower<'_>, a: Id, b: Id| {
        let product = to.code.mul(a, b);
        let exponent = to.code.mul(half, product);
        to.primitive(Func::Exp, exponent)
    };
    let e = if to.narrow {
        // u^2 = h^2 + (u - h)(u + h), and h^2 is exact
        let [upper, lower] = halves(to, u)?;
        let sum = to.code.add(u, upper);
        let [a, b] = [exp(to, upper, upper)?, exp(to, lower, sum)?];
        to.code.mul(a, b)
    } else {
        exp(to, u, u)?
    };
    let two_pi = Expr::int(2) * Expr::new(Node::Named(Named::Pi));
    let c = to.constant(&(Expr::int(1) / Expr::call(Func::Sqrt, two_pi)))?;
    Ok(to.code.mul(c, e))
}

/// erfc(-u/sqrt(2))/2: the sum 1 + erf(u/sqrt(2)) would cancel.
pub(super) fn cdf(to: &mut Lower<'_>, u: Id) -> Result<Id, EmitError> {
    let root = -Expr::call(Func::Sqrt, Expr::rational(Rational::from((1, 2))));
    let c = to.constant(&root)?;
    let v = to.code.mul(c, u);
    let mut twice = to.primitive(Func::Erfc, v)?;
    if to.narrow {
        let [u_upper, u_lower] = halves(to, u)?;
        let [c_upper, c_lower] = constant_halves(to, c);
        let rest = to.code.constant(c).and_then(|c| super::constant::rest(&root, c, to.compute)).unwrap_or(0.0);
        // what the product lost, exactly, and what the constant did
        let mut off = to.code.mul(u_upper, c_upper);
        off = to.code.sub(off, v);
        for (a, b) in [(u_upper, c_lower), (u_lower, c_upper), (u_lower, c_lower)] {
            let product = to.code.mul(a, b);
            off = to.code.add(off, product);
        }
        let rest = to.code.float(rest);
        let lost = to.code.mul(rest, u);
        off = to.code.add(off, lost);
        // erfc'(v) = -2/sqrt(pi) e^(-v^2)
        let minus = to.code.neg(v);
        let square = to.code.mul(minus, v);
        let e = to.primitive(Func::Exp, square)?;
        let slope = to.constant(&(Expr::int(2) / Expr::call(Func::Sqrt, Expr::new(Node::Named(Named::Pi)))))?;
        let slope = to.code.mul(slope, e);
        let more = to.code.mul(slope, off);
        twice = to.code.sub(twice, more);
    }
    let half = to.code.float(0.5);
    Ok(to.code.mul(half, twice))
}

/// The same of a constant.
fn constant_halves(to: &mut Lower<'_>, c: Id) -> [Id; 2] {
    let c = to.code.constant(c).unwrap_or_default();
    let round = |x: f64| if to.compute == FloatFormat::F32 { f64::from(x as f32) } else { x };
    let large = round(splitter(to.compute) * c);
    let upper = round(large - round(large - c));
    [upper, c - upper].map(|half| to.code.float(half))
}
