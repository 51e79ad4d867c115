//! The frame of a plot: axes with titles, ticks, and the place of a number on them.

use maud::{Markup, html};

/// Size of the picture, in its own units.
pub const WIDTH: f64 = 460.0;
pub const HEIGHT: f64 = 284.0;
/// The part in which curves are drawn.
pub const LEFT: f64 = 58.0;
pub const RIGHT: f64 = WIDTH - 10.0;
pub const TOP: f64 = 34.0;
pub const BOTTOM: f64 = HEIGHT - 44.0;

/// A mark on an axis: a place in the picture, and what stands there.
pub type Tick = (f64, String);

/// What a plot is, apart from what is drawn in it.
pub struct Frame<'a> {
    /// what it is, in a few words
    pub title: &'a str,
    /// what can be seen, for those who can't see it
    pub description: &'a str,
    /// titles of the axes, with units
    pub axes: [&'a str; 2],
    /// marks on the axes
    pub ticks: [Vec<Tick>; 2],
}

impl Frame<'_> {
    /// The plot as SVG; `inside` is drawn over the grid.
    pub fn draw(&self, inside: &Markup) -> Markup {
        let [x_title, y_title] = self.axes;
        let [x_ticks, y_ticks] = &self.ticks;
        let middle = [(LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0];
        html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (WIDTH) " " (HEIGHT)} role="img" {
                title { (self.title) }
                desc { (self.description) }
                @for (y, label) in y_ticks {
                    line .grid-line x1=(LEFT) x2=(RIGHT) y1=(short(*y)) y2=(short(*y)) {}
                    text x=(LEFT - 5.0) y=(short(*y + 4.0)) text-anchor="end" { (label) }
                }
                @for (x, label) in x_ticks {
                    line .grid-line x1=(short(*x)) x2=(short(*x)) y1=(BOTTOM) y2=(BOTTOM + 4.0) {}
                    text x=(short(*x)) y=(BOTTOM + 17.0) text-anchor="middle" { (label) }
                }
                text .title x=(middle[0]) y=(HEIGHT - 8.0) text-anchor="middle" { (x_title) }
                text .title text-anchor="middle" transform={"translate(12 " (middle[1]) ") rotate(-90)"} { (y_title) }
                (inside)
                rect .frame x=(LEFT) y=(TOP) width=(RIGHT - LEFT) height=(BOTTOM - TOP) {}
            }
        }
    }
}

/// A coordinate with one decimal at most.
pub fn short(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Where a value from `from` to `to` lies between `a` and `b`.
pub fn between(value: f64, [from, to]: [f64; 2], [a, b]: [f64; 2]) -> f64 {
    a + (b - a) * ((value - from) / (to - from))
}

/// A power in print: 2⁻¹⁰.
pub fn power(base: u32, exponent: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32(0x2070 + u32::from(c) - u32::from('0')).unwrap_or(c),
    };
    match exponent {
        0 => "1".to_owned(),
        1 => base.to_string(),
        _ => format!("{base}{}", exponent.to_string().chars().map(raised).collect::<String>()),
    }
}

/// Powers of ten on a logarithmic axis from one exponent to another, seven at most.
pub fn decades([from, to]: [i32; 2]) -> Vec<i32> {
    let step = ((to - from) / 6).max(1);
    (from..=to).filter(|e| (e - from).rem_euclid(step) == 0).collect()
}

/// Round numbers between two, five or so.
pub fn round_numbers([from, to]: [f64; 2]) -> Vec<f64> {
    let rough = (to - from) / 5.0;
    let unit = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * unit).find(|s| *s >= rough).unwrap_or(unit);
    let first = (from / step).ceil();
    (0..12).map(|k| (first + f64::from(k)) * step).take_while(|v| *v <= to + step * 1e-9).collect()
}

/// A number on an axis. What is left of a rounded zero is none.
pub fn label(value: f64) -> String {
    let text = crate::report::number::figure(&format!("{:.6e}", value + 0.0));
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_few_round_numbers() {
        assert_eq!(round_numbers([-7.5, 7.5]), [-5.0, 0.0, 5.0]);
        assert_eq!(round_numbers([-0.001, 0.003]), [-0.001, 0.0, 0.001, 0.002, 0.003]);
        assert_eq!(power(2, -10) + &power(10, 38) + &power(10, 0), "2⁻¹⁰10³⁸1");
        assert_eq!(decades([-1, 1]), [-1, 0, 1]);
        assert!(decades([-1, 308]).len() <= 8);
    }
}
