//! A first look at the bytes of a component, before the front end reads them.
