//! HTTP from a component, as the native http-client serves it.

use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use futures::channel::mpsc;
use futures::lock::Mutex;
use futures::{SinkExt, StreamExt, stream};
use wrpc_interface_http::bindings::exports::wrpc::http::outgoing_handler::{Handler, serve_interface};
use wrpc_interface_http::bindings::wasi::http::types::ErrorCode;
use wrpc_interface_http::bindings::wrpc::http::types::{Method, Request, RequestOptions, Response, Scheme};

use super::http::{request, send, whole};
use super::{LATTICE, answer, link};
use crate::world::{World, in_time};

/// Serves requests of components: each finds the body that is next, or is refused.
#[derive(Clone)]
struct Web(Arc<Mutex<Vec<mpsc::Receiver<Bytes>>>>);

impl Handler<Option<HeaderMap>> for Web {
    async fn handle(
        &self,
        headers: Option<HeaderMap>,
        request: Request,
        _: Option<RequestOptions>,
    ) -> anyhow::Result<Result<Response, ErrorCode>> {
        assert_eq!(headers.expect("headers").get("source-id").expect("a source").as_str(), "fetching");
        assert!(matches!((request.method, request.scheme), (Method::Get, Some(Scheme::Https))));
        assert_eq!(request.authority.as_deref(), Some("far.example"));
        assert_eq!(whole(request.body).await, b"");
        let body = self.0.lock().await.pop();
        let (Some(body), Some("/page?q=1")) = (body, request.path_with_query.as_deref()) else {
            return Ok(Err(ErrorCode::ConnectionRefused));
        };
        let headers = vec![("content-type".to_owned(), vec!["text/judged".into()])];
        Ok(Ok(Response { body: body.boxed(), trailers: Box::pin(async { None }), status: 203, headers }))
    }
}

#[tokio::test]
async fn a_component_fetches_from_a_native_client() {
    let world = World::open(LATTICE).await;
    world.start("http-echo", "fetching").await;
    link(&world, "fetching", "native-web", ("wasi", "http"), "outgoing-handler").await;
    let (mut pieces, body) = mpsc::channel(1);
    let web = Web(Arc::new(Mutex::new(vec![body])));
    let served = serve_interface(&world.wrpc("native-web").await, web).await.expect("it is served");
    answer(served.into());
    world.nats.flush().await.expect("the server is there");

    let wrpc = &world.wrpc("fetching").await;
    let path = "/fetch?url=https://far.example/page?q=1";
    let response = send(wrpc, request(Method::Get, path, stream::empty().boxed())).await;
    assert_eq!(response.status, 203);
    assert!(response.headers.contains(&("content-type".to_owned(), vec!["text/judged".into()])));
    let mut fetched = response.body;
    for text in ["first", "second"] {
        pieces.send(text.into()).await.expect("it is read");
        assert_eq!(in_time(fetched.next()).await.expect("more"), text);
    }
    drop(pieces);
    assert_eq!(in_time(fetched.next()).await, None);

    let response = send(wrpc, request(Method::Get, path, stream::empty().boxed())).await;
    assert_eq!(response.status, 502);
    let text = String::from_utf8(whole(response.body).await).expect("text");
    assert!(text.contains("ConnectionRefused"), "{text}");
}
