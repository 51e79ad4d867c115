//! `actaudit propagate`: moments, the edge of chaos, and the correlation layer by layer, as enclosures.

use super::columns::Columns;
use super::number::brief;
use super::{Page, down, up};
use crate::expr::Activation;
use crate::number::{Enclosure as _, MpI, Real as _};
use crate::propagate::{BITS, Edge, Fall, Found, Layer, Moments, Second, Stability};
use rug::Rational;
use schemars::JsonSchema;
use serde::Serialize;

/// Significant digits of enclosures.
const DIGITS: u32 = 16;

/// An enclosure, rounded outward.
#[derive(Serialize, JsonSchema, Debug, Clone)]
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
#[derive(Serialize, JsonSchema, Debug)]
struct EdgeReport {
    q: Between,
    sigma_b2: Between,
    sigma_w2: Between,
    /// `1 - c_l` tends to beta/l; null where it does not, or that is not known
    beta: Option<Between>,
    /// how 1 - c_l falls: `1/l`, `1/l^2`, never, or undecided
    fall: &'static str,
    /// how steep the map of the variance is at q
    variance_slope: Between,
    /// what happens to a variance beside q: attracts, repels, neutral or undecided
    stability: &'static str,
}

impl EdgeReport {
    fn new(e: &Edge) -> Self {
        Self {
            q: Between::new(&e.q),
            sigma_b2: Between::new(&e.sigma_b2),
            sigma_w2: Between::new(&e.sigma_w2),
            beta: if let Fall::Inverse(beta) = &e.fall { Some(Between::new(beta)) } else { None },
            fall: match e.fall {
                Fall::Inverse(_) => "1/l",
                Fall::InverseSquare => "1/l^2",
                Fall::Never => "never",
                Fall::Open => "undecided",
            },
            variance_slope: Between::new(&e.variance_slope),
            stability: match e.stability() {
                Stability::Attracts => "attracts",
                Stability::Repels => "repels",
                Stability::Neutral => "neutral",
                Stability::Open => "undecided",
            },
        }
    }

    /// What happens to a variance beside q, in words.
    fn beside(&self) -> &'static str {
        match self.stability {
            "attracts" => "less than 1: q attracts, variances beside it come to it layer by layer",
            "repels" => {
                "more than 1: q repels, variances beside it leave it layer by layer; what follows holds for inputs of exactly this variance"
            }
            "neutral" => "every variance stays what it is",
            _ => "whether q attracts or repels is not decided",
        }
    }
}

/// 1 - c at a layer.
#[derive(Serialize, JsonSchema, Debug)]
struct LayerReport {
    layer: u32,
    #[serde(flatten)]
    distance: Between,
}

/// The JSON object of `actaudit propagate`.
#[derive(Serialize, JsonSchema, Debug)]
pub struct PropagateReport {
    /// actaudit.propagate.v1
    schema: &'static str,
    activation: String,
    /// the variance of the moments
    q: Between,
    second_moment: Between,
    slope_second_moment: Between,
    /// null where the slope jumps, or the second derivative has no proved bound
    curvature_second_moment: Option<Between>,
    /// why it is null
    #[serde(skip_serializing_if = "Option::is_none")]
    curvature_reason: Option<&'static str>,
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
            Found::Edge(e) => (Some(EdgeReport::new(e)), None),
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
            curvature_second_moment: moments.curvature.known().map(Between::new),
            curvature_reason: match moments.curvature {
                Second::Known(_) => None,
                Second::Jumps => Some("the slope jumps"),
                Second::Open => Some("the second derivative has no proved bound"),
            },
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
                "{}: on the edge of chaos at q = {}{}, sigma_w^2 = {}, sigma_b^2 = {}",
                self.activation,
                self.q.text(),
                if edge.stability == "repels" { ", which repels" } else { "" },
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
            None => line("E f''^2", &format!("none: {}", self.curvature_reason.unwrap_or_default())),
        }
        line("gains", &format!("1/sqrt(E f^2) = {}, 1/sqrt(E f'^2) = {}", self.gain.text(), self.slope_gain.text()));
        if let Some(edge) = &self.edge {
            let slope = edge.variance_slope.text();
            line("variance", &format!("a layer's map of it has the slope {slope} at q: {}", edge.beside()));
            match (&edge.beta, edge.fall) {
                (Some(beta), _) => line("correlation", &format!("1 - c tends to beta/l, beta = {}", beta.text())),
                (None, "never") => line("correlation", "1 - c stays what it is: the function is a line through 0"),
                (None, "undecided") => line("correlation", "how 1 - c falls is not known"),
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

/// Significant digits in which activations are set side by side, and how many of them fit beside each other.
const BESIDE: (usize, usize) = (6, 3);

/// The JSON object of `actaudit propagate` where several activations are named.
#[derive(Serialize, JsonSchema, Debug)]
pub struct PropagatesReport {
    /// actaudit.propagate.v1
    schema: &'static str,
    /// one for each activation, as it is alone
    activations: Vec<PropagateReport>,
}

impl Between {
    /// A cell: one number where both ends agree in so many digits.
    fn cell(&self) -> String {
        let [lower, upper] = [&self.lower, &self.upper].map(|end| brief(end, BESIDE.0));
        if lower == upper { lower } else { format!("[{lower}, {upper}]") }
    }
}

impl PropagatesReport {
    /// Over these activations.
    pub fn new(activations: Vec<PropagateReport>) -> Self {
        Self { schema: "actaudit.propagate.v1", activations }
    }

    /// For people: the same quantities in one line, a few activations at a time.
    pub fn text(&self, page: &Page) -> String {
        let blocks = self.activations.chunks(BESIDE.1).map(|few| {
            let row = |name: &str, of: &dyn Fn(&PropagateReport) -> Option<String>| {
                let cells = few.iter().map(|p| of(p).unwrap_or_else(|| "-".to_owned()));
                [name.to_owned()].into_iter().chain(cells).collect::<Vec<String>>()
            };
            let edge =
                |of: fn(&EdgeReport) -> &Between| move |p: &PropagateReport| p.edge.as_ref().map(|e| of(e).cell());
            let mut rows = vec![
                row("", &|p| Some(p.activation.clone())),
                row("q", &|p| Some(p.q.cell())),
                row("E f^2", &|p| Some(p.second_moment.cell())),
                row("E f'^2", &|p| Some(p.slope_second_moment.cell())),
                row("E f''^2", &|p| p.curvature_second_moment.as_ref().map(Between::cell)),
                row("sigma_w^2 on the edge", &edge(|e| &e.sigma_w2)),
                row("sigma_b^2", &edge(|e| &e.sigma_b2)),
                row("slope of the variance", &edge(|e| &e.variance_slope)),
                row("stability of q", &|p| p.edge.as_ref().map(|e| e.stability.to_owned())),
                row("1 - c falls like", &|p| p.edge.as_ref().map(|e| e.fall.to_owned())),
                row("beta", &|p| p.edge.as_ref()?.beta.as_ref().map(Between::cell)),
            ];
            let mut layers: Vec<u32> = few.iter().flat_map(|p| p.layers.iter().map(|l| l.layer)).collect();
            layers.sort_unstable();
            layers.dedup();
            rows.extend(layers.into_iter().map(|layer| {
                let at = |p: &PropagateReport| p.layers.iter().find(|l| l.layer == layer).map(|l| l.distance.cell());
                row(&format!("1 - c at layer {layer}"), &at)
            }));
            (Columns { right: &[], rows }).lines().join("\n") + "\n"
        });
        let mut out = blocks.collect::<Vec<_>>().join("\n");
        for reason in self.activations.iter().filter_map(|p| Some(format!("{}: {}", p.activation, p.reason.as_ref()?)))
        {
            out += &format!("\n{}", page.wrapped(&reason, 2));
        }
        if self.activations.iter().filter_map(|p| p.edge.as_ref()).any(|e| e.stability == "repels") {
            let text = "Where q repels, variances beside it leave it layer by layer: its figures hold for inputs of exactly that variance, and are \
                        no match for those of a q that attracts or is neutral.";
            out += &format!("\n{}", page.wrapped(text, 0));
        }
        let text = "Rounded to 6 digits; `propagate ACT` and --format json have the enclosures. Not certified, so not called proved.";
        out + "\n" + &page.wrapped(text, 0)
    }
}
