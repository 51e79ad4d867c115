//! A definition: an activation as data. Pieces on intervals, parameters with domains, and where it comes from.

use super::ast::Expr;
use rug::Rational;
use std::collections::BTreeMap;
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
}
