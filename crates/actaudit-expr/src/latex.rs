//! The LaTeX form, for people: fractions as fractions, products without signs.

use super::ast::{Constant, Expr, Node};
use super::func::{Func, Named};
use super::literal::rational_text;
use super::print::{Level, level, starts_with_minus};

const GREEK: [&str; 23] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Delta",
];

impl Expr {
    /// The expression in LaTeX math mode.
    #[must_use]
    pub fn latex(&self) -> String {
        match self.node() {
            Node::Const(c) => constant(c),
            Node::Named(Named::Pi) => r"\pi".into(),
            Node::Named(Named::E) => r"\mathrm{e}".into(),
            Node::Var => "x".into(),
            Node::Param(name) => parameter(name),
            Node::Neg(a) => format!("-{}", operand(a, Level::Product)),
            Node::Add(a, b) => format!("{} + {}", a.latex(), operand(b, Level::Product)),
            Node::Sub(a, b) => format!("{} - {}", a.latex(), operand(b, Level::Product)),
            Node::Mul(a, b) => product(a, b),
            Node::Div(a, b) => format!(r"\frac{{{}}}{{{}}}", a.latex(), b.latex()),
            Node::Pow(a, b) => format!("{}^{{{}}}", operand(a, Level::Atom), b.latex()),
            Node::Call(Func::Sqrt, a) => format!(r"\sqrt{{{}}}", a.latex()),
            Node::Call(Func::Abs, a) => format!(r"\left|{}\right|", a.latex()),
            Node::Call(f, a) => format!("{}{}", f.names().1, brackets(&a.latex())),
            Node::Min(a, b) => format!(r"\min{}", brackets(&format!("{}, {}", a.latex(), b.latex()))),
            Node::Max(a, b) => format!(r"\max{}", brackets(&format!("{}, {}", a.latex(), b.latex()))),
        }
    }
}

fn brackets(inner: &str) -> String {
    format!(r"\left({inner}\right)")
}

fn operand(e: &Expr, least: Level) -> String {
    if level(e) < least || starts_with_minus(e) { brackets(&e.latex()) } else { e.latex() }
}

/// Factors side by side; a dot where two numbers would run together.
fn product(a: &Expr, b: &Expr) -> String {
    let left = if level(a) < Level::Product { brackets(&a.latex()) } else { a.latex() };
    let right = operand(b, Level::Product);
    let digits = right.starts_with(|c: char| c.is_ascii_digit()) || b.as_rational().is_some();
    let number_times_fraction = a.as_rational().is_some() && right.starts_with(r"\frac");
    let sign = if digits || number_times_fraction { r" \cdot " } else { r" \, " };
    format!("{left}{sign}{right}")
}

fn constant(c: &Constant) -> String {
    let sign = if c.value < 0 { "-" } else { "" };
    let magnitude = c.value.clone().abs();
    match c.float {
        Some(format) => {
            let text = decimal(&format.shortest(&magnitude));
            format!(r"{sign}{text}_{{\mathrm{{{}}}}}", format.name())
        }
        None => {
            let text = rational_text(&magnitude);
            match text.split_once('/') {
                Some((p, q)) => format!(r"{sign}\frac{{{p}}}{{{q}}}"),
                None => format!("{sign}{}", decimal(&text)),
            }
        }
    }
}

fn decimal(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        None => text.into(),
    }
}

fn parameter(name: &str) -> String {
    if GREEK.contains(&name) {
        format!(r"\{name}")
    } else if name.len() == 1 {
        name.into()
    } else {
        format!(r"\mathrm{{{}}}", name.replace('_', r"\_"))
    }
}
