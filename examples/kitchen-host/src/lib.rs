//! Serves `trellis:kitchen/host`, which kitchen-sink imports: together they are two actors joined by a link.

wit_bindgen::generate!({ path: "../kitchen-sink/wit", world: "kitchen-host" });

use exports::trellis::kitchen::host::{Guest, Person, Shape};

struct Host;

export!(Host);

impl Guest for Host {
    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

    fn upper(text: String) -> String {
        text.to_uppercase()
    }

    fn rename(person: Person, name: String) -> Person {
        Person { name, ..person }
    }

    fn checked_divide(dividend: i32, divisor: i32) -> Result<i32, String> {
        dividend.checked_div(divisor).ok_or_else(|| format!("{dividend} / {divisor} has no result"))
    }

    fn measure(shapes: Vec<Shape>) -> Vec<f64> {
        shapes.iter().map(area).collect()
    }

    fn note(_: String) {}
}

/// The area of a shape; what has none counts as zero.
fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(radius) => std::f64::consts::PI * radius * radius,
        Shape::Rectangle((width, height)) => f64::from(*width) * f64::from(*height),
        Shape::Nothing | Shape::Named(_) | Shape::Path(_) => 0.0,
    }
}
