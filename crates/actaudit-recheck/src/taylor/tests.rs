use super::*;
use actaudit_expr::parse_expr;
use actaudit_expr::plain::eval;
use actaudit_expr::testing::parsed_shape;
use proptest::prelude::*;
use rug::Float;

/// The coefficients by symbolic derivatives: `f^(n) / n!`.
fn symbolic(e: &Expr, x: &Interval, degree: usize) -> Option<Series> {
    let (mut d, mut factorial, mut out) = (e.clone(), 1u32, vec![]);
    for n in 0..=degree {
        out.push(eval(&d, x).ok()?.div(&Interval::int(x.prec(), factorial as i32))?);
        d = d.derivative();
        factorial *= n as u32 + 1;
    }
    Some(out)
}

fn agree(e: &Expr, x: f64) -> Result<bool, String> {
    let at = Interval::point(&Float::with_val(200, x));
    let (Ok(found), Some(expected)) = (expand(e, &at, 4), symbolic(e, &at, 4)) else { return Ok(false) };
    for (n, (a, b)) in found.iter().zip(&expected).enumerate() {
        if !a.meets(b) {
            return Err(format!("{e} at {x}, coefficient {n}: {a} is not {b}"));
        }
    }
    // a wide interval holds the coefficients of its members
    let wide = Interval { lo: Float::with_val(80, x - 0.125), hi: Float::with_val(80, x + 0.25) };
    match expand(e, &wide, 4) {
        Ok(wide) => wide.iter().zip(&found).try_for_each(|(w, p)| match w.meets(p) {
            true => Ok(()),
            false => Err(format!("{e} around {x}: {w} does not hold {p}")),
        })?,
        Err(_) => return Ok(true),
    }
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn coefficients_are_derivatives(e in parsed_shape(false), x in prop_oneof![-3.0..3.0f64, -40.0..40.0f64]) {
        agree(&e, x).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn every_function_has_its_derivatives() {
    for f in Func::ALL {
        let mut compared = 0;
        for inner in ["x", "x^2 - 1/3", "3/2 - x/7", "x/(2 + x^2)"] {
            let e = Expr::call(f, parse_expr(inner).expect("an expression"));
            for x in [-2.5, -0.75, 0.0, 0.625, 3.0] {
                compared += usize::from(agree(&e, x).expect("the same"));
            }
        }
        assert!(compared >= 6, "{}: {compared}", f.name());
    }
}

#[test]
fn a_wrong_recurrence_is_noticed() {
    let at = Interval::point(&Float::with_val(200, 0.5));
    let sin = expand(&parse_expr("sin(x)").expect("parses"), &at, 4).expect("a value");
    let sinh = symbolic(&parse_expr("sinh(x)").expect("parses"), &at, 4).expect("values");
    assert!(sin.iter().zip(&sinh).any(|(a, b)| !a.meets(b)));
}

#[test]
fn what_has_no_value_or_no_derivative_is_refused() {
    let check = |text: &str, lo: f64, hi: f64, reason: &str| {
        let x = Interval { lo: Float::with_val(80, lo), hi: Float::with_val(80, hi) };
        let e = expand(&parse_expr(text).expect("parses"), &x, 3).expect_err("no value");
        assert!(e.contains(reason), "{text}: {e}");
    };
    check("log(x)", -1.0, 2.0, "no value");
    check("1/x", -1.0, 2.0, "divides");
    check("sqrt(x)", 0.0, 2.0, "root");
    check("x^(-2)", 0.0, 2.0, "divides");
    check("abs(x)", -1.0, 1.0, "branches");
    check("max(x, x^2)", 0.5, 1.5, "branches");
    // a kink at an end of the interval
    check("max(x - 3/2, 0)", 1.5, 2.0, "branches");
    check("abs(x)", 0.0, 1.0, "branches");
}
