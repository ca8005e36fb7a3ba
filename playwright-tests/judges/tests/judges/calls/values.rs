//! Values of every type of WIT there and back: what the native encoder writes is what the component is given, and what the
//! component gives is what the native decoder reads.

use bytes::Bytes;
use trellis_judges::kitchen::trellis::kitchen::sink;
use trellis_judges::kitchen::trellis::kitchen::types::{
    Color, Flags1, Flags8, Flags9, Flags16, Flags17, Flags32, Person, Point, Shape,
};
use wrpc_transport_nats::Client;

use super::LATTICE;
use crate::world::{World, in_time};

/// Sends each value, and expects it back. The bindings can all be shown, but not all be compared.
macro_rules! echo {
    ($wrpc:expr, $($function:ident: $($value:expr),+;)+) => {
        $($({
            let value = $value;
            let back = in_time(sink::$function($wrpc, None, value)).await.expect(stringify!($function));
            assert_eq!(format!("{back:?}"), format!("{value:?}"));
        })+)+
    };
}

/// The kitchen sink, and a caller of it.
async fn kitchen_sink(id: &str) -> Client {
    let world = World::open(LATTICE).await;
    world.start("kitchen-sink", id).await;
    world.wrpc(id).await
}

/// A person with the ends of every field.
fn ada() -> Person {
    let tags = vec![String::new(), "b".to_owned(), "ß".to_owned()];
    Person { id: u64::MAX, name: "Ada 😀".to_owned(), home: Point { x: i32::MIN, y: i32::MAX }, tags, age: Some(255) }
}

fn nobody() -> Person {
    Person { id: 0, name: String::new(), home: Point { x: 0, y: 0 }, tags: Vec::new(), age: None }
}

#[tokio::test]
async fn numbers_and_text() {
    let wrpc = &kitchen_sink("numbers").await;
    echo! { wrpc,
        echo_bool: true, false;
        echo_u8: 0, 0x7f, 0x80, u8::MAX;
        echo_s8: i8::MIN, -1, 0, i8::MAX;
        echo_u16: 0, 0x7f, 0x80, u16::MAX;
        echo_s16: i16::MIN, -8193, -0x41, -0x40, 0x3f, 0x40, i16::MAX;
        echo_u32: 0, 1 << 31, u32::MAX;
        echo_s32: i32::MIN, -134_217_729, -1, 0, i32::MAX;
        echo_u64: 0, 1 << 32, 1 << 63, u64::MAX;
        echo_s64: i64::MIN, -(1 << 62) - 1, -1, 0, i64::MAX;
        echo_f32: 0.0, -0.0, 1.5, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN;
        echo_f64: 0.0, -0.0, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN;
        echo_char: '\0', 'a', 'é', '€', '\u{d7ff}', '\u{e000}', '\u{10ffff}';
        echo_string: "", "\0", "aé€😀", &*"x".repeat(100_000);
    }
}

#[tokio::test]
async fn lists() {
    let wrpc = &kitchen_sink("lists").await;
    let many: Vec<String> = (0..5000).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let nested: [&[&[&[u16]]]; 3] = [&[], &[&[]], &[&[&[], &[0, u16::MAX]], &[], &[&[1]]]];
    echo! { wrpc,
        echo_bytes: &Bytes::new(), &Bytes::from_static(&[0, 255]);
        echo_strings: &[], &["", "a", "😀"], &many;
        echo_numbers: &[], &[i64::MIN, i64::MAX];
        echo_bools: &[], &[true, false, true];
        echo_chars: &[], &['\0', '\u{10ffff}'];
        echo_floats: &[], &[-0.0, f32::INFINITY, f32::NAN];
        echo_nested_lists: nested[0], nested[1], nested[2];
        echo_people: &[], &[ada(), nobody()];
        echo_options: &[], &[None, Some(i16::MIN), None, Some(i16::MAX)];
    }
}

#[tokio::test]
async fn compounds() {
    let wrpc = &kitchen_sink("compounds").await;
    let path = || Shape::Path(vec![ada().home, nobody().home]);
    echo! { wrpc,
        echo_point: &ada().home;
        echo_person: &ada(), &nobody();
        echo_tuple: (true, i64::MIN, -0.0, '\u{10ffff}', &[0, u16::MAX][..]), (false, i64::MAX, f32::NAN, '\0', &[][..]);
        echo_color: Color::Red, Color::Green, Color::Blue;
        echo_shape: &Shape::Nothing, &Shape::Circle(1.5), &Shape::Rectangle((0, u32::MAX)), &Shape::Named(String::new()), &path();
        echo_option: None, Some(0), Some(u32::MAX);
        echo_nested_option: None, Some(None), Some(Some("")), Some(Some("x"));
        echo_result: &Ok(u32::MAX), &Err("why".to_owned()), &Err(String::new());
        echo_result_ok: &Ok(0), &Err(());
        echo_result_error: &Ok(()), &Err("why".to_owned());
        echo_result_empty: &Ok(()), &Err(());
        echo_result_nested: &Ok(None), &Ok(Some(Bytes::from_static(&[1, 2]))), &Err(path()), &Err(Shape::Nothing);
    }
}

/// The native encoder writes four bytes where 17 flags have three: as the last parameter, what is too much is passed over.
#[tokio::test]
async fn flags() {
    let wrpc = &kitchen_sink("flags").await;
    echo! { wrpc,
        echo_flags1: &Flags1::empty(), &Flags1::all();
        echo_flags8: &Flags8::empty(), &(Flags8::F0 | Flags8::F7), &Flags8::all();
        echo_flags9: &Flags9::empty(), &(Flags9::F0 | Flags9::F8), &Flags9::all();
        echo_flags16: &Flags16::empty(), &(Flags16::F1 | Flags16::F15), &Flags16::all();
        echo_flags17: &Flags17::empty(), &(Flags17::F0 | Flags17::F16), &Flags17::all();
        echo_flags32: &Flags32::empty(), &(Flags32::F1 | Flags32::F31), &Flags32::all();
    }
}
