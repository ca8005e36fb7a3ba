//! HTTP to a component, as the native http-server calls it: bodies that stream both ways.

use bytes::Bytes;
use futures::channel::mpsc;
use futures::stream::{self, BoxStream};
use futures::{SinkExt, StreamExt};
use wrpc_interface_http::bindings::wrpc::http::incoming_handler;
use wrpc_interface_http::bindings::wrpc::http::types::{Fields, Method, Request, Response, Scheme};
use wrpc_transport_nats::Client;

use super::LATTICE;
use crate::world::{World, in_time};

/// A request with a body.
pub fn request(method: Method, path: &str, body: BoxStream<'static, Bytes>) -> Request {
    Request {
        body,
        trailers: Box::pin(async { None }),
        method,
        path_with_query: Some(path.to_owned()),
        scheme: Some(Scheme::Http),
        authority: Some("judged.example:8080".to_owned()),
        headers: vec![("x-judge".to_owned(), vec!["one".into(), "two".into()])],
    }
}

/// Sends a request, and its body meanwhile; gives the response whose body is still to come.
pub async fn send(wrpc: &Client, request: Request) -> Response {
    let (response, sending) = in_time(incoming_handler::handle(wrpc, None, request)).await.expect("an answer");
    if let Some(sending) = sending {
        tokio::spawn(sending);
    }
    response.expect("a response")
}

/// The whole of a body.
pub async fn whole(body: BoxStream<'static, Bytes>) -> Vec<u8> {
    in_time(body.collect::<Vec<_>>()).await.concat()
}

fn header<'a>(headers: &'a Fields, name: &str) -> &'a [u8] {
    &headers.iter().find(|(each, _)| each == name).expect("a header").1[0]
}

#[tokio::test]
async fn a_request_without_a_body() {
    let world = World::open(LATTICE).await;
    world.start("http-hello", "hello").await;
    world.start("http-echo", "headers").await;
    let response = send(&world.wrpc("hello").await, request(Method::Get, "/deep?q=1", stream::empty().boxed())).await;
    assert_eq!((response.status, header(&response.headers, "content-type")), (200, &b"text/plain"[..]));
    assert_eq!(whole(response.body).await, b"Hello from Trellis!\nYou asked for /deep?q=1.\n");
    assert_eq!(in_time(response.trailers).await, None);

    let response = send(&world.wrpc("headers").await, request(Method::Get, "/headers", stream::empty().boxed())).await;
    let text = String::from_utf8(whole(response.body).await).expect("text");
    assert!(text.contains("x-judge: one\n") && text.contains("x-judge: two\n"), "{text}");
}

/// Each piece is sent when the one before has come back: nobody may hold the body until it is whole.
#[tokio::test]
async fn bodies_stream_both_ways() {
    let world = World::open(LATTICE).await;
    world.start("http-echo", "echo").await;
    let (mut pieces, body) = mpsc::channel(1);
    let response = send(&world.wrpc("echo").await, request(Method::Post, "/echo", body.boxed())).await;
    assert_eq!((response.status, header(&response.headers, "content-type")), (200, &b"application/octet-stream"[..]));
    let mut echoed = response.body;
    for number in 0..50u8 {
        let piece = Bytes::from(vec![number; 1000]);
        pieces.send(piece.clone()).await.expect("it is read");
        let mut back = Vec::new();
        while back.len() < piece.len() {
            back.extend_from_slice(&in_time(echoed.next()).await.expect("more"));
        }
        assert_eq!(back, piece);
    }
    drop(pieces);
    assert_eq!(in_time(echoed.next()).await, None);
    assert_eq!(in_time(response.trailers).await, None);
}

#[tokio::test]
async fn long_bodies() {
    let world = World::open(LATTICE).await;
    world.start("http-echo", "long").await;
    let wrpc = &world.wrpc("long").await;
    let chunk = Bytes::from((0..64 * 1024).map(|index| (index % 251) as u8).collect::<Vec<_>>());
    let body = || stream::iter(vec![chunk.clone(); 128]).boxed();
    let response = send(wrpc, request(Method::Post, "/count", body())).await;
    assert_eq!(whole(response.body).await, b"8388608\n");
    let response = send(wrpc, request(Method::Post, "/echo", body())).await;
    assert!(whole(response.body).await == chunk.repeat(128));
}
