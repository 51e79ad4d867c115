//! The unary functions of the expression language: one table, read by the parser, the printers and the tests.

/// A unary function. Its mathematics is here; how to compute it belongs to each number system.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Func {
    /// `e^u`
    Exp,
    /// `e^u - 1`
    Expm1,
    /// natural logarithm, `u > 0`
    Log,
    /// `log(1 + u)`, `u > -1`
    Log1p,
    /// square root, `u >= 0`
    Sqrt,
    /// error function
    Erf,
    /// complementary error function, `1 - erf(u)`
    Erfc,
    /// hyperbolic tangent
    Tanh,
    /// hyperbolic sine
    Sinh,
    /// hyperbolic cosine
    Cosh,
    /// arc tangent
    Atan,
    /// sine
    Sin,
    /// cosine
    Cos,
    /// logistic function, `1/(1 + e^-u)`
    Sigmoid,
    /// `log(1 + e^u)`
    Softplus,
    /// cumulative distribution function of the standard normal law
    NormCdf,
    /// density of the standard normal law
    NormPdf,
    /// absolute value
    Abs,
}

impl Func {
    /// Every function, in the order in which lists show them. A test holds this against the laws' table.
    pub const ALL: [Self; 18] = [
        Self::Exp,
        Self::Expm1,
        Self::Log,
        Self::Log1p,
        Self::Sqrt,
        Self::Erf,
        Self::Erfc,
        Self::Tanh,
        Self::Sinh,
        Self::Cosh,
        Self::Atan,
        Self::Sin,
        Self::Cos,
        Self::Sigmoid,
        Self::Softplus,
        Self::NormCdf,
        Self::NormPdf,
        Self::Abs,
    ];

    /// The name in the text form, and its LaTeX operator (which is applied to a parenthesised argument).
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Exp => ("exp", r"\exp"),
            Self::Expm1 => ("expm1", r"\operatorname{expm1}"),
            Self::Log => ("log", r"\log"),
            Self::Log1p => ("log1p", r"\operatorname{log1p}"),
            Self::Sqrt => ("sqrt", r"\sqrt"),
            Self::Erf => ("erf", r"\operatorname{erf}"),
            Self::Erfc => ("erfc", r"\operatorname{erfc}"),
            Self::Tanh => ("tanh", r"\tanh"),
            Self::Sinh => ("sinh", r"\sinh"),
            Self::Cosh => ("cosh", r"\cosh"),
            Self::Atan => ("atan", r"\arctan"),
            Self::Sin => ("sin", r"\sin"),
            Self::Cos => ("cos", r"\cos"),
            Self::Sigmoid => ("sigmoid", r"\sigma"),
            Self::Softplus => ("softplus", r"\operatorname{softplus}"),
            Self::NormCdf => ("normcdf", r"\Phi"),
            Self::NormPdf => ("normpdf", r"\varphi"),
            Self::Abs => ("abs", r"\operatorname{abs}"),
        }
    }

    /// The name in the text form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The function of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }
}

/// A named real constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Named {
    /// the circle constant
    Pi,
    /// Euler's number
    E,
}

impl Named {
    /// Every named constant.
    pub const ALL: [Self; 2] = [Self::Pi, Self::E];

    /// The name in the text form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pi => "pi",
            Self::E => "e",
        }
    }
}
