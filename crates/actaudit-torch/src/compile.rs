//! A definition as a program of tensor operations, as somebody who has its formula writes it in Python.
//!
//! The formula is taken as it stands in the definition: nothing is simplified or rearranged. Numbers are Python's: each
//! constant and parameter is the f64 next to it, arithmetic without `x` is done in f64, and an operation of a tensor and
//! a number is torch's, which brings the number into the tensor's type or a wider one. `x^3` is `x ** 3`, `1 - x` is
//! `torch.rsub`, `1/x` is `x.reciprocal()` times 1, `min(x, 6)` is `torch.clamp(x, max=6)`. Pieces are joined by
//! `torch.where(x <= end, piece, rest)` from the right: all of them are computed at every `x`, and autograd goes through
//! all of them. That is how the gradient of a piece that is not chosen becomes NaN (0 times infinity), and why: the
//! audit is there to show it.

use super::{TorchError, nearest};
use crate::call::aten;
use actaudit::expr::{Activation, End, Expr, Func, Named, Node};
use std::collections::BTreeMap;
use tch::{Kind, TchError, Tensor};

/// The pieces of a definition, with numbers for its parameters.
#[derive(Debug, Clone)]
pub struct Program {
    /// from left to right; each but the last ends somewhere
    pieces: Vec<Piece>,
    values: BTreeMap<String, f64>,
}

#[derive(Debug, Clone)]
struct Piece {
    expr: Expr,
    end: Option<Edge>,
}

/// Where a piece ends, and whether that point is part of it.
#[derive(Debug, Clone)]
struct Edge {
    at: Expr,
    closed: bool,
}

/// What an expression comes to.
enum Value {
    Number(f64),
    Tensor(Tensor),
}

use Value::{Number, Tensor as Many};

impl Program {
    /// The program of an activation's definition.
    ///
    /// # Errors
    /// If torch has no operation for a function in it, or an end of a piece is no number.
    pub fn new(activation: &Activation) -> Result<Self, TorchError> {
        let values = activation.values.iter().map(|(name, value)| (name.clone(), nearest(value))).collect();
        let mut program = Self { pieces: vec![], values };
        for piece in &activation.definition.pieces {
            if let Some(function) = without_operation(&piece.expr) {
                let activation = activation.definition.id.clone();
                return Err(TorchError::NoFunction { function: function.name(), activation });
            }
            let end = match &piece.hi {
                End::Infinite => None,
                End::At { at, closed } => {
                    program.number(at)?;
                    Some(Edge { at: at.clone(), closed: *closed })
                }
            };
            program.pieces.push(Piece { expr: piece.expr.clone(), end });
        }
        Ok(program)
    }

    /// The values at all elements of a tensor, a tensor of the same type.
    pub(crate) fn run(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.run_with(x, &BTreeMap::new())
    }

    /// The same with tensors of one element for some parameters: those that are learnt, or change while a network is trained.
    pub(crate) fn run_with(&self, x: &Tensor, tensors: &BTreeMap<String, Tensor>) -> Result<Tensor, TchError> {
        let run = Run { values: &self.values, tensors, x };
        let mut result: Option<Tensor> = None;
        for piece in self.pieces.iter().rev() {
            let value = match run.value(&piece.expr)? {
                Many(tensor) => tensor.f_expand_as(x)?,
                Number(number) => x.f_full_like(number)?,
            };
            result = Some(match (result, &piece.end) {
                (Some(rest), Some(Edge { at, closed })) => {
                    let here = match (run.value(at)?, closed) {
                        (Number(at), true) => x.f_le(at)?,
                        (Number(at), false) => x.f_lt(at)?,
                        (Many(at), true) => x.f_le_tensor(&at)?,
                        (Many(at), false) => x.f_lt_tensor(&at)?,
                    };
                    value.f_where_self(&here, &rest)?
                }
                _ => value,
            });
        }
        result.ok_or_else(|| TchError::Torch("a definition without pieces".into()))
    }

    /// An expression free of `x`.
    fn number(&self, expr: &Expr) -> Result<f64, TorchError> {
        let nowhere = Tensor::from(f64::NAN);
        match (Run { values: &self.values, tensors: &BTreeMap::new(), x: &nowhere }).value(expr) {
            Ok(Number(number)) => Ok(number),
            Ok(Many(_)) => Err(TorchError::failed("definition", "an end that is not a number")),
            Err(error) => Err(TorchError::failed("definition", &error.to_string())),
        }
    }
}

/// One evaluation: the numbers and tensors of parameters, and the input.
struct Run<'a> {
    values: &'a BTreeMap<String, f64>,
    tensors: &'a BTreeMap<String, Tensor>,
    x: &'a Tensor,
}

impl Run<'_> {
    fn value(&self, expr: &Expr) -> Result<Value, TchError> {
        let of = |e: &Expr| self.value(e);
        Ok(match expr.node() {
            Node::Const(constant) => Number(nearest(&constant.value)),
            Node::Named(Named::Pi) => Number(std::f64::consts::PI),
            Node::Named(Named::E) => Number(std::f64::consts::E),
            Node::Var => Many(self.x.shallow_clone()),
            Node::Param(name) if self.tensors.contains_key(&**name) => Many(self.tensors[&**name].shallow_clone()),
            Node::Param(name) => match self.values.get(&**name) {
                Some(value) => Number(*value),
                None => return Err(TchError::Torch(format!("the parameter {name} has no value"))),
            },
            Node::Neg(a) => match of(a)? {
                Number(a) => Number(-a),
                Many(a) => Many(a.f_neg()?),
            },
            Node::Add(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a + b),
                (Many(t), Number(n)) | (Number(n), Many(t)) => Many(t.f_add_scalar(n)?),
                (Many(a), Many(b)) => Many(a.f_add(&b)?),
            },
            Node::Sub(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a - b),
                (Many(a), Number(b)) => Many(a.f_sub_scalar(b)?),
                (Number(a), Many(b)) => Many(b.f_rsub_scalar(a)?),
                (Many(a), Many(b)) => Many(a.f_sub(&b)?),
            },
            Node::Mul(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a * b),
                (Many(t), Number(n)) | (Number(n), Many(t)) => Many(t.f_mul_scalar(n)?),
                (Many(a), Many(b)) => Many(a.f_mul(&b)?),
            },
            Node::Div(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a / b),
                (Many(a), Number(b)) => Many(a.f_div_scalar(b)?),
                (Number(a), Many(b)) => Many(b.f_reciprocal()?.f_mul_scalar(a)?),
                (Many(a), Many(b)) => Many(a.f_div(&b)?),
            },
            Node::Pow(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a.powf(b)),
                // an exponent that is a whole number is an int in Python, too
                (Many(a), Number(b)) if b == b.trunc() && b.abs() < 1e9 => Many(a.f_pow_tensor_scalar(b as i64)?),
                (Many(a), Number(b)) => Many(a.f_pow_tensor_scalar(b)?),
                (Many(a), Many(b)) => Many(a.f_pow(&b)?),
                (Number(a), Many(b)) => Many(Tensor::f_pow_scalar(a, &b)?),
            },
            Node::Min(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a.min(b)),
                (Many(t), Number(n)) | (Number(n), Many(t)) => Many(t.f_clamp_max(n)?),
                (Many(a), Many(b)) => Many(a.f_minimum(&b)?),
            },
            Node::Max(a, b) => match (of(a)?, of(b)?) {
                (Number(a), Number(b)) => Number(a.max(b)),
                (Many(t), Number(n)) | (Number(n), Many(t)) => Many(t.f_clamp_min(n)?),
                (Many(a), Many(b)) => Many(a.f_maximum(&b)?),
            },
            Node::Call(function, a) => match (of(a)?, operation(*function)) {
                (_, None) => return Err(TchError::Torch(format!("torch has no {}", function.name()))),
                (Many(a), Some(name)) => Many(aten(name, &a, &[])?),
                // a number stays one: in f64, as Python's math does it
                (Number(a), Some(name)) => {
                    Number(aten(name, &Tensor::from(a), &[])?.f_to_kind(Kind::Double)?.f_double_value(&[])?)
                }
            },
        })
    }
}

/// torch's operation for a function, by its name in `torch.ops.aten`.
const fn operation(function: Func) -> Option<&'static str> {
    Some(match function {
        Func::Exp => "exp",
        Func::Expm1 => "expm1",
        Func::Log => "log",
        Func::Log1p => "log1p",
        Func::Sqrt => "sqrt",
        Func::Erf => "erf",
        Func::Erfc => "special_erfc",
        Func::Tanh => "tanh",
        Func::Sinh => "sinh",
        Func::Cosh => "cosh",
        Func::Atan => "atan",
        Func::Sin => "sin",
        Func::Cos => "cos",
        Func::Sigmoid => "sigmoid",
        // torch.nn.functional.softplus, with its threshold of 20
        Func::Softplus => "softplus",
        Func::NormCdf => "special_ndtr",
        Func::NormPdf => return None,
        Func::Abs => "abs",
    })
}

/// The first function of an expression that torch lacks.
fn without_operation(expr: &Expr) -> Option<Func> {
    match expr.node() {
        Node::Call(function, _) if operation(*function).is_none() => Some(*function),
        _ => expr.children().into_iter().find_map(without_operation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actaudit::catalog;
    use actaudit::expr::Definition;
    use std::sync::Arc;

    fn of(text: &str) -> Result<Program, TorchError> {
        let definition = Definition::from_expr(text).expect("an expression");
        Program::new(&Activation::with_defaults(Arc::new(definition)).expect("values"))
    }

    fn at(text: &str, x: f64) -> f64 {
        of(text)
            .and_then(|p| p.run(&Tensor::from_slice(&[x])).map_err(|e| TorchError::failed("", &e.to_string())))
            .map_or(f64::NAN, |y| y.double_value(&[0]))
    }

    #[test]
    fn expressions_are_what_python_computes() {
        for (text, x, y) in [
            ("x + 1", 2.0, 3.0),
            ("1 - x", 2.0, -1.0),
            ("3 / x", 2.0, 1.5),
            ("x^3 - -x", 2.0, 10.0),
            ("x * (2*3 - 4) / 8", 2.0, 0.5),
            ("min(x, 6) + max(x, 3)", 2.0, 5.0),
            ("min(x, x^2) * max(x, x^2)", 2.0, 8.0),
            ("abs(x) * sqrt(4)", -3.0, 6.0),
            ("x^(1/2)", 9.0, 3.0),
            ("x * 0 + pi", 1.0, std::f64::consts::PI),
            ("7", 1.0, 7.0),
        ] {
            assert_eq!(at(text, x), y, "{text}");
        }
    }

    #[test]
    fn every_function_is_the_one_of_its_name() {
        let x = 0.7f64;
        for (function, y) in [
            ("exp", x.exp()),
            ("expm1", x.exp_m1()),
            ("log", x.ln()),
            ("log1p", x.ln_1p()),
            ("sqrt", x.sqrt()),
            ("erf", 0.677_801_193_837_418_5),
            ("erfc", 0.322_198_806_162_581_5),
            ("tanh", x.tanh()),
            ("sinh", x.sinh()),
            ("cosh", x.cosh()),
            ("atan", x.atan()),
            ("sin", x.sin()),
            ("cos", x.cos()),
            ("sigmoid", 1.0 / (1.0 + (-x).exp())),
            ("softplus", x.exp().ln_1p()),
            ("normcdf", 0.758_036_347_776_927),
            ("abs", x),
        ] {
            let got = at(&format!("{function}(x)"), x);
            assert!((got - y).abs() < 1e-14, "{function}: {got} {y}");
        }
        let error = of("x*normpdf(x)").expect_err("there is none").to_string();
        assert!(error.contains("normpdf"), "{error}");
    }

    #[test]
    fn the_whole_catalogue_compiles() {
        for definition in catalog::all() {
            let activation = Activation::with_defaults(Arc::clone(definition)).expect("values");
            let program = Program::new(&activation).expect(&definition.id);
            let x = Tensor::from_slice(&[-4.0f32, -0.3, 0.0, 0.3, 4.0]);
            let y = program.run(&x).expect(&definition.id);
            assert_eq!((y.kind(), y.size()), (Kind::Float, vec![5]), "{}", definition.id);
        }
    }

    #[test]
    fn a_piece_owns_its_closed_ends() {
        let threshold = crate::testing::activation_with("threshold", &[("t", "1"), ("v", "7")]);
        // the pieces of the catalogue's own definition, with parameters left in
        let definition = catalog::find("threshold").expect("in the catalogue");
        let activation = Activation::new(definition, &threshold.values).expect("values");
        let y = Program::new(&activation).expect("compiles").run(&Tensor::from_slice(&[1.0f64, 1.5, f64::NAN]));
        let y = Vec::<f64>::try_from(y.expect("runs")).expect("numbers");
        assert!(y[..2] == [7.0, 1.5] && y[2].is_nan());
    }
}
