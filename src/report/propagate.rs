//! `actaudit propagate`: moments, the edge of chaos, and the correlation layer by layer, as enclosures.

use super::columns::Columns;
use super::{Page, down, up};
use crate::expr::Activation;
use crate::number::{Enclosure as _, MpI, Real as _};
use crate::propagate::{BITS, Fall, Found, Layer, Moments};
use rug::Rational;
use serde::Serialize;

/// Significant digits of enclosures.
const DIGITS: u32 = 16;

/// An enclosure, rounded outward.
#[derive(Serialize, Debug, Clone)]
pub struct Between {
    lower: String,
    upper: String,
}

impl Between {
    fn new(value: &MpI) -> Self {
        Self { lower: down(&value.lo(), DIGITS), upper: up(&value.hi(), DIGITS) }
    }

    fn text(&self) -> String {
        if self.lower == self.upper { self.lower.clone() } else { format!("[{}, {}]", self.lower, self.upper) }
    }
}

/// A point of the edge of chaos.
#[derive(Serialize, Debug)]
struct EdgeReport {
    q: Between,
    sigma_b2: Between,
    sigma_w2: Between,
    /// `1 - c_l` tends to beta/l; null where the slope of the activation jumps
    beta: Option<Between>,
    /// how 1 - c_l falls: `1/l`, `1/l^2`, or never
    fall: &'static str,
}

/// 1 - c at a layer.
#[derive(Serialize, Debug)]
struct LayerReport {
    layer: u32,
    #[serde(flatten)]
    distance: Between,
}

/// The JSON object of `actaudit propagate`.
#[derive(Serialize, Debug)]
pub struct PropagateReport {
    /// actaudit.propagate.v1
    schema: &'static str,
    activation: String,
    /// the variance of the moments
    q: Between,
    second_moment: Between,
    slope_second_moment: Between,
    /// null where the slope jumps
    curvature_second_moment: Option<Between>,
    /// 1/sqrt(E f^2): what keeps the variance 1 at q = 1
    gain: Between,
    /// 1/sqrt(E f'^2): what keeps the gradients' variance
    slope_gain: Between,
    edge: Option<EdgeReport>,
    /// why there is no edge
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    layers: Vec<LayerReport>,
    /// enclosed: verified quadrature without a certificate
    evidence: &'static str,
}

impl PropagateReport {
    /// Of an activation at a variance, which the edge knows better if it was searched.
    pub fn new(f: &Activation, q: &str, moments: &Moments, found: &Found, layers: &[Layer]) -> Self {
        let gain = |m: &MpI| Between::new(&MpI::int(&BITS, 1).div(&m.pow(&Rational::from((1, 2)))));
        let given = Between { lower: q.to_owned(), upper: q.to_owned() };
        let (edge, reason) = match found {
            Found::Edge(e) => {
                let report = EdgeReport {
                    q: Between::new(&e.q),
                    sigma_b2: Between::new(&e.sigma_b2),
                    sigma_w2: Between::new(&e.sigma_w2),
                    beta: if let Fall::Inverse(beta) = &e.fall { Some(Between::new(beta)) } else { None },
                    fall: match e.fall {
                        Fall::Inverse(_) => "1/l",
                        Fall::InverseSquare => "1/l^2",
                        Fall::Never => "never",
                    },
                };
                (Some(report), None)
            }
            Found::Never(b) => {
                (None, Some(format!("no edge of chaos at q = {q}: sigma_b^2 would be {}", Between::new(b).text())))
            }
            Found::Open(b) => {
                let text = format!(
                    "whether q = {q} is on the edge of chaos is not decided: sigma_b^2 is in {}",
                    Between::new(b).text()
                );
                (None, Some(text))
            }
        };
        let row = |l: &Layer| LayerReport { layer: l.layer, distance: Between::new(&l.distance) };
        Self {
            schema: "actaudit.propagate.v1",
            activation: f.label(),
            q: edge.as_ref().map_or(given, |e| e.q.clone()),
            second_moment: Between::new(&moments.value),
            slope_second_moment: Between::new(&moments.slope),
            curvature_second_moment: moments.curvature.as_ref().map(Between::new),
            gain: gain(&moments.value),
            slope_gain: gain(&moments.slope),
            edge,
            reason,
            layers: layers.iter().map(row).collect(),
            evidence: "enclosed",
        }
    }

    /// For people.
    pub fn text(&self, page: &Page) -> String {
        let head = match &self.edge {
            Some(edge) => format!(
                "{}: on the edge of chaos at q = {}, sigma_w^2 = {}, sigma_b^2 = {}",
                self.activation,
                self.q.text(),
                edge.sigma_w2.text(),
                edge.sigma_b2.text()
            ),
            None => format!("{}: {}", self.activation, self.reason.as_deref().unwrap_or_default()),
        };
        let mut out = page.wrapped(&head, 2);
        out.push('\n');
        let mut line = |name: &str, value: &str| out += &page.wrapped(&format!("  {name:<12} {value}"), 15);
        line("E f^2", &self.second_moment.text());
        line("E f'^2", &self.slope_second_moment.text());
        match &self.curvature_second_moment {
            Some(value) => line("E f''^2", &value.text()),
            None => line("E f''^2", "none: the slope jumps"),
        }
        line("gains", &format!("1/sqrt(E f^2) = {}, 1/sqrt(E f'^2) = {}", self.gain.text(), self.slope_gain.text()));
        if let Some(edge) = &self.edge {
            match (&edge.beta, edge.fall) {
                (Some(beta), _) => line("correlation", &format!("1 - c tends to beta/l, beta = {}", beta.text())),
                (None, "never") => line("correlation", "1 - c stays what it is: the function is a line through 0"),
                (None, _) => line("correlation", "1 - c falls like 1/l^2, as relu's"),
            }
        }
        if !self.layers.is_empty() {
            out.push('\n');
            let mut rows = vec![vec!["layer".to_owned(), "1 - c, from inputs without correlation".to_owned()]];
            rows.extend(self.layers.iter().map(|l| vec![l.layer.to_string(), l.distance.text()]));
            for row in (Columns { right: &[0], rows }).lines() {
                out += &format!("  {row}\n");
            }
        }
        out.push('\n');
        out +=
            &page.wrapped("Enclosed by verified quadrature over X ~ N(0, q); not certified, so not called proved.", 0);
        out
    }
}
