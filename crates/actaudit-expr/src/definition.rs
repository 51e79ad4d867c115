//! A definition: an activation as data. Pieces on intervals, parameters with domains, and where it comes from.

use super::ast::Expr;
use rug::Rational;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Whether the formula is the source's own or this project's reading of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Provenance {
    /// the formula stands in the cited source
    Published,
    /// the cited source describes the function without (here available) formula; the formula is this project's choice
    Reconstructed,
    /// given by the user
    User,
}

impl Provenance {
    /// Every provenance.
    pub const ALL: [Self; 3] = [Self::Published, Self::Reconstructed, Self::User];

    /// The name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Reconstructed => "reconstructed",
            Self::User => "user",
        }
    }
}

/// The values that a parameter may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParamDomain {
    /// lower end, `None` for minus infinity
    pub lo: Option<Rational>,
    /// whether the lower end itself is allowed
    pub lo_closed: bool,
    /// upper end, `None` for plus infinity
    pub hi: Option<Rational>,
    /// whether the upper end itself is allowed
    pub hi_closed: bool,
    /// whether only integers are allowed
    pub integer: bool,
}

impl ParamDomain {
    /// Every real number.
    pub const REALS: Self = Self { lo: None, lo_closed: false, hi: None, hi_closed: false, integer: false };

    /// Whether a value is allowed.
    #[must_use]
    pub fn contains(&self, value: &Rational) -> bool {
        let above = self.lo.as_ref().is_none_or(|lo| value > lo || self.lo_closed && value == lo);
        let below = self.hi.as_ref().is_none_or(|hi| value < hi || self.hi_closed && value == hi);
        above && below && (!self.integer || *value.denom() == 1)
    }

    /// Whether no value is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let (Some(lo), Some(hi)) = (&self.lo, &self.hi) else { return false };
        if !self.integer {
            return lo > hi || lo == hi && !(self.lo_closed && self.hi_closed);
        }
        let step = |inside: bool| Rational::from(u32::from(!inside));
        let first = Rational::from(lo.ceil_ref());
        let first = &first + step(self.contains(&first) || first > *lo);
        !self.contains(&first)
    }

    /// The interval's text, `(0, inf)`.
    #[must_use]
    pub fn interval(&self) -> String {
        let end = |end: &Option<Rational>, infinite: &str| end.as_ref().map_or(infinite.into(), Rational::to_string);
        let (open, close) = (if self.lo_closed { '[' } else { '(' }, if self.hi_closed { ']' } else { ')' });
        format!("{open}{}, {}{close}", end(&self.lo, "-inf"), end(&self.hi, "inf"))
    }
}

impl fmt::Display for ParamDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.integer { "integers in " } else { "" }, self.interval())
    }
}

/// A parameter of a definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// name, as it occurs in expressions
    pub name: String,
    /// allowed values
    pub domain: ParamDomain,
    /// value if none is given
    pub default: Rational,
    /// one line for people
    pub meaning: String,
}

/// One end of a piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// unbounded
    Infinite,
    /// at a point, an expression free of `x`
    At {
        /// the point
        at: Expr,
        /// whether the point belongs to this piece
        closed: bool,
    },
}

/// One expression on one interval. It is never evaluated outside of it (nor is anything claimed there).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// lower end
    pub lo: End,
    /// upper end
    pub hi: End,
    /// the value there
    pub expr: Expr,
}

impl Piece {
    /// The interval's text, `(-inf, -alpha]`.
    #[must_use]
    pub fn on(&self) -> String {
        let end = |end: &End, infinite: &str| match end {
            End::Infinite => (infinite.to_string(), false),
            End::At { at, closed } => (at.to_string(), *closed),
        };
        let ((lo, lo_closed), (hi, hi_closed)) = (end(&self.lo, "-inf"), end(&self.hi, "inf"));
        let (open, close) = (if lo_closed { '[' } else { '(' }, if hi_closed { ']' } else { ')' });
        format!("{open}{lo}, {hi}{close}")
    }
}

/// An activation as data. The pieces are in order and cover the real line without gap or overlap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// identifier, `[a-z][a-z0-9_]*`
    pub id: String,
    /// other spellings under which it is found
    pub aliases: Vec<String>,
    /// one line for people
    pub title: String,
    /// parameters, in the order of the file
    pub params: Vec<Parameter>,
    /// the pieces, from left to right
    pub pieces: Vec<Piece>,
    /// where the formula stands
    pub source: String,
    /// how the formula relates to the source
    pub provenance: Provenance,
    /// remarks, e.g. what other function has the same name
    pub note: String,
}

/// A definition with a value for each parameter.
///
/// `pieces` are those of the definition with the values put in, simplified, and with `abs`, `min` and `max` of
/// affine arguments split into pieces of their own, so that kinks are junctions.
#[derive(Clone, PartialEq, Debug)]
pub struct Activation {
    /// the definition
    pub definition: Arc<Definition>,
    /// the value of each parameter
    pub values: BTreeMap<String, Rational>,
    /// concrete pieces, from left to right
    pub pieces: Vec<Piece>,
    /// the option and its value that name it on a command line, where the definition's id does not
    pub spelled: Option<[String; 2]>,
}
