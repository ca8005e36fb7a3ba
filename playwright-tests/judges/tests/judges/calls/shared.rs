//! Two hosts in one lattice, one of them in Node and one where the judged host is.

use std::collections::HashSet;

use futures::future::join_all;
use trellis_judges::kitchen::trellis::kitchen::sink;

use super::link;
use crate::world::{World, accepted, in_time, second};

#[tokio::test]
async fn hosts_share_a_lattice() {
    let one = World::open("judges-shared").await;
    let other = World { host: second(), nats: one.nats.clone(), ..one };
    let hosts = one.client().get_hosts().await.expect("answers").into_iter();
    let ids: HashSet<_> = hosts.map(|host| accepted(Ok(host)).1.expect("a host").id().to_owned()).collect();
    assert_eq!(ids, HashSet::from([one.host.to_owned(), other.host.to_owned()]));

    // The judge calls one host, which calls the other as soon as it has heard of the link: either of them may have put it.
    one.start("kitchen-sink", "here").await;
    other.start("kitchen-host", "there").await;
    link(&one, "here", "there", ("trellis", "kitchen"), "host").await;
    let wrpc = &one.wrpc("here").await;
    let linked = async { while sink::host_add(wrpc, None, 1, 2).await.is_err() {} };
    in_time(linked).await;
    assert_eq!(in_time(sink::host_upper(wrpc, None, "straße")).await.expect("text"), "STRASSE");

    // Both serve one component, and then only one of them.
    other.start("kitchen-sink", "here").await;
    for leaving in [&one, &other] {
        let calls =
            (0..100).map(async |number| in_time(sink::host_add(wrpc, None, number, 1)).await.expect("a number"));
        assert_eq!(join_all(calls).await, (1..101).collect::<Vec<_>>());
        leaving.stop("kitchen-sink", "here").await;
    }
    in_time(sink::no_params(wrpc, None)).await.expect_err("nobody serves it");
}
