//! Small plots of an activation and its slope: in the terminal, and as SVG.

use crate::audit::profile::Profile;
use crate::expr::{Activation, End};
use crate::number::Tape;
use crate::number::{Enclosure, F64I, Jet};
use plotters::prelude::*;
use textplots::{Chart, ColorPlot as _, Plot as _, Shape};

/// Points of a curve; the pen is lifted where pieces do not meet.
fn samples(activation: &Activation, order: usize, (lo, hi): (f64, f64), steps: usize) -> Vec<(f32, f32)> {
    let edge = |end: &End, infinite: f64| match end {
        End::Infinite => infinite,
        End::At { at, .. } => at.exact_rational().map_or(infinite, |q| q.to_f64()),
    };
    let tapes: Vec<_> = activation
        .pieces
        .iter()
        .filter_map(|p| {
            Some((edge(&p.lo, f64::NEG_INFINITY), edge(&p.hi, f64::INFINITY), Tape::compile(&p.expr).ok()?))
        })
        .collect();
    let mut out = vec![];
    for i in 0..=steps {
        let x = lo + (hi - lo) * i as f64 / steps as f64;
        let Some((.., tape)) = tapes.iter().find(|(a, b, _)| (*a..=*b).contains(&x)) else { continue };
        let y = tape.eval(&Jet::variable(F64I::new(&(), &x, &x), order)).derivative(order);
        let mid = 0.5 * y.lo() + 0.5 * y.hi();
        if y.total() && mid.is_finite() {
            out.push((x as f32, mid as f32));
        }
    }
    out
}

/// The part of the line that shows an activation best: the junctions with some room. A terminal has no room for
/// the digits of a small scale, and gets at least [-4, 4].
fn window(activation: &Activation, zoom: bool) -> (f64, f64) {
    let ends = activation.pieces.iter().flat_map(|p| [&p.lo, &p.hi]);
    let reach = ends
        .filter_map(|e| if let End::At { at, .. } = e { at.exact_rational() } else { None })
        .map(|q| q.to_f64().abs())
        .fold(0.0, f64::max);
    let half = if zoom && reach > 0.0 && reach < 0.5 { 4.0 * reach } else { (1.5 * reach).max(4.0) };
    (-half, half)
}

/// f (and f' where there is colour) as Braille dots, for a terminal.
pub fn terminal(activation: &Activation, colour: bool) -> String {
    let (lo, hi) = window(activation, false);
    let (f, slope) = (samples(activation, 0, (lo, hi), 240), samples(activation, 1, (lo, hi), 240));
    let mut chart = Chart::new(120, 48, lo as f32, hi as f32);
    let (f, slope) = (Shape::Lines(&f), Shape::Lines(&slope));
    // the canvas stays empty until axis and figures are drawn
    let drawn = |chart: &mut Chart<'_>| {
        chart.axis();
        chart.figures();
        chart.to_string()
    };
    if colour {
        let (blue, orange) = (rgb::RGB8::new(90, 170, 255), rgb::RGB8::new(255, 170, 60));
        drawn(chart.linecolorplot(&f, blue).linecolorplot(&slope, orange))
    } else {
        drawn(chart.lineplot(&f))
    }
}

/// The part of the line on which a plot of errors shows most.
pub fn interesting(activation: &Activation) -> (f64, f64) {
    let (lo, hi) = window(activation, true);
    if hi - lo < 1.0 { (lo / 2.0, hi / 2.0) } else { (lo.min(-12.0), hi.max(12.0)) }
}

/// Errors against the input as an SVG document, on a logarithmic scale: one curve for each profile. An infinite error (a NaN)
/// stands at the upper edge.
///
/// # Errors
/// With the words of the library that draws.
pub fn errors(activation: &Activation, profiles: &[Profile]) -> Result<String, String> {
    let mut out = String::new();
    draw_errors(&mut out, activation, profiles).map_err(|e| e.to_string())?;
    Ok(out)
}

fn draw_errors(
    out: &mut String,
    activation: &Activation,
    profiles: &[Profile],
) -> Result<(), Box<dyn std::error::Error>> {
    let points = || profiles.iter().flat_map(|p| &p.points);
    let (lo, hi) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (x, _)| (a.min(*x), b.max(*x)));
    let top = points().map(|p| p.1).filter(|e| e.is_finite()).fold(1.0, f64::max) * 4.0;
    let root = SVGBackend::with_string(out, (760, 440)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(format!("error in ulp, {}", activation.label()), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(56)
        .build_cartesian_2d(lo..hi, (1e-3..top).log_scale())?;
    chart.configure_mesh().light_line_style(WHITE).y_label_formatter(&|y| format!("{y:.0e}")).draw()?;
    for (k, profile) in profiles.iter().enumerate() {
        let colour = Palette99::pick(k);
        let style = colour.stroke_width(1);
        let line = profile.points.iter().map(|(x, e)| (*x, e.clamp(1e-3, top)));
        chart
            .draw_series(LineSeries::new(line, style))?
            .label(&profile.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
    root.present()?;
    Ok(())
}

/// f and f' as an SVG document.
///
/// # Errors
/// With the words of the library that draws.
pub fn svg(activation: &Activation) -> Result<String, String> {
    let (lo, hi) = window(activation, true);
    let curves = [0, 1].map(|order| samples(activation, order, (lo, hi), 800));
    let values = curves.iter().flatten().map(|p| f64::from(p.1));
    let (min, max) = values.fold((0.0f64, 0.0f64), |(a, b), y| (a.min(y), b.max(y)));
    let mut out = String::new();
    draw(&mut out, activation, &curves, (lo, hi), (min - 0.05 * (max - min), max + 0.05 * (max - min)))
        .map_err(|e| e.to_string())?;
    Ok(out)
}

fn draw(
    out: &mut String,
    activation: &Activation,
    curves: &[Vec<(f32, f32)>; 2],
    (lo, hi): (f64, f64),
    (min, max): (f64, f64),
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(out, (640, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(activation.label(), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(44)
        .build_cartesian_2d(lo..hi, min..max)?;
    chart.configure_mesh().light_line_style(WHITE).draw()?;
    for (curve, colour, name) in [(&curves[0], BLUE, "f"), (&curves[1], RED, "f'")] {
        let points = curve.iter().map(|p| (f64::from(p.0), f64::from(p.1)));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
    root.present()?;
    Ok(())
}
