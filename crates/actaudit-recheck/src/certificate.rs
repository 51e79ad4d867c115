//! Certificates: what a proof found, as data that a program of its own can check (`recheck`).
//!
//! All numbers are texts, so that nothing is rounded on the way: constant expressions for places and bounds. Nothing here is
//! verified; unknown keys, methods and quantities do not parse.

use actaudit_expr as expr;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A map in which no key stands twice: which of two values would count is not said.
fn unique<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("names with texts")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some((name, text)) = map.next_entry::<String, String>()? {
                if all.contains_key(&name) {
                    return Err(Error::custom(format_args!("the name {name:?} stands twice")));
                }
                all.insert(name, text);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_map(Entries)
}

/// The version of the format, the value of the key `schema`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Schema {
    /// the only one so far
    #[default]
    #[serde(rename = "actaudit.certificate.v1")]
    V1,
}

/// A certificate; the key `kind` says of what.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Certificate {
    /// bounds of a supremum (and of an infimum, as the supremum of the negative)
    Supremum(Supremum),
    /// a supremum that is infinite
    Unbounded(Unbounded),
    /// a parameter that is a change of scale
    Scaling(Scaling),
    /// the value of an integral
    Integral(Integral),
    /// a continuity class
    Continuity(crate::continuity::Certificate),
    /// polynomials for the values at all floats of a format
    Table(Table),
}

/// A statement about suprema of `h = sign * d^order f` (or of `sign * (f - g)`) with its proof.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supremum {
    /// version of the format
    pub schema: Schema,
    /// f
    pub activation: Function,
    /// g, for the distance only
    pub to: Option<Function>,
    /// what is bounded
    pub quantity: Quantity,
    /// the closed interval on which it is bounded
    pub domain: [String; 2],
    /// bits with which the checker works
    pub precision: u32,
    /// a constant after which h repeats itself: the leaves cover the interval from 0 to it instead of the domain
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// one for each sign
    pub sides: Vec<Side>,
}

/// The statement that a supremum is infinite.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unbounded {
    /// version of the format
    pub schema: Schema,
    /// f
    pub activation: Function,
    /// g, for the distance only
    pub to: Option<Function>,
    /// what is unbounded
    pub quantity: Quantity,
    /// the closed interval on which it is unbounded
    pub domain: [String; 2],
    /// bits with which the checker works
    pub precision: u32,
    /// 1: the supremum of h is infinite; -1: that of -h
    pub sign: i8,
    /// why
    pub growth: Growth,
}

/// The statement that a parameter is a change of scale: `f_{s^k p}(s x) = s f_p(x)`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// version of the format
    pub schema: Schema,
    /// f as a definition file
    pub definition: String,
    /// g as a definition file, with its default parameters, for the distance only: `g(s x) = s g(x)`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// values of parameters that are not free
    #[serde(deserialize_with = "unique")]
    pub fixed: BTreeMap<String, String>,
    /// p
    pub param: String,
    /// k
    pub k: i32,
    /// constants that scale with the parameter as well
    #[serde(default)]
    pub values: Vec<Scaled>,
}

/// A constant in the parameter that is multiplied by `s^power`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    /// an expression without x
    pub value: String,
    /// its power
    pub power: i32,
}

/// The statement about an integral.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integral {
    /// version of the format
    pub schema: Schema,
    /// what is integrated over x
    pub integrand: String,
    /// where the integral begins
    pub from: String,
    /// where it ends
    pub to: String,
    /// points between, at which branches change
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<String>,
    /// parameters and the intervals in which they lie; the statement holds for all values
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "unique")]
    pub domains: BTreeMap<String, String>,
    /// what is stated, and how it is shown
    pub method: IntegralMethod,
}

/// How an integral is known.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum IntegralMethod {
    /// of a polynomial, by its antiderivative
    Exactly {
        /// the value, an expression in the parameters
        value: String,
    },
    /// by the midpoint rule with the second derivative as the remainder
    Between {
        /// lower bound
        lower: String,
        /// upper bound
        upper: String,
        /// equal parts between two cuts
        parts: u32,
        /// bits with which the checker works
        precision: u32,
    },
}

/// The statement that on runs of consecutive floats polynomials are near to a function or its derivative.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// version of the format
    pub schema: Schema,
    /// f
    pub activation: Function,
    /// 0: the values of f; 1: those of f'
    pub order: usize,
    /// the format whose floats are the inputs
    pub format: String,
    /// bits with which the checker works
    pub precision: u32,
    /// from the smallest finite float to the largest, without a gap
    pub runs: Vec<Run>,
}

/// Consecutive floats. Their ordinals count floats: 0 is zero, 1 the smallest positive one, -1 the largest negative one.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// ordinal of the first float
    pub first: i64,
    /// ordinal of the last float
    pub last: i64,
    /// what is stated
    pub known: Known,
}

/// What a table states of a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Known {
    /// p(x - centre), evaluated in f64 by Horner's rule with fused multiplications; numbers are bits of f64s
    Polynomial {
        /// ordinal of the centre, a float of the run
        centre: i64,
        /// the coefficients, the constant one first
        coefficients: Vec<String>,
        /// no value of the run is farther from what is evaluated
        error: String,
        /// |p'| is at most this on the run
        slope: String,
        /// all values of the run lie between these
        values: [String; 2],
    },
    /// every value rounds to an infinity of this sign
    Overflow {
        /// 1 or -1
        sign: i8,
    },
    /// nothing; with braces, as `Attained::Strictly`
    Open {},
}

/// Why h is unbounded.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase", deny_unknown_fields)]
pub enum Growth {
    /// h tends to infinity with x
    Infinity {
        /// which piece of f
        piece: usize,
        /// which piece of g, for the distance only
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_piece: Option<usize>,
        /// whither x goes
        limit: Infinity,
        /// the half-line on which this is shown begins at this distance from zero
        from: String,
    },
    /// h tends to infinity as x tends to an end of the piece from inside
    Pole {
        /// which piece of f
        piece: usize,
        /// which piece of g, for the distance only
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_piece: Option<usize>,
        /// whether the end is the upper one
        upper: bool,
    },
    /// h tends to infinity along places at which its waves are in the same phase
    Waves {
        /// which piece of f
        piece: usize,
        /// which piece of g, for the distance only
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_piece: Option<usize>,
        /// whither x goes
        limit: Infinity,
        /// of which function of x the waves are
        phase: Phase,
        /// by how much it grows from one place to the next
        turn: String,
        /// where it begins
        from: String,
    },
    /// h tends to infinity along places at which a wave is in one phase, wherever these are
    Crossings {
        /// which piece of f
        piece: usize,
        /// which piece of g, for the distance only
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_piece: Option<usize>,
        /// whither x goes
        limit: Infinity,
        /// what sines and cosines are taken of, an expression that tends to an infinity
        wave: String,
        /// its value there, up to whole turns
        phase: String,
    },
    /// f jumps, so that difference quotients are unbounded
    Jump {
        /// where
        at: String,
    },
}

/// What sines and cosines are taken of, multiples and constants apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// x
    Line,
    /// x^2
    Square,
    /// exp(x)
    Exponential,
}

/// An activation with the values of its parameters put in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// catalogue id, or any other name for a definition of the user's own
    pub id: String,
    /// the value of each parameter, exact
    #[serde(deserialize_with = "unique")]
    pub params: BTreeMap<String, String>,
    /// the pieces, from left to right; they cover the real line
    pub pieces: Vec<Piece>,
}

/// One expression on one interval.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// lower end, `-inf` if there is none
    pub lo: String,
    /// whether the lower end belongs to the piece
    pub lo_closed: bool,
    /// upper end, `inf` if there is none
    pub hi: String,
    /// whether the upper end belongs to the piece
    pub hi_closed: bool,
    /// the value there
    pub value: String,
}

/// What is bounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// infimum and supremum of f
    Range,
    /// infimum and supremum of f'
    Slope,
    /// supremum of |f'|
    Lipschitz,
    /// supremum of |f''|
    Curvature,
    /// supremum of |f - g|
    Distance,
}

impl Quantity {
    /// Which derivative is bounded.
    #[must_use]
    pub const fn order(self) -> u32 {
        match self {
            Self::Range | Self::Distance => 0,
            Self::Slope | Self::Lipschitz => 1,
            Self::Curvature => 2,
        }
    }

    /// Whether it is the supremum of a magnitude, so that both sides have the same bound.
    #[must_use]
    pub const fn of_magnitude(self) -> bool {
        matches!(self, Self::Lipschitz | Self::Curvature | Self::Distance)
    }
}

/// The bound `h <= upper`, its proof, and a witness from below.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// 1 or -1
    pub sign: i8,
    /// which derivative
    pub order: u32,
    /// a constant
    pub upper: String,
    /// boxes that cover the domain from left to right
    pub leaves: Vec<Leaf>,
    /// a place at which h is at least so large
    pub lower: Option<Lower>,
    /// where h takes its supremum, or that it does so nowhere
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attained: Option<Attained>,
}

/// Where a supremum is attained.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "lowercase", deny_unknown_fields)]
pub enum Attained {
    /// h is exactly `upper` at points and on whole leaves
    Exactly {
        /// points, each in its piece
        points: Vec<Witness>,
        /// numbers of leaves on which h is constant
        leaves: Vec<usize>,
    },
    /// at least one of the leaves with the role `place` holds a maximiser
    Within {
        /// h is at most this on leaves with the role `below`; less than the lower bound
        rest: String,
        /// one for each leaf
        roles: Vec<Role>,
    },
    /// nowhere: `upper - h` is positive by its form; with braces, for no other key is read beside a variant without any
    Strictly {},
    /// nowhere: h only comes near
    Never {
        /// h is at most this on leaves with the role `below`; less than the lower bound
        rest: String,
        /// one for each leaf
        roles: Vec<Role>,
    },
}

/// A point of a piece.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// which piece of f
    pub piece: usize,
    /// which piece of g, for the distance only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_piece: Option<usize>,
    /// the point
    pub at: String,
}

/// What a leaf says about the place of the supremum.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// h is at most `rest` there
    Below,
    /// the leaf is one of the places
    Place,
    /// h falls from the leaf on the left
    Left,
    /// h rises to the leaf on the right
    Right,
}

/// A box, and why h is bounded there.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// which piece of f
    pub piece: usize,
    /// which piece of g, for the distance only
    #[serde(default)]
    pub to_piece: Option<usize>,
    /// lower end
    pub lo: String,
    /// upper end
    pub hi: String,
    /// why
    pub method: Method,
    /// where the tangent touches, for `concave`; which end, for `flat`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// a point c beside the box: what the method says is said of h as a function of t, with x = c + 1/t or x = c - 1/t
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
}

/// Why h is bounded on a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// enclosure of h over the box
    Direct,
    /// mean-value form around the midpoint
    Mean,
    /// h' >= 0: the value at the upper end
    Increasing,
    /// h' <= 0: the value at the lower end
    Decreasing,
    /// h'' <= 0: the tangent at `at`
    Concave,
    /// h'' >= 0: the values at both ends
    Convex,
    /// h' is identically zero
    Constant,
    /// polynomial plus a decaying remainder on a half-line
    Tail,
    /// the first derivative of h that does not vanish at the end `at` has the sign that makes h fall from there
    Flat,
}

/// A place at which `h >= value`: exactly one of `at` and `limit` is given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lower {
    /// a constant
    pub value: String,
    /// a point in the closure of the piece
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// the limit of h there is at least `value`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Infinity>,
    /// h tends to at least that as x tends to `at` from this side
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// which piece of f
    pub piece: usize,
}

/// A side of a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beside {
    /// below it
    Left,
    /// above it
    Right,
}

/// An end of the real line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Infinity {
    /// to the left
    #[serde(rename = "-inf")]
    Minus,
    /// to the right
    #[serde(rename = "inf")]
    Plus,
}

impl From<&expr::Activation> for Function {
    fn from(activation: &expr::Activation) -> Self {
        let params = activation.values.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
        let pieces = activation.pieces.iter().map(Piece::from).collect();
        Self { id: activation.definition.id.clone(), params, pieces }
    }
}

impl From<&expr::Piece> for Piece {
    fn from(piece: &expr::Piece) -> Self {
        let end = |end: &expr::End, infinite: &str| match end {
            expr::End::Infinite => (infinite.to_owned(), false),
            expr::End::At { at, closed } => (at.to_string(), *closed),
        };
        let ((lo, lo_closed), (hi, hi_closed)) = (end(&piece.lo, "-inf"), end(&piece.hi, "inf"));
        Self { lo, lo_closed, hi, hi_closed, value: piece.expr.to_string() }
    }
}
