//! The subjects that invocations travel on in a lattice.
//!
//! Facts: the lattice protocol, section 6.1.

/// The token of the wRPC protocol version that wasmCloud 1.x speaks.
pub const PROTOCOL: &str = "wrpc.0.0.1";

/// The subject of invocations of a function. An empty `instance` is the root.
pub fn invocation(lattice: &str, target: &str, instance: &str, function: &str) -> String {
    let function = function_name(function);
    if instance.is_empty() {
        format!("{lattice}.{target}.{PROTOCOL}.{function}")
    } else {
        format!("{lattice}.{target}.{PROTOCOL}.{instance}.{function}")
    }
}

/// The queue group in which all who serve a target share its invocations.
pub fn queue_group(lattice: &str, target: &str) -> String {
    format!("{lattice}.{target}")
}

/// A function's name as it stands in subjects: the kind prefix of resource functions is dropped, so
/// `[method]cart.add` is `cart.add` and `[constructor]cart` is `cart`.
pub fn function_name(function: &str) -> &str {
    match function.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, name)) => name,
        None => function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_instance_and_function() {
        let instance = "wrpc:keyvalue/store@0.2.0-draft";
        assert_eq!(
            invocation("default", "kv", instance, "get"),
            "default.kv.wrpc.0.0.1.wrpc:keyvalue/store@0.2.0-draft.get"
        );
        assert_eq!(invocation("default", "app", "", "run"), "default.app.wrpc.0.0.1.run");
        assert_eq!(
            invocation("default", "app", "acme:shop/cart@1.2.0", "[method]cart.add"),
            "default.app.wrpc.0.0.1.acme:shop/cart@1.2.0.cart.add"
        );
        assert_eq!(queue_group("default", "app"), "default.app");
    }

    #[test]
    fn resource_functions_lose_their_kind() {
        assert_eq!(function_name("[method]cart.add"), "cart.add");
        assert_eq!(function_name("[static]cart.open"), "cart.open");
        assert_eq!(function_name("[constructor]cart"), "cart");
        assert_eq!(function_name("add"), "add");
        assert_eq!(function_name("[odd"), "[odd");
    }
}
