use super::*;

fn at(from: u32) -> TailContext {
    TailContext { prec: 128, from: Arc::new(Float::with_val(64, from)) }
}

fn check_limit(f: impl Fn(&Tail) -> Tail, left: bool, expected: f64) {
    let cx = at(32);
    let x = if left { Tail::left(&cx) } else { Tail::right(&cx) };
    match f(&x).limit().expect("a limit") {
        Limit::Finite(l) => assert!(l.lo() <= expected && l.hi() >= expected, "{l:?} and {expected}"),
        Limit::PlusInfinity => assert_eq!(expected, f64::INFINITY),
        Limit::MinusInfinity => assert_eq!(expected, f64::NEG_INFINITY),
    }
}

#[test]
fn decaying_products_have_their_limits() {
    check_limit(|x| x.mul(&x.call(Func::NormCdf)), true, 0.0);
    check_limit(|x| x.mul(&x.call(Func::NormCdf)), false, f64::INFINITY);
    check_limit(|x| x.mul(&x.call(Func::NormCdf)).sub(x), false, 0.0);
    check_limit(|x| x.mul(&x.call(Func::Softplus).call(Func::Tanh)), true, 0.0);
    check_limit(|x| x.mul(&x.call(Func::Softplus).call(Func::Tanh)).sub(x), false, 0.0);
    check_limit(|x| x.pow(&Rational::from(3)).mul(&x.call(Func::Exp)), true, 0.0);
}

#[test]
fn rational_functions_are_divided() {
    let cx = at(32);
    let x = Tail::right(&cx);
    let one = Tail::int(&cx, 1);
    let gem = x.pow(&Rational::from(3)).div(&one.add(&x.sqr()));
    assert!(matches!(gem.limit(), Some(Limit::PlusInfinity)));
    let gap = gem.sub(&x).range().expect("bounded");
    assert!(gap.hi() < 0.04 && gap.lo() > -0.04, "{gap:?}");
}

#[test]
fn squareplus_vanishes_on_the_left() {
    let cx = at(64);
    let x = Tail::left(&cx);
    let root = x.sqr().add(&Tail::int(&cx, 4)).call(Func::Sqrt);
    let f = x.add(&root);
    assert!(f.range().expect("bounded").mag() < 0.1);
    assert!(matches!(f.limit(), Some(Limit::Finite(l)) if l.mag() == 0));
}

#[test]
fn exponentials_outgrow_polynomials() {
    let cubic = |x: &Tail| x.pow(&Rational::from(3)).mul(&Tail::int(&x.context(), 1_000_000));
    check_limit(|x| x.call(Func::Exp).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| cubic(x).sub(&x.call(Func::Exp)), false, f64::NEG_INFINITY);
    check_limit(|x| x.mul(&x.call(Func::Exp)).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| x.call(Func::Exp).div(&cubic(x).neg()), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).div(x).sub(&cubic(x)), false, f64::INFINITY);
    check_limit(|x| x.call(Func::Sinh).sub(&cubic(x)), true, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).sub(&cubic(x)), true, f64::INFINITY);
    check_limit(|x| x.call(Func::Exp).mul(&Tail::int(&x.context(), -2)).add(x), false, f64::NEG_INFINITY);
    check_limit(|x| x.call(Func::Exp).mul(&Tail::int(&x.context(), 0)), false, 0.0);
}

#[test]
fn what_is_not_known_is_not_claimed() {
    let cx = at(32);
    let x = Tail::right(&cx);
    assert!(x.call(Func::Exp).range().is_none());
    assert!(matches!(x.call(Func::Exp).mul(&x).limit(), Some(Limit::PlusInfinity)));
    assert!(matches!(x.call(Func::Exp).neg().add(&x.call(Func::Sin)).limit(), Some(Limit::MinusInfinity)));
    let exp = x.call(Func::Exp);
    // two that outgrow every polynomial may still cancel, or hold each other back
    assert!(exp.sub(&exp).limit().is_none());
    assert!(exp.sub(&x.add(&x).call(Func::Exp)).limit().is_none());
    assert!(exp.div(&exp).limit().is_none());
    // a product with what may vanish, or has no sign
    assert!(exp.mul(&Tail::int(&cx, 1).div(&x)).limit().is_none());
    assert!(exp.sub(&exp).mul(&Tail::int(&cx, 0)).limit().is_none(), "it might not be defined");
    assert!(exp.div(&x.call(Func::Sin)).limit().is_none());
    // what grows, but is not known to outgrow a polynomial
    assert!(exp.call(Func::Log).sub(&x).limit().is_none());
    assert!(exp.mul(&x.call(Func::Sin)).limit().is_none());
    assert!(x.call(Func::Sin).limit().is_none());
    assert!(Tail::int(&cx, 1).div(&x.call(Func::Sin)).range().is_none());
}
