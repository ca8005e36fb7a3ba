//! The native transport as what a component calls over a link: the judge calls the component, which calls the judge.

use std::sync::{Arc, Mutex};

use anyhow::bail;
use async_nats::HeaderMap;
use trellis_judges::kitchen::exports::trellis::kitchen::host::Handler;
use trellis_judges::kitchen::serve;
use trellis_judges::kitchen::trellis::kitchen::sink;
use trellis_judges::kitchen::trellis::kitchen::types::{Person, Point, Shape};

use super::{LATTICE, answer, link};
use crate::world::{World, in_time};

/// Serves `trellis:kitchen/host`, and keeps who called by which link.
#[derive(Clone, Default)]
struct Kitchen(Arc<Mutex<Vec<[String; 2]>>>);

impl Kitchen {
    fn note(&self, headers: Option<HeaderMap>) {
        let headers = headers.expect("headers");
        let header = |name| headers.get(name).expect("a header").to_string();
        self.0.lock().expect("no panic").push([header("source-id"), header("link-name")]);
    }
}

impl Handler<Option<HeaderMap>> for Kitchen {
    async fn add(&self, headers: Option<HeaderMap>, a: u32, b: u32) -> anyhow::Result<u32> {
        self.note(headers);
        Ok(a.wrapping_add(b))
    }

    async fn upper(&self, _: Option<HeaderMap>, text: String) -> anyhow::Result<String> {
        Ok(text.to_uppercase())
    }

    async fn rename(&self, _: Option<HeaderMap>, person: Person, name: String) -> anyhow::Result<Person> {
        Ok(Person { name, ..person })
    }

    async fn checked_divide(
        &self,
        _: Option<HeaderMap>,
        dividend: i32,
        divisor: i32,
    ) -> anyhow::Result<Result<i32, String>> {
        if divisor == 13 {
            bail!("a callee that fails");
        }
        Ok(dividend.checked_div(divisor).ok_or_else(|| format!("{dividend} / {divisor}")))
    }

    async fn measure(&self, _: Option<HeaderMap>, shapes: Vec<Shape>) -> anyhow::Result<Vec<f64>> {
        let area = |shape| match shape {
            Shape::Circle(radius) => radius * 2.0,
            Shape::Rectangle((width, height)) => f64::from(width) * f64::from(height),
            Shape::Path(points) => points.len() as f64,
            Shape::Nothing | Shape::Named(_) => 0.0,
        };
        Ok(shapes.into_iter().map(area).collect())
    }

    async fn note(&self, _: Option<HeaderMap>, _: String) -> anyhow::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_component_calls_a_native_server() {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", "linked").await;
    link(&world, "linked", "native-kitchen", ("trellis", "kitchen"), "host").await;
    let kitchen = Kitchen::default();
    answer(serve(&world.wrpc("native-kitchen").await, kitchen.clone()).await.expect("it is served"));
    world.nats.flush().await.expect("the server is there");

    let wrpc = &world.wrpc("linked").await;
    assert_eq!(in_time(sink::host_add(wrpc, None, u32::MAX, 3)).await.expect("a number"), 2);
    assert_eq!(*kitchen.0.lock().expect("no panic"), [["linked".to_owned(), "default".to_owned()]]);
    assert_eq!(in_time(sink::host_upper(wrpc, None, "straße 😀")).await.expect("text"), "STRASSE 😀");
    let long = "ab".repeat(1_500_000);
    assert!(in_time(sink::host_upper(wrpc, None, &long)).await.expect("text") == long.to_uppercase());
    let home = Point { x: i32::MIN, y: -1 };
    let person = Person { id: u64::MAX, name: "Ada".to_owned(), home, tags: vec![String::new()], age: Some(0) };
    let renamed = Person { name: "Grace".to_owned(), ..person.clone() };
    let back = in_time(sink::host_rename(wrpc, None, &person, "Grace")).await.expect("a person");
    assert_eq!(format!("{back:?}"), format!("{renamed:?}"));
    assert_eq!(in_time(sink::host_divide(wrpc, None, -9, 2)).await.expect("a result"), Ok(-4));
    assert_eq!(in_time(sink::host_divide(wrpc, None, 9, 0)).await.expect("a result"), Err("9 / 0".to_owned()));
    let shapes = [Shape::Nothing, Shape::Circle(0.5), Shape::Rectangle((3, 4)), Shape::Path(vec![home, home])];
    assert_eq!(in_time(sink::host_measure(wrpc, None, &shapes)).await.expect("numbers"), [0.0, 1.0, 12.0, 2.0]);
    assert_eq!(in_time(sink::host_loop(wrpc, None, 100)).await.expect("a number"), 4950);

    in_time(sink::host_divide(wrpc, None, 1, 13)).await.expect_err("a callee that fails");
    assert_eq!(in_time(sink::host_add(wrpc, None, 1, 2)).await.expect("a number"), 3);
}
