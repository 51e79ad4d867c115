//! Kernels: even densities as data, with antiderivatives in closed form where they are not polynomials.

use super::branches::{Branches, Form};
use super::error::MollifyError;
use super::poly::Poly;
use crate::expr::{Activation, Definition, Expr, Names, parse_expr_with};
use crate::number::Real as _;
use crate::number::exact::{Assumptions, Exact, Sign};
use rug::Rational;
use std::sync::Arc;
use toml::{Table, Value};

/// Antiderivatives beyond this order are not formed.
const MAX_ORDER: usize = 16;

/// An even density, and what is known of its integrals.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// its name
    pub name: String,
    /// whether it is part of the program, whose tests check its antiderivatives
    pub known: bool,
    /// the density
    pub density: Activation,
    /// its antiderivatives from the left end on, the distribution function first; empty for piecewise polynomials, where they
    /// are computed
    pub antiderivatives: Vec<Activation>,
    /// the highest order of a finite moment, if not all are finite
    pub finite: Option<usize>,
    /// the integral of K^2, as the file states it
    pub roughness: Option<Expr>,
    /// the integral of u^2 K, as the file states it
    pub variance: Option<Expr>,
}

impl Kernel {
    /// Reads a kernel's file: a definition file, and for densities that are no piecewise polynomials `[[antiderivative]]` with
    /// `expr` or `piece`, one after the other; `finite_moments`, `roughness` and `variance` if they are needed.
    ///
    /// # Errors
    /// For files that are not of this form. Whether it is an even density, [`Kernel::check`] says.
    pub fn from_toml(text: &str, name: &str) -> Result<Self, MollifyError> {
        let wrong = |message: String| MollifyError::KernelFile { file: name.to_owned(), message };
        let mut table: Table = match text.parse() {
            Ok(table) => table,
            // the reader of definitions says it better
            Err(_) => return Self::of(Definition::from_toml(text, name)?),
        };
        let own = ["antiderivative", "finite_moments", "roughness", "variance"];
        let taken: Vec<Option<Value>> = own.iter().map(|key| table.remove(*key)).collect();
        // places in the file are right as long as nothing was taken out
        let rest = if taken.iter().all(Option::is_none) { text.to_owned() } else { table.to_string() };
        let mut kernel = Self::of(Definition::from_toml(&rest, name)?)?;
        let [primitives, finite, roughness, variance] = <[Option<Value>; 4]>::try_from(taken).unwrap_or_default();
        if let Some(value) = primitives {
            let tables = value.as_array().ok_or_else(|| wrong("`antiderivative` must be an array of tables".into()))?;
            for (i, table) in tables.iter().enumerate() {
                let mut table = table.as_table().cloned().unwrap_or_default();
                table.insert("id".into(), format!("antiderivative_{}", i + 1).into());
                let definition = Definition::from_toml(&table.to_string(), name)
                    .map_err(|e| wrong(format!("[[antiderivative]] {}: {e}", i + 1)))?;
                kernel.antiderivatives.push(Activation::with_defaults(Arc::new(definition))?);
            }
        }
        let count = |value: Value| value.as_integer().and_then(|n| usize::try_from(n).ok());
        kernel.finite = finite
            .map(|value| count(value).ok_or_else(|| wrong("`finite_moments` must be a whole number, 0 or more".into())))
            .transpose()?;
        let constant = |value: Option<Value>, key: &str| {
            let parsed = |value: Value| {
                let e = parse_expr_with(value.as_str()?, Names::Known(&[])).ok()?;
                (!e.depends_on_x()).then_some(e)
            };
            value.map(|v| parsed(v).ok_or_else(|| wrong(format!("`{key}` must be a constant in quotes")))).transpose()
        };
        kernel.roughness = constant(roughness, "roughness")?;
        kernel.variance = constant(variance, "variance")?;
        Ok(kernel)
    }

    /// A density by itself.
    ///
    /// # Errors
    /// If a constant in it has no value.
    pub fn of(density: Definition) -> Result<Self, MollifyError> {
        let name = density.id.clone();
        // the checker takes ids of the catalogue for the catalogue's functions
        let density = Definition { id: format!("{name}_density"), ..density };
        Ok(Self {
            name,
            known: false,
            density: Activation::with_defaults(Arc::new(density))?,
            antiderivatives: vec![],
            finite: None,
            roughness: None,
            variance: None,
        })
    }

    /// The density by pieces.
    pub fn branches(&self, cx: &Arc<Assumptions>) -> Branches {
        Branches::of(&self.density.pieces, cx)
    }

    /// Whether the density is a piecewise polynomial.
    pub fn is_polynomial(&self) -> bool {
        self.branches(&constants()).polys().is_ok()
    }

    fn no_closed_form(&self, reason: impl Into<String>) -> MollifyError {
        MollifyError::NoClosedForm { kernel: self.name.clone(), reason: reason.into() }
    }

    /// The antiderivative of this order (0: the distribution function) that vanishes at the left end: the convolution of the
    /// kernel with `x_+^order / order!`.
    ///
    /// # Errors
    /// If there is no closed form.
    pub fn antiderivative(&self, order: usize, cx: &Arc<Assumptions>) -> Result<Branches, MollifyError> {
        if !self.antiderivatives.is_empty() {
            let known = self.antiderivatives.get(order).ok_or_else(|| {
                let known = self.antiderivatives.len();
                self.no_closed_form(format!("it takes {} antiderivatives, and {known} are known", order + 1))
            })?;
            return Ok(Branches::of(&known.pieces, cx));
        }
        let density = self.branches(cx);
        if order > MAX_ORDER {
            return Err(self.no_closed_form("its antiderivative of this order is not formed"));
        }
        let mut polys: Vec<Poly> = match density.polys() {
            Ok(polys) => polys.into_iter().cloned().collect(),
            Err(_) => return Err(self.no_closed_form("its density is not a piecewise polynomial")),
        };
        for _ in 0..=order {
            polys = integrated(&polys, &density.knots, cx);
        }
        Ok(Branches { knots: density.knots, forms: polys.into_iter().map(Form::Poly).collect() })
    }

    /// The highest order of a moment that is known to be finite, if not all are. Of a density of one's own whose support is the
    /// whole line, the antiderivatives say it, which are checked: that of order n is its convolution with `x_+^n/n!`, and vanishes
    /// at the left end only where the moment of order n is finite. What the file states besides can only lower it.
    pub fn finite_moments(&self) -> Option<usize> {
        if self.known || self.reach().is_some() || self.is_polynomial() {
            return self.finite;
        }
        let proved = self.antiderivatives.len().saturating_sub(1);
        Some(self.finite.map_or(proved, |stated| stated.min(proved)))
    }

    /// The moment of an even order, exactly.
    ///
    /// # Errors
    /// If it is not known in closed form.
    pub fn moment(&self, order: usize, cx: &Arc<Assumptions>) -> Result<Exact, MollifyError> {
        if order == 0 {
            return Ok(Exact::int(cx, 1));
        }
        if !self.antiderivatives.is_empty() {
            // what a file of one's own states of it is not checked
            let value = self.variance.as_ref().filter(|_| order == 2 && self.known);
            let value =
                value.ok_or_else(|| self.no_closed_form(format!("its moment of order {order} is not known")))?;
            return Ok(Exact::eval(cx, value, &Exact::int(cx, 0)));
        }
        let power = Expr::var().pow(Expr::int(order as i64));
        self.integral(&power, cx)
    }

    /// The integral of a polynomial times a piecewise polynomial density.
    fn integral(&self, weight: &Expr, cx: &Arc<Assumptions>) -> Result<Exact, MollifyError> {
        let density = self.branches(cx);
        let polys = density.polys().map_err(|_| self.no_closed_form("its density is not a piecewise polynomial"))?;
        let too_large = || self.no_closed_form("its moments are too large to be formed");
        let weight = Poly::of(weight, cx).ok_or_else(too_large)?;
        let mut sum = Exact::int(cx, 0);
        for (pair, poly) in density.knots.windows(2).zip(&polys[1..]) {
            let primitive = poly.times(&weight).ok_or_else(too_large)?.antiderivative();
            sum = sum.add(&primitive.at(&pair[1]).sub(&primitive.at(&pair[0])));
        }
        Ok(sum)
    }

    /// The first absolute moment as an exact number: twice the distance from relu at 0. `None` if it is not finite or has no
    /// closed form here.
    pub fn first_moment(&self) -> Option<Exact> {
        let cx = constants();
        let ramp = self.antiderivative(1, &cx).ok()?;
        let zero = Exact::int(&cx, 0);
        let place = ramp.knots.iter().take_while(|knot| knot.sign() == Sign::Negative).count();
        let value = match &ramp.forms[place] {
            Form::Poly(p) => p.at(&zero),
            Form::Closed(e) => Exact::eval(&cx, e, &zero),
        };
        let twice = value.mul(&Exact::int(&cx, 2));
        (!twice.is_unknown()).then_some(twice)
    }

    /// The integral of K^2: exact for piecewise polynomials, as stated for others.
    pub fn roughness(&self) -> Option<Exact> {
        let cx = constants();
        let stated = || Some(Exact::eval(&cx, self.roughness.as_ref()?, &Exact::int(&cx, 0)));
        let density = self.branches(&cx);
        let Ok(polys) = density.polys() else { return stated() };
        density.knots.windows(2).zip(&polys[1..]).try_fold(Exact::int(&cx, 0), |sum, (pair, poly)| {
            let primitive = poly.times(poly)?.antiderivative();
            Some(sum.add(&primitive.at(&pair[1]).sub(&primitive.at(&pair[0]))))
        })
    }

    /// The value at 0, on its right.
    pub fn at_zero(&self) -> Option<Exact> {
        let cx = constants();
        let density = self.branches(&cx);
        let zero = Exact::int(&cx, 0);
        let place = density.knots.iter().take_while(|k| matches!(k.sign(), Sign::Negative | Sign::Zero)).count();
        let value = match &density.forms[place] {
            Form::Poly(p) => p.at(&zero),
            Form::Closed(e) => Exact::eval(&cx, e, &zero),
        };
        (!value.is_unknown()).then_some(value)
    }

    /// Half of the support's width, if it is bounded: 1 for the kernels of the table.
    pub fn reach(&self) -> Option<Rational> {
        let density = self.branches(&constants());
        let outer = [density.forms.first()?, density.forms.last()?];
        outer.iter().all(|f| f.poly().is_some_and(Poly::is_zero)).then(|| density.knots.last()?.as_rational())?
    }
}

/// Where there are no parameters.
pub fn constants() -> Arc<Assumptions> {
    Arc::new(Assumptions::strict())
}

/// The continuous antiderivative that is 0 on the first piece.
fn integrated(polys: &[Poly], knots: &[Exact], cx: &Arc<Assumptions>) -> Vec<Poly> {
    let mut out = vec![Poly::zero(cx)];
    for (poly, knot) in polys[1..].iter().zip(knots) {
        let own = poly.antiderivative();
        let before = out[out.len() - 1].at(knot);
        let constant = before.sub(&own.at(knot));
        out.push(own.plus(&Poly::constant(constant, cx)));
    }
    out
}
