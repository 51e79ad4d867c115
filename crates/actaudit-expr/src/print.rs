//! The text form: as few brackets as possible, and `parse(print(e)) == e` for every parsed expression.

use super::ast::{Constant, Expr, Node};
use super::literal::{is_fraction_text, rational_text};
use std::fmt;

/// How tightly the root of a text holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Sum,
    Minus,
    Product,
    Power,
    Atom,
}

/// What a text begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lead {
    Minus,
    /// a number that a minus sign before it would swallow
    Number,
    Other,
}

fn constant_text(c: &Constant) -> String {
    match c.float {
        Some(format) => format!("{}(\"{}\")", format.name(), format.shortest(&c.value)),
        None if c.value < 0 => format!("-{}", rational_text(&c.value.clone().abs())),
        None => rational_text(&c.value),
    }
}

pub(super) fn level(e: &Expr) -> Level {
    match e.node() {
        Node::Add(..) | Node::Sub(..) => Level::Sum,
        Node::Neg(_) => Level::Minus,
        Node::Mul(..) | Node::Div(..) => Level::Product,
        Node::Const(Constant { value, float: None }) if is_fraction_text(&rational_text(&value.clone().abs())) => {
            Level::Product
        }
        Node::Pow(..) => Level::Power,
        _ => Level::Atom,
    }
}

/// The leading part of a product or sum: the part that is printed first without brackets.
fn lead(e: &Expr) -> Lead {
    match e.node() {
        Node::Neg(_) => Lead::Minus,
        Node::Const(Constant { value, float: None }) => {
            if *value < 0 {
                Lead::Minus
            } else {
                Lead::Number
            }
        }
        Node::Mul(a, _) | Node::Div(a, _) if level(a) >= Level::Product => lead(a),
        Node::Add(a, _) | Node::Sub(a, _) => lead(a),
        _ => Lead::Other,
    }
}

/// Whether the text begins with a minus sign.
pub(super) fn starts_with_minus(e: &Expr) -> bool {
    lead(e) == Lead::Minus
}

/// Writes an operand, in brackets if it is too loose or begins with something that must not stand there.
fn operand(f: &mut fmt::Formatter<'_>, e: &Expr, least: Level, forbidden: &[Lead]) -> fmt::Result {
    if level(e) < least || forbidden.contains(&lead(e)) { write!(f, "({e})") } else { write!(f, "{e}") }
}

fn infix(f: &mut fmt::Formatter<'_>, a: &Expr, operator: &str, b: &Expr, levels: (Level, Level)) -> fmt::Result {
    operand(f, a, levels.0, &[])?;
    f.write_str(operator)?;
    operand(f, b, levels.1, &[Lead::Minus])
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node() {
            Node::Const(c) => f.write_str(&constant_text(c)),
            Node::Named(n) => f.write_str(n.name()),
            Node::Var => f.write_str("x"),
            Node::Param(name) => f.write_str(name),
            Node::Neg(a) => {
                f.write_str("-")?;
                operand(f, a, Level::Product, &[Lead::Minus, Lead::Number])
            }
            Node::Add(a, b) => infix(f, a, " + ", b, (Level::Sum, Level::Product)),
            Node::Sub(a, b) => infix(f, a, " - ", b, (Level::Sum, Level::Product)),
            Node::Mul(a, b) => infix(f, a, "*", b, (Level::Product, Level::Power)),
            Node::Div(a, b) => infix(f, a, "/", b, (Level::Product, Level::Power)),
            Node::Pow(a, b) => {
                operand(f, a, Level::Atom, &[Lead::Minus])?;
                f.write_str("^")?;
                let is_integer = b.as_rational().is_some_and(|q| *q.denom() == 1);
                operand(f, b, Level::Power, if is_integer { &[] } else { &[Lead::Minus] })
            }
            Node::Call(g, a) => write!(f, "{}({a})", g.name()),
            Node::Min(a, b) => write!(f, "min({a}, {b})"),
            Node::Max(a, b) => write!(f, "max({a}, {b})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::parsed_shape;
    use crate::{Expr, parse_expr};
    use proptest::prelude::*;

    #[test]
    fn as_few_brackets_as_possible() {
        for text in [
            "x*normcdf(x)",
            "-x^2",
            "-x*exp(-x)",
            "(-x)*exp(-x)",
            "-(1/x)",
            "-1/x",
            "-2*x",
            "-2^x_",
            "(-2)^2",
            "(1/2)^2",
            "x^-2",
            "x^(1/2)",
            "x^(-n)",
            "x*(-2)",
            "x*(1/2)",
            "x/(1/2)",
            "1/2*x",
            "-(1/2*x)",
            "a - (b - c)",
            "a - b - c",
            "a/b/c",
            "a/(b/c)",
            "a^b^c",
            "(a^b)^c",
            "a - (-b)",
            "(x + alpha)^3*(3*alpha - x)/(16*alpha^3)",
            "x*f32(\"0.7978846\")",
            "min(max(x, 0), 6)",
            "0.044715*x",
            "3/64",
            "1e-300",
        ] {
            assert_eq!(parse_expr(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn latex() {
        let latex = |text: &str| parse_expr(text).unwrap().latex();
        assert_eq!(latex("x*normcdf(x)"), r"x \, \Phi\left(x\right)");
        assert_eq!(
            latex("(x + alpha)^3*(3*alpha - x)/(16*alpha^3)"),
            r"\frac{\left(x + \alpha\right)^{3} \, \left(3 \, \alpha - x\right)}{16 \, \alpha^{3}}"
        );
        assert_eq!(latex("-2*abs(x)*3 - f32(\"0.5\")"), r"-2 \, \left|x\right| \cdot 3 - 0.5_{\mathrm{f32}}");
        assert_eq!(
            latex("1e30*sqrt(pi) - 1/3*beta_2"),
            r"1 \cdot 10^{30} \, \sqrt{\pi} - \frac{1}{3} \, \mathrm{beta\_2}"
        );
    }

    fn check_round_trip(e: &Expr) {
        let text = e.to_string();
        assert_eq!(parse_expr(&text).as_ref(), Ok(e), "{text}");
        // and no bracket could be left out: removing any pair changes the tree or the text is no expression
        for (open, _) in text.match_indices('(') {
            if text[..open].ends_with(|c: char| c.is_ascii_alphanumeric()) {
                continue;
            }
            let mut depth = 0;
            let close = text[open..].find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            let close = open + close.expect("closed");
            let without = format!("{} {} {}", &text[..open], &text[open + 1..close], &text[close + 1..]);
            let kept_for_reading = text[open + 1..].starts_with('-');
            assert!(
                kept_for_reading || parse_expr(&without).as_ref() != Ok(e),
                "needless brackets at {open} in {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn parse_is_the_inverse_of_print(e in parsed_shape(true)) {
            check_round_trip(&e);
        }
    }
}
