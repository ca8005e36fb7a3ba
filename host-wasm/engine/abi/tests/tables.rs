//! Handle tables and call scopes, as the conformance scripts of resources describe them.

mod support;

use support::failure;
use trellis_abi::table::Tables;
use trellis_plan::{Counts, Plan, Resource, ResourceTable, TableId};

/// Two resources of instance 0 and an imported one, seen from instances 0 and 1.
fn tables() -> Tables {
    let table = |resource, instance| ResourceTable { resource, instance };
    Tables::new(&Plan {
        resources: vec![Resource::Defined(0), Resource::Defined(0), Resource::Imported(0)],
        tables: vec![table(0, 0), table(1, 0), table(0, 1), table(1, 1), table(2, 1), table(2, 0)],
        counts: Counts { instances: 2, ..Counts::default() },
        ..Plan::default()
    })
}

const R: TableId = TableId(0);
const OTHER: TableId = TableId(1);
const R_ABROAD: TableId = TableId(2);
const OTHER_ABROAD: TableId = TableId(3);
const HOST: TableId = TableId(4);
const HOST_IN_0: TableId = TableId(5);

#[test]
fn freed_handles_are_used_again_the_last_first() {
    let t = tables();
    let new = |rep| t.resource_new(R, rep).unwrap();
    assert_eq!([new(100), new(200), new(300)], [1, 2, 3]);
    assert_eq!(t.resource_drop(R, 2).unwrap(), Some(200));
    assert_eq!(new(400), 2);
    assert_eq!([1, 2, 3].map(|handle| t.resource_rep(R, handle).unwrap()), [100, 400, 300]);
    for handle in 1..=3 {
        t.resource_drop(R, handle).unwrap();
    }
    assert_eq!([new(500), new(600), new(700), new(800)], [3, 2, 1, 4]);
}

#[test]
fn unknown_handles_trap() {
    let t = tables();
    t.resource_new(R, 100).unwrap();
    t.resource_drop(R, 1).unwrap();
    t.enter_call();
    for handle in [0, 1, 5, u32::MAX] {
        let unknown = format!("unknown handle index {handle}");
        assert_eq!(failure(t.resource_drop(R, handle)), unknown);
        assert_eq!(failure(t.resource_rep(R, handle)), unknown);
        assert_eq!(failure(t.take_own(R, handle)), unknown);
        assert_eq!(failure(t.lend(R, handle)), unknown);
        assert_eq!(failure(t.transfer_own(handle, R, R_ABROAD)), unknown);
        assert_eq!(failure(t.transfer_borrow(handle, R, R_ABROAD)), unknown);
    }
}

#[test]
fn each_instance_has_a_table_for_all_its_types() {
    let t = tables();
    assert_eq!(t.resource_new(R, 1).unwrap(), 1);
    assert_eq!(t.resource_new(OTHER, 2).unwrap(), 2);
    assert_eq!(t.resource_new(R_ABROAD, 3).unwrap(), 1);
    assert_eq!(failure(t.resource_drop(R_ABROAD, 2)), "unknown handle index 2");
}

#[test]
fn a_handle_remembers_its_type() {
    let t = tables();
    t.enter_call();
    t.resource_new(R, 1).unwrap();
    let wrong = "handle index 1 used with the wrong type, expected guest-defined resource but found a different \
                 guest-defined resource";
    assert_eq!(failure(t.resource_drop(OTHER, 1)), wrong);
    assert_eq!(failure(t.resource_rep(OTHER, 1)), wrong);
    assert_eq!(failure(t.take_own(OTHER, 1)), wrong);
    assert_eq!(failure(t.lend(OTHER, 1)), wrong);
    assert!(failure(t.lend(HOST_IN_0, 1)).ends_with("expected host-defined resource but found guest-defined resource"));
    assert_eq!(t.resource_rep(R, 1).unwrap(), 1);
    t.exit_call().unwrap();
}

#[test]
fn a_transferred_owner_is_gone() {
    let t = tables();
    t.resource_new(R, 7).unwrap();
    assert_eq!(t.transfer_own(1, R, R_ABROAD).unwrap(), 1);
    assert_eq!(failure(t.resource_rep(R, 1)), "unknown handle index 1");
    assert_eq!(t.resource_new(R, 8).unwrap(), 1);
    assert_eq!(t.resource_drop(R_ABROAD, 1).unwrap(), Some(7));
}

#[test]
fn what_is_lent_stays_until_the_call_ends() {
    let t = tables();
    t.resource_new(R_ABROAD, 7).unwrap();
    t.enter_call();
    assert_eq!(t.transfer_borrow(1, R_ABROAD, R).unwrap(), 7, "the implementer gets the representation");
    assert_eq!(t.lend(R_ABROAD, 1).unwrap(), 7);
    t.enter_call();
    t.lend(R_ABROAD, 1).unwrap();
    t.exit_call().unwrap();
    let lent = "cannot remove owned resource while borrowed";
    assert_eq!(failure(t.transfer_own(1, R_ABROAD, R)), lent);
    assert_eq!(failure(t.resource_drop(R_ABROAD, 1)), lent);
    t.exit_call().unwrap();
    assert_eq!(t.resource_drop(R_ABROAD, 1).unwrap(), Some(7));
}

#[test]
fn borrows_are_dropped_before_the_call_ends() {
    let t = tables();
    t.resource_new(R, 7).unwrap();
    t.enter_call();
    let borrow = t.transfer_borrow(1, R, R_ABROAD).unwrap();
    assert_eq!(t.resource_rep(R_ABROAD, borrow).unwrap(), 7);
    t.enter_call();
    assert_eq!(t.lend(R_ABROAD, borrow).unwrap(), 7);
    assert!(t.resource_drop(R_ABROAD, borrow).is_err());
    t.exit_call().unwrap();
    assert_eq!(failure(t.take_own(R_ABROAD, borrow)), "cannot lift own resource from a borrow");
    assert_eq!(t.resource_drop(R_ABROAD, borrow).unwrap(), None);
    t.exit_call().unwrap();

    t.enter_call();
    t.transfer_borrow(1, R, R_ABROAD).unwrap();
    assert_eq!(failure(t.exit_call()), "borrow handles still remain at the end of the call");
}

#[test]
fn a_borrow_counts_for_the_call_that_brought_it() {
    let t = tables();
    t.enter_call();
    let borrow = t.add_borrow(HOST, 7).unwrap();
    t.enter_call();
    assert_eq!(t.resource_drop(HOST, borrow).unwrap(), None);
    t.exit_call().unwrap();
    t.exit_call().unwrap();

    t.enter_call();
    t.enter_call();
    let inner = t.add_borrow(HOST, 9).unwrap();
    t.resource_drop(HOST, inner).unwrap();
    t.exit_call().unwrap();
    t.exit_call().unwrap();
}

#[test]
fn nothing_is_lent_outside_of_a_call() {
    let t = tables();
    t.resource_new(R, 7).unwrap();
    assert!(t.lend(R, 1).is_err());
    assert!(t.add_borrow(OTHER_ABROAD, 1).is_err());
    assert!(t.exit_call().is_err());
    assert!(t.resource_new(TableId(99), 1).is_err());
}

/// `borrow-and-take(b: borrow<R>, o: own<R>)` with the same handle for both.
#[test]
fn a_handle_cannot_be_lent_and_given_away_in_one_call() {
    let t = tables();
    let handle = t.resource_new(HOST, 7).unwrap();
    t.enter_call();
    assert_eq!(t.lend(HOST, handle).unwrap(), 7);
    assert_eq!(failure(t.take_own(HOST, handle)), "cannot remove owned resource while borrowed");
}
