//! Gates: what a guest calls where the engine may have it wait, so that it is put aside only when it has to wait.

use std::cell::OnceCell;

use js_sys::Array;
use trellis_plan::{Plan, TrampolineKind};
use trellis_webassembly as webassembly;
use wasm_bindgen::JsValue;

use crate::component::{Origin, Provider};
use crate::{Component, Instance};

/// Which trampolines of a component need a gate, and the gates' module, made with the first instance that suspends.
pub struct Gated {
    trampolines: Vec<u32>,
    module: OnceCell<webassembly::Gate>,
}

/// The gates of one instance.
pub struct Gates(Array);

impl Gated {
    /// Imports whose answer may come late, and destructors of the guest.
    pub fn new(plan: &Plan, imports: &[Provider], lowerings: &[usize], origins: &[Origin]) -> Gated {
        let late = |lowering: u32| match lowerings.get(lowering as usize).and_then(|import| imports.get(*import)) {
            Some(Provider::Host(function)) => function.may_wait,
            provider => matches!(provider, Some(Provider::Link)),
        };
        let resource = |table: u32| plan.tables.get(table as usize).map(|table| table.resource as usize);
        let of_guest = |resource| matches!(origins.get(resource), Some(Origin::Guest(_)));
        let may_wait = |kind: &TrampolineKind| match kind {
            TrampolineKind::LowerImport { lowering, .. } => late(*lowering),
            TrampolineKind::ResourceDrop(table) => resource(table.0).is_some_and(of_guest),
            _ => false,
        };
        let all = (0..).zip(&plan.trampolines);
        let trampolines = all.filter(|(_, trampoline)| may_wait(&trampoline.kind)).map(|(index, _)| index).collect();
        Gated { trampolines, module: OnceCell::new() }
    }

    fn module(&self, component: &Component) -> &webassembly::Gate {
        let signature = |index: &u32| JsValue::from(&*component.trampolines[*index as usize]);
        self.module.get_or_init(|| webassembly::Gate::new(self.trampolines.iter().map(signature).collect()))
    }
}

impl Gates {
    /// The gates of a new instance.
    pub fn open(instance: &Instance) -> Gates {
        let Component { gated, .. } = &*instance.component;
        let functions = gated.trampolines.iter().map(|index| instance.trampoline(*index)).collect();
        Gates(gated.module(&instance.component).open(functions))
    }

    /// The gate in front of a trampoline, where it has one.
    pub fn get(&self, component: &Component, trampoline: u32) -> Option<JsValue> {
        let place = component.gated.trampolines.binary_search(&trampoline).ok()?;
        Some(self.0.get(place as u32))
    }
}
