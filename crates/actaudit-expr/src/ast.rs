//! The expression tree. It knows no number type but the exact rational.

use super::func::{Func, Named};
use rug::Rational;
use std::{fmt, sync::Arc};

/// A floating-point format that a constant can be marked with: `f32("0.7978846")` is the rational value of that float.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FloatFormat {
    /// IEEE binary64
    F64,
    /// IEEE binary32
    F32,
    /// IEEE binary16
    F16,
    /// bfloat16
    Bf16,
}

/// An exact rational constant; `float` remembers that it was written as the value of a float.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Constant {
    /// The exact value.
    pub value: Rational,
    /// The float format in which it was written, if any; does not change the value.
    pub float: Option<FloatFormat>,
}

/// An immutable expression in `x`, parameters and exact constants; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Expr(Arc<Node>);

/// One node of an expression.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Node {
    /// an exact rational
    Const(Constant),
    /// pi or e
    Named(Named),
    /// the variable `x`
    Var,
    /// a parameter, by name
    Param(Arc<str>),
    /// `-a`
    Neg(Expr),
    /// `a + b`
    Add(Expr, Expr),
    /// `a - b`
    Sub(Expr, Expr),
    /// `a * b`
    Mul(Expr, Expr),
    /// `a / b`
    Div(Expr, Expr),
    /// `a ^ b`; the exponent is free of `x` and has a rational value once the parameters have theirs
    Pow(Expr, Expr),
    /// a unary function
    Call(Func, Expr),
    /// the smaller of two
    Min(Expr, Expr),
    /// the larger of two
    Max(Expr, Expr),
}

impl Expr {
    /// Wraps a node as it is: no folding, no simplification.
    #[must_use]
    pub fn new(node: Node) -> Self {
        Self(Arc::new(node))
    }

    /// The root node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.0
    }

    /// The variable `x`.
    #[must_use]
    pub fn var() -> Self {
        Self::new(Node::Var)
    }

    /// An exact rational.
    pub fn rational(value: impl Into<Rational>) -> Self {
        Self::new(Node::Const(Constant { value: value.into(), float: None }))
    }

    /// An integer.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Self::rational(Rational::from(value))
    }

    /// A parameter.
    #[must_use]
    pub fn param(name: &str) -> Self {
        Self::new(Node::Param(name.into()))
    }

    /// A unary function applied.
    #[must_use]
    pub fn call(f: Func, a: Self) -> Self {
        Self::new(Node::Call(f, a))
    }

    /// `self ^ exponent`
    #[must_use]
    pub fn pow(self, exponent: Self) -> Self {
        Self::new(Node::Pow(self, exponent))
    }

    /// The exact value if the root is a constant.
    #[must_use]
    pub fn as_rational(&self) -> Option<&Rational> {
        match self.node() {
            Node::Const(c) => Some(&c.value),
            _ => None,
        }
    }

    /// The operands of the root, left to right.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match self.node() {
            Node::Const(_) | Node::Named(_) | Node::Var | Node::Param(_) => vec![],
            Node::Neg(a) | Node::Call(_, a) => vec![a],
            Node::Add(a, b)
            | Node::Sub(a, b)
            | Node::Mul(a, b)
            | Node::Div(a, b)
            | Node::Pow(a, b)
            | Node::Min(a, b)
            | Node::Max(a, b) => vec![a, b],
        }
    }

    /// The same root over operands changed by `f`.
    #[must_use]
    pub fn map_children(&self, mut f: impl FnMut(&Self) -> Self) -> Self {
        match self.node() {
            Node::Const(_) | Node::Named(_) | Node::Var | Node::Param(_) => self.clone(),
            Node::Neg(a) => Self::new(Node::Neg(f(a))),
            Node::Call(g, a) => Self::new(Node::Call(*g, f(a))),
            Node::Add(a, b) => Self::new(Node::Add(f(a), f(b))),
            Node::Sub(a, b) => Self::new(Node::Sub(f(a), f(b))),
            Node::Mul(a, b) => Self::new(Node::Mul(f(a), f(b))),
            Node::Div(a, b) => Self::new(Node::Div(f(a), f(b))),
            Node::Pow(a, b) => Self::new(Node::Pow(f(a), f(b))),
            Node::Min(a, b) => Self::new(Node::Min(f(a), f(b))),
            Node::Max(a, b) => Self::new(Node::Max(f(a), f(b))),
        }
    }

    /// Whether some node of the tree satisfies the predicate.
    pub fn any(&self, predicate: &mut impl FnMut(&Node) -> bool) -> bool {
        predicate(self.node()) || self.children().into_iter().any(|c| c.any(predicate))
    }

    /// The number of nodes of the tree, shared ones counted each time they occur.
    pub fn size(&self) -> usize {
        1 + self.children().into_iter().map(Self::size).sum::<usize>()
    }

    /// Whether the tree has at most so many nodes; looks at no more than that.
    pub(super) fn size_within(&self, limit: usize) -> bool {
        let mut left = limit;
        !self.any(&mut |_| {
            let spent = left == 0;
            left = left.saturating_sub(1);
            spent
        })
    }

    /// Whether `x` occurs.
    #[must_use]
    pub fn depends_on_x(&self) -> bool {
        self.any(&mut |n| matches!(n, Node::Var))
    }

    /// Whether any parameter occurs.
    #[must_use]
    pub fn has_params(&self) -> bool {
        self.any(&mut |n| matches!(n, Node::Param(_)))
    }

    /// The name of a parameter that occurs, if one does.
    #[must_use]
    pub fn first_param(&self) -> Option<String> {
        let mut found = None;
        self.any(&mut |n| {
            if let Node::Param(name) = n {
                found = Some(name.to_string());
            }
            found.is_some()
        });
        found
    }

    /// Replaces `x` by an expression.
    #[must_use]
    pub fn substitute_x(&self, by: &Self) -> Self {
        match self.node() {
            Node::Var => by.clone(),
            _ => self.map_children(|c| c.substitute_x(by)),
        }
    }

    /// Replaces each parameter for which `value` gives an expression.
    #[must_use]
    pub fn substitute_params(&self, value: &impl Fn(&str) -> Option<Self>) -> Self {
        match self.node() {
            Node::Param(name) => value(name).unwrap_or_else(|| self.clone()),
            _ => self.map_children(|c| c.substitute_params(value)),
        }
    }
}

macro_rules! binary_operator {
    ($($trait:ident $method:ident $node:ident),*) => {$(
        impl std::ops::$trait for Expr {
            type Output = Self;
            fn $method(self, rhs: Self) -> Self {
                Self::new(Node::$node(self, rhs))
            }
        }
    )*};
}
binary_operator!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl std::ops::Neg for Expr {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(Node::Neg(self))
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Results of exact arithmetic larger than this many bits are not formed.
const MAX_BITS: u32 = 1 << 14;

/// Whether a rational has a size that exact arithmetic goes on with.
pub(super) fn fits(value: &Rational) -> bool {
    value.numer().significant_bits().max(value.denom().significant_bits()) <= MAX_BITS
}

impl Expr {
    /// The exact value of a constant expression made of rationals, + - * / and integer powers; `None` for anything else,
    /// for a division by zero, and for numbers of absurd size.
    #[must_use]
    pub fn exact_rational(&self) -> Option<Rational> {
        let value = match self.node() {
            Node::Const(c) => c.value.clone(),
            Node::Neg(a) => -a.exact_rational()?,
            Node::Add(a, b) => a.exact_rational()? + b.exact_rational()?,
            Node::Sub(a, b) => a.exact_rational()? - b.exact_rational()?,
            Node::Mul(a, b) => a.exact_rational()? * b.exact_rational()?,
            Node::Div(a, b) => {
                let b = b.exact_rational()?;
                if b == 0 {
                    return None;
                }
                a.exact_rational()? / b
            }
            Node::Pow(a, b) => {
                let (a, b) = (a.exact_rational()?, b.exact_rational()?);
                if *b.denom() != 1 || (a == 0 && b < 0) {
                    return None;
                }
                let n = b.numer().to_i32()?;
                let bits = a.numer().significant_bits().max(a.denom().significant_bits());
                if u64::from(n.unsigned_abs()) * u64::from(bits) > u64::from(MAX_BITS) {
                    return None;
                }
                rug::ops::Pow::pow(a, n)
            }
            Node::Min(a, b) => a.exact_rational()?.min(b.exact_rational()?),
            Node::Max(a, b) => a.exact_rational()?.max(b.exact_rational()?),
            Node::Call(Func::Abs, a) => a.exact_rational()?.abs(),
            _ => return None,
        };
        fits(&value).then_some(value)
    }
}
