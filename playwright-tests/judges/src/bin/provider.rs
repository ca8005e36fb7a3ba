//! A native provider, as its host starts one: it is told on standard input where it is. It keeps values for the components
//! that are linked to it, and sends a request to each component that it is linked to. It prints what happens, a line each.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use futures::{StreamExt, stream};
use trellis_judges::keyvalue::exports::wrpc::keyvalue::store::{Error, KeyResponse};
use trellis_judges::keyvalue::exports::wrpc::keyvalue::{atomics, store};
use trellis_judges::keyvalue::serve;
use wasmcloud_provider_sdk::{
    Context, LinkConfig, LinkDeleteInfo, Provider, get_connection, run_provider, serve_provider_exports,
};
use wrpc_interface_http::bindings::wrpc::http::incoming_handler;
use wrpc_interface_http::bindings::wrpc::http::types::{Method, Request, Scheme};

/// The values of one component.
type Values = BTreeMap<String, Bytes>;

/// By component and link name: its values.
#[derive(Clone, Default)]
struct KeyValue(Arc<Mutex<HashMap<[String; 2], Values>>>);

impl KeyValue {
    /// Works on the values of the component that calls; fails where it is not linked, as the providers of wasmCloud do.
    fn with<T>(
        &self,
        context: Option<Context>,
        bucket: &str,
        work: impl FnOnce(&mut Values) -> T,
    ) -> anyhow::Result<Result<T, Error>> {
        let context = context.context("no headers")?;
        let component = context.component.clone().context("no source-id")?;
        let mut all = self.0.lock().expect("no panic");
        let Some(values) = all.get_mut(&[component.clone(), context.link_name().to_owned()]) else {
            bail!("component not linked: {component}");
        };
        Ok(if bucket == "default" { Ok(work(values)) } else { Err(Error::NoSuchStore) })
    }
}

impl Provider for KeyValue {
    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let values = link.config.iter().map(|(key, value)| (key.clone(), Bytes::from(value.clone()))).collect();
        self.0.lock().expect("no panic").insert([link.source_id.to_owned(), link.link_name.to_owned()], values);
        println!("linked from {}", link.source_id);
        Ok(())
    }

    async fn receive_link_config_as_source(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let path = link.config.get("path").context("no path")?;
        println!("{}", get(link.target_id, path).await?);
        Ok(())
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = [link.get_source_id().to_owned(), link.get_link_name().to_owned()];
        self.0.lock().expect("no panic").remove(&key);
        println!("unlinked from {}", link.get_source_id());
        Ok(())
    }
}

impl store::Handler<Option<Context>> for KeyValue {
    async fn get(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
    ) -> anyhow::Result<Result<Option<Bytes>, Error>> {
        self.with(context, &bucket, |values| values.get(&key).cloned())
    }

    async fn set(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
        value: Bytes,
    ) -> anyhow::Result<Result<(), Error>> {
        self.with(context, &bucket, |values| drop(values.insert(key, value)))
    }

    async fn delete(&self, context: Option<Context>, bucket: String, key: String) -> anyhow::Result<Result<(), Error>> {
        self.with(context, &bucket, |values| drop(values.remove(&key)))
    }

    async fn exists(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
    ) -> anyhow::Result<Result<bool, Error>> {
        self.with(context, &bucket, |values| values.contains_key(&key))
    }

    async fn list_keys(
        &self,
        context: Option<Context>,
        bucket: String,
        _: Option<u64>,
    ) -> anyhow::Result<Result<KeyResponse, Error>> {
        self.with(context, &bucket, |values| KeyResponse { keys: values.keys().cloned().collect(), cursor: None })
    }
}

impl atomics::Handler<Option<Context>> for KeyValue {
    async fn increment(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
        delta: u64,
    ) -> anyhow::Result<Result<u64, Error>> {
        let sum = self.with(context, &bucket, |values| {
            let old = values.get(&key).map_or("0", |value| std::str::from_utf8(value).unwrap_or_default());
            let sum = old.parse::<u64>().map_err(|_| Error::Other("not a number".to_owned()))? + delta;
            values.insert(key, sum.to_string().into());
            Ok(sum)
        })?;
        Ok(sum.flatten())
    }
}

/// Sends a request to a component; its status and body.
async fn get(component: &str, path: &str) -> anyhow::Result<String> {
    let request = Request {
        body: stream::empty().boxed(),
        trailers: Box::pin(async { None }),
        method: Method::Get,
        path_with_query: Some(path.to_owned()),
        scheme: Some(Scheme::Http),
        authority: Some("judged.example".to_owned()),
        headers: Vec::new(),
    };
    let wrpc = get_connection().get_wrpc_client(component).await?;
    let (response, sending) = incoming_handler::handle(&wrpc, None, request).await?;
    if let Some(sending) = sending {
        sending.await?;
    }
    let response = response.ok().context("an error instead of a response")?;
    let body = response.body.collect::<Vec<_>>().await.concat();
    ensure!(response.trailers.await.is_none(), "there are trailers");
    Ok(format!("{} {}", response.status, String::from_utf8(body)?.trim_end()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let provider = KeyValue::default();
    let shutdown = run_provider(provider.clone(), "judge").await?;
    let connection = get_connection();
    let wrpc = connection.get_wrpc_client(connection.provider_key()).await?;
    let ready = async |client, provider| {
        let served = serve(client, provider).await;
        connection.nats.flush().await?;
        println!("ready");
        served
    };
    serve_provider_exports(&wrpc, provider, shutdown, ready).await?;
    println!("shut down");
    Ok(())
}
