//! What the judges and the provider that they start have in common: bindings, made by the generator that native hosts and
//! providers of wasmCloud 1.x use.

/// `trellis:kitchen`: every type of WIT. The judges call the sink and serve what it imports.
pub mod kitchen {
    wit_bindgen_wrpc::generate!({
        path: "../../examples/kitchen-sink/wit",
        inline: "
            package trellis:judges;
            world kitchen {
                import trellis:kitchen/sink@0.1.0;
                export trellis:kitchen/host@0.1.0;
            }
        ",
        world: "trellis:judges/kitchen",
        generate_all,
    });
}

/// `trellis:hostile`: ways to fail.
pub mod hostile {
    wit_bindgen_wrpc::generate!({
        path: "../../examples/hostile/wit",
        inline: "
            package trellis:judges;
            world hostile {
                import trellis:hostile/mischief@0.1.0;
            }
        ",
        world: "trellis:judges/hostile",
        generate_all,
    });
}

/// `wrpc:keyvalue`, served.
pub mod keyvalue {
    wit_bindgen_wrpc::generate!({ path: "wit", world: "provider" });
}
