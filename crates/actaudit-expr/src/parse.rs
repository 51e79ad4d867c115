//! The expression language: text to tree.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = factor { ("*" | "/") factor }
//! factor  = "-" factor | value [ "^" factor ]          a leading "-" takes in the whole product: -a*b = -(a*b)
//! value   = number | name | name "(" sum { "," sum } ")" | "(" sum ")"
//! ```
//!
//! The tree is as written, with two exceptions: a minus sign before a number, and a number divided by a number, are
//! one constant.

use super::ast::{Constant, Expr, FloatFormat, Node};
use super::definition::End;
use super::error::{Fault, did_you_mean};
use super::facts::undefined_root;
use super::func::{Func, Named};
use super::lex::{Token, token};
use super::order::compare_points;
use super::problem::{ParseError, ParseErrorKind, ParseFault};
use rug::Rational;
use std::cmp::Ordering;
use std::ops::Range;

/// Longer texts are refused.
pub const MAX_TEXT: usize = 1 << 14;
/// A tree, or brackets, deeper than this are refused: everything that walks a tree may recurse.
pub const MAX_DEPTH: usize = 200;
/// Exponents with a larger numerator or denominator are refused.
pub const MAX_EXPONENT: i32 = 4096;
/// Recursion of the parser itself; a tree of `MAX_DEPTH` needs no more than two levels a node.
const MAX_LEVEL: usize = 2 * MAX_DEPTH + 50;
/// Divisors larger than this are not searched for a hidden zero while parsing.
const MAX_DIVISOR: usize = 500;

/// Which names may stand for parameters.
#[derive(Clone, Copy, Debug)]
pub enum Names<'a> {
    /// every name that is nothing else
    Any,
    /// only these
    Known(&'a [&'a str]),
}

/// Parses an expression. Every name that is nothing else is taken as a parameter.
///
/// # Errors
/// With the place, and what was expected there.
pub fn parse_expr(src: &str) -> Result<Expr, ParseError> {
    parse_expr_with(src, Names::Any)
}

/// Parses an expression in which only certain parameters may occur.
///
/// # Errors
/// With the place, and what was expected there; a parameter that may not occur is an unknown name.
pub fn parse_expr_with(src: &str, names: Names<'_>) -> Result<Expr, ParseError> {
    expression(src, names).map_err(|f| f.within("expression", src))
}

/// Parses an interval such as `(-inf, -alpha]`: lower and upper end. Ends are expressions free of `x`.
///
/// # Errors
/// Also for an interval that is empty whatever the parameters, e.g. `(1, 1]`.
pub fn parse_interval(src: &str) -> Result<(End, End), ParseError> {
    interval(src, Names::Any).map_err(|f| f.within("interval", src))
}

/// Parses an exact rational number: `1/1000`, `0.001`, `1e-3`, `-2`.
///
/// # Errors
/// If it is anything else, also an expression that is irrational or has a name in it.
pub fn parse_rational(src: &str) -> Result<Rational, ParseError> {
    rational(src).map_err(|f| f.within("number", src))
}

pub(super) fn expression(src: &str, names: Names<'_>) -> Result<Expr, ParseFault> {
    let mut parser = Parser::new(src, names)?;
    let operand = parser.sum()?;
    parser.end("an operator or the end")?;
    Ok(operand.expr)
}

pub(super) fn rational(src: &str) -> Result<Rational, ParseFault> {
    let not_rational = |span| {
        Fault::new(ParseErrorKind::NotRational, span, "not a plain number")
            .help("write an integer, a decimal or a fraction: -2, 0.001, 1e-3, 1/1000")
    };
    let expr = expression(src, Names::Known(&[])).map_err(|fault| match fault.kind {
        ParseErrorKind::UnknownName(_) => not_rational(fault.span),
        _ => fault,
    })?;
    expr.as_rational().cloned().ok_or_else(|| not_rational(0..src.trim_end().len()))
}

pub(super) fn interval(src: &str, names: Names<'_>) -> Result<(End, End), ParseFault> {
    let mut parser = Parser::new(src, names)?;
    let lo_closed = parser.one_of("[(", "`(` or `[`")? == '[';
    let lo = parser.end_point(true, lo_closed)?;
    parser.one_of(",", "`,`")?;
    let hi_start = parser.span.start;
    let hi = parser.end_point(false, false)?;
    let hi_text = hi_start..parser.span.start;
    let hi_closed = parser.one_of("])", "`)` or `]`")? == ']';
    parser.end("the end of the interval")?;
    let end = |at: Option<Expr>, closed| at.map_or(End::Infinite, |at| End::At { at, closed });
    if hi.is_none() && hi_closed {
        return Err(Fault::new(ParseErrorKind::ClosedInfinity, hi_text, "closed here").help("write `inf)`"));
    }
    let order = match (&lo, &hi) {
        (Some(a), Some(b)) => compare_points(a, b),
        _ => None,
    };
    if order == Some(Ordering::Greater) || order == Some(Ordering::Equal) && !(lo_closed && hi_closed) {
        return Err(Fault::new(ParseErrorKind::EmptyInterval, 0..src.trim_end().len(), "holds no point"));
    }
    Ok((end(lo, lo_closed), end(hi, hi_closed)))
}

/// A parsed part with the bytes it came from and the depth of its tree.
struct Operand {
    expr: Expr,
    span: Range<usize>,
    depth: usize,
}

struct Parser<'a> {
    text: &'a str,
    names: Names<'a>,
    next: Token<'a>,
    span: Range<usize>,
    level: usize,
    brackets: usize,
}

const SUM: u8 = 10;
const PRODUCT: u8 = 20;
const POWER: u8 = 30;

/// Binding power of a binary operator.
fn power(c: char) -> Option<u8> {
    match c {
        '+' | '-' => Some(SUM),
        '*' | '/' => Some(PRODUCT),
        '^' => Some(POWER),
        _ => None,
    }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, names: Names<'a>) -> Result<Self, ParseFault> {
        if text.len() > MAX_TEXT {
            return Err(Fault::new(ParseErrorKind::TooLong, 0..0, "starts here")
                .help(format!("at most {MAX_TEXT} bytes are accepted, these are {}", text.len())));
        }
        let (next, span) = token(text, 0)?;
        Ok(Self { text, names, next, span, level: 0, brackets: 0 })
    }

    fn advance(&mut self) -> Result<(Token<'a>, Range<usize>), ParseFault> {
        let (next, span) = token(self.text, self.span.end)?;
        Ok((std::mem::replace(&mut self.next, next), std::mem::replace(&mut self.span, span)))
    }

    fn at(&self, c: char) -> bool {
        self.next == Token::Sign(c)
    }

    fn unexpected(&self, expected: impl Into<String>) -> ParseFault {
        let expected = expected.into();
        let found = self.next.describe(&self.text[self.span.clone()]);
        Fault::new(ParseErrorKind::Unexpected { expected, found }, self.span.clone(), "here")
    }

    fn one_of(&mut self, allowed: &str, expected: &str) -> Result<char, ParseFault> {
        match self.next {
            Token::Sign(c) if allowed.contains(c) => self.advance().map(|_| c),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// The end of the text, or what is usually meant by what follows instead.
    fn end(&self, expected: &str) -> Result<(), ParseFault> {
        match self.next {
            Token::End => Ok(()),
            Token::Name(_) | Token::Number(_) | Token::Sign('(') => {
                Err(self.unexpected(expected).help("a product is written with `*`"))
            }
            Token::Sign(')') => Err(self.unexpected(expected).help("there is no `(` for it")),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn too_deep(span: Range<usize>) -> ParseFault {
        Fault::new(ParseErrorKind::TooDeep, span, "here").help(format!(
            "at most {MAX_DEPTH} levels are accepted; each operand of a long sum counts as one, so group it with brackets"
        ))
    }

    /// Builds a node, unless the tree becomes too deep.
    fn node(&self, node: Node, parts: &[&Operand], span: Range<usize>) -> Result<Operand, ParseFault> {
        let depth = 1 + parts.iter().map(|p| p.depth).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return Err(Self::too_deep(span));
        }
        let expr = Expr::new(node);
        if let Some(what) = undefined_root(&expr) {
            return Err(Fault::new(ParseErrorKind::Undefined(what), span, "is undefined for every x"));
        }
        Ok(Operand { expr, span, depth })
    }

    fn sum(&mut self) -> Result<Operand, ParseFault> {
        self.operand(SUM)
    }

    /// Everything that binds at least as tightly as `min`.
    fn operand(&mut self, min: u8) -> Result<Operand, ParseFault> {
        self.level += 1;
        if self.level > MAX_LEVEL {
            return Err(Self::too_deep(self.span.clone()));
        }
        let first = if self.at('-') { self.minus(min)? } else { self.value()? };
        let out = self.operators(first, min);
        self.level -= 1;
        out
    }

    fn operators(&mut self, mut lhs: Operand, min: u8) -> Result<Operand, ParseFault> {
        while let Token::Sign(c) = self.next
            && let Some(bp) = power(c)
            && bp >= min
        {
            self.advance()?;
            // the power alone is right associative
            let rhs = self.operand(if c == '^' { bp } else { bp + 1 })?;
            lhs = self.binary(c, lhs, rhs)?;
        }
        Ok(lhs)
    }

    fn minus(&mut self, min: u8) -> Result<Operand, ParseFault> {
        let start = self.span.start;
        self.advance()?;
        let inner = min.max(PRODUCT);
        let operand = if let Token::Number(_) = self.next {
            let number = self.value()?;
            if !self.at('^') {
                return self.negated(number, start);
            }
            self.operators(number, inner)?
        } else {
            self.operand(inner)?
        };
        self.negated(operand, start)
    }

    fn negated(&self, a: Operand, start: usize) -> Result<Operand, ParseFault> {
        let span = start..a.span.end;
        match plain(&a.expr) {
            Some(value) => self.constant(Rational::from(-value), span),
            None => self.node(Node::Neg(a.expr.clone()), &[&a], span),
        }
    }

    fn constant(&self, value: Rational, span: Range<usize>) -> Result<Operand, ParseFault> {
        if !super::ast::fits(&value) {
            return Err(Fault::new(ParseErrorKind::HugeNumber, span, "this number"));
        }
        self.node(Node::Const(Constant { value, float: None }), &[], span)
    }

    fn binary(&self, operator: char, a: Operand, b: Operand) -> Result<Operand, ParseFault> {
        let span = a.span.start..b.span.end;
        let (l, r) = (a.expr.clone(), b.expr.clone());
        let node = match operator {
            '+' => Node::Add(l, r),
            '-' => Node::Sub(l, r),
            '*' => Node::Mul(l, r),
            '/' => {
                if is_zero(&r) {
                    return Err(Fault::new(ParseErrorKind::DivisionByZero, b.span, "is zero for every x"));
                }
                if let (Some(p), Some(q)) = (plain(&l), plain(&r)) {
                    return self.constant(Rational::from(p / q), span);
                }
                Node::Div(l, r)
            }
            _ => {
                if let Some(fault) = exponent_problem(&r) {
                    let fault = Fault { span: b.span.clone(), ..fault };
                    let is_e = matches!(l.node(), Node::Named(Named::E));
                    return Err(match fault.kind {
                        ParseErrorKind::ExponentDependsOnX if is_e => fault.help("write `exp(...)`"),
                        ParseErrorKind::ExponentDependsOnX => fault.help("write a^u as `exp(u * log(a))`"),
                        _ => fault,
                    });
                }
                if r.exact_rational().is_some_and(|q| q < 0) && is_zero(&l) {
                    return Err(Fault::new(ParseErrorKind::DivisionByZero, a.span, "is zero for every x"));
                }
                Node::Pow(l, r)
            }
        };
        self.node(node, &[&a, &b], span)
    }

    fn value(&mut self) -> Result<Operand, ParseFault> {
        match self.next {
            Token::Number(_) => {
                let (Token::Number(value), span) = self.advance()? else { unreachable!("just seen") };
                self.constant(value, span)
            }
            Token::Sign('(') => {
                let open = self.open()?;
                let inner = self.sum()?;
                let close = self.close(&open)?;
                Ok(Operand { span: open.start..close.end, ..inner })
            }
            Token::Name(name) => {
                let (_, span) = self.advance()?;
                if self.at('(') { self.call(name, span) } else { self.name(name, span) }
            }
            _ => {
                let fault = self.unexpected("a number, a name, a function or `(`");
                Err(if self.at('+') { fault.help("there is no sign `+`, only the operator") } else { fault })
            }
        }
    }

    fn open(&mut self) -> Result<Range<usize>, ParseFault> {
        self.brackets += 1;
        if self.brackets > MAX_DEPTH {
            return Err(Self::too_deep(self.span.clone()));
        }
        Ok(self.advance()?.1)
    }

    fn close(&mut self, open: &Range<usize>) -> Result<Range<usize>, ParseFault> {
        match self.next {
            Token::Sign(')') => {
                self.brackets -= 1;
                Ok(self.advance()?.1)
            }
            Token::End => Err(Fault::new(ParseErrorKind::UnclosedBracket, open.clone(), "opened here")),
            _ => {
                let expected = self.unexpected("an operator or `)`");
                Err(if matches!(self.next, Token::Name(_) | Token::Number(_) | Token::Sign('(')) {
                    expected.help("a product is written with `*`")
                } else {
                    expected
                })
            }
        }
    }

    fn name(&self, name: &str, span: Range<usize>) -> Result<Operand, ParseFault> {
        let named = Named::ALL.into_iter().find(|n| n.name() == name);
        let node = match (name, named) {
            ("x", _) => Node::Var,
            (_, Some(n)) => Node::Named(n),
            ("inf", _) => {
                return Err(Fault::new(ParseErrorKind::Infinity, span, "here")
                    .help("`inf` can stand only for a whole end of an interval"));
            }
            _ if is_function(name) => {
                return Err(Fault::new(ParseErrorKind::BareFunction(name.into()), span, "not followed by `(`")
                    .help(format!("write `{name}(x)`")));
            }
            _ => match self.names {
                Names::Known(known) if !known.contains(&name) => return Err(unknown_name(name, known, span)),
                _ => Node::Param(name.into()),
            },
        };
        self.node(node, &[], span)
    }

    fn call(&mut self, name: &str, at: Range<usize>) -> Result<Operand, ParseFault> {
        if let Some(format) = FloatFormat::ALL.into_iter().find(|f| f.name() == name) {
            return self.float(format, at);
        }
        if !is_function(name) {
            return Err(self.unknown_function(name, at));
        }
        let open = self.open()?;
        let mut arguments = Vec::new();
        if !self.at(')') {
            arguments.push(self.sum()?);
            while self.at(',') {
                self.advance()?;
                arguments.push(self.sum()?);
            }
        }
        let span = at.start..self.close(&open)?.end;
        let parts: Vec<&Operand> = arguments.iter().collect();
        let exprs: Vec<Expr> = arguments.iter().map(|a| a.expr.clone()).collect();
        match (name, exprs.as_slice(), Func::from_name(name)) {
            (_, [u], Some(f)) => self.node(Node::Call(f, u.clone()), &parts, span),
            ("min", [a, b], _) => self.node(Node::Min(a.clone(), b.clone()), &parts, span),
            ("max", [a, b], _) => self.node(Node::Max(a.clone(), b.clone()), &parts, span),
            ("clamp", [u, lo, hi], _) => {
                let max = self.node(Node::Max(u.clone(), lo.clone()), &parts[..2], span.clone())?;
                self.node(Node::Min(max.expr.clone(), hi.clone()), &[&max, parts[2]], span)
            }
            (_, _, f) => {
                let expected = if f.is_some() { 1 } else { 2 + usize::from(name == "clamp") };
                let kind = ParseErrorKind::Arguments { name: name.into(), expected, found: exprs.len() };
                Err(Fault::new(kind, span, "in this call"))
            }
        }
    }

    fn float(&mut self, format: FloatFormat, at: Range<usize>) -> Result<Operand, ParseFault> {
        let open = self.open()?;
        let Token::Quoted(text) = self.next else {
            let example = format!("write `{}(\"0.7978846\")`: the float nearest to this decimal", format.name());
            return Err(self.unexpected("a number in quotes").help(example));
        };
        let (_, quoted) = self.advance()?;
        let inside = quoted.start + 1..quoted.end - 1;
        let name = || format.name().to_string();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let value = match token(digits, 0) {
            Ok((Token::Number(value), span)) if span == (0..digits.len()) => value * sign,
            _ => return Err(Fault::new(ParseErrorKind::NotADecimal(name()), inside, "not a decimal number")),
        };
        let Some(value) = format.nearest(&value) else {
            return Err(Fault::new(ParseErrorKind::Overflow(name()), inside, "rounds to an infinity"));
        };
        let span = at.start..self.close(&open)?.end;
        self.node(Node::Const(Constant { value, float: Some(format) }), &[], span)
    }

    fn unknown_function(&self, name: &str, at: Range<usize>) -> ParseFault {
        let known = match self.names {
            Names::Any => name == "x" || Named::ALL.iter().any(|n| n.name() == name),
            Names::Known(names) => name == "x" || names.contains(&name) || Named::ALL.iter().any(|n| n.name() == name),
        };
        let fault = Fault::new(ParseErrorKind::UnknownFunction(name.into()), at, "not a function");
        let help = if known {
            Some(format!("a product is written with `*`: `{name} * (...)`"))
        } else {
            did_you_mean(name, function_names())
        };
        Fault { help: help.map(Into::into), ..fault }
    }

    /// `None` for an infinite end.
    fn end_point(&mut self, lower: bool, closed: bool) -> Result<Option<Expr>, ParseFault> {
        let start = self.span.start;
        let negative = self.at('-');
        let after = if negative { self.span.end } else { start };
        if let Ok((Token::Name("inf"), inf)) = token(self.text, after) {
            if negative != lower {
                let kind = ParseErrorKind::EmptyInterval;
                return Err(Fault::new(kind, start..inf.end, "on the wrong side").help("write `(-inf, inf)`"));
            }
            if closed {
                let kind = ParseErrorKind::ClosedInfinity;
                return Err(Fault::new(kind, start - 1..inf.end, "closed here").help("write `(-inf`"));
            }
            if negative {
                self.advance()?;
            }
            self.advance()?;
            return Ok(None);
        }
        let operand = self.sum()?;
        if operand.expr.depends_on_x() {
            return Err(Fault::new(ParseErrorKind::EndDependsOnX, operand.span, "contains x"));
        }
        Ok(Some(operand.expr))
    }
}

/// The value of a constant that is not marked as a float.
fn plain(e: &Expr) -> Option<&Rational> {
    match e.node() {
        Node::Const(Constant { value, float: None }) => Some(value),
        _ => None,
    }
}

/// Whether an expression is zero for every `x`, as far as simplification shows it.
fn is_zero(e: &Expr) -> bool {
    match e.as_rational() {
        Some(q) => *q == 0,
        None => e.size_within(MAX_DIVISOR) && e.simplified().as_rational().is_some_and(|q| *q == 0),
    }
}

/// Why an expression cannot be an exponent, without its place.
pub(super) fn exponent_problem(e: &Expr) -> Option<ParseFault> {
    let fault = |kind, label| Some(Fault::new(kind, 0..0, label));
    if e.depends_on_x() {
        return fault(ParseErrorKind::ExponentDependsOnX, "contains x");
    }
    if e.any(&mut |n| matches!(n, Node::Named(_)) || matches!(n, Node::Call(f, _) if *f != Func::Abs)) {
        let rational = "an exponent is made of rational numbers and parameters; write a^u as `exp(u * log(a))`";
        return fault(ParseErrorKind::ExponentNotRational, "not rational").map(|f| f.help(rational));
    }
    if e.has_params() {
        return None;
    }
    let small = |q: &Rational| *q.denom() <= MAX_EXPONENT && *q.numer() <= MAX_EXPONENT && *q.numer() >= -MAX_EXPONENT;
    match e.exact_rational() {
        Some(q) if small(&q) => None,
        _ => fault(ParseErrorKind::ExponentTooLarge, "this exponent")
            .map(|f| f.help(format!("numerator and denominator may be at most {MAX_EXPONENT}"))),
    }
}

const OTHER_FUNCTIONS: [&str; 3] = ["min", "max", "clamp"];

/// Every name that is called.
fn function_names() -> impl Iterator<Item = &'static str> {
    let floats = FloatFormat::ALL.into_iter().map(FloatFormat::name);
    Func::ALL.into_iter().map(Func::name).chain(OTHER_FUNCTIONS).chain(floats)
}

fn is_function(name: &str) -> bool {
    function_names().any(|f| f == name)
}

/// Every name that no parameter may have.
pub(super) fn is_reserved(name: &str) -> bool {
    name == "x" || name == "inf" || is_function(name) || Named::ALL.iter().any(|n| n.name() == name)
}

fn unknown_name(name: &str, known: &[&str], span: Range<usize>) -> ParseFault {
    let constants = Named::ALL.iter().map(|n| n.name());
    let language: Vec<&str> = constants.chain(["x"]).chain(function_names()).collect();
    let candidates = known.iter().chain(&language).copied();
    let listed = || match known {
        [] => "the expression has no parameters; the variable is `x`".to_string(),
        _ => format!("the parameters are {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
    };
    let help = if name.eq_ignore_ascii_case("x") {
        Some("the variable is `x`".into())
    } else {
        did_you_mean(name, candidates)
    };
    let fault = Fault::new(ParseErrorKind::UnknownName(name.into()), span, "not a parameter");
    fault.help(help.unwrap_or_else(listed))
}
