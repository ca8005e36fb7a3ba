//! Encoded plans: one that is accepted is valid, survives another encoding, and leads lift and lower nowhere wrong.

use trellis_abi::Abi;
use trellis_abi::table::Tables;
use trellis_plan::{Function, Options, Plan};
use trellis_wrpc::Reader;

use super::guest::support::{MOST, Mock, Pass};
use crate::heap;

/// Functions with larger areas are not called: they are allowed, and only cost time.
const LARGEST_AREA: u32 = 1 << 16;

pub(super) fn run(data: &[u8]) {
    let Ok(plan) = heap::within((1 << 20) + 200 * data.len(), || Plan::decode(data)) else { return };
    assert_eq!(plan.validate(), Ok(()), "a decoded plan is valid");
    let encoded = plan.encode().expect("a plan can be encoded");
    assert_eq!(Plan::decode(&encoded).as_ref(), Ok(&plan), "a plan survives its encoding");
    drop(Tables::new(&plan));
    let functions = plan.functions.iter().take(8);
    for options in plan.options.iter().take(4) {
        functions.clone().filter(|f| is_small(&plan, f)).for_each(|function| call(&plan, options, function, data));
    }
}

fn is_small(plan: &Plan, function: &Function) -> bool {
    let result = function.result.map_or(0, |result| plan.types[result].size);
    function.params_size <= LARGEST_AREA && result <= LARGEST_AREA
}

/// Lifts and lowers by the plan, with whatever stands in it as the guest's memory and the caller's bytes.
fn call(plan: &Plan, options: &Options, function: &Function, data: &[u8]) {
    let guest = Mock::new(1 << 17);
    guest.memory.borrow_mut()[..data.len().min(1024)].copy_from_slice(&data[..data.len().min(1024)]);
    let abi = Abi { types: &plan.types, encoding: options.string_encoding, guest: &guest, handles: &Pass, most: MOST };
    let (mut flat, mut out) = (Vec::new(), Vec::new());
    if abi.lower_params(function, &mut Reader::new(data), &mut flat).is_ok() {
        abi.lift_params(function, &flat, &mut out).expect("what was lowered can be lifted");
    }
    let _ = abi.lift_params(function, &[0; 17], &mut out);
    let _ = abi.lower_result(function, &mut Reader::new(data), &flat);
    let _ = abi.lift_result(function, 8, &mut out);
}

/// The plans of the reference tests.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let components = super::component::seeds();
    components.iter().filter_map(|bytes| trellis_front::compile(bytes, false).ok()?.plan.encode().ok()).collect()
}
