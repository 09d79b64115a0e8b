//! A series as a small line chart.

use std::fmt::Write as _;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;

/// Draws `(period, value)` pairs in the order given; `None` with fewer than two.
pub(super) fn draw(points: &[(String, f64)], label: &str) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let mut low = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let mut high = points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    if low > 0.0 && low < high * 0.6 {
        low = 0.0;
    }
    if (high - low).abs() < f64::EPSILON {
        high = low + 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred points")]
    let x = |at: usize| LEFT + (WIDTH - LEFT - 8.0) * at as f64 / (points.len() - 1) as f64;
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        label.replace(['<', '"', '&'], " ")
    );
    for share in [0.0, 0.5, 1.0] {
        let value = low + (high - low) * share;
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {:.1}H{}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            y(value),
            WIDTH - 8.0,
            LEFT - 6.0,
            y(value) + 4.0,
            short(value)
        );
    }
    let mut line = String::new();
    for (at, (_, value)) in points.iter().enumerate() {
        let _ = write!(line, "{}{:.1} {:.1}", if at == 0 { 'M' } else { 'L' }, x(at), y(*value));
    }
    let base = y(low);
    let _ = write!(
        svg,
        "<path class=\"fill\" d=\"{line}L{:.1} {base:.1}L{LEFT} {base:.1}Z\"/><path class=\"line\" d=\"{line}\"/>",
        x(points.len() - 1)
    );
    let _ = write!(
        svg,
        "<text x=\"{LEFT}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text></svg>",
        HEIGHT - 6.0,
        plain(&first.0),
        WIDTH - 8.0,
        HEIGHT - 6.0,
        plain(&last.0)
    );
    Some(svg)
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

/// A figure in three digits and a power: 19.5T, 1.41B, 3.2.
fn short(value: f64) -> String {
    let size = value.abs();
    let (share, letter) = match size {
        s if s >= 1e12 => (1e12, "T"),
        s if s >= 1e9 => (1e9, "B"),
        s if s >= 1e6 => (1e6, "M"),
        s if s >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = value / share;
    if scaled.abs() >= 100.0 || scaled == 0.0 { format!("{scaled:.0}{letter}") } else { format!("{scaled:.1}{letter}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_drawn_and_a_single_point_is_not() {
        let series = vec![("2019".to_owned(), 1.0), ("2020".to_owned(), 3.0), ("2021".to_owned(), 2.0)];
        let svg = draw(&series, "GDP").expect("drawn");
        assert!(svg.contains("2019") && svg.contains("2021") && svg.contains("class=\"line\""));
        assert!(draw(&series[..1], "GDP").is_none());
    }

    #[test]
    fn figures_are_shortened() {
        assert_eq!(short(19_498_039_388_042.6), "19.5T");
        assert_eq!(short(3.25), "3.2");
        assert_eq!(short(0.0), "0");
    }
}
