//! The numbers by which the glue names instances. A number is used again only when its instance is gone; the bridge
//! of a gone instance is closed, so nothing is called by an old number.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::Instance;

#[derive(Default)]
struct Registry {
    instances: Vec<Weak<Instance>>,
    free: Vec<u32>,
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}

/// Gives an instance a number, from 1 on.
pub fn add(instance: Weak<Instance>) -> u32 {
    REGISTRY.with_borrow_mut(|registry| {
        if let Some(id) = registry.free.pop() {
            registry.instances[id as usize - 1] = instance;
            return id;
        }
        registry.instances.push(instance);
        registry.instances.len() as u32
    })
}

/// Frees a number.
pub fn remove(id: u32) {
    REGISTRY.with_borrow_mut(|registry| {
        registry.instances[id as usize - 1] = Weak::new();
        registry.free.push(id);
    });
}

/// The instance of a number.
pub fn get(id: u32) -> Option<Rc<Instance>> {
    REGISTRY.with_borrow(|registry| registry.instances.get((id as usize).wrapping_sub(1))?.upgrade())
}
