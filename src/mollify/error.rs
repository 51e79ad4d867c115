//! Why nothing was mollified.

use crate::expr::DefinitionError;

/// Why there is no mollified activation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MollifyError {
    /// The definition that came out cannot be made, or that of a kernel.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// A kernel's file is not one.
    #[error("{file}: {message}")]
    KernelFile {
        /// the file
        file: String,
        /// what is wrong
        message: String,
    },
    /// No kernel has this name.
    #[error("unknown kernel `{name}`: the kernels are {known}{near}")]
    UnknownKernel {
        /// the name
        name: String,
        /// those that there are
        known: String,
        /// `; did you mean ...?`, or nothing
        near: String,
    },
    /// A B-spline of an order that is not there.
    #[error("the order of a B-spline kernel is a whole number from 1 to {most}, found {found}")]
    SplineOrder {
        /// the largest
        most: u32,
        /// what was asked for
        found: String,
    },
    /// The integral of a density is not 1.
    #[error("the kernel {kernel} is not normalised: its integral is {integral}, not 1")]
    NotNormalised {
        /// its name
        kernel: String,
        /// the integral, exact or enclosed
        integral: String,
    },
    /// A density that is not even.
    #[error("the kernel {kernel} is not even: {place}")]
    NotEven {
        /// its name
        kernel: String,
        /// where
        place: String,
    },
    /// A density with negative values.
    #[error("the kernel {kernel} is negative: {place}")]
    Negative {
        /// its name
        kernel: String,
        /// where
        place: String,
    },
    /// The sign of a density could not be proved.
    #[error("that the kernel {kernel} is nowhere negative was not proved: {reason}")]
    SignUndecided {
        /// its name
        kernel: String,
        /// why
        reason: String,
    },
    /// A closed form that is not an antiderivative.
    #[error("antiderivative {number} of the kernel {kernel} is none: {reason}")]
    NoAntiderivative {
        /// its name
        kernel: String,
        /// which, from 1
        number: usize,
        /// what is wrong
        reason: String,
    },
    /// A kernel without closed form.
    #[error(
        "the kernel {kernel} has no closed form here: {reason}; verified quadrature, which it would take, is not available"
    )]
    NoClosedForm {
        /// its name
        kernel: String,
        /// what is missing
        reason: String,
    },
    /// A base that is no piecewise polynomial.
    #[error(
        "{base} is not a piecewise polynomial: it is `{piece}` on {on}; other bases, which take verified quadrature, are not available"
    )]
    NotPolynomial {
        /// the base
        base: String,
        /// the expression
        piece: String,
        /// where
        on: String,
    },
    /// The integral does not exist.
    #[error(
        "{base} * {kernel} does not exist: {base} grows like |x|^{growth}, and the kernel has no finite moment of order {growth}"
    )]
    NoMoment {
        /// the base
        base: String,
        /// the kernel
        kernel: String,
        /// the base's growth
        growth: usize,
    },
    /// Whether the integral exists is not known.
    #[error(
        "{base} * {kernel} is not known to exist: {base} grows like |x|^{growth}, and the kernel's file has {known} antiderivatives; \
         that of order n + 1 shows that the moment of order n is finite"
    )]
    MomentUnknown {
        /// the base
        base: String,
        /// the kernel
        kernel: String,
        /// the base's growth
        growth: usize,
        /// how many antiderivatives there are
        known: usize,
    },
    /// It exists, and the closed form does not.
    #[error(
        "{base} * {kernel} exists, but not in the form that is available: that is a sum over the knots of the base of terms \
         of order {order}, and the kernel has no finite moment of that order"
    )]
    TermsDiverge {
        /// the base
        base: String,
        /// the kernel
        kernel: String,
        /// the order of the terms
        order: usize,
    },
    /// A radius that is none.
    #[error("the radius must be a number above 0 and of sensible size, found {0}")]
    Radius(String),
    /// Two knots whose order is not known.
    #[error("cannot decide which of {0} and {1} is larger: give the parameters values for which it is clear")]
    Order(String, String),
    /// Exact arithmetic gave up.
    #[error("the convolution of {base} with {kernel} is too large to be written down")]
    TooLarge {
        /// the base
        base: String,
        /// the kernel
        kernel: String,
    },
    /// A quantity that could not be bounded.
    #[error(transparent)]
    Bound(#[from] crate::prove::BoundError),
    /// A base for which no radius is designed.
    #[error("{base} cannot be designed for: {reason}")]
    NoDesign {
        /// the base
        base: String,
        /// why
        reason: String,
    },
}
