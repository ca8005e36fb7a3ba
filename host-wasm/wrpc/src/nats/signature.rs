//! The types of a function, as far as a carrier has to know them.

use std::rc::Rc;

use super::Path;
use super::content::paths;
use crate::Type;

/// The types of a function's parameters and results.
#[derive(Clone, Debug)]
pub struct Signature {
    pub(super) params: Rc<Shape>,
    pub(super) results: Rc<Shape>,
}

/// The type of one direction: a tuple of its values.
#[derive(Debug)]
pub(super) struct Shape {
    pub ty: Type,
    /// Where there may be channels.
    pub paths: Vec<Path>,
}

impl Signature {
    /// The types of a function with these parameters and, where it has one, this result.
    pub fn new(params: Vec<Type>, result: Option<Type>) -> Signature {
        let shape = |values| {
            let ty = Type::Tuple(values);
            Rc::new(Shape { paths: paths(&ty), ty })
        };
        Signature { params: shape(params), results: shape(result.into_iter().collect()) }
    }
}
