//! The real value of an operation at floats, enclosed to about 300 bits by MPFR alone: shares nothing with the intervals.

use actaudit::expr::Func;
use actaudit::internal::operations::{Op, Operation};
use rug::float::{Constant, Round};
use rug::ops::Pow;
use rug::{Assign, Float};

/// Bits of the enclosure.
const BITS: u32 = 300;

/// An enclosure of the real value.
pub struct Truth {
    pub lo: Float,
    pub hi: Float,
}

impl Truth {
    /// What MPFR rounds correctly.
    fn rounded(value: impl Fn(Round) -> Float) -> Self {
        Self { lo: value(Round::Down), hi: value(Round::Up) }
    }

    /// A value computed with at least 100 spare bits: its relative error is far below 2^-310.
    fn about(value: Float) -> Self {
        let wide = value.prec();
        let tiny = Float::with_val(wide, Float::i_exp(1, -310));
        let margin = Float::with_val(wide, value.abs_ref()) * tiny;
        let lo = Float::with_val_round(BITS, &value - &margin, Round::Down).0;
        let mut hi = Float::with_val_round(BITS, &value + &margin, Round::Up).0;
        if hi.is_zero() {
            hi.next_up(); // underflow of a positive value
        }
        Self { lo, hi }
    }
}

fn float<T>(bits: u32, value: T) -> Float
where
    Float: Assign<T>,
{
    Float::with_val(bits, value)
}

/// The value at a point, or `None` outside of the domain.
pub fn truth(row: &Operation, at: &[f64]) -> Option<Truth> {
    let (a, b) = (float(53, at[0]), float(53, at[at.len() - 1]));
    if !row.domain.holds(&b, &b) {
        return None;
    }
    macro_rules! rounded {
        ($value:expr) => {
            Truth::rounded(|r| Float::with_val_round(BITS, $value, r).0)
        };
    }
    Some(match row.op {
        Op::Neg => rounded!(-&a),
        Op::Add => rounded!(&a + &b),
        Op::Sub => rounded!(&a - &b),
        Op::Mul => rounded!(&a * &b),
        Op::Div => rounded!(&a / &b),
        Op::Sqr => rounded!(a.square_ref()),
        Op::Min => rounded!(a.min_ref(&b)),
        Op::Max => rounded!(a.max_ref(&b)),
        Op::Pow(n, 1) => rounded!(Pow::pow(&a, n)),
        Op::Pow(n, d) => {
            let root = float(BITS + 150, a.root_ref(d));
            Truth::about(float(BITS + 150, Pow::pow(&root, n)))
        }
        Op::Call(f) => function(f, &a),
    })
}

fn function(f: Func, x: &Float) -> Truth {
    macro_rules! rounded {
        ($method:ident) => {
            Truth::rounded(|r| Float::with_val_round(BITS, x.$method(), r).0)
        };
    }
    // the square of the argument goes into an exponent
    let wide = BITS + 150 + 2 * x.get_exp().map_or(0, |e| e.clamp(0, 64)).unsigned_abs();
    let exact = float(wide, x);
    match f {
        Func::Exp => rounded!(exp_ref),
        Func::Expm1 => rounded!(exp_m1_ref),
        Func::Log => rounded!(ln_ref),
        Func::Log1p => rounded!(ln_1p_ref),
        Func::Sqrt => rounded!(sqrt_ref),
        Func::Erf => rounded!(erf_ref),
        Func::Erfc => rounded!(erfc_ref),
        Func::Tanh => rounded!(tanh_ref),
        Func::Sinh => rounded!(sinh_ref),
        Func::Cosh => rounded!(cosh_ref),
        Func::Atan => rounded!(atan_ref),
        Func::Sin => rounded!(sin_ref),
        Func::Cos => rounded!(cos_ref),
        Func::Abs => rounded!(abs_ref),
        Func::Sigmoid => Truth::about(((-exact).exp() + 1u32).recip()),
        Func::Softplus if exact > 0 => {
            let log = (-exact.clone()).exp().ln_1p();
            Truth::about(exact + log)
        }
        Func::Softplus => Truth::about(exact.exp().ln_1p()),
        Func::NormCdf => Truth::about((-exact / float(wide, 2).sqrt()).erfc() / 2u32),
        Func::NormPdf => {
            let root = (float(wide, Constant::Pi) * 2u32).sqrt();
            Truth::about((-exact.square() / 2u32).exp() / root)
        }
    }
}
